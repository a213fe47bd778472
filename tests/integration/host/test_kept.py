#!/usr/bin/env python3
"""Kept desktops of clients' own outlive their host, and the next one goes on with them. Usage: test_kept.py BUILD [TEST]..."""
import json
import os
import sys

import sounds
from api import Api
from host import Host, command_name, ended_well, run_tests, wait_for
from people import TERMINAL, TERMINAL_IS_THERE, Person, both_move_in, change_note, descriptors, note_of, settled, trees
from picture import Picture

BUILD = os.path.abspath(sys.argv[1])
TONE_HZ = 440
FIRST_LINES = (0, 0, 640, 60)


class Succession:
    """Hosts, one after the other, on the same folders; the last one's end is looked at."""

    def __init__(self, keep_alive="60"):
        self.options = ("--pair", "--policy", "desktop=isolated", "--policy", f"keep_alive={keep_alive}")
        self.people = {}
        self.start()

    def start(self, folder=None):
        self.host = Host(BUILD, *self.options, launch=(TERMINAL,), folder=folder)
        self.api = Api(self.host)
        for one in self.people.values():
            one.host = self.host

    def arrive(self, *names):
        """They have a shell each and have left again."""
        self.people.update((name, Person(self.host, name)) for name in names)
        found = [self.people[name] for name in names]
        both_move_in(*found)
        return found

    def override(self, name, **fields):
        (found,) = [one for one in self.api.get("clients")["clients"] if one["label"] == name]
        self.api.ask("PATCH", f"clients/{found['fingerprint']}", {"overrides": fields})

    def own(self, name):
        """Displays of this person's own desktop: their states."""
        return [display["state"] for desktop in self.api.get("display/state")["own_desktops"]
                for display in desktop["displays"] if display["label"] == name]

    def wait_for_state(self, name, *states):
        wait_for(f"{name}'s display to be {states}", lambda: self.own(name) == list(states))

    def kill(self):
        self.host.kill()

    def succeed(self):
        self.start(folder=self.host.folder)

    def read_log(self):
        return self.host.read_log()

    def stop(self):
        self.host.stop()


def hosts(**keywords):
    return ended_well(Succession(**keywords))


def grows(person, name="growing"):
    size = len(person.read(name))
    wait_for(f"{name} to grow", lambda: len(person.read(name)) > size)


def write_on(person):
    """A program on the desktop that writes for as long as it lives."""
    person.run(f"while sleep 0.1; do echo more >> {person.file('growing')}; done &", inherit=False)
    grows(person)


def lasting(person):
    """
    Its processes, but for those that come and go; for one who writes on. What a shell has just started is still called as the
    shell is: two looks see the same of it only if it lives for longer than a line of what is written.
    """
    def seen():
        return {pid for pid in person.processes() if command_name(pid) not in ("sleep", "mv", "")}

    found = seen()
    grows(person)
    return found & seen()


def see(person, name):
    """What the person sees, and the report of the visit."""
    person.visit("--png", person.file(name), "--seconds", "1")
    report = person.leave()
    return Picture(person.file(name)).dark(*FIRST_LINES), report


