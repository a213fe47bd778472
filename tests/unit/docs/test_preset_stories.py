#!/usr/bin/env python3
"""docs/presets.md and the console tell the same of each preset. (Its fields: test-presets-page.c.) Usage: test_preset_stories.py"""
import json
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
sys.path.insert(0, os.path.join(HERE, "../../integration/host"))

from host import run_tests  # noqa: E402

# What the console shows beside the presets: the fields as they are.
NO_PRESET = "custom"


def catalogue(language):
    with open(os.path.join(ROOT, f"web/console/locales/{language}.json"), encoding="utf-8") as file:
        return json.load(file)


def stories_of_the_page():
    """{preset: story}: the last column of the table."""
    with open(os.path.join(ROOT, "docs/presets.md"), encoding="utf-8") as file:
        rows = re.findall(r"^\| \[`([^`]+)`\].*\| ([^|]+) \|$", file.read(), re.M)
    assert len(rows) == len(dict(rows)), "a preset is there twice"
    return dict(rows)


def words_of_the_console(language, part):
    found = {re.fullmatch(rf"preset\.(.+)\.{part}", key): text for key, text in catalogue(language).items()}
    return {key[1]: text for key, text in found.items() if key and key[1] != NO_PRESET}


def each_story_of_the_page_is_the_console_s():
    assert stories_of_the_page(), "no row was found"
    assert stories_of_the_page() == words_of_the_console("en", "story")


def the_console_has_words_for_these_presets_and_no_other():
    for language in ("en", "de"):
        for part in ("title", "story"):
            names = set(words_of_the_console(language, part))
            assert names == set(stories_of_the_page()), f"{language}, {part}: {sorted(names)}"


if __name__ == "__main__":
    sys.exit(run_tests([each_story_of_the_page_is_the_console_s, the_console_has_words_for_these_presets_and_no_other]))
