#!/usr/bin/env python3
"""Desktops of clients' own on the whole host: what crosses between them is nothing. Usage: test_isolated.py BUILD [TEST]..."""
import contextlib
import glob
import os
import shutil
import signal
import sys
import tempfile
import time

import sounds
from api import Api
from desktop import Desktop
from host import Host, command_name, ended_well, run_tests, wait_for
from people import TERMINAL, TERMINAL_IS_THERE, Person, both_move_in, descriptors, in_own_mounts, settled, trees

BUILD = os.path.abspath(sys.argv[1])
ADA_HZ, BO_HZ, SAID_HZ = 440, 6000, 750
AUDIBLE_DB = -20
TRACE_DB = -90
KEY_ENTER, KEY_A, KEY_B = 28, 30, 48


def start_host(*options, keep_alive="60", policy="isolated", launch=(TERMINAL,), **keywords):
    return Host(BUILD, "--pair", "--policy", f"desktop={policy}", "--policy", f"keep_alive={keep_alive}", *options,
                launch=launch, **keywords)


def running(*options, **keywords):
    return ended_well(start_host(*options, **keywords))


def wait_for_sessions(host, count):
    """With their displays."""
    wait_for(f"{count} sessions", lambda: len([one for one in Api(host).get("sessions")["sessions"] if one["mode"]]) == count)


def tones(host):
    """What Ada and Bo play."""
    found = {}
    for name, hz in (("ada", ADA_HZ), ("bo", BO_HZ)):
        found[name] = os.path.join(host.folder, f"{name}.wav")
        sounds.write_tone(found[name], hz, 300)  # longer than any test
    return found


def hear(people, seconds="5"):
    """All listen at the same time: what each heard, without the beginning."""
    for one in people:
        one.visit("--listen", "--wav", one.file("heard.wav"), "--seconds", seconds)
    return [heard_by(one, one.leave()) for one in people]


