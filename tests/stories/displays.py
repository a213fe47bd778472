#!/usr/bin/env python3
"""make story-displays: one story for every preset, told by real clients on a real sway, and how it ended.

    displays.py BUILD [--testing]

`--testing` takes the sway of Debian testing, which can turn outputs off; the one of Debian 12 cannot, and the stories say so.
"""
import os
import signal
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests/integration/host"))

from api import Api, Refused  # noqa: E402
from desktop import Desktop  # noqa: E402
from host import Host, wait_for  # noqa: E402

BUILD = os.path.abspath(sys.argv[1])
TESTING = "--testing" in sys.argv[2:]
MONITOR = "HEADLESS-1"


def equal(what, got, wanted):
    if got != wanted:
        raise AssertionError(f"{what}: {got!r}, not {wanted!r}")


class Client:
    """Somebody's device: it keeps its identity and its label over its visits."""

    def __init__(self, stage, label, mode):
        self.stage, self.label, self.mode = stage, label, mode
        self.identity = stage.host.new_identity()
        self.visit = None
        stage.host.probe(self.identity, "--pin", stage.host.pin(), "--label", label, "--mode", mode, "--seconds", "0.1")
        stage.settle()

    def connect(self, mode=None):
        self.mode = mode or self.mode
        self.visit = subprocess.Popen(
            self.stage.host.probe_command(self.identity, "--mode", self.mode, "--seconds", "120"), text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        return self

    def is_on(self, slot=None):
        """Waits for the display that it got, and says what the host knows of it."""
        display = self.stage.api.display(self.label, "active", slot)
        width, height = (int(n) for n in self.mode.split("@")[0].split("x"))
        equal(f"{self.label}'s mode", (display["mode"]["width"], display["mode"]["height"]), (width, height))
        real = self.stage.outputs()[display["output"]]
        equal(f"{self.label}'s output in sway", real[:3], (True, width, height))
        return display

    def drop(self):
        """The network goes: no goodbye."""
        self.visit.send_signal(signal.SIGKILL)
        self.visit.wait()

    def ends(self, reason):
        """The host has ended the visit for this reason; the words it gave."""
        output, errors = self.visit.communicate(timeout=20)
        if reason not in errors:
            raise AssertionError(f"{self.label} did not end {reason}: {errors}{output[-300:]}")
        return errors


class Stage:
    def __init__(self):
        self.desktop = Desktop(testing=TESTING)
        self.before = self.desktop.outputs()
        try:
            self.host = Host(BUILD, "--pair", desktop=self.desktop)
        except BaseException:
            self.desktop.stop()
            raise
        self.api = Api(self.host)
        self.dark = self.desktop.can_turn_off()

    def outputs(self):
        return self.desktop.outputs()

    def preset(self, name, **fields):
        self.api.put("display/settings", {"preset": name, **fields})

    def settle(self):
        """The displays that pairing made are gone."""
        def quiet():
            for display in self.api.displays():
                if display["state"] in ("lingering", "pinned"):
                    try:
                        self.api.post("display/release", {"slot": display["slot"]})
                    except Refused:
                        pass
            return not self.api.displays()
        wait_for("the end of every display", quiet)

    def monitor_is(self, on):
        """Under exclusive the monitor goes dark, where sway can do that; else the host says that it cannot."""
        if self.dark:
            wait_for(f"the monitor to be {'on' if on else 'dark'}", lambda: self.outputs()[MONITOR][0] == on)
        else:
            equal("the monitor", self.outputs()[MONITOR][0], True)
            state = self.api.get("display/state")["desktop"]["topology"]
            equal("the topology in force", state["applied"], "extend")

    def as_before(self):
        wait_for("the desktop to be as it was", lambda: self.outputs() == self.before)

    def end(self):
        self.host.stop()
        self.as_before()
        self.desktop.stop()


def default(stage):
    """Each client has an own screen; a short break is forgiven; then all is as before"""
    stage.preset("default")
    phone, laptop = Client(stage, "phone", "640x360@30"), Client(stage, "laptop", "1024x768@60")
    first = phone.connect().is_on()
    stage.monitor_is(False)
    second = laptop.connect().is_on()
    wait_for("the laptop right of the phone", lambda: stage.api.display("laptop")["place"]["x"] >=
             stage.api.display("phone")["place"]["x"] + 640)
    phone.drop()
    kept = stage.api.display("phone", "lingering")
    assert 0 < kept["expires_in"] <= 10, kept
    again = phone.connect().is_on()
    equal("the generation after the break", again["generation"], first["generation"])
    phone.drop()
    laptop.drop()
    stage.api.display("laptop", "lingering")
    stage.api.nothing("phone")
    stage.api.nothing("laptop")
    assert second["slot"] != first["slot"]
    stage.as_before()


def gaming_rig(stage):
    """The game survives; whoever connects takes the box over"""
    stage.preset("gaming-rig")
    couch, desk = Client(stage, "couch", "1280x720@60"), Client(stage, "desk", "800x600@60")
    first = couch.connect().is_on()
    stage.monitor_is(False)
    couch.drop()
    stage.api.display("couch", "pinned")
    stage.monitor_is(False)
    equal("the generation on return", couch.connect().is_on()["generation"], first["generation"])
    desk.connect().is_on()
    words = couch.ends("taken_over")
    assert "desk" in words, words
    stage.api.nothing("couch")
    try:
        stage.api.post("display/release", {"slot": stage.api.display("desk")["slot"]})
        raise AssertionError("an active display was released")
    except Refused as refused:
        equal("the answer to a release in use", refused.status, 409)
    desk.drop()
    slot = stage.api.display("desk", "pinned")["slot"]
    stage.api.post("display/release", {"slot": slot})
    stage.api.nothing("desk")
    stage.as_before()


def shared_desktop(stage):
    """The real monitor never goes dark, and nothing stays behind"""
    stage.preset("shared-desktop")
    phone, laptop = Client(stage, "phone", "640x360@30"), Client(stage, "laptop", "1024x768@60")
    phone.connect().is_on()
    laptop.connect().is_on()
    equal("the monitor", stage.outputs()[MONITOR], stage.before[MONITOR])
    phone.drop()
    stage.api.nothing("phone", 5)
    stage.api.display("laptop", "active")
    laptop.drop()
    stage.api.nothing("laptop", 5)
    stage.as_before()


def hotdesk(stage):
    """One at a time: the second is told who is there; every size of a device has a slot of its own"""
    stage.preset("hotdesk")
    tablet, guest = Client(stage, "tablet", "800x600@60"), Client(stage, "guest", "1024x768@60")
    first = tablet.connect().is_on()
    stage.monitor_is(False)
    words = guest.connect().ends("busy")
    assert "tablet" in words and "800x600" in words, words
    tablet.drop()
    kept = stage.api.display("tablet", "lingering")
    assert 290 < kept["expires_in"] <= 300, kept
    tablet.connect("640x480@60")
    other = stage.api.display("tablet", "active")
    assert other["slot"] != first["slot"], (first, other)
    tablet.drop()
    wait_for("both to linger", lambda: [one["state"] for one in stage.api.displays()] == ["lingering"] * 2)
    equal("released", stage.api.post("display/release", {"all": True}), {"released": 2})
    stage.api.nothing("tablet")
    stage.as_before()


def workstation(stage):
    """The arrangement comes back exactly as it was left"""
    stage.preset("workstation")
    left, right = Client(stage, "left", "800x600@60"), Client(stage, "right", "1024x768@60")
    left.connect()
    right.connect()
    a, b = left.is_on(), right.is_on()
    stage.monitor_is(False)
    pins = {str(a["slot"]): {"x": 4000, "y": 100}, str(b["slot"]): {"x": 4000 - 1024, "y": 0}}
    try:
        stage.api.put("display/layout", {"mode": "manual", "positions": {
            str(a["slot"]): {"x": 4000, "y": 0}, str(b["slot"]): {"x": 4100, "y": 0}}})
        raise AssertionError("overlapping places were taken")
    except Refused as refused:
        equal("the answer to overlapping places", refused.status, 422)
    stage.api.put("display/layout", {"mode": "manual", "positions": pins})

    def placed():
        outputs = stage.outputs()
        return outputs[a["output"]][3:5] == (4000, 100) and outputs[b["output"]][3:5] == (2976, 0)
    wait_for("both at their places", placed)
    left.drop()
    right.drop()
    wait_for("both to linger", lambda: [one["state"] for one in stage.api.displays()] == ["lingering"] * 2)
    stage.api.post("display/release", {"all": True})
    wait_for("the end of both", lambda: not stage.api.displays())
    right.connect()
    left.connect()
    a, b = left.is_on(), right.is_on()
    wait_for("both at their places again", placed)
    left.drop()
    right.drop()
    wait_for("both to linger", lambda: [one["state"] for one in stage.api.displays()] == ["lingering"] * 2)
    stage.api.post("display/release", {"all": True})
    wait_for("the end of both", lambda: not stage.api.displays())
    stage.as_before()


def joined(stage):
    """Own settings, join: the second sees the first one's display, captured and encoded once"""
    stage.preset("custom", keep_alive={"mode": "off"}, topology="extend", mode_conflict="join")
    teacher, pupil = Client(stage, "teacher", "1024x768@60"), Client(stage, "pupil", "640x480@60")
    display = teacher.connect().is_on()
    pupil.connect()
    wait_for("the pupil beside the teacher", lambda: len(stage.api.display("teacher")["sessions"]) == 2)
    equal("displays", len(stage.api.displays()), 1)
    seen = [one for one in stage.api.get("sessions")["sessions"] if one["label"] == "pupil"][0]
    equal("the pupil's view", (seen["joined"], seen["mode"]["width"], seen["slot"]), (True, 1024, display["slot"]))
    metrics = stage.api.get("metrics")
    streams = [line for line in metrics.splitlines() if line.startswith("lodge_stream_viewers")]
    assert len(streams) == 1 and streams[0].endswith(" 2"), streams
    pupil.visit.send_signal(signal.SIGTERM)
    pupil.visit.wait()
    teacher.drop()
    stage.api.nothing("teacher", 5)
    stage.as_before()


def crash(stage):
    """lodged is killed with a display up under exclusive; its next start puts the desktop back"""
    stage.preset("gaming-rig")
    couch = Client(stage, "couch", "1280x720@60")
    couch.connect().is_on()
    stage.monitor_is(False)
    stage.host.kill()
    couch.visit.kill()
    couch.visit.wait()
    if stage.dark:
        equal("the monitor after the crash", stage.outputs()[MONITOR][0], False)
    stage.host = Host(BUILD, "--pair", desktop=stage.desktop, folder=stage.host.folder)
    stage.api = Api(stage.host)
    stage.as_before()
    couch.connect().is_on()
    couch.drop()
    stage.api.post("display/release", {"slot": stage.api.display("couch", "pinned")["slot"]})
    stage.api.nothing("couch")
    stage.as_before()


STORIES = [("default", default), ("gaming-rig", gaming_rig), ("shared-desktop", shared_desktop), ("hotdesk", hotdesk),
           ("workstation", workstation), ("custom: join", joined), ("kill -9", crash)]


def first_line(error):
    return (str(error).splitlines() or [""])[0][:200] or type(error).__name__


def tell(story):
    stage = Stage()
    try:
        story(stage)
    except BaseException as error:
        sys.stderr.write(f"{story.__name__}: {error}\nlog of lodged:\n{stage.host.read_log()[-4000:]}\n")
        try:
            stage.end()
        except (AssertionError, subprocess.TimeoutExpired, OSError) as worse:
            sys.stderr.write(f"while stopping: {worse}\n")
        return first_line(error)
    try:
        stage.end()
    except AssertionError as error:
        return first_line(error)
    return None


def main():
    faults = []
    wanted = [name for name in sys.argv[2:] if not name.startswith("--")]
    stories = [one for one in STORIES if not wanted or one[0] in wanted]
    print(f"{'story':<16}{'outcome':<10}what it proves", flush=True)
    for name, story in stories:
        started = time.monotonic()
        fault = tell(story)
        print(f"{name:<16}{'FAILED' if fault else 'as told':<10}{story.__doc__} ({time.monotonic() - started:.0f} s)",
              flush=True)
        if fault:
            print(f"{'':<16}{fault}", flush=True)
            faults.append(f"{name}: {fault}")
    for fault in faults:
        print(f"FAILED {fault}")
    print(f"{len(stories) - len(faults)} passed, {len(faults)} failed, 0 skipped")
    sys.exit(1 if faults else 0)


main()
