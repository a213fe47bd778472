#!/usr/bin/env python3
"""docs/presets.md tells of each preset what the console tells in English, and of no other. Usage: test_preset_stories.py

Its fields: test-presets-page.c. That the console has words for each in every language: tests/unit/presets.
"""
import json
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
sys.path.insert(0, os.path.join(HERE, "../../integration/host"))

from host import run_tests  # noqa: E402


def stories_of_the_console():
    """{preset: story}: what it shows beside the presets, "custom", is none."""
    with open(os.path.join(ROOT, "web/console/locales/en.json"), encoding="utf-8") as file:
        found = {re.fullmatch(r"preset\.(.+)\.story", key): text for key, text in json.load(file).items()}
    return {key[1]: text for key, text in found.items() if key and key[1] != "custom"}


def stories_of_the_page():
    """{preset: story}: the last column of the table."""
    with open(os.path.join(ROOT, "docs/presets.md"), encoding="utf-8") as file:
        rows = re.findall(r"^\| \[`([^`]+)`\].*\| ([^|]+) \|$", file.read(), re.M)
    assert len(rows) == len(dict(rows)), "a preset is there twice"
    return dict(rows)


def each_preset_has_the_story_that_the_console_tells():
    assert stories_of_the_page(), "no row was found"
    assert stories_of_the_page() == stories_of_the_console()


if __name__ == "__main__":
    sys.exit(run_tests([each_preset_has_the_story_that_the_console_tells]))
