#!/usr/bin/env python3
"""The console has a title and a story for each built-in preset, and for no other.

Usage: test_presets.py DUMP-PRESETS LOCALES
"""
import json
import pathlib
import re
import subprocess
import sys
import traceback

PRESETS = json.loads(subprocess.run([sys.argv[1]], check=True, stdout=subprocess.PIPE).stdout)
CATALOGUES = {language: json.loads(pathlib.Path(sys.argv[2], f"{language}.json")
                                   .read_text(encoding="utf-8")) for language in ("en", "de")}
# What the console offers beside the presets: the fields as they are.
NO_PRESET = {"custom"}


def names():
    return {one["preset"] for one in PRESETS}


def each_preset_has_a_title_and_a_story_and_no_other_has():
    assert "default" in names(), names()
    for language, words in CATALOGUES.items():
        for part in ("title", "story"):
            found = [re.fullmatch(rf"preset\.(.+)\.{part}", key) for key in words]
            assert {one[1] for one in found if one} == names() | NO_PRESET, (language, part)


def every_story_is_one_line_of_text_alone():
    for language, words in CATALOGUES.items():
        for name in names() | NO_PRESET:
            story, title = words[f"preset.{name}.story"], words[f"preset.{name}.title"]
            assert re.fullmatch(r"\w[^|`*<\n]{20,110}\.", story), (language, story)
            assert re.fullmatch(r"\w[^|`*<\n]{2,30}", title), (language, title)


def german_is_not_english():
    for name in names():
        key = f"preset.{name}.story"
        assert CATALOGUES["de"][key] != CATALOGUES["en"][key], key


TESTS = [each_preset_has_a_title_and_a_story_and_no_other_has,
         every_story_is_one_line_of_text_alone, german_is_not_english]

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
