#!/usr/bin/env python3
"""
lodged itself, in the chroot that has gamescope, and clients outside of it. Usage: test_gamescope_host.py BUILD [TEST]...
tools/check-gamescope sets LODGE_CHROOT and runs it.
"""
import contextlib
import json
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import zlib

BUILD = os.path.abspath(sys.argv[1])
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
sys.path.insert(0, os.path.join(HERE, "../host"))

import sounds  # noqa: E402
from api import Api  # noqa: E402
from desktop import Desktop  # noqa: E402
from host import Host, command_name, ended_well, run_tests, wait_for  # noqa: E402
from people import change_note, trees  # noqa: E402

IN_CHROOT = os.path.join(ROOT, "tools/in-testing-chroot")
PROGRAMS = os.path.join(BUILD, "tests/integration/gamescope")
RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)
AUDIBLE_DB = -40  # a sink's volume is not full where WirePlumber is newer; silence is at -200
MANAGER_UNIT = "gamescope-session@tv.service"  # the stand-in's
KEY_A, KEY_B, KEY_Q, KEY_SPACE = 30, 48, 16, 57
# gamescope as the chroot has it, where the kernel has no /dev/udmabuf.
WRAPPER = """#!/bin/sh
[ -e /dev/udmabuf ] || export LD_PRELOAD={shim}
exec /usr/games/gamescope "$@"
"""


