#!/usr/bin/env python3
"""What programs on a confined desktop see, on the whole host with real bubblewrap. Usage: test_confined.py BUILD [TEST]..."""
import contextlib
import os
import pwd
import sys
import tempfile

from api import Api
from host import Host, ended_well, run_tests, wait_for
from people import TERMINAL, TERMINAL_IS_THERE, Person, both_move_in, in_own_mounts, trees

BUILD = os.path.abspath(sys.argv[1])
HOME = pwd.getpwuid(os.geteuid()).pw_dir
ALWAYS_THERE = {"console", "core", "fd", "full", "input", "null", "ptmx", "pts", "random", "shm", "stderr", "stdin", "stdout", "tty",
                "urandom", "zero"}


def running(*policies, **keywords):
    assignments = [word for policy in ("desktop=isolated", "keep_alive=60", *policies) for word in ("--policy", policy)]
    return ended_well(Host(BUILD, "--pair", *assignments, launch=(TERMINAL,), **keywords))


@contextlib.contextmanager
def secret():
    """A file in the home of the host's user."""
    with tempfile.NamedTemporaryFile("w", prefix=".lodge-test-", dir=HOME) as file:
        file.write("nobody's business")
        file.flush()
        yield file.name


def fingerprint(host, name):
    (found,) = [one["fingerprint"] for one in Api(host).get("clients")["clients"] if one["label"] == name]
    return found


class Confined(Person):
    """Who has a home of their own: what goes on in there is seen from outside at another place."""

    def __init__(self, host, name):
        super().__init__(host, name)
        self.folder = os.path.join(host.state, "homes", fingerprint(host, name))
        self.inside = HOME


def devices(person):
    return set(person.run("ls /dev").split())


def machines_devices():
    """What a tree that is not confined has of them: those that its user may open, but for input devices."""
    def is_there(name):
        path = f"/dev/{name}"
        return os.path.islink(path) or os.path.isdir(path) or os.access(path, os.R_OK) or os.access(path, os.W_OK)

    withheld = {name for name in os.listdir("/dev") if name in ("uinput", "uhid") or name.startswith("hidraw")}
    return {name for name in os.listdir("/dev") if is_there(name)} - withheld | {"input", "pts", "ptmx"}


def override(host, name, **fields):
    Api(host).ask("PATCH", f"clients/{fingerprint(host, name)}", {"overrides": fields})


def quit_desktop(person):
    person.visit(script=f"{TERMINAL_IS_THERE} quit")
    person.leave()
    person.gone()


def with_a_home_of_its_own_a_program_sees_neither_the_users_nor_anothers():
    with secret() as path, running("confinement=home") as host:
        ada, bo = Confined(host, "ada"), Confined(host, "bo")
        both_move_in(ada, bo)
        bo.run("echo mine > ~/diary")
        assert os.path.exists(os.path.join(bo.folder, "diary"))
        assert os.stat(ada.folder).st_mode & 0o777 == 0o700
        assert ada.run("pwd").strip() == HOME
        assert ada.run("echo $HOME").strip() == HOME
        for hidden in (path, os.path.join(host.state, "admin-token"), os.path.join(host.folder, "log"),
                       os.path.join(bo.folder, "diary"), os.path.join(HOME, "diary")):
            assert "No such file" in ada.run(f"cat {hidden}"), hidden
        runtime = ada.run("echo $XDG_RUNTIME_DIR").strip()
        mine = os.path.basename(os.path.dirname(runtime))
        assert ada.run(f"find {host.runtime} -mindepth 1 -maxdepth 1").split() == [os.path.dirname(runtime)], mine
        assert set(ada.run(f"ls {os.path.dirname(runtime)}").split()) == {"run", "sound"}
        ada.run("echo here > /tmp/.lodge-test-here")
        assert ada.run("cat /tmp/.lodge-test-here").strip() == "here"
        assert not os.path.exists("/tmp/.lodge-test-here") and "No such file" in bo.run("cat /tmp/.lodge-test-here")


def sound_and_windows_are_there_in_the_confinement():
    with running("confinement=home") as host:
        ada = Confined(host, "ada")
        both_move_in(ada)
        assert "Default Sink: session-sink\n" in ada.run("pactl info")
        assert ada.run("test -S $XDG_RUNTIME_DIR/$WAYLAND_DISPLAY && swaymsg -t get_version > version; echo $?").strip() == "0"
        assert "sway" in ada.read("version")


def a_home_lives_on_when_its_desktop_ends():
    with running("confinement=home") as host:
        ada = Confined(host, "ada")
        both_move_in(ada)
        ada.run("echo kept > ~/letter")
        quit_desktop(ada)
        wait_for("the end of her folder", lambda: not trees(host))
        both_move_in(ada)
        assert ada.run("cat ~/letter").strip() == "kept"


def only_the_devices_that_were_granted_are_there():
    with running("confinement=home") as host:
        ada, bo = Confined(host, "ada"), Confined(host, "bo")
        override(host, "ada", confinement={"mode": "home", "devices": ["fuse", "dri"]})
        both_move_in(ada, bo)
        granted = {name for name in ("fuse", "dri") if os.path.exists(f"/dev/{name}")}
        assert devices(ada) - ALWAYS_THERE == granted, devices(ada)
        assert devices(bo) <= ALWAYS_THERE, devices(bo)


def with_devices_alone_the_home_is_the_users():
    with secret() as path, running("confinement=devices") as host:
        ada = Person(host, "ada")
        both_move_in(ada)
        assert ada.run(f"cat {path}") == "nobody's business"
        assert devices(ada) <= ALWAYS_THERE, devices(ada)
        assert not os.path.exists(os.path.join(host.state, "homes"))


def unconfined_all_is_there_as_before():
    with secret() as path, running() as host:
        ada = Person(host, "ada")
        both_move_in(ada)
        assert ada.run(f"cat {path}") == "nobody's business"
        assert devices(ada) == machines_devices(), devices(ada) ^ machines_devices()
        assert ada.run("ls /dev/input") == ""


def a_client_that_cannot_be_confined_is_turned_away_and_told_why():
    hidden = in_own_mounts('mount --bind /dev/null "$(command -v bwrap)"')
    with running("confinement=home", behind=hidden) as host:
        identity = host.new_identity()
        declined = host.probe(identity, "--pin", host.pin(), "--label", "ada", "--seconds", "0.1", expect=5)
        assert "bubblewrap" in declined["error"], declined
        assert not trees(host)
        settings = Api(host).get("display/settings")
        (capability,) = [one for one in settings["capabilities"] if one["option"] == "confinement"]
        assert not capability["supported"] and capability["reason"] == "no-bubblewrap", capability
        # One who is not to be confined gets a desktop.
        override(host, "ada", confinement={"mode": "off"})
        host.probe(identity, "--seconds", "0.1", "--send", "quit")


TESTS = [
    with_a_home_of_its_own_a_program_sees_neither_the_users_nor_anothers,
    sound_and_windows_are_there_in_the_confinement,
    a_home_lives_on_when_its_desktop_ends,
    only_the_devices_that_were_granted_are_there,
    with_devices_alone_the_home_is_the_users,
    unconfined_all_is_there_as_before,
    a_client_that_cannot_be_confined_is_turned_away_and_told_why,
]

if __name__ == "__main__":
    sys.exit(run_tests(TESTS, sys.argv[2:]))
