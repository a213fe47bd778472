#!/usr/bin/env python3
"""The sound of desktops on the whole host, when parts of it fail. Usage: test_sound.py BUILD [TEST]..."""
import contextlib
import os
import sys

import sounds
from host import Host, command_name, ended_well, run_tests, wait_for
from people import TERMINAL, TERMINAL_IS_THERE, Person, both_move_in, in_own_mounts, trees

BUILD = os.path.abspath(sys.argv[1])
TONE_HZ = 440
AUDIBLE_DB = -20
PARTS = ("wireplumber", "pipewire-pulse", "pipewire")


def start_host(**keywords):
    return Host(BUILD, "--pair", "--policy", "desktop=isolated", "--policy", "keep_alive=60", launch=(TERMINAL,), **keywords)


def running(**keywords):
    return ended_well(start_host(**keywords))


def at_home(host):
    ada = Person(host, "ada")
    both_move_in(ada)
    sounds.write_tone(ada.file("tone.wav"), TONE_HZ, 120)
    return ada


def listen(person):
    """A visit that lasts; its file grows."""
    person.visit("--listen", "--wav", person.file("heard.wav"), "--seconds", "200", script="")


def await_tone(person):
    """In the last second that was heard so far."""
    def is_there():
        samples = sounds.read_end(person.file("heard.wav"), 1)
        return samples and sounds.level_db(samples, TONE_HZ) > AUDIBLE_DB
    wait_for("the tone", is_there, 40)


def await_silence(person):
    def is_silent():
        samples = sounds.read_end(person.file("heard.wav"), 0.5)
        return samples and sounds.loudest(samples) < 0.001
    wait_for("silence", is_silent, 40)


def await_new(person, part, old):
    """All of the others run as well by then."""
    def is_complete():
        found = [command_name(pid) for pid in person.processes() if pid != old]
        return all(found.count(one) == 1 for one in (*PARTS, "dbus-daemon"))
    wait_for(f"the next {part}", is_complete, 40)


def play(person, program):
    person.run(f"{program} {person.file('tone.wav')} &", inherit=False)


def whichever_part_of_the_sound_dies_one_who_listens_hears_on():
    with running() as host:
        ada = at_home(host)
        listen(ada)
        play(ada, "pw-play")
        await_tone(ada)
        for part in PARTS:
            backs = host.read_log().count("its sound is back")
            await_new(ada, part, ada.kill(part))
            if part == "pipewire-pulse":
                await_tone(ada)  # what plays, plays on
            else:
                wait_for("the sound to be back", lambda: host.read_log().count("its sound is back") > backs)
            ada.run("pkill -x pw-play; pkill -x paplay", inherit=False)
            await_silence(ada)
            play(ada, "paplay" if part == "pipewire-pulse" else "pw-play")
            await_tone(ada)
        report = ada.end()
        assert not report["sound"]["offer"]["away"], report
        assert "clients are told" not in host.read_log()


def sound_that_keeps_dying_is_told_to_be_away_once_and_is_heard_when_it_is_back():
    with running() as host:
        ada = at_home(host)
        listen(ada)
        play(ada, "pw-play")
        await_tone(ada)
        for number in range(6):
            old = ada.kill("pipewire")
            if number < 5:
                wait_for("the next PipeWire", lambda: [pid for pid in ada.processes()
                                                       if command_name(pid) == "pipewire" and pid != old])
        wait_for("the pause", lambda: "the sound is tried again in 10 s" in host.read_log())
        wait_for("what clients are told", lambda: "clients are told that it is away" in host.read_log(), 40)
        # One who comes now is told as well, and has a picture.
        bo_sees = host.probe(ada.identity, "--seconds", "0.1", "--mode", "640x600@30", "--send", TERMINAL_IS_THERE)
        assert bo_sees["sound"]["offer"]["away"], bo_sees
        ada.leave(expect=3)  # a client has its desktop once
        listen(ada)
        wait_for("the sound to be back", lambda: "lodged: sound: it is back" in host.read_log(), 60)
        play(ada, "pw-play")
        await_tone(ada)
        report = ada.end()
        assert report["sound"]["offer"]["played"] and not report["sound"]["offer"]["away"], report
        assert host.read_log().count("clients are told that it is away") == 1, host.read_log()


def programs_of_any_latency_are_heard_by_those_who_come_and_go():
    with running() as host:
        ada = at_home(host)
        play(ada, "pw-cat --playback --latency 4096")
        for number in range(6):
            ada.run("pkill -x pw-record", inherit=False)
            ada.run("pw-record --latency 64 --target session-sink -P '{ stream.capture.sink=true }' "
                    f"{ada.file('passing.wav')} &", inherit=False)
            listen(ada)
            await_tone(ada)
            ada.end()
            os.unlink(ada.file("heard.wav"))


def a_runtime_folder_without_room_is_said_and_nothing_is_half_done():
    host = start_host()
    try:
        identity = host.paired()
        host.probe(identity, "--seconds", "0.1", "--send", "quit")
        wait_for("the end of its desktop", lambda: not trees(host))
    finally:
        host.hand_over()
    small = in_own_mounts(f"mount -t tmpfs -o size=256k,mode=0700 tmpfs {host.runtime}")
    with running(folder=host.folder, behind=small) as host:
        inside = f"/proc/{host.process.pid}/root{host.runtime}"
        with contextlib.suppress(OSError), open(f"{inside}/full", "wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
        declined = host.probe(identity, "--seconds", "0.1", expect=5)
        assert "No space left on device" in declined["error"], declined
        assert not [name for root, folders, _ in os.walk(inside) for name in folders if name.startswith("tree.")]
        os.unlink(f"{inside}/full")
        host.probe(identity, "--seconds", "0.1", "--mode", "640x600@30", "--send", f"{TERMINAL_IS_THERE} quit")


TESTS = [
    whichever_part_of_the_sound_dies_one_who_listens_hears_on,
    sound_that_keeps_dying_is_told_to_be_away_once_and_is_heard_when_it_is_back,
    programs_of_any_latency_are_heard_by_those_who_come_and_go,
    a_runtime_folder_without_room_is_said_and_nothing_is_half_done,
]

if __name__ == "__main__":
    sys.exit(run_tests(TESTS, sys.argv[2:]))
