#!/usr/bin/env python3
"""The command lodge against a scripted host: tables, documents, exit codes, and what can go wrong. Usage: test_cli.py LODGE"""
import json
import os
import signal
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../host"))

import documents as d  # noqa: E402
from fake_host import TOKEN, Answer, FakeHost, dead_port, make_certificate, problem  # noqa: E402
from host import run_tests, wait_for  # noqa: E402

LODGE = os.path.abspath(sys.argv[1])
OK, FAILED, USAGE, UNREACHABLE, NOT_ALLOWED, BUSY, NO_SUCH = range(7)
DEADLINE_S = 30
TESTS = []


def environment(**more):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LODGE_")}
    kept.update({"https_proxy": "http://127.0.0.1:1", "ALL_PROXY": "http://127.0.0.1:1"})  # must not count
    kept.update(more)
    return kept


def run(*words, host=None, expect=OK, text=None, env=None):
    """Standard output and standard error of a run that ends as expected."""
    where = ["--host", host.url, "--state", host.state] if host else []
    result = subprocess.run([LODGE, *where, *words], text=True, input=text, timeout=DEADLINE_S,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(**(env or {})))
    for word in ("AddressSanitizer", "LeakSanitizer", "runtime error:"):
        if word in result.stderr:
            raise AssertionError(f"a sanitizer speaks:\n{result.stderr[:3000]}")
    if result.returncode != expect:
        raise AssertionError(f"{words}: ended with {result.returncode}, not {expect}:\n{result.stdout}{result.stderr}")
    if TOKEN in result.stdout + result.stderr:
        raise AssertionError("the token was printed")
    return result.stdout, result.stderr


def equal(what, got, wanted):
    if got != wanted:
        raise AssertionError(f"{what}:\n{got!r}\nnot\n{wanted!r}")


def has(text, *words):
    for word in words:
        if word not in text:
            raise AssertionError(f"{word!r} is not in:\n{text}")


def alone(test):
    """A test without a host."""
    TESTS.append(test)
    return test


def with_host(routes):
    """Gives the test a host with these routes, and ends it whatever happened."""
    def wrap(test):
        def whole():
            host = FakeHost(routes)
            try:
                test(host)
            except BaseException:
                try:
                    host.close()
                except AssertionError as error:
                    print(f"# {error}")
                raise
            host.close()
        whole.__name__ = test.__name__
        TESTS.append(whole)
        return whole
    return wrap


def get(path, document):
    return {("GET", path): Answer(document)}


@with_host(get("/summary", d.SUMMARY))
def status_counts_and_needs_no_token(host):
    os.unlink(os.path.join(host.state, "admin-token"))
    out, _ = run("status", host=host)
    equal("status", out, f"{host.url} runs lodged 0.1.0\nup for 1 d 2 h\nsessions: 2\n"
          "displays: 2 (1 kept without a session)\nclients that ask to be paired: 1\n")
    equal("Authorization", host.asked[0].headers.get("Authorization"), None)


@with_host(get("/display/state", d.state()))
def displays_are_a_table_aligned_by_columns_not_bytes(host):
    out, _ = run("displays", host=host)
    equal("displays", out.splitlines(), [
        "desktop sway, topology extend, 2 of 4 displays",
        "",
        "SLOT  STATE      CLIENT  MODE              PLACE   OUTPUT      SESSIONS  CLOSES IN",
        "1     active     laptop  1920x1080@60.000  0,0     HEADLESS-1  3, 5      -",
        "2     lingering  Büro    1280x720@60.000   1920,0  HEADLESS-2  -         4 min 10 s",
        "",
        "OTHER OUTPUT  STATE  MODE              PLACE",
        "DP-1          on     2560x1440@60.000  -2560,0",
        "HDMI-A-1      off    1920x1080@60.000  -"])


@with_host(get("/display/state", d.state([], applied="extend", wanted="exclusive")))
def a_topology_that_is_not_in_force_is_named(host):
    out, _ = run("displays", host=host)
    has(out, "topology extend (exclusive is wanted), 0 of 4 displays")


