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
from fake_host import TOKEN, Answer, FakeHost, dead_port, make_authority, make_certificate, problem  # noqa: E402
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
        "clients with overrides: 1", "not here: exclusive, instead: extend (This sway cannot turn outputs off.)")
    equal("get", run("settings", "get", host=host)[0], out)


@with_host({**get("/display/settings", d.settings(preset="hotdesk", source="file")),
            ("PUT", "/display/settings"): problem(422, "nothing was changed: 1 field is at fault", errors=[
                {"pointer": "/topology", "detail": "extend is wanted"}])})
def a_refused_change_leaves_no_preset(host):
    host.lenient = True
    _, err = run("settings", "set", "topology=both", host=host, expect=FAILED)
    equal("said", err.count("\n"), 2)
    has(err, "  /topology: extend is wanted\n")


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
    has(err, "the preset 'hotdesk' was left")
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


@with_host({})
def every_status_has_its_exit_code(host):
    for status, expect in ((400, FAILED), (401, NOT_ALLOWED), (403, NOT_ALLOWED), (404, NO_SUCH), (409, BUSY), (422, FAILED),
                           (429, BUSY), (500, FAILED), (503, BUSY)):
        host.routes[("GET", "/display/state")] = problem(status, f"because of {status}")
        has(run("displays", host=host, expect=expect)[1], f"GET /display/state: because of {status} ({status})")
    host.routes[("GET", "/display/state")] = Answer(None, 302, checked=False)
    has(run("displays", host=host, expect=FAILED)[1], "status 302 without a word")


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



@with_host({**get("/clients", d.CLIENTS), ("PATCH", f"/clients/{d.TABLET}"): Answer(d.client(d.TABLET, "desk")),
            ("DELETE", f"/clients/{d.PHONE}"): Answer(None, 204)})
def clients_are_listed_renamed_and_unpaired_by_the_beginning_of_a_fingerprint(host):
    out, _ = run("clients", host=host)
    has(out, "3f2a91c0abab  laptop", "3f2b77d1cdcd  Büro", "keep_alive=300 s", "phone \ufffd[31m\ufffd画面")
    equal("control characters", [one for one in out if one in "\x1b\u202e"], [])
    has(run("clients", "rename", "3F2B", "desk", host=host)[0], "desk")
    equal("sent", host.asked[-1].body, {"label": "desk"})
    has(run("clients", "unpair", "9", host=host)[0], "is not paired any more")
    equal("sent", host.asked[-1].path, f"/clients/{d.PHONE}")


@with_host(get("/clients", d.CLIENTS))
def a_beginning_of_no_client_or_of_many_is_refused(host):
    has(run("clients", "unpair", "3f2", host=host, expect=USAGE)[1], "'3f2' begins 2 fingerprints")
    has(run("clients", "unpair", "77", host=host, expect=NO_SUCH)[1], "no client's fingerprint begins with '77'")
    has(run("clients", "unpair", "laptop", host=host, expect=USAGE)[1], "the beginning of a fingerprint expected")
    has(run("clients", "unpair", "", host=host, expect=USAGE)[1], "the beginning of a fingerprint expected")
    equal("asked", {asked.method for asked in host.asked}, {"GET"})


@with_host({**get("/clients", d.CLIENTS), ("PATCH", f"/clients/{d.TABLET}"): Answer(d.client(d.TABLET, "Büro"))})
def overrides_are_shown_changed_and_reset(host):
    has(run("clients", "override", "3f2b", host=host)[0], "topology=extend, keep_alive=300 s")
    equal("as it is", json.loads(run("clients", "override", "3f2b", "--json", host=host)[0]), d.CLIENTS["clients"][1])
    run("clients", "override", "3f2b", "mode_conflict=join", "keep_alive=", host=host)
    equal("sent", host.asked[-1].body, {"overrides": {"topology": "extend", "mode_conflict": "join"}})
    run("clients", "override", "3f2b", "--reset", "preset=hotdesk", host=host)
    equal("sent", host.asked[-1].body, {"overrides": {"preset": "hotdesk"}})
    run("clients", "override", "3f2b", "--reset", host=host)
    equal("sent", host.asked[-1].body, {"overrides": {}})
    has(run("clients", "override", "3f2b", "max_displays=3", host=host, expect=USAGE)[1], "the field is none of")


@with_host({**get("/sessions", d.SESSIONS), ("DELETE", "/sessions/3"): Answer(None, 204),
            ("DELETE", "/sessions/4"): problem(404, "there is no session 4")})
def sessions_are_listed_and_ended(host):
    lines = run("sessions", host=host)[0].splitlines()
    equal("first", lines[1].split(), ["3", "laptop", "(3f2a91c0abab)", "192.0.2.7", "websocket", "1", "min", "15", "s", "1",
                                      "1920x1080@59.940", "×1.5", "4", "full"])
    has(lines[2], "guest (not paired)", "1 (joined)", "view (guest)")
    has(run("sessions", "end", "3", host=host)[0], "session 3 has ended")
    equal("nothing", run("sessions", "end", "3", "--json", host=host)[0], "")
    has(run("sessions", "end", "4", host=host, expect=NO_SUCH)[1], "there is no session 4")


@with_host({**get("/clients", d.CLIENTS), **get("/display/settings", d.settings({"version": 1, "max_displays": 2})),
            ("POST", "/display/explain"): Answer(d.EXPLANATION)})
