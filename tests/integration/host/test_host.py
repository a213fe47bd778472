#!/usr/bin/env python3
"""lodged, a real sway and a real client: the main job and what can go wrong with it. Usage: test_host.py BUILD"""
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.parse

from api import Api
from host import PAGES, Host, ended_well, run_tests, wait_for
from people import TERMINAL, TERMINAL_IS_THERE

BUILD = os.path.abspath(sys.argv[1])


def with_host(*options, **keywords):
    """Gives the test a running host, and stops it whatever happened."""
    def wrap(test):
        def run():
            with ended_well(Host(BUILD, *options, **keywords)) as host:
                test(host)
        run.__name__ = test.__name__
        return run
    return wrap


def start_probe(host, identity, *options):
    return subprocess.Popen(host.probe_command(identity, *options), text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@with_host("--pair")
def every_mode_that_is_asked_for_is_the_output_s(host):
    identity = host.paired()
    for mode in ("1280x720@60", "1283x721@59.94", "101x67@24", "1920x1080@240", "640x480@30"):
        size, rate = mode.split("@")
        report = host.probe(identity, "--mode", mode, "--seconds", "0.3")
        width, height = (int(n) for n in size.split("x"))
        assert report["display"]["width"] == width, report
        assert (width, height, round(float(rate) * 1000)) in host.outputs().values(), \
            (mode, host.outputs())


@with_host("--pair", launch=(TERMINAL,))
def keys_reach_the_terminal_and_its_answer_is_seen(host):
    identity = host.paired()
    wait_for("foot's window", lambda: "foot" in host.windows())
    with_text = os.path.join(host.folder, "typed")
    command = f"echo lodge-$((6*7)) > {with_text}"
    host.probe(identity, "--mode", "640x600@30", "--seconds", "1", "--send", f'{TERMINAL_IS_THERE} text:"{command}\\n" wait:1500')
    content = wait_for("the file that the terminal writes",
                       lambda: os.path.exists(with_text) and open(with_text).read())
    assert content == "lodge-42\n", content


@with_host("--pair")
def a_display_lingers_is_given_back_and_goes(host):
    identity = host.paired()
    first = host.probe(identity, "--mode", "1000x600@60", "--seconds", "0.3")
    (name,) = [n for n, mode in host.outputs().items() if mode[:2] == (1000, 600)]
    again = host.probe(identity, "--mode", "1000x600@60", "--seconds", "0.3")
    assert again["display"]["kept"], again
    assert again["display"]["generation"] == first["display"]["generation"]
    assert name in host.outputs()
    wait_for("the display's end", lambda: not host.outputs(), 40)
    assert host.windows().get("foot"), host.windows()


@with_host("--pair")
def windows_follow_from_one_display_to_the_next(host):
    identity = host.paired()
    wait_for("foot's window", lambda: "foot" in host.windows())
    name = wait_for("the window on the display", lambda: host.windows().get("foot") in host.outputs() and
                    host.windows()["foot"])
    wait_for("the display's end", lambda: not host.outputs(), 40)
    host.probe(identity, "--seconds", "0.3", "--mode", "800x600@60")
    wait_for(f"the window that was on {name} on the next display", lambda: host.windows().get("foot") in host.outputs())


@with_host("--pair")
def a_resize_changes_the_same_output(host):
    identity = host.paired()
    probe = start_probe(host, identity, "--mode", "1280x720@60", "--seconds", "12", "--send",
                        "wait:4000 mode:901x577@60 wait:6000")
    (name,) = wait_for("the first mode", lambda: [n for n, m in host.outputs().items()
                                                if m[:2] == (1280, 720)])
    wait_for("the second mode", lambda: host.outputs().get(name, ())[:2] == (901, 577))
    out, err = probe.communicate(timeout=60)
    assert probe.returncode == 0, out + err


@with_host("--pair")
def a_killed_client_leaves_a_lingering_display(host):
    identity = host.paired()
    probe = start_probe(host, identity, "--mode", "900x500@60", "--seconds", "60")
    wait_for("the display", lambda: (900, 500, 60000) in host.outputs().values())
    probe.kill()
    probe.communicate()
    time.sleep(1)
    assert (900, 500, 60000) in host.outputs().values()
    report = host.probe(identity, "--mode", "900x500@60", "--seconds", "0.3")
    assert report["display"]["kept"]


@with_host("--pair")
def a_crash_of_sway_ends_sessions_and_heals(host):
    identity = host.paired()
    probe = start_probe(host, identity, "--mode", "1000x640@60", "--seconds", "25")
    wait_for("the display", lambda: (1000, 640, 60000) in host.outputs().values())
    # Granted: a claim that still waits for its size is given a fresh display instead of an end.
    wait_for("the lease", lambda: [one for one in Api(host).get("sessions")["sessions"]
                                   if one["mode"] and one["mode"]["width"] == 1000])
    (sway,) = host.sway_pids()
    os.kill(sway, signal.SIGKILL)
    out, err = probe.communicate(timeout=30)
    assert probe.returncode != 0, out + err
    wait_for("the next sway", lambda: host.sway_pids() not in ([], [sway]))
    report = host.probe(identity, "--seconds", "0.5")
    assert not report["display"]["kept"]


@with_host("--pair")
def two_clients_have_a_display_each(host):
    one, two = host.paired(), host.paired()
    first = start_probe(host, one, "--mode", "1100x700@60", "--seconds", "6")
    second = start_probe(host, two, "--mode", "1200x650@60", "--seconds", "6")
    wait_for("both displays", lambda: {(1100, 700, 60000), (1200, 650, 60000)} <=
             set(host.outputs().values()))
    for probe in (first, second):
        out, err = probe.communicate(timeout=60)
        assert probe.returncode == 0, out + err


@with_host("--pair")
def the_same_client_again_takes_its_display_over(host):
    identity = host.paired()
    first = start_probe(host, identity, "--mode", "1100x700@60", "--seconds", "30")
    wait_for("the display", lambda: (1100, 700, 60000) in host.outputs().values())
    second = host.probe(identity, "--mode", "1100x700@60", "--seconds", "0.5")
    out, err = first.communicate(timeout=30)
    assert first.returncode != 0 and "supersed" in (out + err + host.read_log()), out + err
    assert second["display"]["kept"]


@with_host("--pair")
def strangers_are_refused(host):
    host.probe(host.new_identity(), "--seconds", "0.2", expect=4)
    assert not host.outputs()


@with_host("--open")
def an_open_host_admits_strangers(host):
    host.probe(host.new_identity(), "--seconds", "0.2")


@with_host("--pair")
def three_wrong_pins_void_the_pin(host):
    identity, pin = host.new_identity(), host.pin()
    wrong = "000000" if pin != "000000" else "000001"
    for _ in range(3):
        host.probe(identity, "--pin", wrong, expect=4)
    wait_for("the next PIN", lambda: host.pin() != pin)
    host.probe(identity, "--pin", pin, expect=4)
    host.probe(identity, "--pin", host.pin(), "--seconds", "0.2")


@with_host("--pair")
def guessing_pins_is_limited(host):
    identity = host.new_identity()
    for _ in range(12):
        host.probe(identity, "--pin", "000000", expect=4)
    result = subprocess.run(host.probe_command(identity, "--pin", host.pin()), text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    assert result.returncode == 4 and "wait a minute" in result.stdout + result.stderr + host.read_log()


@with_host("--pair")
def impossible_modes_are_declined_by_name(host):
    identity = host.paired()
    for mode in ("0x0@60", "20000x20000@60", "1280x0@60"):
        result = subprocess.run(host.probe_command(identity, "--mode", mode, "--seconds", "0.2"), text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
        assert result.returncode in (2, 5), (mode, result.stdout, result.stderr)
        assert "width" in result.stdout + result.stderr or "height" in result.stdout + result.stderr \
            or result.returncode == 2, (mode, result.stdout, result.stderr)


def tls(host):
    url = urllib.parse.urlsplit(host.url)
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    raw = socket.create_connection((url.hostname, url.port), timeout=15)
    return context.wrap_socket(raw, server_hostname="localhost")


def ask(host, request):
    with tls(host) as connection:
        connection.sendall(request)
        answer = b""
        while True:
            try:
                part = connection.recv(65536)
            except (ConnectionError, ssl.SSLError, socket.timeout):
                break
            if not part:
                break
            answer += part
    return answer


@with_host("--pair")
def hostile_bytes_harm_nobody_else(host):
    identity = host.paired()
    probe = start_probe(host, identity, "--mode", "1000x640@60", "--seconds", "8")
    wait_for("the display", lambda: (1000, 640, 60000) in host.outputs().values())
    upgrade = (b"GET /session HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
               b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
               b"Sec-WebSocket-Protocol: lodge.v1\r\n")
    expected = [
        (b"\x00\x01\x02garbage\r\n\r\n", b" 400 "),
        (b"GET / HTTP/1.0\r\n\r\n", b" 505 "),
        (b"GET / HTTP/1.1\r\n\r\n", b" 400 "),
        (b"GET /" + b"a" * 5000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", b" 414 "),
        (b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 8000 + b"\r\n", b" 431 "),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n", b" 413 "),
        (b"GET /nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", b" 404 "),
        (b"GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", b" 404 "),
        (b"DELETE / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", b" 405 "),
        (upgrade + b"Origin: https://elsewhere.test\r\n\r\n", b" 403 "),
        (upgrade.replace(b"lodge.v1", b"other") + b"\r\n", b" 400 "),
        (upgrade.replace(b"Version: 13", b"Version: 7") + b"\r\n", b" 426 "),
        # after a good upgrade: an unmasked frame, a reserved opcode, a huge length, a text message, garbage
        (upgrade + b"\r\n\x82\x01\x08", b" 101 "),
        (upgrade + b"\r\n\x83\x81\0\0\0\0a", b" 101 "),
        (upgrade + b"\r\n\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\0\0\0\0", b" 101 "),
        (upgrade + b"\r\n\x81\x81\0\0\0\0a", b" 101 "),
        (upgrade + b"\r\n\x82\x81\0\0\0\0\xee", b" 101 "),
    ]
    for request, status in expected:
        answer = ask(host, request)
        assert status in answer[:64], (request[:120], answer[:200])
    url = urllib.parse.urlsplit(host.url)
    with socket.create_connection((url.hostname, url.port), timeout=15) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"HTTPS" in plain.recv(4096)
    for _ in range(60):
        socket.create_connection((url.hostname, url.port), timeout=15).close()
    out, err = probe.communicate(timeout=60)
    assert probe.returncode == 0, out + err
    assert json.loads(out)["lost"] == 0


@with_host("--pair")
def coming_and_going_leaks_no_descriptor(host):
    identity = host.paired()
    for _ in range(3):
        host.probe(identity, "--seconds", "0.1")
    count = lambda: len(os.listdir(f"/proc/{host.process.pid}/fd"))  # noqa: E731
    time.sleep(0.5)
    before = count()
    for _ in range(10):
        host.probe(identity, "--seconds", "0.1")
    wait_for("as many descriptors as before", lambda: count() <= before)


def wrong_usage_is_named_in_one_line():
    lodged = os.path.join(BUILD, "src/host/lodged")
    for options, word in ((["--bogus"], "--bogus"), (["--listen", "nowhere"], "nowhere"),
                          (["--listen", "127.0.0.1:99999"], "99999"), (["--desktop", "x11"], "x11"),
                          (["--spawn"], "--spawn"), (["extra"], "extra"), (["--launch", "foot"], "--launch"),
                          (["--state", ""], "folder")):
        result = subprocess.run([lodged, *options], text=True, capture_output=True, timeout=20)
        assert result.returncode == 2, (options, result)
        assert word in result.stderr and result.stderr.count("\n") == 1, (options, result.stderr)


def version_and_help_answer():
    lodged = os.path.join(BUILD, "src/host/lodged")
    for option, word in (("--version", "lodged 0."), ("--help", "--spawn sway")):
        result = subprocess.run([lodged, option], text=True, capture_output=True, timeout=20)
        assert result.returncode == 0 and word in result.stdout, (option, result)


def a_key_that_others_may_read_is_refused():
    folder = tempfile.mkdtemp(prefix="lodge-test-")
    try:
        key = os.path.join(folder, "key.pem")
        open(key, "w").close()
        os.chmod(key, 0o644)
        result = subprocess.run([os.path.join(BUILD, "src/host/lodged"), "--spawn", "sway", "--listen",
                                 "127.0.0.1:0", "--state", folder, "--config", folder, "--pages", PAGES],
                                text=True, capture_output=True, timeout=30)
        assert result.returncode == 1 and "key.pem" in result.stderr, result
    finally:
        shutil.rmtree(folder)


sys.exit(run_tests([
    version_and_help_answer,
    wrong_usage_is_named_in_one_line,
    a_key_that_others_may_read_is_refused,
    every_mode_that_is_asked_for_is_the_output_s,
    keys_reach_the_terminal_and_its_answer_is_seen,
    a_display_lingers_is_given_back_and_goes,
    windows_follow_from_one_display_to_the_next,
    a_resize_changes_the_same_output,
    a_killed_client_leaves_a_lingering_display,
    a_crash_of_sway_ends_sessions_and_heals,
    two_clients_have_a_display_each,
    the_same_client_again_takes_its_display_over,
    strangers_are_refused,
    an_open_host_admits_strangers,
    three_wrong_pins_void_the_pin,
    guessing_pins_is_limited,
    impossible_modes_are_declined_by_name,
    hostile_bytes_harm_nobody_else,
    coming_and_going_leaks_no_descriptor,
]))
