"""A private headless sway with test cards on it. Nothing of the user's own session is touched."""
import glob
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time

START_S = 10
STOP_S = 5
WINDOW_S = 10
CONFIG = """xwayland disable
default_border none
focus_follows_mouse no
output * bg #202020 solid_color
"""


class BenchError(Exception):
    """Something did not come about in time; the sentence says what."""


def wait_for(what, condition, seconds):
    """The first true value of `condition`, asked every 20 ms."""
    due = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= due:
            raise BenchError(f"waited {seconds} s for {what}")
        time.sleep(0.02)


def stop(process):
    """Ends a process that was started here."""
    if process is None or process.poll() is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class Desktop:
    """sway on headless outputs in a runtime folder of its own."""

    RUN_COMMAND, GET_OUTPUTS, GET_TREE = 0, 3, 4

    def __init__(self, testcard):
        self.testcard = testcard
        self.folder = tempfile.mkdtemp(prefix="lodge-bench-")
        self.log = open(os.path.join(self.folder, "log"), "ab")
        self.sway = None
        self.ipc = None
        self.cards = []

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        os.chmod(self.folder, 0o700)
        config = os.path.join(self.folder, "config")
        with open(config, "w", encoding="utf-8") as file:
            file.write(CONFIG)
        self.environment = dict(os.environ, XDG_RUNTIME_DIR=self.folder, XDG_STATE_HOME=self.folder,
                                XDG_CONFIG_HOME=self.folder, WLR_BACKENDS="headless",
                                WLR_RENDERER="pixman", WLR_LIBINPUT_NO_DEVICES="1",
                                WLR_HEADLESS_OUTPUTS="1")
        for name in ("WAYLAND_DISPLAY", "DISPLAY", "SWAYSOCK"):
            self.environment.pop(name, None)
        command = ["sway", "-c", config]
        if os.getuid() == 0:  # sway 1.7 does not want to be root
            command = ["unshare", "--map-user=1000", "--map-group=1000"] + command
        self.sway = self.spawn(command)
        path = wait_for("sway to start", self.find_socket, START_S)
        self.ipc = socket.socket(socket.AF_UNIX)
        self.ipc.settimeout(START_S)
        self.ipc.connect(path)
        self.environment["SWAYSOCK"] = path
        self.environment["WAYLAND_DISPLAY"] = os.path.basename(
            [name for name in glob.glob(self.folder + "/wayland-*") if not name.endswith(".lock")][0])
        self.home = self.outputs()[0]["name"]

    def find_socket(self):
        if self.sway.poll() is not None:
            raise BenchError(f"sway ended with {self.sway.returncode}; see {self.folder}/log")
        return next(iter(glob.glob(self.folder + "/sway-ipc.*.sock")), None)

    def spawn(self, command, **options):
        options.setdefault("stdin", subprocess.DEVNULL)
        options.setdefault("stdout", self.log)
        return subprocess.Popen(command, env=self.environment, stderr=self.log, **options)

    def ask(self, kind, payload=""):
        data = payload.encode()
        self.ipc.sendall(b"i3-ipc" + struct.pack("=II", len(data), kind) + data)
        header = self.receive(14)
        size, _ = struct.unpack("=II", header[6:])
        return json.loads(self.receive(size))

    def receive(self, size):
        data = b""
        while len(data) < size:
            part = self.ipc.recv(size - len(data))
            if not part:
                raise BenchError("sway closed its socket")
            data += part
        return data

    def command(self, text):
        for result in self.ask(self.RUN_COMMAND, text):
            if not result["success"]:
                raise BenchError(f"sway: {text}: {result.get('error')}")

    def outputs(self):
        return self.ask(self.GET_OUTPUTS)

    def set_mode(self, output, mode):
        """ "1920x1080@60" """
        self.command(f"output {output} mode --custom {mode}Hz")
        wanted = mode.split("@")[0]

        def has_mode():
            for one in self.outputs():
                if one["name"] == output:
                    current = one.get("current_mode") or {}
                    return f"{current.get('width')}x{current.get('height')}" == wanted
            return False

        wait_for(f"{output} to have {mode}", has_mode, START_S)

    def windows(self):
        """{app id: (output, width, height)}"""
        found = {}

        def walk(node, output):
            if node.get("type") == "output":
                output = node["name"]
            if node.get("app_id"):
                rect = node["rect"]
                found[node["app_id"]] = (output, rect["width"], rect["height"])
            for child in node.get("nodes", []) + node.get("floating_nodes", []):
                walk(child, output)

        walk(self.ask(self.GET_TREE), None)
        return found

    def show(self, modes, output):
        """One card full screen, or two side by side; the last one has the keyboard."""
        for index, mode in enumerate(modes):
            name = f"card{index}"
            self.command(f"focus output {output}")
            self.cards.append(self.spawn(self.testcard(mode, name)))
            wait_for(f"the window of {mode}", lambda name=name: name in self.windows(), WINDOW_S)
            if self.windows()[name][0] != output:
                self.command(f'[app_id="{name}"] move container to output {output}')
        last = f"card{len(modes) - 1}"
        self.command(f'[app_id="{last}"] focus')
        if len(modes) == 1:
            self.command(f'[app_id="{last}"] fullscreen enable')
        if self.windows()[last][0] != output:
            raise BenchError(f"{last} is not on {output}")

    def clear(self):
        for card in self.cards:
            stop(card)
        self.cards = []
        wait_for("the windows to close", lambda: not self.windows(), WINDOW_S)

    def cpu_arguments(self):
        return ["--cpu", f"sway={self.sway.pid}"]

    def stop(self):
        for card in self.cards:
            stop(card)
        stop(self.sway)
        if self.ipc:
            self.ipc.close()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)