@with_host({("POST", "/display/release"): Answer({"released": 1})})
def release_closes_one_or_all(host):
    equal("one", run("release", "2", host=host)[0], "1 display closes\n")
    equal("all", run("release", "--all", "--json", host=host)[0], '{"released": 1}\n')
    equal("bodies", [asked.body for asked in host.asked], [{"slot": 2}, {"all": True}])


@with_host({("POST", "/display/release"): [problem(409, "in use by 2 sessions", sessions=2), problem(404, "no display 9")]})
def a_display_in_use_or_absent_has_its_own_exit_code(host):
    has(run("release", "1", host=host, expect=BUSY)[1], "in use by 2 sessions")
    has(run("release", "9", host=host, expect=NO_SUCH)[1], "no display 9")


@with_host(get("/display/settings", d.settings(preset="hotdesk", source="file")))
def preset_lists_them_and_marks_the_present_one(host):
    out, _ = run("preset", host=host)
    lines = out.splitlines()
    equal("headings", lines[0].split(), ["PRESET", "KEEP", "ALIVE", "TOPOLOGY", "MODE", "CONFLICT", "IDENTITY", "LAYOUT"])
    equal("present", [line for line in lines if line.startswith("*")],
          ["*  hotdesk  300 s       exclusive  reject         per-client-mode  auto-row"])
    has(out, "mine     forever")


@with_host({**get("/display/settings", d.settings({"version": 1, "max_displays": 2, "topology": "extend"})),
            ("PUT", "/display/settings"): Answer(d.settings(preset="hotdesk", source="file"))})
def preset_chooses_one_and_keeps_the_rest_of_the_document(host):
    has(run("preset", "hotdesk", host=host)[0], "preset hotdesk")
    equal("sent", host.asked[-1].body, {"version": 1, "max_displays": 2, "topology": "extend", "preset": "hotdesk"})


@with_host(get("/display/settings", d.settings()))
def a_preset_that_nobody_knows_is_refused_with_the_names(host):
    _, err = run("preset", "gaming", host=host, expect=NO_SUCH)
    has(err, "no preset 'gaming'", "default, hotdesk, mine, and custom")
    equal("changes", host.of("PUT", "/display/settings"), [])


@with_host(get("/display/settings", d.settings({"version": 1, "clients": {d.LAPTOP: {"topology": "extend"}}})))
def settings_show_each_field_with_its_source(host):
    out, _ = run("settings", host=host)
    has(out, "keep_alive     10 s        default\n", "layout         auto-row    default\n",
        "overrides of 1 clients", "not here: exclusive, instead: extend (This sway cannot turn outputs off.)")
    equal("get", run("settings", "get", host=host)[0], out)


def saved(host):
    return host.of("PUT", "/display/settings")[-1].body


PUT = {("PUT", "/display/settings"): Answer(d.settings(preset="custom", source="file"))}


@with_host({**get("/display/settings", d.settings()), **PUT})
def settings_set_changes_fields_and_removes_empty_ones(host):
    out, _ = run("settings", "set", "keep_alive=30", "topology=primary", "max_displays=7", "layout=manual",
                 "position.2=-1920,0", host=host)
    has(out, "saved;")
    equal("sent", saved(host), {
        "version": 1, "keep_alive": {"mode": "duration", "seconds": 30}, "topology": "primary", "max_displays": 7,
        "layout": {"mode": "manual", "positions": {"2": {"x": -1920, "y": 0}}}})
    host.routes[("GET", "/display/settings")] = Answer(d.settings(
        {"version": 1, "preset": "custom", "topology": "extend", "identity": "shared"}, preset="custom", source="file"))
    run("settings", "set", "topology=", "keep_alive=forever", host=host)
    equal("sent", saved(host),
          {"version": 1, "preset": "custom", "identity": "shared", "keep_alive": {"mode": "forever"}})


@with_host({**get("/display/settings", d.settings(
    {"version": 1, "preset": "hotdesk", "layout": {"mode": "manual", "positions": {"1": {"x": 5, "y": 6}}}},
    preset="hotdesk", source="file")), **PUT})
