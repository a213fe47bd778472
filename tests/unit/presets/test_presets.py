#!/usr/bin/env python3
"""The built-in presets: the code, docs/presets.md and the console's words say the same.

Usage: test_presets.py DUMP-PRESETS PRESETS.MD LOCALES
"""
import json
import pathlib
import re
import subprocess
import sys
import traceback

PRESETS = json.loads(subprocess.run([sys.argv[1]], check=True, stdout=subprocess.PIPE).stdout)
TABLE = pathlib.Path(sys.argv[2]).read_text(encoding="utf-8")
CATALOGUES = {language: json.loads(pathlib.Path(sys.argv[3], f"{language}.json")
                                   .read_text(encoding="utf-8")) for language in ("en", "de")}
COLUMNS = ["preset", "keep_alive", "topology", "mode_conflict", "identity", "layout", "story"]
# What the console offers beside the presets: the fields as they are.
NO_PRESET = {"custom"}


def keep_alive_text(value):
    return f"{value['seconds']} s" if value["mode"] == "duration" else value["mode"]


def cells(line):
    assert line.startswith("| ") and line.endswith(" |"), line
    return line[2:-2].split(" | ")


def rows():
    """Of the table: a dictionary by the column's name for each preset, in order."""
    lines = TABLE.splitlines()
    assert cells(lines[0]) == COLUMNS, lines[0]
    assert re.fullmatch(r"(\|-+)+\|", lines[1]), lines[1]
    return [dict(zip(COLUMNS, cells(line), strict=True)) for line in lines[2:]]


def the_table_has_a_row_for_each_preset_in_their_order():
    expected = [f"`{one['preset']}`" for one in PRESETS]
    assert len(expected) >= 5 and expected[0] == "`default`", expected
    assert [row["preset"] for row in rows()] == expected


def every_row_has_the_values_of_the_code():
    for row, preset in zip(rows(), PRESETS, strict=True):
        expected = {"keep_alive": keep_alive_text(preset["keep_alive"]),
                    "layout": f"`{preset['layout']['mode']}`"}
        for field in ("topology", "mode_conflict", "identity"):
            expected[field] = f"`{preset[field]}`"
        assert {field: row[field] for field in expected} == expected, (row, expected)


def every_story_is_one_sentence_of_text_alone():
    for row in rows():
        assert re.fullmatch(r"[A-Z][^|`*\n]{20,110}\.", row["story"]), row["story"]


def the_file_holds_nothing_but_the_table():
    assert TABLE == "".join(f"{line}\n" for line in TABLE.splitlines())
    assert all(line.startswith("|") for line in TABLE.splitlines())


def the_console_has_a_title_and_a_story_for_each_preset_and_for_no_other():
    expected = {one["preset"] for one in PRESETS} | NO_PRESET
    for language, words in CATALOGUES.items():
        for part in ("title", "story"):
            found = [re.fullmatch(rf"preset\.(.+)\.{part}", key) for key in words]
            assert {one[1] for one in found if one} == expected, (language, part)
        for name in expected:
            for part in ("title", "story"):
                assert words[f"preset.{name}.{part}"].strip(), (language, name, part)


def the_console_tells_the_story_of_the_table():
    for row in rows():
        name = row["preset"].strip("`")
        assert CATALOGUES["en"][f"preset.{name}.story"] == row["story"], name


def german_is_not_english():
    for preset in PRESETS:
        key = f"preset.{preset['preset']}.story"
        assert CATALOGUES["de"][key] != CATALOGUES["en"][key], key


TESTS = [the_table_has_a_row_for_each_preset_in_their_order, every_row_has_the_values_of_the_code,
         every_story_is_one_sentence_of_text_alone, the_file_holds_nothing_but_the_table,
         the_console_has_a_title_and_a_story_for_each_preset_and_for_no_other,
         the_console_tells_the_story_of_the_table, german_is_not_english]

print(f"1..{len(TESTS)}")
failed = 0
for number, test in enumerate(TESTS, 1):
    try:
        test()
        print(f"ok {number} {test.__name__}")
    except Exception:  # pylint: disable=broad-except
        failed += 1
        print(f"not ok {number} {test.__name__}")
        print("# " + traceback.format_exc().replace("\n", "\n# "))
sys.exit(1 if failed else 0)
