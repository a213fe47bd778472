#!/usr/bin/env python3
"""The pages in docs/: links lead somewhere, JSON is what the contract takes, the API's page is of today. Usage: test_pages.py"""
import glob
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
sys.path[:0] = [os.path.join(HERE, "../../integration/cli"), os.path.join(HERE, "../../integration/host")]

import contract  # noqa: E402
from host import run_tests  # noqa: E402

PAGES = sorted(glob.glob(os.path.join(ROOT, "docs/*.md")) + glob.glob(os.path.join(ROOT, "*.md")))


def read(path):
    with open(path) as file:
        return file.read()


def without_code(text):
    return re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)


def anchors(path):
    """As the usual renderers make them of headings."""
    found = set()
    for heading in re.findall(r"^#+ (.*)$", without_code(read(path)), re.M):
        plain = re.sub(r"[`*]|\[([^]]*)\]\([^)]*\)", r"\1", heading).lower()
        found.add(re.sub(r"[^\w\- ]", "", plain).strip().replace(" ", "-"))
    return found


def every_link_leads_somewhere():
    wrong, count = [], 0
    for page in PAGES:
        for target in re.findall(r"\]\(([^)\s]+)\)", without_code(read(page))):
            if re.match(r"[a-z]+:", target):
                continue
            count += 1
            path, _, anchor = target.partition("#")
            file = os.path.normpath(os.path.join(os.path.dirname(page), path)) if path else page
            if not os.path.exists(file) or (anchor and anchor not in anchors(file)):
                wrong.append(f"{os.path.relpath(page, ROOT)}: {target}")
    assert count > 50, f"only {count} links were found"
    assert not wrong, "\n".join(wrong)


def every_page_is_in_the_index():
    index = read(os.path.join(ROOT, "docs/README.md"))
    missing = [os.path.basename(page) for page in PAGES
               if os.path.dirname(page).endswith("docs") and not page.endswith("README.md") and f"({os.path.basename(page)})" not in index]
    assert not missing, f"not in docs/README.md: {missing}"


def every_settings_document_is_one_that_the_contract_takes():
    count = 0
    for name in ("virtual-displays.md", "presets.md"):
        for text in re.findall(r"^```json\n(.*?)^```", read(os.path.join(ROOT, "docs", name)), re.M | re.S):
            contract.check(json.loads(text), contract.CONTRACT["components"]["schemas"]["SettingsDocument"])
            count += 1
    assert count >= 7, f"only {count} documents were found"


def the_list_of_apps_is_one_that_the_contract_takes():
    texts = re.findall(r"^```json\n(.*?)^```", read(os.path.join(ROOT, "docs/apps.md")), re.M | re.S)
    assert len(texts) == 1
    contract.check(json.loads(texts[0]), contract.CONTRACT["components"]["schemas"]["AppsDocument"])


def every_field_of_the_settings_has_a_section():
    sections = anchors(os.path.join(ROOT, "docs/virtual-displays.md"))
    fields = set(contract.CONTRACT["components"]["schemas"]["Effective"]["properties"])
    assert fields <= sections, f"without a section: {sorted(fields - sections)}"


def the_reference_of_the_api_is_of_today():
    result = subprocess.run([os.path.join(ROOT, "tools/api-reference"), "--check"], text=True, stderr=subprocess.PIPE, timeout=30)
    assert result.returncode == 0, result.stderr


def the_manuals_are_well_formed():
    for page in glob.glob(os.path.join(ROOT, "packaging/man/*.[0-9]")):
        result = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", page], text=True, stdout=subprocess.PIPE, timeout=30)
        assert result.returncode == 0, result.stdout


def the_manual_of_lodge_names_every_command_and_option():
    manual = read(os.path.join(ROOT, "packaging/man/lodge.1"))
    for command in re.findall(r'^\t\{ "([a-z]+)",', read(os.path.join(ROOT, "src/cli/commands.c")), re.M):
        assert command == "complete" or f".It Cm {command}" in manual, command
    for option in re.findall(r'^\t\{ "([a-z-]+)", (?:no|required)_argument', read(os.path.join(ROOT, "src/cli/options.c")), re.M):
        assert f"Fl -{option}" in manual, option


def the_manual_of_lodged_names_every_option():
    manual = read(os.path.join(ROOT, "packaging/man/lodged.8"))
    options = re.findall(r'^\t\{ "([a-z-]+)", (?:no|required)_argument', read(os.path.join(ROOT, "src/host/options.c")), re.M)
    missing = [option for option in options if f"Fl -{option}" not in manual]
    assert options and not missing, f"not in lodged.8: {missing}"


if __name__ == "__main__":
    sys.exit(run_tests([every_link_leads_somewhere, every_page_is_in_the_index,
                        every_settings_document_is_one_that_the_contract_takes,
                        the_list_of_apps_is_one_that_the_contract_takes, every_field_of_the_settings_has_a_section,
                        the_reference_of_the_api_is_of_today, the_manuals_are_well_formed,
                        the_manual_of_lodge_names_every_command_and_option, the_manual_of_lodged_names_every_option]))