def come_back_to_everything(succession, end, state):
    """`end`: how the host ends; `state`: what becomes of the display, that nobody claims, with the next one."""
    host = succession.host
    (ada,) = succession.arrive("ada")
    sounds.write_tone(ada.file("tone.wav"), TONE_HZ, 300)
    write_on(ada)
    ada.play(ada.file("tone.wav"))
    before = lasting(ada)
    text, report = see(ada, "before.png")
    assert len(text) > 100, f"only {len(text)} dark points: no text"
    slot = report["display"]["slot"]
    succession.wait_for_state("ada", state)
    end(host)
    grows(ada)
    assert before <= lasting(ada)
    succession.succeed()
    succession.wait_for_state("ada", state)
    assert before <= lasting(ada), "something on the desktop went"
    again, report = see(ada, "after.png")
    assert report["display"]["kept"] and report["display"]["slot"] == slot, report
    assert len(text & again) > 0.9 * len(text), f"of {len(text)} dark points {len(text & again)} are there still"
    assert ada.run("echo $$").strip() == str(ada.shell)
    ada.visit("--listen", "--wav", ada.file("heard.wav"), "--seconds", "3")
    ada.leave()
    heard = sounds.level_db(sounds.read(ada.file("heard.wav"))[sounds.RATE_HZ // 2:], TONE_HZ)
    assert heard > -20, f"her tone is there with {heard:.1f} dB only"
    grows(ada)
    ada.visit(script=f"{TERMINAL_IS_THERE} quit")
    ada.leave()
    ada.gone()
    wait_for("the end of the folder", lambda: not trees(succession.host))


def what_is_kept_outlives_a_killed_host_and_is_its_client_s_again():
    with hosts() as succession:
        come_back_to_everything(succession, Host.kill, "lingering")


def what_is_kept_outlives_a_host_that_is_told_to_end():
    with hosts(keep_alive="forever") as succession:
        come_back_to_everything(succession, Host.hand_over, "pinned")


def a_host_s_end_is_a_lost_connection_to_who_is_attached():
    for end in (Host.kill, Host.hand_over):
        with hosts() as succession:
            (ada,) = succession.arrive("ada")
            write_on(ada)
            ada.visit("--seconds", "60")
            succession.wait_for_state("ada", "active")
            end(succession.host)
            ada.leave(expect=None)
            grows(ada)
            succession.succeed()
            succession.wait_for_state("ada", "lingering")
            _, report = see(ada, "after.png")
            assert report["display"]["kept"], report
            grows(ada)


def three_hosts_in_a_row_go_on_with_the_same_desktop():
    with hosts() as succession:
        (ada,) = succession.arrive("ada")
        write_on(ada)
        for end in (Host.kill, Host.hand_over, Host.kill):
            succession.wait_for_state("ada", "lingering")
            end(succession.host)
            succession.succeed()
        _, report = see(ada, "after.png")
        assert report["display"]["kept"], report
        assert ada.run("echo $$").strip() == str(ada.shell)
        grows(ada)


def who_comes_at_once_gets_the_kept_desktop_not_a_second_one():
    with hosts() as succession:
        (ada,) = succession.arrive("ada")
        succession.wait_for_state("ada", "lingering")
        succession.kill()
        succession.succeed()
        ada.visit("--seconds", "1")  # the desktop may not be ready yet
        report = ada.leave()
        assert report["display"]["kept"] and len(trees(succession.host)) == 1, report
        assert ada.run("echo $$").strip() == str(ada.shell)


def without_keep_alive_nothing_outlives_the_host():
    with hosts(keep_alive="off") as succession:
        people = succession.arrive("ada")
        for one in people:
            one.gone()
    for end in (Host.kill, Host.hand_over):
        with hosts(keep_alive="off") as succession:
            succession.people["ada"] = ada = Person(succession.host, "ada")
            ada.move_in("--seconds", "60")
            ada.moved_in()
            end(succession.host)
            ada.gone()
            ada.leave(expect=None)
            wait_for("the end of the folder", lambda: not trees(succession.host))
            succession.succeed()


def a_kept_desktop_ends_in_time_without_any_host():
    with hosts(keep_alive="3") as succession:
        ada, bo = succession.arrive("ada", "bo")
        bo.visit("--seconds", "60")  # who was attached has the whole time from the host's end on
        succession.wait_for_state("bo", "active")
        succession.kill()
        ada.gone()
        bo.gone()
        bo.leave(expect=None)
        wait_for("the end of their folders", lambda: not trees(succession.host))
        succession.succeed()
        assert not succession.own("ada") and not succession.own("bo")


def of_two_desktops_only_the_kept_one_outlives_the_host():
    with hosts() as succession:
        for name in ("ada", "bo"):
            succession.people[name] = Person(succession.host, name)
        ada, bo = succession.people.values()
        succession.override("bo", keep_alive={"mode": "off"})
        for one in (ada, bo):
            one.move_in("--seconds", "60")
        for one in (ada, bo):
            one.moved_in()
        write_on(ada)
        succession.kill()
        bo.gone()
        for one in (ada, bo):
            one.leave(expect=None)
        grows(ada)
        wait_for("the end of Bo's folder", lambda: len(trees(succession.host)) == 1)
        succession.succeed()
        succession.wait_for_state("ada", "lingering")
        assert not succession.own("bo")
        _, report = see(ada, "after.png")
        assert report["display"]["kept"], report


def a_policy_that_changes_counts_for_the_host_s_end():
    with hosts() as succession:
        succession.people["ada"] = ada = Person(succession.host, "ada")
        ada.move_in("--seconds", "60")
        ada.moved_in()
        succession.override("ada", keep_alive={"mode": "off"})
        succession.kill()
        ada.gone()
        ada.leave(expect=None)
        succession.succeed()


def make_pipe(path):
    os.unlink(path)
    os.mkfifo(path)


def what_cannot_be_adopted_ends_and_is_said():
    faults = {
        "its record is damaged": lambda host: open(note_of(host), "w").write("{\"version\": 2, \"client\": "),
        "its record names another client": lambda host: change_note(host, client="00" * 32),
        "it has no record": lambda host: make_pipe(note_of(host)),
        "its client is not paired any more": lambda host: os.unlink(os.path.join(host.state, "clients.json")),
        "there is no sway in the tree": None,
        "cannot be taken over: sway has no output": lambda host: change_note(host, displays=[dict(
            json.load(open(note_of(host)))["displays"][0], output="HEADLESS-77")]),
    }
    for fault, do in faults.items():
        with hosts() as succession:
            (ada,) = succession.arrive("ada")
            succession.wait_for_state("ada", "lingering")
            succession.kill()
            if do:
                do(succession.host)
            else:
                ada.kill("sway")
                wait_for("sway's end", lambda: "sway" not in [command_name(pid) for pid in ada.processes()])
            succession.succeed()
            ada.gone()
            wait_for(f"'{fault}'", lambda: fault in succession.host.read_log())
            wait_for("the end of the folder", lambda: not trees(succession.host))
            assert not succession.own("ada")


def who_waits_for_a_desktop_that_cannot_be_adopted_gets_a_new_one():
    with hosts() as succession:
        (ada,) = succession.arrive("ada")
        succession.wait_for_state("ada", "lingering")
        succession.kill()
        ada.kill("sway")
        wait_for("sway's end", lambda: "sway" not in [command_name(pid) for pid in ada.processes()])
        succession.succeed()
        ada.visit("--seconds", "1")
        report = ada.leave()
        assert not report["display"]["kept"], report
        ada.gone()


def adopted_desktops_leave_nothing_in_the_host():
    with hosts() as succession:
        (ada,) = succession.arrive("ada")
        succession.wait_for_state("ada", "lingering")
        succession.kill()
        succession.succeed()
        succession.wait_for_state("ada", "lingering")
        ada.visit(script=f"{TERMINAL_IS_THERE} quit")
        ada.leave()
        ada.gone()
        wait_for("the end of the folder", lambda: not trees(succession.host))
        pid = succession.host.process.pid
        empty = settled(lambda: descriptors(pid))
        # As many as a host has that never had any: the same one, after another desktop has come and gone.
        ada.visit(script=f"{TERMINAL_IS_THERE} quit")
        ada.leave()
        wait_for("the end of the folder", lambda: not trees(succession.host))
        assert settled(lambda: descriptors(pid)) == empty
        succession.kill()
        succession.succeed()
        fresh = settled(lambda: descriptors(succession.host.process.pid))
        assert fresh <= empty <= fresh + 3, f"{fresh} in a fresh host, {empty} in one that had adopted"


if __name__ == "__main__":
    sys.exit(run_tests([
        what_is_kept_outlives_a_killed_host_and_is_its_client_s_again,
        what_is_kept_outlives_a_host_that_is_told_to_end,
        a_host_s_end_is_a_lost_connection_to_who_is_attached,
        three_hosts_in_a_row_go_on_with_the_same_desktop,
        who_comes_at_once_gets_the_kept_desktop_not_a_second_one,
        without_keep_alive_nothing_outlives_the_host,
        a_kept_desktop_ends_in_time_without_any_host,
        of_two_desktops_only_the_kept_one_outlives_the_host,
        a_policy_that_changes_counts_for_the_host_s_end,
        what_cannot_be_adopted_ends_and_is_said,
        who_waits_for_a_desktop_that_cannot_be_adopted_gets_a_new_one,
        adopted_desktops_leave_nothing_in_the_host,
    ], sys.argv[2:]))
