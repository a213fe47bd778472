#!/usr/bin/env python3
"""Writes a file's bytes as C: embed.py INPUT OUTPUT HEADER NAME defines NAME_text and NAME_size."""
import sys

source, target, header, name = sys.argv[1:]
with open(source, "rb") as file:
    data = file.read()
lines = [", ".join(str(byte) for byte in data[at:at + 24]) for at in range(0, len(data), 24)]
with open(target, "w", encoding="ascii") as file:
    file.write(f'#include "{header}"\n\n')
    file.write(f"const char {name}_text[] = {{\n\t" + ",\n\t".join(lines) + ", 0\n};\n")
    file.write(f"const size_t {name}_size = {len(data)};\n")
