#!/usr/bin/env python3
"""The command lodge against a real lodged, sway and client. Usage: test_with_host.py BUILD"""
import json
import os
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../host"))

from host import Host, run_tests, wait_for  # noqa: E402

BUILD = os.path.abspath(sys.argv[1])
DEADLINE_S = 60


class Operator:
    def __init__(self, host):
        self.where = [os.path.join(BUILD, "src/cli/lodge"), "--host", host.url, "--state", host.state]

    def start(self, *words):
        return subprocess.Popen([*self.where, *words], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def run(self, *words, expect=0):
        process = self.start(*words)
        out, err = process.communicate(timeout=DEADLINE_S)
        if process.returncode != expect:
            raise AssertionError(f"{words}: ended with {process.returncode}, not {expect}:\n{out}{err}")
        return out if expect == 0 else err

    def document(self, *words):
        return json.loads(self.run("--json", *words))

    def displays(self):
        return self.document("displays")["displays"]


def read_until(stream, words):
    """False when it ends before a line with these words; other things happen on a host meanwhile."""
    return any(words in line for line in iter(stream.readline, ""))


def end(process):
    process.send_signal(signal.SIGKILL)
    process.communicate()


def an_operator_pairs_sees_keeps_and_releases():
    host = Host(BUILD)
    client = None
    try:
        operator = Operator(host)
        pairing = operator.start("pair", "--seconds", "120")
        pin = pairing.stdout.readline().split()[1]
        client = subprocess.Popen(
            host.probe_command(host.new_identity(), "--pin", pin, "--label", "tablet", "--seconds", "120"),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        out, err = pairing.communicate(timeout=DEADLINE_S)
        assert pairing.returncode == 0 and out.startswith("paired: tablet ("), out + err
        wait_for("the display", lambda: [one for one in operator.displays() if one["state"] == "active"])
        assert "in use by 1 session" in operator.run("release", "1", expect=5)
        operator.run("preset", "gaming-rig")
        assert operator.document("explain", "--mode", "800x600")["decision"] == "steal"
        session = operator.document("sessions")["sessions"][0]["session"]
        operator.run("sessions", "end", str(session))
        wait_for("the kept display", lambda: [one for one in operator.displays() if one["state"] == "pinned"])
        assert "tablet" in operator.run("displays")
        assert operator.run("release", "--all") == "1 display closes\n"
        wait_for("its end", lambda: not operator.displays())
        fingerprint = operator.run("complete", "clients").strip()
        operator.run("clients", "override", fingerprint[:8], "keep_alive=off")
        assert operator.document("clients")["clients"][0]["overrides"] == {"keep_alive": {"mode": "off"}}
        operator.run("clients", "unpair", fingerprint[:8])
        assert operator.document("clients") == {"clients": []}
    finally:
        if client:
            end(client)
        host.stop()


def every_field_and_fault_that_the_command_knows_is_the_hosts():
    host = Host(BUILD)
    try:
        operator = Operator(host)
        operator.run("settings", "set", "keep_alive=300", "topology=extend", "mode_conflict=join", "identity=shared",
                     "layout=manual", "position.1=-10,20", "max_displays=2", "desktop=shared",
                     "confinement=home,dri", "presence=on",
                     "control=one-at-a-time", "input=shared")
        settings = operator.document("settings")
        stored = settings["document"]
        assert stored["layout"] == {"mode": "manual", "positions": {"1": {"x": -10, "y": 20}}}, stored
        assert stored["keep_alive"] == {"mode": "duration", "seconds": 300} and stored["max_displays"] == 2, stored
        assert {settings["sources"][field] for field in ("topology", "mode_conflict", "identity", "presence", "control",
                                                         "input")} == {"file"}, settings
        fault = operator.run("settings", "set", "max_displays=99", "topology=both", expect=1)
        assert "  /max_displays: " in fault and "  /topology: " in fault, fault
        assert operator.document("settings")["document"] == stored
        operator.run("settings", "reset")
        assert operator.document("settings")["effective"]["preset"] == "default"
        assert operator.run("sessions", "end", "99", expect=6)
        os.unlink(os.path.join(host.state, "admin-token"))
        assert "--token-file" in operator.run("displays", expect=4)
        operator.run("status")
    finally:
        host.stop()


def people_control_grants_and_guests_are_steered():
    host = Host(BUILD)
    clients = []

    def connect(label, pin):
        clients.append(subprocess.Popen(host.probe_command(host.new_identity(), "--pin", pin, "--label", label, "--seconds", "120"),
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))

    def person(operator, name):
        return next((one for one in operator.document("who")["people"] if one["name"] == name), None)
    try:
        operator = Operator(host)
        pairing = operator.start("pair", "--seconds", "120")
        connect("tablet", pairing.stdout.readline().split()[1])
        out, err = pairing.communicate(timeout=DEADLINE_S)
        assert pairing.returncode == 0, out + err
        assert "presence is off" in operator.run("who")
        assert "everybody-drives" in operator.run("control", "take", expect=5)
        operator.run("settings", "set", "presence=on", "control=one-at-a-time")
        tablet = wait_for("the person", lambda: person(operator, "tablet"))
        session = str(tablet["sessions"][0])
        assert f"session {session} has control (tablet)" in operator.run("control", "give", session)
        assert "nobody has control" in operator.run("control", "take")
        assert "not-in-line" in operator.run("control", "grant", session, expect=5)

        fingerprint = operator.run("complete", "clients").strip()[:8]
        assert "view until 20" in operator.run("grants", fingerprint, "view", "--seconds", "3600")
        wait_for("the mark", lambda: person(operator, "tablet")["view_only"])
        assert "no-input-granted" in operator.run("control", "give", session, expect=5)
        operator.run("grants", fingerprint, "pointer,keyboard")
        assert operator.document("grants", fingerprint)["grants"] == {"preset": "custom", "planes": ["pointer", "keyboard"]}
        assert "/grants/planes" in operator.run("grants", fingerprint, "pointr", expect=1)
        operator.run("clients", "person", fingerprint, "Ada")
        wait_for("her name", lambda: person(operator, "Ada"))

        made = operator.document("invite", "create", "controller", "--label", "visitor", "--seconds", "600")
        connect("somebody", made["pin"])
        guest = wait_for("the guest", lambda: person(operator, "visitor"))
        assert [one["guest"] for one in operator.document("sessions")["sessions"] if one["session"] in guest["sessions"]] == [True]
        assert "used-up" in operator.run("invite") and made["pin"] not in operator.run("invite", "--json")
        operator.run("invite", "revoke", made["id"][:6], "--end-guests")
        wait_for("the guest's end", lambda: not person(operator, "visitor"))
        wait_for("no invitation", lambda: not operator.document("invite")["invitations"])
    finally:
        for client in clients:
            end(client)
        host.stop()


def watch_hears_of_a_change_that_somebody_else_makes():
    host = Host(BUILD)
    try:
        operator = Operator(host)
        watching = operator.start("watch")
        assert read_until(watching.stdout, "preset: default")
        operator.run("preset", "hotdesk")
        assert read_until(watching.stdout, "settings: preset was default, is hotdesk")
        watching.send_signal(signal.SIGINT)
        _, err = watching.communicate(timeout=DEADLINE_S)
        assert watching.returncode == 0, f"{watching.returncode}: {err}"
    finally:
        host.stop()


if __name__ == "__main__":
    sys.exit(run_tests([an_operator_pairs_sees_keeps_and_releases, every_field_and_fault_that_the_command_knows_is_the_hosts,
                        people_control_grants_and_guests_are_steered,
                        watch_hears_of_a_change_that_somebody_else_makes]))