class Place:
    """What the tests share: the chroot's missing libraries, its gamescope, and a shared desktop that nobody looks at."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="lodge-gs-")
        self.binaries = os.path.join(self.folder, "bin")
        self.libraries = os.path.join(self.folder, "lib")
        for path in (self.binaries, self.libraries):
            os.mkdir(path)
        wrapper = os.path.join(self.binaries, "gamescope")
        with open(wrapper, "w") as file:
            file.write(WRAPPER.format(shim=os.path.join(PROGRAMS, "fake_udmabuf.so")))
        os.chmod(wrapper, 0o755)
        self.take_libraries()
        self.desktop = Desktop(launch=())

    def take_libraries(self):
        """lodged was linked outside: what the chroot lacks of it, or has newer, is lent."""
        lodged = os.path.join(BUILD, "src/host/lodged")
        for _ in range(5):  # what is lent may need more
            missing = subprocess.run([*self.behind(), "ldd", lodged, *self.lent()], capture_output=True, text=True)
            names = set(re.findall(r"(\S+) => not found", missing.stdout))
            if not names:
                return
            outside = subprocess.run(["ldd", lodged], capture_output=True, text=True).stdout
            for name in names:
                path = re.search(rf"{re.escape(name)} => (\S+)", outside)
                assert path, f"{name} is nowhere"
                shutil.copy(path.group(1), os.path.join(self.libraries, name))
        raise AssertionError(f"libraries are missing: {names}")

    def lent(self):
        return [os.path.join(self.libraries, name) for name in os.listdir(self.libraries)]

    def behind(self, libraries=True):
        """Runs what follows in the chroot; only that very process gets the lent libraries."""
        lent = f"export LD_LIBRARY_PATH={self.libraries};" if libraries else ""
        return [IN_CHROOT, "sh", "-c", f"mount --bind {self.binaries} /usr/local/bin && {{ {lent} exec \"$@\"; }}", "sh"]

    def close(self):
        self.desktop.stop()
        shutil.rmtree(self.folder)


PLACE = None

# Somebody's session: a gamescope that lodged has not started, with the sound and the bus of its own.
SESSION = """
PATH=/usr/local/bin:/usr/bin:/bin:/usr/games
dbus-daemon --session --nofork --address=unix:path=$XDG_RUNTIME_DIR/bus &
pipewire &
for i in $(seq 100); do [ -S $XDG_RUNTIME_DIR/pipewire-0 ] && break; sleep 0.1; done
wireplumber &
exec gamescope --backend headless -W 640 -H 360 -r 30 -- env -u LD_PRELOAD "$@"
"""


@contextlib.contextmanager
def running_gamescope(log):
    """Its XDG_RUNTIME_DIR."""
    with tempfile.TemporaryDirectory(prefix="lodge-gr-", ignore_cleanup_errors=True) as runtime:
        os.chmod(runtime, 0o700)
        # HOME stays: the chroot is found by it.
        environment = dict(os.environ, XDG_RUNTIME_DIR=runtime, XDG_STATE_HOME=runtime, XDG_CONFIG_HOME=runtime,
                           DBUS_SESSION_BUS_ADDRESS=f"unix:path={runtime}/bus")
        with open(os.path.join(runtime, "output"), "w") as output:
            session = subprocess.Popen([*PLACE.behind(libraries=False), "sh", "-c", SESSION, "sh",
                                        os.path.join(PROGRAMS, "x-card"), log, "ff0000", "0000ff"],
                                       env=environment, stdout=output, stderr=output, start_new_session=True)
        try:
            wait_for("somebody's gamescope", lambda: os.path.exists(log))
            yield runtime
            assert session.poll() is None, "it has ended with whoever looked at it"
        finally:
            os.killpg(session.pid, signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                session.wait(timeout=5)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(session.pid, signal.SIGKILL)
            session.wait(timeout=5)


def app(name, *command, environment=None):
    return {"id": name, "name": name, "command": list(command), "desktop": "isolated", "environment": environment or {}}


def card(folder, name, first, second):
    """x-card as an app: its log is folder/name. What is preloaded is for gamescope."""
    return app(name, "env", "-u", "LD_PRELOAD", os.path.join(PROGRAMS, "x-card"), os.path.join(folder, name),
               *("%02x%02x%02x" % colour for colour in (first, second)))


@contextlib.contextmanager
def gamescope_host(*options, make_apps=lambda folder: [card(folder, "one", RED, BLUE), card(folder, "two", GREEN, BLUE)],
                   keep_alive="60", own="gamescope"):
    folder = tempfile.mkdtemp(prefix="lodge-gh-")
    os.mkdir(os.path.join(folder, "config"))
    with open(os.path.join(folder, "config/apps.json"), "w") as file:
        json.dump({"version": 1, "apps": make_apps(folder)}, file)
    def start():
        return Host(BUILD, "--pair", "--own-desktops", own, "--policy", f"keep_alive={keep_alive}", *options, spawn=False,
                    desktop=PLACE.desktop, folder=folder, behind=PLACE.behind())
    host = start()
    host.start_next = start
    try:
        yield host
    except BaseException:
        host = newest(host)
        print("# " + "\n# ".join(host.read_log().splitlines()[-40:]))
        if host.alive():
            host.kill()
        host.end_kept()
        shutil.rmtree(folder, ignore_errors=True)
        raise
    newest(host).stop()


def newest(host):
    while hasattr(host, "successor"):
        host = host.successor
    return host


def succeed(host, end=Host.kill, meanwhile=lambda host: None):
    """Another host, on the same folders, after this one's end."""
    end(host)
    meanwhile(host)
    host.successor = host.start_next()
    host.successor.start_next, host.successor.identities = host.start_next, host.identities
    return host.successor


def own_desktops(host):
    return Api(host).get("display/state")["own_desktops"]


def lines(host, name):
    with contextlib.suppress(FileNotFoundError), open(os.path.join(host.folder, name)) as file:
        return file.read().splitlines()
    return []


