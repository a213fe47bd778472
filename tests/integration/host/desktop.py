"""A running sway that is not lodged's own: what lodged attaches to on somebody's machine."""
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
CONFIG = """xwayland disable
default_border none
output HEADLESS-1 mode --custom 1600x900@60Hz position 0 0
"""


def ask(path, kind, payload=""):
    """One i3-ipc request: 0 runs a command, 3 lists outputs, 4 the tree, 7 the version."""
    with socket.socket(socket.AF_UNIX) as ipc:
        ipc.settimeout(20)
        ipc.connect(path)
        body = payload.encode()
        ipc.sendall(b"i3-ipc" + struct.pack("=II", len(body), kind) + body)
        answer = b""
        while len(answer) < 14 or len(answer) < 14 + struct.unpack("=I", answer[6:10])[0]:
            part = ipc.recv(65536)
            if not part:
                raise AssertionError("sway closed its socket")
            answer += part
    return json.loads(answer[14:])


class Desktop:
    """`testing`: the sway of Debian testing, in its chroot; else the one on the PATH."""

    def __init__(self, testing=False, launch=("foot sh",)):
        self.runtime = tempfile.mkdtemp(prefix="lodge-desktop-")
        os.chmod(self.runtime, 0o700)
        config = os.path.join(self.runtime, "config")
        with open(config, "w") as file:
            file.write(CONFIG + "".join(f"exec {one}\n" for one in launch))
        command = ["sway", "-c", config]
        if testing:
            command = [os.path.join(ROOT, "tools/in-testing-chroot"), *command]
        elif os.getuid() == 0:  # sway of Debian 12 refuses to run as root
            command = ["unshare", "--map-user=1000", "--map-group=1000", *command]
        environment = {name: value for name, value in os.environ.items()
                       if name not in ("WAYLAND_DISPLAY", "DISPLAY", "SWAYSOCK")}
        environment.update(XDG_RUNTIME_DIR=self.runtime, WLR_BACKENDS="headless", WLR_RENDERER="pixman",
                           WLR_LIBINPUT_NO_DEVICES="1")
        self.log = open(os.path.join(self.runtime, "log"), "w")
        self.process = subprocess.Popen(command, env=environment, stdout=self.log, stderr=self.log,
                                        start_new_session=True)
        until = time.monotonic() + 20
        while not self.find_sockets():
            if time.monotonic() > until or self.process.poll() is not None:
                self.stop()
                raise AssertionError("sway did not start")
            time.sleep(0.02)
        version = self.ask(7)
        self.version = (version["major"], version["minor"])

    def find_sockets(self):
        names = os.listdir(self.runtime)
        ipc = [name for name in names if name.startswith("sway-ipc")]
        wayland = [name for name in names if name.startswith("wayland-") and not name.endswith(".lock")]
        if not ipc or not wayland:
            return False
        self.ipc = os.path.join(self.runtime, ipc[0])
        self.wayland = os.path.join(self.runtime, wayland[0])
        try:
            self.ask(3)
        except OSError:
            return False
        return True

    def ask(self, kind, payload=""):
        return ask(self.ipc, kind, payload)

    def command(self, text):
        for answer in self.ask(0, text):
            assert answer["success"], (text, answer)

    def outputs(self):
        """What can be seen of every output: name -> (on, width, height, x, y, scale). Parked ones (16 x 16) are left out."""
        found = {}
        for output in self.ask(3):
            mode = output.get("current_mode") or {}
            width, height = mode.get("width", 0), mode.get("height", 0)
            if output["active"] and width <= 16:
                continue
            place = output["rect"]
            found[output["name"]] = (output["active"], width, height, place["x"], place["y"],
                                     output.get("scale")) if output["active"] else (False,)
        return found

    def can_turn_off(self):
        return self.version >= (1, 8)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.log.close()
        shutil.rmtree(self.runtime, ignore_errors=True)
