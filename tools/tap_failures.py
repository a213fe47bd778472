#!/usr/bin/env python3
"""What failed in a TAP report, in a line each: the test's name and what it said.

As a module, failures() of a text; as a script, 'FAILED name: message' for each failure of the report on standard input.
"""
import re
import sys

MESSAGE_MAX = 300
TEST = re.compile(r"^\s*(not )?ok(?= \d| -)(?: \d+)? ?-? ?(.*)$")
RAISED = re.compile(r"^[\w.]*(Error|Exception|Expired|Interrupt)\b")
YAML_VALUE = re.compile(r"^\s*(\w+): (.*)$")


def shortened(text):
    """One line, from its beginning."""
    text = " ".join(text.split())
    return text if len(text) <= MESSAGE_MAX else text[:MESSAGE_MAX - 1] + "…"


def from_comments(lines):
    """cmocka says what went wrong first; Python's last words are the exception."""
    raised = [at for at, line in enumerate(lines) if RAISED.match(line)]
    return " ".join(lines[raised[-1]:][:3] if raised else lines[:2])


def from_yaml(lines):
    """(message, whether a test in it failed, not itself) of the block that node writes below a test."""
    values = {}
    for at, line in enumerate(lines):
        found = YAML_VALUE.match(line)
        if not found or found[1] in values:
            continue
        indent = len(line) - len(line.lstrip())
        value = found[2].strip("'")
        if value in ("|-", "|", ">-"):
            block = []
            for more in lines[at + 1:]:
                if more.strip() and len(more) - len(more.lstrip()) <= indent:
                    break
                block.append(more)
            value = " ".join(block)
        values[found[1]] = value
    place = re.search(r"[^/]+:\d+(?=:\d+$)", values.get("location", ""))
    message = f"{values.get('error', '')}{f' ({place[0]})' if place else ''}"
    return message, values.get("failureType") == "subtestsFailed"


def failures(text):
    """[(name, message)]"""
    found = []
    lines = text.splitlines()
    for at, line in enumerate(lines):
        test = TEST.match(line)
        if not test or not test[1] or re.search(r"# (todo|skip)", test[2], re.I):
            continue
        below = []
        for more in lines[at + 1:]:
            if TEST.match(more) or more.lstrip().startswith(("# Subtest", "1..", "...")):
                break
            below.append(more)
        if below and below[0].strip() == "---":
            message, is_parent = from_yaml(below)
            if is_parent:
                continue
        else:
            message = from_comments([more.strip()[1:].strip() for more in below if more.lstrip().startswith("#")])
        found.append((test[2], shortened(message)))
    return found


if __name__ == "__main__":
    for name, message in failures(sys.stdin.read()):
        print("FAILED", ": ".join(filter(None, (name, message))))