def middle(path):
    """The RGB of a PNG's middle pixel. (8 bits a channel, not interlaced: as lodge-probe writes them.)"""
    with open(path, "rb") as file:
        data = file.read()
    place, packed = 8, b""
    while place < len(data):
        size, kind = struct.unpack_from(">I4s", data, place)
        body = data[place + 8:place + 8 + size]
        if kind == b"IHDR":
            width, height, depth, colours, _, _, interlaced = struct.unpack(">IIBBBBB", body)
        elif kind == b"IDAT":
            packed += body
        place += 12 + size
    assert depth == 8 and not interlaced, (depth, interlaced)
    channels = {2: 3, 6: 4}[colours]
    raw, stride, before = zlib.decompress(packed), width * channels, bytearray(width * channels)
    for y in range(height // 2 + 1):
        filtering, row = raw[y * (stride + 1)], bytearray(raw[y * (stride + 1) + 1:(y + 1) * (stride + 1)])
        for x in range(stride):
            left = row[x - channels] if x >= channels else 0
            above, corner = before[x], before[x - channels] if x >= channels else 0
            guess = left + above - corner
            nearest = min((left, above, corner), key=lambda one: abs(guess - one))
            row[x] = (row[x] + (0, left, above, (left + above) // 2, nearest)[filtering]) & 255
        before = row
    at = width // 2 * channels
    return tuple(before[at:at + 3])


def is_colour(path, colour):
    """Video is not exact; the colours of these tests are far apart."""
    found = middle(path)
    return all(abs(a - b) < 40 for a, b in zip(found, colour))


def luma_is(colour, deadline_ms=20000):
    """Words of the probe's script: waits until the picture's middle is about so bright."""
    luma = {RED: (20, 110), GREEN: (140, 255), BLUE: (5, 45)}[colour]
    return f"wait-pixel:320,180,>{luma[0]},{deadline_ms} wait-pixel:320,180,<{luma[1]},{deadline_ms}"


def look(host, identity, name, colour, *more, script="", expect=0, mode="640x360@30"):
    """A visit to the app until it shows the colour, and what else the script does; its JSON, and the last picture checked."""
    png = os.path.join(host.folder, "look.png")
    report = host.probe(identity, "--app", name, "--mode", mode, "--seconds", "0.5", *more, "--send",
                        f"wait-frame:20000 {luma_is(colour)} png:{png} {script}", expect=expect)
    assert is_colour(png, colour), (middle(png), report)
    return report


def app_is_seen_and_steered():
    with gamescope_host() as host:
        identity = host.paired()
        blue = os.path.join(host.folder, "blue.png")
        report = look(host, identity, "one", RED, script=f"key:{KEY_A} key:{KEY_SPACE} {luma_is(BLUE)} png:{blue} "
                      "move:600,300 wait:300")
        assert is_colour(blue, BLUE), middle(blue)
        assert (report["display"]["width"], report["display"]["height"]) == (640, 360), report
        heard = lines(host, "one")
        for line in (f"key {KEY_A} 1", f"key {KEY_A} 0", f"key {KEY_SPACE} 1"):
            assert line in heard, (line, heard)
        wait_for("the pointer's motion", lambda: "motion 600 300" in lines(host, "one"))
        found = own_desktops(host)
        assert [(one["backend"], one["app"]) for one in found] == [("gamescope", "one")], found
        print(f"# from OPEN_DISPLAY to DISPLAY_OPENED {report['open_ms']:.0f} ms, to the first picture "
              f"{report['first_frame_ms'] - report['attach_ms']:.0f} ms")


def who_comes_back_gets_the_still_picture_at_once():
    with gamescope_host() as host:
        identity = host.paired()
        look(host, identity, "one", RED)
        wait_for("the end of the first visit",
                 lambda: own_desktops(host)[0]["displays"][0]["state"] == "lingering")
        before = lines(host, "one").count("expose")
        report = look(host, identity, "one", RED)
        assert report["display"]["kept"], report
        assert lines(host, "one").count("expose") > before, "the picture came, but not because it was drawn anew"
        print(f"# back on a kept display: {report['first_frame_ms'] - report['attach_ms']:.0f} ms to the picture")


def sound_of_the_app_is_heard():
    def make_apps(folder):
        tone = os.path.join(folder, "tone.wav")
        sounds.write_tone(tone, 440, 60)
        shown = card(folder, "one", RED, BLUE)["command"]
        return [app("one", "sh", "-c", 'pw-play "$0" & exec "$@"', tone, *shown)]
    with gamescope_host(make_apps=make_apps) as host:
        identity = host.paired()
        heard = os.path.join(host.folder, "heard.wav")
        look(host, identity, "one", RED, "--listen", "--wav", heard, script="wait:8000")
        level = sounds.level_db(sounds.read(heard)[sounds.RATE_HZ:], 440)
        assert level > AUDIBLE_DB, level


def quit_ends_everything():
    with gamescope_host() as host:
        identity = host.paired()
        look(host, identity, "one", RED, script="quit")
        wait_for("the end of the tree", lambda: not trees(host) and not host.processes())
        assert own_desktops(host) == []
        # The next visit is to a new one.
        before = len(lines(host, "one"))
        report = look(host, identity, "one", RED)
        assert not report["display"]["kept"] and len(lines(host, "one")) <= before + 2, report


def end_of_the_app_ends_its_display_and_desktop():
    with gamescope_host() as host:
        identity = host.paired()
        result = subprocess.run(host.probe_command(identity, "--app", "one", "--mode", "640x360@30", "--seconds", "20",
                                                   "--send", f"{luma_is(RED)} key:{KEY_Q} wait:20000"),
                                text=True, capture_output=True, timeout=60)
        assert result.returncode != 0, result.stdout
        wait_for("the end of the tree", lambda: not trees(host) and not host.processes())
        assert own_desktops(host) == []


def two_at_once_stay_apart():
    with gamescope_host() as host:
        ada, bo = host.paired(), host.paired()
        pictures = {name: os.path.join(host.folder, f"{name}.png") for name in ("ada", "bo")}
        scripts = {"ada": f"wait-frame:20000 {luma_is(RED)} key:{KEY_A} key:{KEY_SPACE} {luma_is(BLUE)} wait:1500 "
                          f"png:{pictures['ada']}",
                   "bo": f"wait-frame:20000 {luma_is(GREEN)} key:{KEY_B} wait:4000 {luma_is(GREEN)} png:{pictures['bo']}"}
        visits = [subprocess.Popen(host.probe_command(identity, "--app", name, "--mode", "640x360@30", "--seconds", "8",
                                                      "--send", scripts[who]),
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
                  for who, identity, name in (("ada", ada, "one"), ("bo", bo, "two"))]
        for visit in visits:
            out, _ = visit.communicate(timeout=90)
            assert visit.returncode == 0, out
        assert is_colour(pictures["ada"], BLUE) and is_colour(pictures["bo"], GREEN)
        hers, his = lines(host, "one"), lines(host, "two")
        assert f"key {KEY_A} 1" in hers and f"key {KEY_B} 1" in his, (hers, his)
        assert f"key {KEY_B} 1" not in hers and f"key {KEY_A} 1" not in his, (hers, his)
        assert len(trees(host)) == 2
        # The end of hers is nothing to his.
        look(host, ada, "one", BLUE, script="quit")
        wait_for("the end of her tree", lambda: len(trees(host)) == 1)
        assert look(host, bo, "two", GREEN)["display"]["kept"]


def killed_gamescope_comes_back_with_the_next_visit():
    with gamescope_host() as host:
        identity = host.paired()
        look(host, identity, "one", RED)
        (gamescope,) = [pid for pid in host.processes() if command_line(pid).startswith("/usr/games/gamescope")]
        os.kill(gamescope, signal.SIGKILL)
        wait_for("the end of its desktop", lambda: not own_desktops(host))
        assert not look(host, identity, "one", RED)["display"]["kept"]


def command_line(pid):
    try:
        with open(f"/proc/{pid}/cmdline") as file:
            return file.read().replace("\0", " ")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def another_size_starts_the_app_anew_at_that_size():
    with gamescope_host() as host:
        identity = host.paired()
        look(host, identity, "one", RED)
        report = look(host, identity, "one", RED, mode="800x450@30")
        assert (report["display"]["width"], report["display"]["height"]) == (800, 450), report
        assert not report["display"]["kept"], report


def pid_of(host, name):
    (pid,) = [pid for pid in host.processes() if command_name(pid) == name]
    return pid


def states(host):
    return [display["state"] for desktop in own_desktops(host) for display in desktop["displays"]]


def lingers(host):
    wait_for("the display to linger", lambda: states(host) == ["lingering"])


def go_on_with_the_same_game(end):
    with gamescope_host() as host:
        identity = host.paired()
        report = look(host, identity, "two", GREEN, script=f"key:{KEY_SPACE} {luma_is(BLUE)}")
        slot = report["display"]["slot"]
        lingers(host)
        before = {name: pid_of(host, name) for name in ("x-card", "gamescope-wl")}
        starts = lines(host, "two")
        following = succeed(host, end)
        lingers(following)
        assert {name: pid_of(following, name) for name in before} == before
        green = os.path.join(host.folder, "green.png")
        report = look(following, identity, "two", BLUE, script=f"key:{KEY_A} key:{KEY_SPACE} {luma_is(GREEN)} png:{green}")
        assert report["display"]["kept"] and report["display"]["slot"] == slot, report
        assert is_colour(green, GREEN), middle(green)
        wait_for("the first key", lambda: f"key {KEY_A} 1" in lines(host, "two")[len(starts):])
        lingers(following)
        third = succeed(following, end)
        lingers(third)
        look(third, identity, "two", GREEN, script="quit")
        wait_for("the end of the tree", lambda: not trees(third) and not third.processes())


def game_outlives_a_killed_host_and_is_seen_and_steered_by_the_next():
    go_on_with_the_same_game(Host.kill)


def game_outlives_a_host_that_is_told_to_end():
    go_on_with_the_same_game(Host.hand_over)


def kill_gamescope(host):
    pid = pid_of(host, "gamescope-wl")
    os.kill(pid, signal.SIGKILL)
    wait_for("gamescope's end", lambda: pid not in host.processes())


def game_that_cannot_be_taken_over_ends_and_is_said():
    faults = {
        "its record is damaged": lambda host: change_note(host, "gamescope", ready=":0 ../gamescope-0"),
        "is not where it was noted": lambda host: change_note(host, "gamescope", ready=":0 gamescope-77"),
        "does not answer": lambda host: change_note(host, "gamescope", ready=":99 gamescope-0"),
        "there is no gamescope in the tree": kill_gamescope,
    }
    for fault, do in faults.items():
        with gamescope_host() as host:
            identity = host.paired()
            look(host, identity, "one", RED)
            lingers(host)
            following = succeed(host, meanwhile=do)
            wait_for(f"'{fault}'", lambda: fault in following.read_log())
            wait_for("the end of the tree", lambda: not trees(following) and not following.processes())
            assert own_desktops(following) == []


def who_waits_for_a_game_that_cannot_be_taken_over_gets_a_new_one():
    with gamescope_host() as host:
        identity = host.paired()
        look(host, identity, "one", RED)
        lingers(host)
        following = succeed(host, meanwhile=kill_gamescope)
        assert not look(following, identity, "one", RED)["display"]["kept"]


def taken_over_game_starts_anew_at_another_size_if_it_is_still_known():
    with gamescope_host() as host:
        identity = host.paired()
        look(host, identity, "one", RED)
        lingers(host)
        following = succeed(host)
        report = look(following, identity, "one", RED, mode="800x450@30")
        assert (report["display"]["width"], report["display"]["height"]) == (800, 450), report


def running_gamescope_is_mirrored_and_lives_on():
    folder = tempfile.mkdtemp(prefix="lodge-gh-")
    log = os.path.join(folder, "card")
    with running_gamescope(log) as runtime:
        behind = [*PLACE.behind(), "env", f"XDG_RUNTIME_DIR={runtime}", "GAMESCOPE_WAYLAND_DISPLAY=gamescope-0"]
        with ended_well(Host(BUILD, "--pair", "--desktop", "gamescope", "--own-desktops", "sway", spawn=False, folder=folder,
                             behind=behind)) as host:
            identity = host.paired()
            png = os.path.join(folder, "look.png")
            report = host.probe(identity, "--mode", "1280x720@60", "--seconds", "0.5", "--send",
                                f"wait-frame:20000 {luma_is(RED)} png:{png} key:{KEY_A} wait:300 quit")
            assert is_colour(png, RED), middle(png)
            assert (report["display"]["width"], report["display"]["height"]) == (640, 360), report
            assert f"key {KEY_A} 1" in lines(host, "card"), lines(host, "card")


@contextlib.contextmanager
def service_manager():
    """A stand-in for the user's systemd, with one session that runs: its bus's address, and how its unit has changed so far."""
    manager = subprocess.Popen([os.path.join(PROGRAMS, "stand-in-manager")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    changes = []
    try:
        address = manager.stdout.readline().strip()
        threading.Thread(target=lambda: changes.extend(line.strip() for line in iter(manager.stdout.readline, "")),
                         daemon=True).start()
        yield address, changes
    finally:
        manager.stdin.close()
        manager.wait(timeout=20)


def session_steps_aside_for_a_client_and_is_given_back_after_the_policy_s_window():
    folder = tempfile.mkdtemp(prefix="lodge-gh-")
    log = os.path.join(folder, "card")
    shown = f"env -u LD_PRELOAD {os.path.join(PROGRAMS, 'x-card')} {log} ff0000 0000ff"
    with service_manager() as (address, changes):
        def start():
            return Host(BUILD, "--pair", "--spawn", "gamescope", "--instead-of", MANAGER_UNIT, "--launch", shown, "--policy",
                        "keep_alive=8", spawn=False, folder=folder,
                        behind=[*PLACE.behind(), "env", f"DBUS_SESSION_BUS_ADDRESS={address}"])
        host = start()
        try:
            assert changes == []  # nobody has come yet
            identity = host.new_identity()
            png = os.path.join(folder, "look.png")

            def visit(mode):
                return host.probe(identity, "--pin", host.pin(), "--mode", mode, "--seconds", "0.5", "--send",
                                  f"wait-frame:20000 {luma_is(RED)} png:{png} key:{KEY_A}")
            report = visit("640x360@30")
            assert is_colour(png, RED), middle(png)
            assert (report["display"]["width"], report["display"]["height"]) == (640, 360), report
            wait_for("the session's end", lambda: changes == ["inactive"])
            wait_for("the key", lambda: f"key {KEY_A} 1" in lines(host, "card"))
            # Within the window it stays away, at another size, too.
            report = visit("800x450@30")
            assert (report["display"]["width"], report["display"]["height"]) == (800, 450), report
            assert changes == ["inactive"], changes
            wait_for("the session to be back", lambda: changes == ["inactive", "active"], 40)
            # What a killed host had taken, the next one gives back.
            visit("640x360@30")
            wait_for("the session's end", lambda: changes[2:] == ["inactive"])
            host.kill()
            host = start()
            wait_for("the session to be back", lambda: changes[2:] == ["inactive", "active"])
        except BaseException:
            print("# " + "\n# ".join(host.read_log().splitlines()[-40:]))
            raise
        finally:
            host.stop()


def isolated_capability(host):
    """Nothing is said of capabilities before the shared desktop is up."""
    def found():
        return [one for one in Api(host).get("display/settings")["capabilities"] if one["option"] == "isolated"]

    wait_for("the capabilities", found)
    return found()[0]


def without_a_gpu_apps_get_a_sway_unless_gamescope_is_named():
    """This chroot has no sway: what it would have been is said."""
    assert not os.path.exists("/dev/dri"), "this machine has a GPU: nothing is to be seen here"
    with gamescope_host(own="sway") as host:
        identity = host.paired()
        host.probe(identity, "--app", "one", "--seconds", "1", expect=5)
        own = isolated_capability(host)
        assert not own["supported"] and "sway" in own["text"], own
    with gamescope_host() as host:
        own = isolated_capability(host)
        assert own["supported"] and "gamescope" in own["text"], own


if __name__ == "__main__":
    tests = [app_is_seen_and_steered, who_comes_back_gets_the_still_picture_at_once, sound_of_the_app_is_heard,
             quit_ends_everything, end_of_the_app_ends_its_display_and_desktop, two_at_once_stay_apart,
             killed_gamescope_comes_back_with_the_next_visit,
             game_outlives_a_killed_host_and_is_seen_and_steered_by_the_next, game_outlives_a_host_that_is_told_to_end,
             game_that_cannot_be_taken_over_ends_and_is_said,
             who_waits_for_a_game_that_cannot_be_taken_over_gets_a_new_one,
             taken_over_game_starts_anew_at_another_size_if_it_is_still_known, another_size_starts_the_app_anew_at_that_size,
             running_gamescope_is_mirrored_and_lives_on,
             session_steps_aside_for_a_client_and_is_given_back_after_the_policy_s_window, without_a_gpu_apps_get_a_sway_unless_gamescope_is_named]
    PLACE = Place()
    try:
        status = run_tests(tests, sys.argv[2:])
    finally:
        PLACE.close()
    sys.exit(status)