def a_field_that_a_preset_rules_is_set_by_leaving_the_preset(host):
    _, err = run("settings", "set", "topology=extend", host=host)
    has(err, "the preset 'hotdesk' is left")
    equal("sent", saved(host), {
        "version": 1, "preset": "custom", "keep_alive": {"mode": "duration", "seconds": 300}, "topology": "extend",
        "mode_conflict": "reject", "identity": "per-client-mode",
        "layout": {"mode": "auto-row", "positions": {"1": {"x": 5, "y": 6}}}})
    _, err = run("settings", "set", "max_displays=2", "position.1=7,8", host=host)
    equal("said", err, "")
    equal("preset", saved(host)["preset"], "hotdesk")
    has(run("settings", "set", "preset=hotdesk", "topology=extend", host=host, expect=USAGE)[1], "choose one of both")


@with_host({**get("/display/settings", d.settings(preset="default", source="default")), **PUT})
def a_place_does_not_change_the_preset(host):
    run("settings", "set", "position.1=0,0", host=host)
    equal("sent", saved(host), {"version": 1, "preset": "default",
                                "layout": {"mode": "auto-row", "positions": {"1": {"x": 0, "y": 0}}}})


@with_host({**get("/display/settings", d.settings({"version": 1, "topology": "extend", "clients": {d.PHONE: {}}})), **PUT})
def settings_reset_forgets_all_but_the_clients(host):
    run("settings", "reset", host=host)
    equal("sent", saved(host), {"version": 1, "clients": {d.PHONE: {}}})


@with_host(PUT)
def settings_come_from_a_file_or_from_standard_input(host):
    path = os.path.join(host.folder, "wanted.json")
    with open(path, "w") as file:
        file.write('{"version": 1, "preset": "mine"}')
    run("settings", "edit-from-file", path, host=host)
    equal("sent", saved(host), {"version": 1, "preset": "mine"})
    run("settings", "edit-from-file", "-", host=host, text='{"preset": "hotdesk"}')
    equal("sent", saved(host), {"preset": "hotdesk"})
    has(run("settings", "edit-from-file", "-", host=host, text='{"preset": ', expect=USAGE)[1], "-: line 1:")
    has(run("settings", "edit-from-file", path + ".no", host=host, expect=USAGE)[1], path + ".no cannot be read")


@with_host({("PUT", "/display/settings"): problem(422, "nothing was changed: 2 fields are at fault", errors=[
    {"pointer": "/topology", "detail": "auto, extend, primary or exclusive is wanted"},
    {"pointer": "", "detail": "\x1b[2J"}])})
def a_refusal_names_every_field_at_fault(host):
    host.lenient = True
    _, err = run("settings", "edit-from-file", "-", host=host, text='{"topology": "both"}', expect=FAILED)
    has(err, "PUT /display/settings: nothing was changed: 2 fields are at fault (422)",
        "  /topology: auto, extend, primary or exclusive is wanted\n", "  the whole: \ufffd[2J\n")


@with_host({})
def a_wrong_token_is_not_allowed(host):
    with open(os.path.join(host.state, "admin-token"), "w") as file:
        file.write("another-token-0123456789abcdefghijklmnopq\n")
    has(run("displays", host=host, expect=NOT_ALLOWED)[1], "this needs the admin token")
    os.unlink(os.path.join(host.state, "admin-token"))
    _, err = run("displays", host=host, expect=NOT_ALLOWED)
    has(err, "this needs the admin token", host.state + "/admin-token cannot be read", "--token-file")


@with_host(get("/clients", d.CLIENTS))
def another_token_file_can_be_named(host):
    other = os.path.join(host.folder, "elsewhere")
    os.rename(os.path.join(host.state, "admin-token"), other)
    run("clients", "--token-file", other, host=host)
    run("clients", host=host, env={"LODGE_TOKEN_FILE": other})
    with open(other, "w") as file:
        file.write("two words\n")
    has(run("clients", "--token-file", other, host=host, expect=NOT_ALLOWED)[1], "holds no token")


if __name__ == "__main__":
    sys.exit(run_tests(TESTS))