def heard_by(person, report):
    samples = sounds.read(person.file("heard.wav"))[sounds.RATE_HZ // 2:]
    assert len(samples) > sounds.RATE_HZ, report
    return samples


def heard_so_far(person):
    """Of a visit that goes on: how many seconds of sound are in its file."""
    path = person.file("heard.wav")
    return sounds.seconds_so_far(path) if os.path.exists(path) else 0


def wait_until_heard(person, seconds):
    wait_for(f"{seconds} s of sound", lambda: heard_so_far(person) > seconds)


def assert_hears(samples, own_hz, other_hz):
    own, other = sounds.level_db(samples, own_hz), sounds.trace_db(samples, other_hz)
    assert own > AUDIBLE_DB, f"its own {own_hz} Hz are there with {own:.1f} dB only"
    assert other < TRACE_DB, f"{other_hz} Hz, which are another's, are there with {other:.1f} dB"
    return other


def neighbours(host):
    """Ada plays 440 Hz, Bo 6 kHz, each on a desktop of its own."""
    ada, bo = Person(host, "ada"), Person(host, "bo")
    both_move_in(ada, bo)
    files = tones(host)
    ada.play(files["ada"])
    bo.play(files["bo"])
    return ada, bo


def two_tones_at_once_leave_no_trace_of_each_other():
    with running() as host:
        ada, bo = Person(host, "ada"), Person(host, "bo")
        both_move_in(ada, bo)
        files = tones(host)
        assert ada.namespace != bo.namespace

        ada.play(files["ada"])
        hers, his = hear((ada, bo))
        assert_hears(hers, ADA_HZ, BO_HZ)
        assert sounds.loudest(his) == 0, f"Bo, whose desktop is silent, hears {sounds.loudest(his)}"
        alone = sounds.trace_db(hers, BO_HZ)

        bo.play(files["bo"])
        hers, his = hear((ada, bo))
        print(f"# at Bo's {BO_HZ} Hz Ada has {alone:.1f} dB while he is silent, "
              f"{assert_hears(hers, ADA_HZ, BO_HZ):.1f} while he plays; he has "
              f"{assert_hears(his, BO_HZ, ADA_HZ):.1f} at her {ADA_HZ}")
        # Before any codec: the sink's own samples.
        monitor = ada.record("session-sink", 5, "-P '{ stream.capture.sink=true }'")
        print(f"# in her sink: {assert_hears(monitor, ADA_HZ, BO_HZ):.1f} dB")


def keys_typed_at_the_same_time_stay_on_their_desktops():
    with running() as host:
        people = [Person(host, "ada"), Person(host, "bo")]
        both_move_in(*people)
        texts = {"ada": "the quick brown fox jumps over a lazy dog " * 4, "bo": "PACK MY BOX WITH FIVE DOZEN JUGS " * 5}
        answers = [one.order("read -r typed < /dev/tty; echo \"$typed\"") for one in people]
        for one in people:
            one.visit(script=f'{TERMINAL_IS_THERE} text:"{texts[one.name].strip()}\\n" wait:500')
        for one, answer in zip(people, answers):
            assert one.answer(answer).strip() == texts[one.name].strip(), (one.name, one.read(answer))
            one.leave()


def one_who_comes_back_in_time_finds_the_same_shell_and_the_same_tone():
    with running() as host:
        ada, bo = neighbours(host)
        ada.visit("--seconds", "60")
        wait_for_sessions(host, 1)
        ada.hang_up()
        wait_for_sessions(host, 0)
        time.sleep(1)
        assert_hears(*hear((ada,)), ADA_HZ, BO_HZ)
        assert int(ada.run("echo $$")) == ada.shell

        # A client has its desktop once: of two, the newer one has it, and the older one is told.
        ada.visit("--seconds", "60")
        wait_for_sessions(host, 1)
        first = ada.visits.pop()
        assert_hears(*hear((ada,)), ADA_HZ, BO_HZ)
        ada.visits.append(first)
        ada.leave(expect=3)
        assert int(ada.run("echo $$")) == ada.shell


def what_hides_goes_with_its_desktop_and_the_neighbour_plays_on():
    with running() as host:
        ada, bo = neighbours(host)
        ada.run("setsid -f sleep 1001; (setsid env -i sleep 1002 &); (setsid sh -c '(sleep 1003 &)' &)", inherit=False)
        wait_for("what hides", lambda: len([pid for pid in ada.processes() if command_name(pid) == "sleep"]) == 3)
        folder = ada.run("echo $XDG_RUNTIME_DIR").strip()
        assert os.path.isdir(folder)
        bo.visit("--listen", "--wav", bo.file("heard.wav"), "--seconds", "60", script="")
        his = set(bo.processes())
        wait_for_sessions(host, 1)
        ada.visit(script=f"{TERMINAL_IS_THERE} quit")
        ada.leave()
        ada.gone()
        wait_for("the end of her folder", lambda: not os.path.exists(os.path.dirname(folder)))
        wait_until_heard(bo, heard_so_far(bo) + sounds.SPAN_S)
        assert his <= set(bo.processes()), "something of Bo's went, too"
        samples = heard_by(bo, bo.end())
        assert_hears(samples, BO_HZ, ADA_HZ)
        assert_hears(samples[-sounds.SPAN_S * sounds.RATE_HZ:], BO_HZ, ADA_HZ)


def a_part_of_a_desktop_that_dies_is_there_again_and_the_neighbour_hears_nothing_of_it():
    with running() as host:
        ada, bo = neighbours(host)
        bo.visit("--listen", "--wav", bo.file("heard.wav"), "--seconds", "300", script="")
        ada.visit("--listen", "--wav", ada.file("heard.wav"), "--seconds", "300", script="")
        wait_for_sessions(host, 2)
        his = set(bo.processes())

        for part in ("wireplumber", "pipewire-pulse", "pipewire"):
            old = ada.kill(part)
            wait_for(f"the next {part}", lambda: [pid for pid in ada.processes()
                                                  if command_name(pid) == part and pid != old])
        wait_for("her sound to be back", lambda: "its sound is back" in host.read_log())
        ada.play(os.path.join(host.folder, "ada.wav"))
        # The visit that heard the sound end hears it again.
        wait_for("her tone", lambda: heard_so_far(ada) > 2 and sounds.level_db(sounds.read_end(ada.file("heard.wav"), 1.5), ADA_HZ) > AUDIBLE_DB)
        end = heard_by(ada, ada.end())[-sounds.RATE_HZ * 3 // 2:]
        assert_hears(end, ADA_HZ, BO_HZ)
        assert int(ada.run("echo $$")) == ada.shell

        for part in ("sway", "lodge-keeper"):
            ada.visit("--seconds", "300", script="")
            wait_for_sessions(host, 2)
            ada.kill(part)
            ada.leave(expect=3)
            ada.gone()
            wait_for("the end of her folder", lambda: len(trees(host)) == 1)
            both_move_in(ada)
        assert his <= set(bo.processes()), "something of Bo's went, too"
        samples = heard_by(bo, bo.end())
        print(f"# at her {ADA_HZ} Hz he has {assert_hears(samples, BO_HZ, ADA_HZ):.1f} dB over {len(samples) / 48000:.0f} s")


def the_first_key_after_the_compositor_s_end_is_typed():
    folder = tempfile.mkdtemp(prefix="lodge-keys-")
    script = os.path.join(folder, "script")
    with open(script, "w") as file:
        file.write(f"read -r typed; echo \"$typed\" > $(mktemp {folder}/typed.XXXXXX); exec sleep 1000\n")
    reads = f"foot -o colors.background=ffffff -o colors.foreground=ffffff sh {script}"
    keys = f"{TERMINAL_IS_THERE} key:{KEY_A} key:{KEY_B} key:{KEY_ENTER}"

    def typed():
        found = []
        for path in glob.glob(os.path.join(folder, "typed.*")):
            with open(path) as file:
                found.append(file.read().strip())
        return found
    try:
        with running(launch=(reads,)) as host:
            ada = Person(host, "ada")
            for visit in range(1, 4):
                ada.visit("--seconds", "60", script=keys)
                wait_for("both keys", lambda: typed() == ["ab"] * visit, 60)
                (tree,) = trees(host)
                os.kill(sway_in(host, tree), signal.SIGKILL)
                ada.leave(expect=3)
                wait_for("the end of her folder", lambda: not trees(host))
    finally:
        shutil.rmtree(folder)


def sway_in(host, tree):
    """The process of the sway in the tree of this folder."""
    def runs_there(pid):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            with open(f"/proc/{pid}/environ", "rb") as file:
                return f"/{tree}/".encode() in file.read()
    (found,) = [pid for pid in host.sway_pids() if runs_there(pid)]
    return found


def a_compositor_that_fails_at_its_start_is_told_with_its_reason_long_before_the_deadline():
    desktop, broken = Desktop(), tempfile.NamedTemporaryFile("w", prefix="lodge-broken-", delete=False)
    try:
        with broken:
            broken.write("#!/bin/sh\necho start\necho 'sway: no renderer at all' >&2\nexit 3\n")
        os.chmod(broken.name, 0o755)
        with running(behind=in_own_mounts(f"mount --bind {broken.name} \"$(command -v sway)\""), desktop=desktop) as host:
            declined = host.probe(host.new_identity(), "--pin", host.pin(), "--seconds", "0.1", expect=5)
            assert "sway ended with status 3: sway: no renderer at all" in declined["error"], declined
            assert host.read_log().count("compositor: start") == 4, host.read_log()
            wait_for("the end of its folder", lambda: not trees(host))
    finally:
        os.unlink(broken.name)
        desktop.stop()


def a_killed_host_takes_every_desktop_along():
    host = start_host(keep_alive="off")
    try:
        people = [Person(host, "ada"), Person(host, "bo")]
        for one in people:
            one.move_in("--seconds", "60")
        for one in people:
            one.moved_in()
        people[0].run("setsid -f sleep 1001", inherit=False)
        assert len(people[0].processes()) > 6 and len(trees(host)) == 2
    finally:
        host.kill()
    for one in people:
        one.gone()
        one.leave(expect=3)
    wait_for("the end of their folders", lambda: not trees(host))
    # What was left of the shared desktop is the next host's to clear away.
    with running(folder=host.folder):
        pass


def one_desktop_too_many_is_declined_until_another_ends():
    with running("--max-desktops", "1") as host:
        ada, bo = Person(host, "ada"), Person(host, "bo")
        both_move_in(ada)
        bo.visit(script="")
        declined = bo.leave(expect=5)
        assert "the most there may be" in declined["error"], declined
        ada.visit(script=f"{TERMINAL_IS_THERE} quit")
        ada.leave()
        ada.gone()
        both_move_in(bo)


def without_a_compositor_the_client_is_told_so_and_nothing_is_left():
    desktop = Desktop()
    try:
        with running(behind=in_own_mounts("mount --bind /dev/null \"$(command -v sway)\""), desktop=desktop) as host:
            declined = host.probe(host.new_identity(), "--pin", host.pin(), "--seconds", "0.1", expect=5)
            assert "no program sway" in declined["error"], declined
            assert not trees(host)
    finally:
        desktop.stop()


def a_state_folder_without_room_keeps_nobody_from_a_desktop():
    host = start_host(keep_alive="off")
    try:
        ada = Person(host, "ada")
    finally:
        host.kill()
    full = in_own_mounts(f"cp -a {host.state} {host.folder}/copy",
                         f"mount -t tmpfs -o size=256k,mode=0700 tmpfs {host.state}",
                         f"cp -a {host.folder}/copy/. {host.state}",
                         f"dd if=/dev/zero of={host.state}/full bs=1k 2>/dev/null || true")
    with running(folder=host.folder, behind=full) as ada.host:
        both_move_in(ada)
        ada.visit(script=f"{TERMINAL_IS_THERE} quit")
        ada.leave()
        ada.gone()


def what_is_said_into_a_microphone_is_heard_on_that_desktop_alone():
    with running() as host:
        ada, bo = Person(host, "ada"), Person(host, "bo")
        both_move_in(ada, bo)
        said = os.path.join(host.folder, "said.wav")
        sounds.write_tone(said, SAID_HZ, 20)

        ada.visit("--microphone", said, "--seconds", "12", script="")
        wait_for_sessions(host, 1)
        answer = ada.start_recording("session-mic", 5)
        his = bo.record("session-mic", 5)
        hers = ada.recorded(answer)
        ada.leave()
        assert sounds.level_db(hers, SAID_HZ) > AUDIBLE_DB, sounds.level_db(hers, SAID_HZ)
        assert sounds.loudest(his) == 0, f"Bo's microphone has {sounds.loudest(his)}"

        client = next(one for one in Api(host).get("clients")["clients"] if one["label"] == "ada")
        Api(host).ask("PATCH", f"clients/{client['fingerprint']}", {"grants": {"planes": ["pointer", "keyboard"]}})
        ada.visit("--microphone", said, "--seconds", "12", script="")
        wait_for_sessions(host, 1)
        hers = ada.record("session-mic", 5)
        assert ada.leave()["sound"]["said"] > 50
        assert sounds.loudest(hers) == 0, f"without the grant her microphone has {sounds.loudest(hers)}"


def a_desktop_without_sound_says_so_to_one_who_listens():
    with running(policy="shared") as host:
        report = host.probe(host.new_identity(), "--pin", host.pin(), "--listen", "--seconds", "1")
        offer = report["sound"]["offer"]
        assert not offer["played"] and not offer["own"] and offer["reason"], report
        assert report["sound"]["packets"] == 0, report


def twenty_visits_leave_nothing_in_the_host():
    with running() as host:
        ada = Person(host, "ada")

        def visit(number):
            # Every fourth one quits: a desktop that ends, and another one.
            ada.visit("--listen", script="wait-frame:20000" + (" quit" if number % 4 == 3 else ""))
            ada.leave()
            wait_for_sessions(host, 0)

        def remains():
            mine = host.process.pid
            return descriptors(mine), len(os.listdir(f"/proc/{mine}/task")), len(host.processes()), len(trees(host))

        for number in range(4):
            visit(number)
        before = settled(remains)
        for number in range(20):
            visit(number)
        after = settled(remains)
        assert after == before, (f"descriptors, threads, processes, folders: {before} before, {after} after", host.read_log()[-3000:])


TESTS = [
    two_tones_at_once_leave_no_trace_of_each_other,
    keys_typed_at_the_same_time_stay_on_their_desktops,
    one_who_comes_back_in_time_finds_the_same_shell_and_the_same_tone,
    what_hides_goes_with_its_desktop_and_the_neighbour_plays_on,
    a_part_of_a_desktop_that_dies_is_there_again_and_the_neighbour_hears_nothing_of_it,
    the_first_key_after_the_compositor_s_end_is_typed,
    a_compositor_that_fails_at_its_start_is_told_with_its_reason_long_before_the_deadline,
    a_killed_host_takes_every_desktop_along,
    one_desktop_too_many_is_declined_until_another_ends,
    without_a_compositor_the_client_is_told_so_and_nothing_is_left,
    a_state_folder_without_room_keeps_nobody_from_a_desktop,
    what_is_said_into_a_microphone_is_heard_on_that_desktop_alone,
    a_desktop_without_sound_says_so_to_one_who_listens,
    twenty_visits_leave_nothing_in_the_host,
]

if __name__ == "__main__":
    sys.exit(run_tests(TESTS, sys.argv[2:]))
