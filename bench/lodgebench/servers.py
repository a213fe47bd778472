"""The two servers, and what measures each: lodged with lodge-probe, wayvnc with rfbclient."""
import json
import os
import socket
import subprocess
import time

from .desktop import BenchError, stop, wait_for

START_S = 10
# In which the card moves to the display, and video comes to rest; the longer ones for a busy machine.
SETTLE_MS = (3000, 6000, 15000)
REST_S = 1


def result_of(process, what, seconds):
    """The one line of JSON that a measuring program prints."""
    try:
        output, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        stop(process)
        raise BenchError(f"{what} did not end within {seconds} s") from None
    if process.returncode != 0 or not output:
        raise BenchError(f"{what} ended with {process.returncode}: {output.decode()[:300]}")
    return json.loads(output)


class Lodged:
    """lodged attached to the desktop; every measurement is a client with a display of its own."""

    name = "lodged"
    desktop_options = ("--desktop", "sway")

    def __init__(self, desktop, programs, *options):
        self.desktop = desktop
        self.programs = programs
        self.options = options or ("--open",)
        self.process = None

    def __enter__(self):
        pages = os.path.join(self.desktop.folder, "pages")
        os.makedirs(pages, exist_ok=True)
        with open(os.path.join(pages, "index.html"), "w", encoding="utf-8") as file:
            file.write("<!doctype html><title>bench</title>")
        self.process = self.desktop.spawn(
            [self.programs["lodged"], *self.desktop_options, "--listen", "127.0.0.1:0", "--max-sessions", "256",
             "--print-ready", "--pages", pages, *self.options], stdout=subprocess.PIPE)
        line = self.process.stdout.readline()
        if not line:
            raise BenchError(f"lodged ended with {self.process.wait(START_S)}")
        self.url = json.loads(line)["url"]
        return self

    def __exit__(self, *_):
        stop(self.process)
        if self.process.stdout:
            self.process.stdout.close()

    def probe(self, mode, *arguments):
        return self.desktop.spawn(
            [self.programs["lodge-probe"], "--url", self.url, "--insecure", "--json", "--mode", mode,
             "--cpu", f"server={self.process.pid}", *self.desktop.cpu_arguments(), *arguments],
            stdout=subprocess.PIPE)

    def measure(self, cards, mode, arguments, seconds):
        for settle_ms in SETTLE_MS:
            result = self.try_measure(cards, mode, arguments, seconds, settle_ms)
            if result:
                return result
        raise BenchError("the cards never came in time to be at rest; the machine is too busy")

    def try_measure(self, cards, mode, arguments, seconds, settle_ms):
        before = {output["name"] for output in self.desktop.outputs()
                  if not is_parked(output)}
        begin = time.monotonic()
        probe = self.probe(mode, "--settle", str(settle_ms), *arguments)
        try:
            output = wait_for("the client's display", lambda: self.new_output(before, mode), START_S)
            self.desktop.show(cards, output)
            if time.monotonic() - begin > settle_ms / 1000 - REST_S:
                return None
            return result_of(probe, "lodge-probe", settle_ms / 1000 + seconds + 60)
        finally:
            stop(probe)
            if probe.stdout:
                probe.stdout.close()
            self.desktop.clear()

    def new_output(self, before, mode):
        wanted = mode.split("@")[0]
        for output in self.desktop.outputs():
            current = output.get("current_mode") or {}
            if output["name"] not in before and \
                    f"{current.get('width')}x{current.get('height')}" == wanted:
                return output["name"]
        return None


def is_parked(output):
    """sway 1.7 cannot remove an output; lodged keeps it 16 x 16 until it is needed again."""
    return (output.get("current_mode") or {}).get("width") == 16


class Wayvnc:
    """wayvnc on the desktop's first output."""

    name = "wayvnc"

    def __init__(self, desktop, programs):
        self.desktop = desktop
        self.programs = programs
        self.process = None

    def __enter__(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        # -f 60: its default of 30 would be no match for a 60 Hz output
        self.process = self.desktop.spawn(
            ["wayvnc", "-o", self.desktop.home, "-f", "60", "127.0.0.1", str(self.port)])
        wait_for("wayvnc to listen", self.listens, START_S)
        return self

    def listens(self):
        if self.process.poll() is not None:
            raise BenchError(f"wayvnc ended with {self.process.returncode}")
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def __exit__(self, *_):
        stop(self.process)

    def measure(self, cards, mode, arguments, seconds):
        self.desktop.set_mode(self.desktop.home, mode)
        self.desktop.show(cards, self.desktop.home)
        client = None
        try:
            client = self.desktop.spawn(
                [self.programs["rfbclient"], "--port", str(self.port), "--settle", "1500",
                 "--cpu", f"server={self.process.pid}", *self.desktop.cpu_arguments(), *arguments],
                stdout=subprocess.PIPE)
            return result_of(client, "rfbclient", seconds + 60)
        finally:
            stop(client)
            self.desktop.clear()
