#!/usr/bin/env python3
"""Displays as a managed resource: policies on a real sway with real clients. Usage: test_displays.py BUILD"""
import json
import os
import signal
import subprocess
import sys
import time

from api import Api, Refused
from desktop import Desktop
from host import Host, ended_well, run_tests, wait_for

BUILD = os.path.abspath(sys.argv[1])
TESTCARD = os.path.join(BUILD, "tests/support/lodge-testcard")


class Stage:
    """A sway with a monitor of its own, lodged in front of it, and clients by their labels."""

    def __init__(self, *options, launch=("foot sh",), settings=None):
        self.desktop = Desktop(launch=launch)
        self.before = self.desktop.outputs()
        self.visits = []
        self.identities = {}
        self.options = options
        self.host = None
        try:
            self.start(settings=settings)
        except BaseException:
            self.desktop.stop()
            raise

    def start(self, folder=None, settings=None):
        options = ["--pair", *self.options]
        self.host = Host(BUILD, *options, desktop=self.desktop, folder=folder, settings=settings)
        self.api = Api(self.host)

    def rule(self, **fields):
        fields = {"keep_alive": {"mode": "off"}, "topology": "extend", **fields}
        self.api.put("display/settings", fields)

    def pair(self, label):
        identity = self.host.new_identity()
        self.host.probe(identity, "--pin", self.host.pin(), "--label", label, "--mode", "640x480@60", "--seconds", "0.1")
        self.identities[label] = identity
        wait_for("the pairing's display to go", lambda: self.has_none(label))

    def has_none(self, label):
        """Lets a kept display of the client go."""
        own = [one for one in self.api.displays() if one["label"] == label and one["client"]]
        for display in own:
            if display["state"] in ("lingering", "pinned"):
                try:
                    self.api.post("display/release", {"slot": display["slot"]})
                except Refused:
                    pass
        return not own

    def connect(self, label, mode, *options):
        if label not in self.identities:
            self.pair(label)
        visit = subprocess.Popen(
            self.host.probe_command(self.identities[label], "--mode", mode, *(options or ("--seconds", "120"))),
            text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.visits.append(visit)
        return visit

    def fingerprint(self, label):
        (found,) = [one for one in self.api.get("clients")["clients"] if one["label"] == label]
        return found["fingerprint"]

    def read_log(self):
        return self.host.read_log()

    def stop(self):
        for visit in self.visits:
            if visit.poll() is None:
                drop(visit)
        try:
            self.host.stop()
        finally:
            self.desktop.stop()


def drop(visit):
    visit.send_signal(signal.SIGKILL)
    visit.communicate()


def ended(visit, reason):
    output, errors = visit.communicate(timeout=60)
    assert reason in errors, (reason, errors, output[-300:])
    return errors


def on_stage(*options, **keywords):
    def wrap(test):
        def run():
            with ended_well(Stage(*options, **keywords)) as stage:
                test(stage)
        run.__name__ = test.__name__
        return run
    return wrap


def sizes(stage):
    return sorted(output[1:3] for output in stage.desktop.outputs().values())


@on_stage()
def a_host_that_is_full_evicts_the_kept_and_then_declines(stage):
    for label in ("first", "second", "third"):
        stage.pair(label)
    stage.rule(keep_alive={"mode": "duration", "seconds": 300}, max_displays=1)
    first = stage.connect("first", "800x600@60")
    kept = stage.api.display("first", "active")
    drop(first)
    stage.api.display("first", "lingering")
    stage.connect("second", "1024x768@60")
    stage.api.display("second", "active")
    wait_for("the eviction", lambda: [one["label"] for one in stage.api.displays()] == ["second"])
    assert kept["output"]
    ended(stage.connect("third", "640x480@60"), "full")
    assert [one["label"] for one in stage.api.displays()] == ["second"]


@on_stage()
def a_pinned_display_is_never_evicted(stage):
    stage.pair("first")
    stage.pair("second")
    stage.rule(keep_alive={"mode": "forever"}, max_displays=1)
    drop_after = stage.connect("first", "800x600@60")
    stage.api.display("first", "active")
    drop(drop_after)
    stage.api.display("first", "pinned")
    ended(stage.connect("second", "1024x768@60"), "full")
    assert stage.api.display("first", "pinned")


@on_stage()
def a_shared_identity_hands_one_display_on(stage):
    stage.rule(keep_alive={"mode": "duration", "seconds": 60}, identity="shared")
    stage.pair("phone")
    first = stage.connect("laptop", "1024x768@60")
    kept = stage.api.display("laptop", "active")
    drop(first)
    stage.api.display("laptop", "lingering")
    stage.connect("phone", "800x600@60")
    taken = stage.api.display("phone", "active")
    assert (taken["slot"], taken["output"]) == (kept["slot"], kept["output"]), (kept, taken)
    # It is its own at once; the new size comes with the desktop's answer.
    wait_for("the phone's size", lambda: stage.api.display("phone")["mode"]["width"] == 800)
    assert len(stage.api.displays()) == 1


@on_stage()
def primary_falls_back_to_extend_and_says_so(stage):
    stage.rule(topology="primary")
    stage.connect("phone", "800x600@60")
    stage.api.display("phone", "active")
    topology = stage.api.get("display/state")["desktop"]["topology"]
    assert topology == {"wanted": "primary", "applied": "extend"}, topology
    (primary,) = [one for one in stage.api.get("display/settings")["capabilities"] if one["option"] == "primary"]
    assert (primary["supported"], primary["fallback"]) == (False, "extend"), primary


@on_stage()
def a_client_s_overrides_rule_that_client_alone(stage):
    stage.rule(mode_conflict="separate")
    stage.pair("guest")
    stage.api.ask("PATCH", f"clients/{stage.fingerprint('guest')}", {"overrides": {"mode_conflict": "join"}})
    stage.connect("host", "1024x768@60")
    stage.api.display("host", "active")
    stage.connect("third", "640x480@60")
    stage.api.display("third", "active")
    stage.connect("guest", "800x600@60")
    wait_for("the guest beside somebody",
             lambda: sorted(len(one["sessions"]) for one in stage.api.displays()) == [1, 2])
    assert len(stage.api.displays()) == 2


@on_stage()
def a_joiner_s_wishes_do_not_change_the_owner_s_mode(stage):
    stage.pair("guest")
    stage.rule(mode_conflict="join")
    stage.connect("owner", "1024x768@60")
    display = stage.api.display("owner", "active")
    visit = stage.connect("guest", "800x600@60", "--seconds", "8", "--send", "wait:500 mode:640x480 wait:1000")
    wait_for("the guest", lambda: len(stage.api.display("owner")["sessions"]) == 2)
    output, errors = visit.communicate(timeout=30)
    assert "busy" in errors or json.loads(output)["display"]["width"] == 1024, (output, errors)
    now = stage.api.display("owner", "active")
    assert (now["mode"]["width"], now["generation"]) == (1024, display["generation"])


@on_stage()
def the_owner_s_new_size_reaches_everyone_who_joined(stage):
    stage.pair("guest")
    stage.pair("owner")
    stage.rule(mode_conflict="join")
    stage.connect("owner", "1024x768@60", "--seconds", "12", "--send", "wait:2500 mode:800x600@60 wait:6000")
    stage.api.display("owner", "active")
    guest = stage.connect("guest", "640x480@60", "--seconds", "6")
    wait_for("the guest", lambda: len(stage.api.display("owner")["sessions"]) == 2)
    report = json.loads(guest.communicate(timeout=30)[0])
    assert report["exit"] == 0, report
    assert report["display"]["joined"] and report["display"]["holder"] == "owner", report
    assert (report["display"]["width"], report["display"]["height"]) == (800, 600), report


@on_stage()
def the_owner_leaves_and_comes_back_to_those_who_joined(stage):
    stage.pair("guest")
    stage.rule(mode_conflict="join")
    owner = stage.connect("owner", "1024x768@60")
    display = stage.api.display("owner", "active")
    stage.connect("guest", "640x480@60")
    wait_for("the guest", lambda: len(stage.api.display("owner")["sessions"]) == 2)
    drop(owner)
    wait_for("the owner's end", lambda: len(stage.api.display("owner")["sessions"]) == 1)
    assert stage.api.display("owner", "active")["generation"] == display["generation"]
    stage.connect("owner", "1024x768@60")
    wait_for("both again", lambda: len(stage.api.display("owner")["sessions"]) == 2)
    assert stage.api.display("owner", "active")["generation"] == display["generation"]


@on_stage()
def a_scale_that_the_user_set_comes_back_with_the_client(stage):
    stage.rule()
    visit = stage.connect("tablet", "1200x800@60")
    display = stage.api.display("tablet", "active")
    stage.desktop.command(f"output {display['output']} scale 1.5")
    # sway 1.7 tells of no change: another client's coming makes the host look.
    drop(stage.connect("other", "640x480@60"))
    wait_for("the scale to be known", lambda: stage.api.display("tablet")["kept_scale_percent"] == 150)
    drop(visit)
    stage.api.nothing("tablet")
    stage.connect("tablet", "1200x800@60")
    again = stage.api.display("tablet", "active")
    assert again["slot"] == display["slot"]
    wait_for("the scale on the desktop", lambda: stage.desktop.outputs()[again["output"]][5] == 1.5)


@on_stage()
def a_bad_policy_changes_nothing_and_every_field_at_fault_is_named(stage):
    stage.rule(mode_conflict="join")
    path = os.path.join(stage.host.folder, "config/display-settings.json")
    before = open(path, "rb").read()
    settings = stage.api.get("display/settings")
    bad = {"keep_alive": {"mode": "duration", "seconds": 0}, "topology": "sideways", "max_displays": "4",
           "layout": {"mode": "manual", "positions": {"1": {"x": 0}, "99": {"x": 0, "y": 0}}}, "colour": "red",
           "clients": {"beef": {}}}
    try:
        stage.api.put("display/settings", bad)
        raise AssertionError("a bad policy was taken")
    except Refused as refused:
        assert refused.status == 422, refused
        named = {one["pointer"] for one in refused.problem["errors"]}
    for pointer in ("/keep_alive/seconds", "/topology", "/max_displays", "/layout/positions/1/y",
                    "/layout/positions/99", "/colour", "/clients/beef"):
        assert pointer in named, (pointer, named)
    assert open(path, "rb").read() == before
    assert stage.api.get("display/settings") == settings


@on_stage(settings="{ \"keep_alive\": ")
def a_truncated_settings_file_is_set_aside_and_the_host_starts(stage):
    config = os.path.join(stage.host.folder, "config")
    assert "display-settings.json.bad" in os.listdir(config), os.listdir(config)
    assert "display-settings.json" in stage.host.read_log()
    assert stage.api.get("display/settings")["effective"]["preset"] == "default"
    stage.rule(mode_conflict="join")
    assert open(os.path.join(config, "display-settings.json.bad")).read() == "{ \"keep_alive\": "


@on_stage("--policy", "keep_alive=forever", "--policy", "max_displays=2")
def the_command_line_counts_until_a_file_says_otherwise(stage):
    settings = stage.api.get("display/settings")
    assert settings["effective"]["keep_alive"] == {"mode": "forever"}, settings["effective"]
    assert settings["sources"]["keep_alive"] == "command-line"
    assert settings["effective"]["max_displays"] == 2
    stage.rule(keep_alive={"mode": "off"})
    settings = stage.api.get("display/settings")
    assert (settings["effective"]["keep_alive"], settings["sources"]["keep_alive"]) == ({"mode": "off"}, "file")
    assert settings["sources"]["max_displays"] == "command-line"


@on_stage()
def a_dry_run_says_what_then_happens(stage):
    stage.rule(mode_conflict="reject")
    stage.connect("tablet", "800x600@60")
    stage.api.display("tablet", "active")
    said = stage.api.post("display/explain", {"mode": {"width": 1024, "height": 768}})
    assert (said["decision"], said["rejection"]) == ("reject", "busy"), said
    assert [one["rule"] for one in said["reasons"]] == sorted(one["rule"] for one in said["reasons"]) or said["reasons"]
    said = stage.api.post("display/explain", {"mode": {"width": 1024, "height": 768}, "settings": {"mode_conflict": "steal"}})
    assert said["decision"] == "steal" and said["ends"] == ["tablet"], said
    said = stage.api.post("display/explain", {"mode": {"width": 800, "height": 600},
                                              "client": stage.fingerprint("tablet")})
    assert said["decision"] == "reuse", said
    assert len(stage.api.displays()) == 1


@on_stage(launch=())
def a_window_that_is_dragged_across_is_seen_crossing(stage):
    """Two clients are monitors of one desktop: one drags, both see it."""
    stage.rule()
    stage.desktop.command("floating_modifier Mod4 normal")
    stage.desktop.command("for_window [app_id=\".*\"] floating enable")
    stage.pair("left")
    stage.pair("right")
    # The card's paper between two letters: at 206,150 and 254,150 of its 400 x 300.
    script = ("wait-pixel:556,250,>200,60000 key:125,down wait:300 move:556,250 wait:200 button:left,down wait:200 "
              "move:600,250 wait:100 move:700,250 wait:100 move:790,250 wait:300 button:left,up wait:100 key:125,up wait:9000")
    left = stage.connect("left", "800x600@60", "--seconds", "90", "--send", script)
    a = stage.api.display("left", "active")
    right = stage.connect("right", "640x480@60", "--seconds", "90", "--send", "wait-pixel:38,250,>200,60000")
    b = stage.api.display("right", "active")
    wait_for("the displays side by side", lambda: stage.api.display("right")["place"]["x"] ==
             stage.api.display("left")["place"]["x"] + 800)
    place = stage.api.display("left")["place"]
    card = subprocess.Popen([TESTCARD, "pattern", "--size", "400x300"],
                            env=dict(os.environ, WAYLAND_DISPLAY=stage.desktop.wayland), stdout=subprocess.PIPE)
    try:
        wait_for("the card", lambda: [one for one in windows(stage) if one["app_id"] == "lodge-testcard"])
        stage.desktop.command(f"[app_id=lodge-testcard] move absolute position {place['x'] + 350} {place['y'] + 100}")
        report = json.loads(right.communicate(timeout=120)[0])
        assert report["exit"] == 0, report
        assert a["output"] != b["output"]
    finally:
        card.terminate()
        card.communicate()
    drop(left)


def windows(stage):
    found = []

    def walk(node):
        if node.get("app_id"):
            found.append(node)
        for child in node["nodes"] + node["floating_nodes"]:
            walk(child)
    walk(stage.desktop.ask(4))
    return found


@on_stage(launch=())
def a_click_lands_on_the_intended_output_after_every_re_layout(stage):
    stage.rule()
    stage.pair("left")
    stage.pair("right")
    log = os.path.join(stage.host.folder, "events")
    right = stage.connect("right", "640x480@60", "--seconds", "120", "--send", "wait:120000")
    b = stage.api.display("right", "active")
    left = stage.connect("left", "800x600@60", "--seconds", "120", "--send",
                         "wait:4000 " + "click:100,120 wait:700 " * 120)  # for as long as the test goes on
    a = stage.api.display("left", "active")
    stage.desktop.command(f"focus output {a['output']}")
    with open(log, "w") as file:
        card = subprocess.Popen([TESTCARD, "pattern", "--fullscreen", "--log"],
                                env=dict(os.environ, WAYLAND_DISPLAY=stage.desktop.wayland), stdout=file)
    try:
        wait_for("the card", lambda: windows(stage))

        def clicks():
            return [json.loads(line) for line in open(log) if '"button"' in line]
        wait_for("a click before", lambda: len(clicks()) >= 2, 25)
        before = len(clicks())
        stage.api.put("display/layout", {"mode": "manual", "positions": {
            str(a["slot"]): {"x": 5000, "y": 300}, str(b["slot"]): {"x": 4000, "y": 0}}})
        wait_for("the new places", lambda: stage.desktop.outputs()[a["output"]][3:5] == (5000, 300))
        wait_for("a click after", lambda: len(clicks()) >= before + 3, 25)
    finally:
        card.terminate()
        card.communicate()
    drop(left)
    drop(right)


@on_stage()
def a_killed_host_leaves_nothing_that_the_next_one_does_not_mend(stage):
    stage.rule(keep_alive={"mode": "forever"}, topology="exclusive")
    visit = stage.connect("couch", "800x600@60")
    stage.api.display("couch", "active")
    stage.host.kill()
    drop(visit)
    stage.start(folder=stage.host.folder)
    wait_for("the desktop as it was", lambda: stage.desktop.outputs() == stage.before)
    stage.connect("couch", "800x600@60")
    assert stage.api.display("couch", "active")["slot"] == 1


if __name__ == "__main__":
    tests = [value for name, value in list(globals().items())
             if callable(value) and getattr(value, "__name__", "") == name and hasattr(value, "__closure__")
             and value.__closure__ and value.__code__.co_name == "run"]
    sys.exit(run_tests(tests, sys.argv[2:]))