def explain_tells_the_decision_and_its_reasons(host):
    out, _ = run("explain", "--mode", "1280x720@59.94", host=host)
    equal("explanation", out.splitlines(), [
        "It would take the display of laptop.", "  decision: steal", "  slot: 3", "  mode: 1280x720@60.000", "  place: 0,0",
        "  topology: extend", "  ends the sessions of: laptop", "  closes the kept displays: 2",
        "  1. Another client is live. (rule 3)", "  2. The policy takes its display away. (rule 4)"])
    equal("sent", host.asked[-1].body, {"mode": {"width": 1280, "height": 720, "refresh_hz": 59.94}})
    run("explain", "--mode", "640x480", "--client", "90", "--preset", "hotdesk", host=host)
    equal("sent", host.asked[-1].body, {"mode": {"width": 640, "height": 480}, "client": d.PHONE,
                                        "settings": {"version": 1, "max_displays": 2, "preset": "hotdesk"}})
    for wrong in ("640", "x480", "640x", "640x480@", "640x480@nan", "-1x5", " 640x480", "640x480@60Hz", "640x480x3"):
        has(run("explain", f"--mode={wrong}", host=host, expect=USAGE)[1], "WIDTHxHEIGHT[@HZ] expected")


@with_host({("POST", "/console/code"): Answer({"code": "12345678", "expires_in": 300})})
def console_prints_the_address_and_a_code(host):
    equal("console", run("console", host=host)[0], f"{host.url}/console/\ncode: 12345678 (for one login, within 5 min)\n")


DOCUMENTS = {**get("/summary", d.SUMMARY), **get("/display/state", d.state()), **get("/display/settings", d.settings()),
             **get("/clients", d.CLIENTS), **get("/sessions", d.SESSIONS), ("POST", "/display/explain"): Answer(d.EXPLANATION),
             ("POST", "/console/code"): Answer({"code": "12345678", "expires_in": 300}), **get("/presence", d.PRESENCE),
             **get("/control", d.control(3)), **get("/invitations", d.INVITATIONS), **get("/apps", d.APPS),
             ("POST", "/display/release"): Answer({"released": 0}), ("PUT", "/display/settings"): Answer(d.settings()),
             ("POST", "/pairing/requests/7"): Answer(d.pairing()), ("DELETE", "/pairing"): Answer(None, 204)}


@with_host(DOCUMENTS)
def json_is_the_document_as_the_host_sent_it(host):
    for words, wanted in ((["status"], d.SUMMARY), (["displays"], d.state()), (["preset"], d.settings()),
                          (["preset", "mine"], d.settings()), (["settings"], d.settings()),
                          (["settings", "set", "max_displays=3"], d.settings()), (["settings", "reset"], d.settings()),
                          (["clients"], d.CLIENTS), (["sessions"], d.SESSIONS), (["release", "--all"], {"released": 0}),
                          (["explain", "--mode", "640x480"], d.EXPLANATION), (["pair", "approve", "7"], d.pairing()),
                          (["console"], {"code": "12345678", "expires_in": 300}), (["who"], d.PRESENCE),
                          (["control"], d.control(3)), (["grants"], d.CLIENTS), (["invite"], d.INVITATIONS),
                          (["apps"], d.APPS)):
        out, _ = run("--json", *words, host=host)
        equal(" ".join(words), out, json.dumps(wanted, ensure_ascii=False) + "\n")
    equal("pair cancel", run("pair", "cancel", "--json", host=host)[0], "")


REQUEST = {"session": 7, "label": "tv", "fingerprint": d.TABLET, "peer": "192.0.2.8", "since": 1}


def start(host, *words, **more):
    return subprocess.Popen([LODGE, "--host", host.url, "--state", host.state, *words], text=True, bufsize=1,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(), **more)


def end(process, expect):
    """What is left of its output, when it has ended as expected."""
    try:
        out, err = process.communicate(timeout=DEADLINE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise
    for word in ("AddressSanitizer", "LeakSanitizer", "runtime error:"):
        if word in err:
            raise AssertionError(f"a sanitizer speaks:\n{err[:3000]}")
    if process.returncode != expect:
        raise AssertionError(f"ended with {process.returncode}, not {expect}:\n{out}{err}")
    return out, err


class Pairing:
    """The host's side of a pairing: what happens when the client of the API listens."""

    def __init__(self, *steps):
        self.steps, self.armed, self.listening = steps, False, threading.Event()

    def routes(self):
        return {("GET", "/clients"): Answer(d.CLIENTS), ("POST", "/pairing"): self.arm, ("DELETE", "/pairing"): self.disarm,
                ("GET", "/pairing"): lambda asked: Answer(d.pairing("482913" if self.armed else None)),
                ("GET", "/events"): lambda asked: self.listen}

    def arm(self, asked):
        self.armed = True
        return Answer(d.pairing("482913"))

    def disarm(self, asked):
        self.armed = False
        return Answer(None, 204)

    def listen(self, handler):
        handler.begin_events()
        handler.event("clients", d.CLIENTS)
        handler.event("pairing", d.pairing("482913"))
        for topic, document in self.steps:
            handler.event(topic, document)
        self.listening.set()
        handler.server.host.over.wait(DEADLINE_S)


NEW = d.client("ab" * 32, "tv")
USED = Pairing(("pairing", d.pairing("482913", [REQUEST])), ("pairing", d.pairing()),
               ("clients", {"clients": [*d.CLIENTS["clients"], NEW]}))


@with_host(USED.routes())
def pair_shows_the_pin_and_waits_until_a_client_used_it(host):
    out, _ = run("pair", host=host)
    equal("pair", out.splitlines(), [
        "PIN 482913 (holds 10 min; Ctrl-C voids it)", "tv (192.0.2.8) asks to be paired: lodge pair approve 7",
        "paired: tv (abababababab)"])
    equal("sent", host.of("POST", "/pairing")[0].body, {"seconds": 600})
    equal("voided", host.of("DELETE", "/pairing"), [])
    lines = run("pair", "--seconds", "60", "--json", host=host)[0].splitlines()
    equal("documents", [json.loads(line) for line in lines], [d.pairing("482913"), NEW])
    equal("sent", host.of("POST", "/pairing")[1].body, {"seconds": 60})


AGAIN = d.client(d.LAPTOP, "laptop", [3, 5], [1])
AGAIN["paired_at"] += 5


@with_host(Pairing(("clients", {"clients": [AGAIN, *d.CLIENTS["clients"][1:]]})).routes())
def a_client_that_was_paired_before_counts_as_well(host):
    has(run("pair", host=host)[0], "paired: laptop (3f2a91c0abab)")


GONE = Pairing(("pairing", d.pairing()))


@with_host(GONE.routes())
def pair_fails_when_the_pin_is_gone_and_nobody_was_paired(host):
    has(run("pair", host=host, expect=FAILED)[1], "the PIN holds no longer")


WAITING = Pairing()


@with_host(WAITING.routes())
def ctrl_c_voids_the_pin(host):
    process = start(host, "pair")
    assert WAITING.listening.wait(DEADLINE_S)
    equal("armed", WAITING.armed, True)
    process.send_signal(signal.SIGINT)
    has(end(process, FAILED)[1], "stopped; the PIN is void")
    equal("armed", WAITING.armed, False)


LATER = Pairing()


@with_host({**LATER.routes(), ("GET", "/pairing"): Answer(d.pairing("111111"))})
def ctrl_c_does_not_void_a_pin_that_somebody_made_since(host):
    process = start(host, "pair")
    assert LATER.listening.wait(DEADLINE_S)
    process.send_signal(signal.SIGINT)
    end(process, FAILED)
    equal("voided", host.of("DELETE", "/pairing"), [])


@with_host({("POST", "/pairing/requests/7"): Answer(d.pairing()), ("DELETE", "/pairing"): Answer(None, 204),
            ("POST", "/pairing/requests/8"): problem(404, "no such session asks to be paired")})
def requests_are_approved_and_denied(host):
    has(run("pair", "approve", "7", host=host)[0], "0 more ask")
    has(run("pair", "deny", "8", host=host, expect=NO_SUCH)[1], "no such session asks to be paired")
    has(run("pair", "cancel", host=host)[0], "no PIN is armed")
    equal("sent", [asked.body for asked in host.asked], [{"decision": "approve"}, {"decision": "deny"}, None])


class Stream:
    """One connection of events after another; each step is bytes, or a topic with its document."""

    def __init__(self, *connections):
        self.connections, self.count, self.idle = connections, 0, threading.Event()

    def __call__(self, asked):
        return self.speak

    def speak(self, handler):
        steps = self.connections[min(self.count, len(self.connections) - 1)]
        self.count += 1
        if steps is None:
            return  # breaks off before a word
        handler.begin_events()
        for number, step in enumerate(steps):
            if isinstance(step, bytes):
                handler.wfile.write(step)
                handler.wfile.flush()
            else:
                handler.event(*step, identity=f"run-{self.count}-{number}")
        if self.count >= len(self.connections):
            self.idle.set()
            handler.server.host.over.wait(DEADLINE_S)


BEFORE = d.state()
AFTER = d.state([d.display(1, "active", "laptop", d.LAPTOP, (2560, 1440), sessions=[3]),
                 d.display(3, "creating", "tv\x07", None)], applied="exclusive")
STREAM = Stream(
    [b"retry: 50\n\n", ("displays", BEFORE), ("settings", d.settings()), ("pairing", d.pairing())],
    None,
    [b":\n\nevent: displays\r\ndata: " + json.dumps(AFTER).encode() + b"\r\nid: run-9\r\n\r\n",
     ("settings", d.settings(preset="hotdesk")), ("pairing", d.pairing("482913", [REQUEST])), ("sessions", d.SESSIONS)])


def unstamped(text):
    return [line.split(" ", 1)[1] for line in text.splitlines()]


@with_host({("GET", "/events"): STREAM})
def watch_tells_what_changes_over_connections_that_break_off(host):
    process = start(host, "watch")
    seen = []
    while not any("sessions: 2" in line for line in seen):
        line = process.stdout.readline()
        if not line:
            raise AssertionError(f"watch ended early: {end(process, OK)}")
        seen.append(line)
    process.send_signal(signal.SIGINT)
    _, err = end(process, OK)
    equal("lines", unstamped("".join(seen)), [
        "displays: 2", "other outputs: 2", "preset: default", "clients that ask to be paired: 0",
        "display 1: active, laptop, 2560x1440@60.000 at 0,0 on HEADLESS-1, sessions 3",
        "display 3: new, creating, tv\ufffd, 1920x1080@60.000 at 0,0 on HEADLESS-3, sessions -",
        "display 2: gone (Büro)", "desktop: topology exclusive",
        "settings: preset was default, is hotdesk", "settings: keep_alive was 10 s, is 300 s",
        "settings: topology was auto, is exclusive", "settings: mode_conflict was separate, is reject",
        "settings: identity was per-client, is per-client-mode",
        "request 7: new, tv from 192.0.2.8: lodge pair approve 7", "pairing: a PIN is armed", "sessions: 2"])
    equal("told once each", [err.count("the connection is lost"), err.count("connected again")], [1, 1])
    equal("Last-Event-ID", [asked.headers.get("Last-Event-ID") for asked in host.of("GET", "/events")],
          [None, "run-1-3", "run-1-3"])


JSON_STREAM = Stream([("sessions", d.SESSIONS)])


@with_host({("GET", "/events"): JSON_STREAM})
def watch_writes_documents_line_by_line(host):
    process = start(host, "watch", "--json")
    equal("line", json.loads(process.stdout.readline()), {"event": "sessions", "data": d.SESSIONS})
    process.send_signal(signal.SIGTERM)
    end(process, OK)


@with_host({("GET", "/events"): Stream([b"data: " + b"x" * (3 << 20) + b"\n\n"])})
def an_event_without_an_end_is_refused(host):
    has(run("watch", host=host, expect=FAILED)[1], "an event is longer than")


@with_host({("GET", "/events"): problem(503, "32 listeners are there, the most there may be")})
def a_host_with_too_many_listeners_is_busy(host):
    has(run("watch", host=host, expect=BUSY)[1], "32 listeners are there")


@with_host({})
def a_host_that_hangs_is_not_waited_for(host):
    host.routes[("GET", "/display/state")] = lambda asked: host.hang
    host.routes[("GET", "/events")] = lambda asked: host.hang
    has(run("displays", "--timeout", "1", host=host, expect=UNREACHABLE)[1], "no answer to /display/state within 1 s")
    has(run("watch", "--timeout", "1", host=host, expect=UNREACHABLE)[1], "no answer to /events within 1 s")


@alone
def a_port_without_a_host_is_not_reachable():
    host = FakeHost({})
    port = dead_port()
    try:
        _, err = run("displays", "--host", f"https://127.0.0.1:{port}", "--state", host.state, expect=UNREACHABLE)
        has(err, f"https://127.0.0.1:{port}: no connection", "is lodged running there?")
        _, err = run("displays", "--state", host.state, expect=UNREACHABLE, env={"LODGE_HOST": f"127.0.0.1:{port}"})
        has(err, f"https://127.0.0.1:{port}: no connection")
    finally:
        host.close()


@with_host(get("/display/state", d.state()))
def another_certificate_is_refused_and_gets_no_token(host):
    make_certificate(host.folder)
    other = os.path.join(host.folder, "certificate.pem")
    _, err = run("displays", "--ca", other, host=host, expect=UNREACHABLE)
    has(err, "does not prove to be the host that " + other)
    os.replace(other, os.path.join(host.state, "certificate.pem"))
    has(run("displays", host=host, expect=UNREACHABLE)[1], "does not prove to be the host")
    equal("asked", host.asked, [])
    os.unlink(os.path.join(host.state, "certificate.pem"))
    has(run("displays", host=host, expect=UNREACHABLE)[1], "certificate.pem cannot be read", "--ca")
    with open(os.path.join(host.state, "certificate.pem"), "w") as file:
        file.write("nothing\n")
    has(run("displays", host=host, expect=UNREACHABLE)[1], "holds no certificate")


@with_host(get("/display/state", d.state()))
def the_hosts_own_certificate_holds_whatever_the_host_is_called(host):
    make_certificate(host.folder, names="DNS:elsewhere.example")
    host.use_certificate(host.folder)
    own = os.path.join(host.folder, "certificate.pem")
    run("displays", "--ca", own, host=host)
    os.replace(own, os.path.join(host.state, "certificate.pem"))
    run("displays", host=host)


@with_host(get("/display/state", d.state()))
def an_authoritys_certificate_must_bear_the_hosts_name(host):
    authority = make_authority(host.folder)
    for names, expect in (("IP:127.0.0.1", OK), ("DNS:elsewhere.example", UNREACHABLE)):
        make_certificate(host.folder, names=names, authority=authority)
        host.use_certificate(host.folder)
        run("displays", "--ca", authority[0], host=host, expect=expect)
    make_certificate(host.folder)
    host.use_certificate(host.folder)
    run("displays", "--ca", authority[0], host=host, expect=UNREACHABLE)


@with_host(get("/display/state", d.state()))
def the_hosts_key_counts_also_where_its_certificate_comes_with_its_authority(host):
    authority = make_authority(host.folder)
    make_certificate(host.state, authority=authority)
    with open(os.path.join(host.state, "certificate.pem"), "a") as chain, open(authority[0]) as file:
        chain.write(file.read())
    host.use_certificate(host.state)
    run("displays", host=host)
    make_certificate(host.folder, authority=authority)  # somebody else's, of the same authority
    host.use_certificate(host.folder)
    has(run("displays", host=host, expect=UNREACHABLE)[1], "does not prove to be the host")


@with_host({})
def the_token_of_this_machines_host_is_not_sent_to_another_machine(host):
    certificate = os.path.join(host.state, "certificate.pem")
    _, err = run("displays", "--host", "https://192.0.2.1", "--state", host.state, "--ca", certificate, expect=USAGE)
    has(err, "https://192.0.2.1:443 is another machine", "--token-file")


@with_host({("GET", "/display/state"): [
    Answer(b'{"desktop": {"back'), Answer(b'{"desktop": {"back', size=5000), Answer(b"<html>", kind="text/html"),
    Answer({"displays": 3}, checked=False), Answer(b"[]"), Answer({}, 404, checked=False)]})
def an_answer_that_makes_no_sense_is_a_failure(host):
    has(run("displays", host=host, expect=FAILED)[1], "the answer to /display/state is no JSON")
    has(run("displays", host=host, expect=UNREACHABLE)[1], "/display/state broke off")
    for _ in range(3):
        has(run("displays", host=host, expect=FAILED)[1], "is not what this version of lodge understands")
    has(run("displays", host=host, expect=FAILED)[1], "has no management API")


@alone
def a_wrong_command_line_is_told_before_the_host_is_asked():
    for words, part in (
            ([], "Usage: lodge"), (["dance"], "'dance' is no command"), (["--loud"], "'--loud' is unknown"),
            (["--host"], "needs a value"), (["displays", "--all"], "takes no --all"),
            (["--timeout", "0", "status"], "--timeout '0'"), (["--timeout", "x", "status"], "--timeout 'x'")):
        has(run(*words, expect=USAGE)[1], part)
    for url in ("http://127.0.0.1:7443", "https://user:word@127.0.0.1", "https://127.0.0.1/console", "https://", "ftp://x",
                "https://h?x", "https://" + "h" * 400):
        has(run("status", "--host", url, expect=USAGE)[1], "https://NAME[:PORT] expected")


@with_host({})
def a_wrong_word_is_told_before_the_host_is_asked(host):
    for words in (["release"], ["release", "1", "--all"], ["release", "64"], ["release", "1", "2"], ["release", "-1"],
                  ["release", "1x"], ["settings", "set"], ["settings", "edit-from-file"], ["settings", "wipe"],
                  ["settings", "get", "x"], ["preset", "a", "b"], ["pair", "approve"], ["pair", "approve", "x"],
                  ["pair", "--seconds", "5"], ["pair", "cancel", "--seconds", "60"], ["pair", "now"], ["clients", "rename", "ab"],
                  ["clients", "burn"], ["clients", "list", "x"], ["clients", "--reset"], ["sessions", "end"],
                  ["sessions", "end", "0"], ["sessions", "start"], ["explain"], ["watch", "x"], ["console", "x"],
                  ["status", "x"], ["complete", "words"]):
        run(*words, host=host, expect=USAGE)
    equal("asked", host.asked, [])


@alone
def help_and_version_need_no_host():
    out, _ = run("--help")
    for command in ("status", "displays", "release", "preset", "settings", "pair", "clients", "sessions", "who", "control", "grants",
                    "invite", "apps", "explain", "watch", "console"):
        has(out, f"  {command} ")
        has(run(command, "--help")[0], f"Usage: lodge {command} ", "Exit status: 0 ok")
    has(run("--version")[0], "lodge 0.")


@with_host(get("/display/state", d.state()))
def colour_is_for_terminals_without_no_color(host):
    import pty

    def on_terminal(**more):
        parent, child = pty.openpty()
        process = subprocess.Popen([LODGE, "--host", host.url, "--state", host.state, "displays"], stdout=child,
                                   env=environment(TERM="xterm", **more))
        os.close(child)
        text = b""
        while True:
            try:
                piece = os.read(parent, 4096)
            except OSError:  # how a terminal says that the other side is gone
                break
            if not piece:
                break
            text += piece
        os.close(parent)
        equal("exit", process.wait(DEADLINE_S), OK)
        return text
    has(on_terminal().decode(), "\x1b[32mactive\x1b[0m")
    equal("NO_COLOR", b"\x1b" in on_terminal(NO_COLOR="1"), False)
    equal("a pipe", "\x1b" in run("displays", host=host)[0], False)


@with_host(get("/display/state", d.state()))
def output_that_nobody_took_is_a_failure(host):
    with open("/dev/full", "w") as full:
        result = subprocess.run([LODGE, "--host", host.url, "--state", host.state, "displays"], stdout=full,
                                stderr=subprocess.PIPE, text=True, timeout=DEADLINE_S, env=environment())
    equal("exit", result.returncode, FAILED)
    has(result.stderr, "standard output: No space left on device")


@with_host({**get("/display/state", d.state()), **get("/display/presets", {"presets": d.PRESETS}), **get("/clients", d.CLIENTS),
            **get("/pairing", d.pairing(None, [REQUEST])), **get("/control", d.control(3, [(5, None)])),
            **get("/invitations", d.INVITATIONS)})
def words_for_completion_are_one_a_line(host):
    equal("slots", run("complete", "slots", host=host)[0], "1\n2\n")
    equal("presets", run("complete", "presets", host=host)[0], "default\nhotdesk\nmine\n")
    equal("clients", run("complete", "clients", host=host)[0], f"{d.LAPTOP}\n{d.TABLET}\n{d.PHONE}\n")
    equal("requests", run("complete", "requests", host=host)[0], "7\n")
    equal("waiting", run("complete", "waiting", host=host)[0], "5\n")
    equal("invitations", run("complete", "invitations", host=host)[0], "00aabbccddeeff00\n00aa11ccddeeff00\n")
    equal("quiet", run("complete", "sessions", host=host), ("", ""))


@with_host({("GET", "/presence"): [Answer(d.PRESENCE), Answer(d.NO_PRESENCE), Answer({"enabled": True, "people": []})]})
def who_is_a_table_with_states_and_says_when_presence_is_off(host):
    equal("who", run("who", host=host)[0].splitlines(), [
        "PERSON  STATE                 BY               SESSIONS  HERE FOR",
        "Ada     controlling           browser, native  3, 8      1 min 15 s",
        "gu\ufffdst   watching (view only)  browser          5         3 s"])
    has(run("who", host=host)[0], "presence is off", "lodge settings set presence=on")
    equal("alone", run("who", host=host)[0], "nobody is here\n")


@with_host({("GET", "/control"): [Answer(d.control(3, [(5, None), (9, 8.2)])), Answer(d.control(7, away=4.1)),
                                  Answer(d.control()), Answer(d.control(mode="free"))], **get("/sessions", d.SESSIONS)})
def control_says_who_drives_and_who_waits(host):
    equal("control", run("control", host=host)[0].splitlines(),
          ["session 3 has control (laptop)", "WAITS  CLIENT  ASKS FOR", "5      guest   -", "9      -       8 s"])
    equal("away", run("control", host=host)[0],
          "session 7 has control, and is gone; it may come back within 4 s\nnobody waits\n")
    equal("nobody", run("control", host=host)[0], "nobody has control\nnobody waits\n")
    has(run("control", host=host)[0], "everybody who may give input gives it", "control=one-at-a-time")


@with_host({("POST", "/control"): Answer(d.control(5)), **get("/sessions", d.SESSIONS)})
def control_is_taken_given_granted_and_denied(host):
    for words in (["take"], ["release"], ["give", "5"], ["grant", "5"], ["deny", "5"]):
        has(run("control", *words, host=host)[0], "session 5 has control (guest)")
    equal("bodies", [asked.body for asked in host.of("POST", "/control")], [
        {"action": "release"}, {"action": "release"}, {"action": "give", "session": 5}, {"action": "grant", "session": 5},
        {"action": "deny", "session": 5}])
    equal("json", json.loads(run("control", "take", "--json", host=host)[0]), d.control(5))


@with_host({("POST", "/control"): problem(409, "control does not allow it now", refusal="not-in-line")})
def a_refusal_of_control_is_named(host):
    has(run("control", "grant", "5", host=host, expect=BUSY)[1], "control does not allow it now: not-in-line (409)")


LENT = dict(d.client(d.TABLET, "B\u00fcro"), user="Ada", grants=d.VIEW, temporary_grants={"grants": d.FULL, "until": 1800000000})


@with_host(get("/clients", {"clients": [d.client(d.LAPTOP, "laptop"), LENT]}))
def grants_are_a_table_of_all_clients_or_one(host):
    zone = {"TZ": "UTC"}
    lines = ["FINGERPRINT   LABEL   PERSON  GRANTS  FOR A TIME",
             "3f2a91c0abab  laptop  -       full    -",
             "3f2b77d1cdcd  B\u00fcro    Ada     view    full until 2027-01-15 08:00"]
    equal("all", run("grants", host=host, env=zone)[0].splitlines(), lines)
    has(run("grants", "3f2b", host=host, env=zone)[0], "Ada     view    full until 2027-01-15 08:00")
    equal("one", json.loads(run("grants", "3F2B", "--json", host=host)[0]), LENT)


def granted(host):
    return [asked.body["grants"] for asked in host.of("PATCH", f"/clients/{d.TABLET}")]


@with_host({**get("/clients", d.CLIENTS), ("PATCH", f"/clients/{d.TABLET}"): Answer(LENT)})
def grants_are_changed_for_good_or_for_a_time(host):
    for words in (["view"], ["pointer,keyboard"], ["pointer", "keyboard"], ["gamepad"],
                  ["full", "--seconds", "60"], ["full", "--until-they-leave"],
                  ["full", "--until-they-leave", "--seconds", "60"]):
        has(run("grants", "3f2b", *words, host=host)[0], "GRANTS", "Ada")
    equal("bodies", granted(host), [
        {"preset": "view"}, {"planes": ["pointer", "keyboard"]}, {"planes": ["pointer", "keyboard"]}, {"planes": ["gamepad"]},
        {"preset": "full", "temporary": {"seconds": 60}}, {"preset": "full", "temporary": {"until_leave": True}},
        {"preset": "full", "temporary": {"seconds": 60, "until_leave": True}}])


@with_host({**get("/clients", d.CLIENTS), ("PATCH", f"/clients/{d.TABLET}"): Answer(LENT)})
def grants_until_a_time_are_asked_for_as_the_seconds_until_then(host):
    import datetime
    then = datetime.datetime.now() + datetime.timedelta(days=2)
    run("grants", "3f2b", "full", "--until", then.strftime("%Y-%m-%dT%H:%M"), host=host)
    seconds = granted(host)[0]["temporary"]["seconds"]
    # Between the minute and the time that the command took, an hour's shift of the clocks aside.
    if not 2 * 86400 - 3720 < seconds < 2 * 86400 + 3600:
        raise AssertionError(f"{seconds} seconds")
    for until, part in (("soon", "18:30"), ("2027-02-31", "18:30"), ("2001-01-01", "between 1 s and 30 d"),
                        ("2399-01-01", "between 1 s and 30 d")):
        has(run("grants", "3f2b", "full", "--until", until, host=host, expect=USAGE)[1], part)


@with_host({**get("/clients", d.CLIENTS), ("PATCH", f"/clients/{d.TABLET}"): problem(
    422, "nothing was changed: 1 field is at fault", errors=[{"pointer": "/grants/planes", "detail": "pointer is wanted"}])})
def grants_that_nobody_knows_are_the_hosts_to_refuse(host):
    host.lenient = True
    has(run("grants", "3f2b", "pointr", host=host, expect=FAILED)[1], "  /grants/planes: pointer is wanted\n")


@with_host({**get("/clients", d.CLIENTS), ("PATCH", f"/clients/{d.TABLET}"): Answer(LENT)})
def a_client_is_given_to_a_person_or_to_itself(host):
    run("clients", "person", "3f2b", "Ada", host=host)
    run("clients", "person", "3f2b", "", host=host)
    equal("bodies", [asked.body for asked in host.of("PATCH", f"/clients/{d.TABLET}")], [{"user": "Ada"}, {"user": ""}])


@with_host({("POST", "/invitations"): Answer(d.INVITATION)})
def an_invitation_is_made_and_its_link_and_pin_said(host):
    out, _ = run("invite", "create", host=host)
    has(out, f"link: {host.url}/?invite=22aabbccddeeff00\n", "PIN: 01234567 ",
        "invitation 22aabbccddeeff00 lets 1 in within 59 min 59 s; grants: view\n")
    run("invite", "create", "pointer,keyboard", "--label", "Aunt", "--seconds", "600", "--uses", "3", "--stay", "7200", host=host)
    equal("bodies", [asked.body for asked in host.asked], [{"preset": "view"}, {
        "planes": ["pointer", "keyboard"], "label": "Aunt", "seconds": 600, "uses": 3, "stay_seconds": 7200}])
    equal("json", json.loads(run("invite", "create", "full", "--json", host=host)[0]), d.INVITATION)


@with_host(get("/invitations", d.INVITATIONS))
def invitations_are_a_table_without_their_pins(host):
    equal("list", run("invite", host=host)[0].splitlines(), [
        "ID                LABEL       STATE    GRANTS             USES LEFT  COUNTS FOR   STAY              GUESTS",
        "00aabbccddeeff00  Film night  good     pointer, keyboard  3          59 min 59 s  2 h               0",
        "00aa11ccddeeff00  -           used-up  view               0          -            until they leave  1"])
    host.routes[("GET", "/invitations")] = Answer({"invitations": []})
    has(run("invite", "list", host=host)[0], "there is no invitation")


@with_host({**get("/invitations", d.INVITATIONS), ("DELETE", "/invitations/00aabbccddeeff00"): Answer(None, 204),
            ("DELETE", "/invitations/00aa11ccddeeff00?end_guests=true"): Answer(None, 204)})
def an_invitation_is_revoked_by_the_beginning_of_its_id(host):
    has(run("invite", "revoke", "00aab", host=host)[0], "nobody is let in by it any more")
    run("invite", "revoke", "00AA1", "--end-guests", host=host)
    has(run("invite", "revoke", "00aa", host=host, expect=USAGE)[1], "'00aa' begins 2 ids", "lodge invite list")
    has(run("invite", "revoke", "77", host=host, expect=NO_SUCH)[1], "no invitation's id begins with '77'")
    equal("asked", [asked.path for asked in host.asked if asked.method == "DELETE"],
          ["/invitations/00aabbccddeeff00", "/invitations/00aa11ccddeeff00?end_guests=true"])


@with_host({})
def a_wrong_word_about_people_is_told_before_the_host_is_asked(host):
    for words in (["who", "x"], ["control", "steal"], ["control", "give"], ["control", "give", "0"], ["control", "take", "5"],
                  ["control", "grant", "5", "6"], ["grants", "--until", "18:30"], ["grants", "3f", "--until-they-leave"],
                  ["grants", "3f", "view", "--until", "18:30", "--seconds", "5"], ["grants", "3f", "view", "--uses", "2"],
                  ["grants", "nobody", "view"], ["invite", "burn"], ["invite", "list", "x"], ["invite", "list", "--uses", "2"],
                  ["invite", "create", "--uses", "65"], ["invite", "create", "--seconds", "59"],
                  ["invite", "create", "--end-guests"], ["invite", "revoke"], ["invite", "revoke", "12", "34"],
                  ["invite", "revoke", "12", "--label", "x"], ["clients", "person", "3f"]):
        run(*words, host=host, expect=USAGE)
    equal("asked", host.asked, [])


@with_host(get("/apps", d.APPS))
def apps_are_a_table_with_their_commands_as_one_would_type_them(host):
    equal("list", run("apps", host=host)[0].splitlines(), [
        "ID        NAME          DESKTOP   MODE             COMMAND",
        "browser   Web \ufffdbrowser  isolated  1920x1080@59.94  firefox --kiosk 'it'\\''s' ''",
        "terminal  Terminal      shared    -                foot"])
    host.routes[("GET", "/apps")] = Answer({"version": 1, "apps": []})
    has(run("apps", "list", host=host)[0], "there is no app")


def put_apps(host):
    return [asked.body["apps"] for asked in host.of("PUT", "/apps")]


@with_host({**get("/apps", d.APPS), ("PUT", "/apps"): Answer(d.APPS)})
def an_app_is_added_changed_and_removed_in_the_whole_list(host):
    out, _ = run("apps", "add", "editor", "command=foot -e 'a b'", "desktop=isolated", "mode=1280x720@60", "environment.LANG=C",
                 "icon=/a.png", host=host)
    has(out, "browser   Web")
    run("apps", "add", "b", "name=Büro", "command=x", host=host)
    run("apps", "set", "browser", "mode=", "environment.LANG=", "environment.A=b=c", "name=Browser", host=host)
    run("apps", "set", "browser", "environment.LANG=", "desktop=shared", host=host)
    run("apps", "remove", "browser", host=host)
    editor = {"id": "editor", "name": "editor", "command": "foot -e 'a b'", "desktop": "isolated", "icon": "/a.png",
              "mode": {"width": 1280, "height": 720, "refresh_hz": 60}, "environment": {"LANG": "C"}}
    browser = {name: value for name, value in d.BROWSER.items() if name not in ("mode", "environment")}
    equal("lists", put_apps(host), [
        [d.BROWSER, d.TERMINAL, editor], [d.BROWSER, d.TERMINAL, {"id": "b", "name": "Büro", "command": "x"}],
        [{**browser, "name": "Browser", "environment": {"A": "b=c"}}, d.TERMINAL],
        [{**browser, "mode": d.BROWSER["mode"], "desktop": "shared"}, d.TERMINAL], [d.TERMINAL]])


@with_host({**get("/apps", d.APPS), ("PUT", "/apps"): problem(422, "the document has faults", errors=[
    {"pointer": "/apps/2/command", "detail": "a ' is opened and never closed"}])})
def what_the_host_finds_wrong_with_an_app_is_said(host):
    has(run("apps", "add", "x", "command=it's", host=host, expect=FAILED)[1], "/apps/2/command", "opened and never closed")
    has(run("apps", "add", "browser", "command=x", host=host, expect=FAILED)[1], "an app 'browser' already", "lodge apps set")
    has(run("apps", "set", "brows", "name=x", host=host, expect=NO_SUCH)[1], "no app has the id 'brows'")
    has(run("apps", "remove", "Terminal", host=host, expect=NO_SUCH)[1], "no app has the id 'Terminal'")
    has(run("apps", "add", "x", "mode=1x", "command=x", host=host, expect=USAGE)[1], "mode '1x': WIDTHxHEIGHT[@HZ] expected")
    has(run("apps", "add", "x", "shell=yes", host=host, expect=USAGE)[1], "'shell=yes': the field is none of")
    has(run("apps", "add", "x", "environment.=1", host=host, expect=USAGE)[1], "the field is none of")
    has(run("apps", "add", "x", "foot", host=host, expect=USAGE)[1], "'foot': FIELD=VALUE expected")
    has(run("apps", "add", "x", "name=X", host=host, expect=USAGE)[1], "command=COMMAND")
    equal("put", len(put_apps(host)), 1)


@with_host({})
def a_wrong_word_about_apps_is_told_before_the_host_is_asked(host):
    for words in (["apps", "burn"], ["apps", "list", "x"], ["apps", "add"], ["apps", "add", "x"], ["apps", "set", "x"],
                  ["apps", "remove"], ["apps", "remove", "x", "y"], ["apps", "--all"]):
        run(*words, host=host, expect=USAGE)
    equal("asked", host.asked, [])


@with_host({**get("/display/settings", d.settings(confinement={"mode": "home", "devices": ["dri", "fuse"]})), **PUT})
def confinement_is_set_and_shown_with_its_devices(host):
    run("settings", "set", "confinement=devices,dri,kvm", host=host)
    equal("sent", saved(host), {"version": 1, "confinement": {"mode": "devices", "devices": ["dri", "kvm"]}})
    has(run("settings", host=host)[0], "confinement    home,dri,fuse  default\n")


@with_host({**get("/display/settings", d.settings({"version": 1, "presence": {"enabled": False, "watching_seconds": 60}})), **PUT,
            **get("/clients", d.CLIENTS)})
def presence_control_and_input_are_set_as_fields(host):
    run("settings", "set", "presence=on", "control=one-at-a-time", "input=seat-per-client", host=host)
    equal("sent", saved(host), {"version": 1, "presence": {"enabled": True, "watching_seconds": 60},
                                "control": "one-at-a-time", "input": "seat-per-client"})
    has(run("settings", host=host)[0], "presence       off         default\n", "control        free        default\n")
    has(run("settings", "set", "presence=maybe", host=host, expect=USAGE)[1], "presence 'maybe': on or off expected")
    has(run("clients", "override", "3f2b", "control=free", host=host, expect=USAGE)[1], "the field is none of")


if __name__ == "__main__":
    sys.exit(run_tests(TESTS))
