"""A lodged with a private sway for tests, and the means to look at both."""
import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import traceback

from desktop import ask

DEADLINE_S = 20
PAGES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../web/viewer")


def wait_for(what, check, deadline_s=DEADLINE_S):
    """The first true value of check(); an error that names `what` when it does not come."""
    until = time.monotonic() + deadline_s
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() > until:
            raise AssertionError(f"{what} did not come within {deadline_s} s")
        time.sleep(0.02)


class Host:
    """
    `desktop`: a running sway (desktop.py) to attach to, instead of an own one. `folder`: another host's, to go on with.
    `behind`: a command that sets something up and then becomes lodged.
    """

    def __init__(self, build, *options, launch=("foot sh",), spawn=True, desktop=None, folder=None,
                 settings=None, behind=()):
        self.build = build
        self.desktop = desktop
        self.folder = folder or tempfile.mkdtemp(prefix="lodge-test-")
        self.runtime = os.path.join(self.folder, "run")
        self.state = os.path.join(self.folder, "state")
        for path in (self.runtime, self.state):
            os.makedirs(path, 0o700, exist_ok=True)
        if settings is not None:
            os.makedirs(os.path.join(self.folder, "config"), 0o700)
            with open(os.path.join(self.folder, "config/display-settings.json"), "w") as file:
                file.write(settings)
        self.log_path = os.path.join(self.folder, "log")
        command = [*behind, self.program("src/host/lodged"), "--listen", "127.0.0.1:0", "--print-ready",
                   "--pages", PAGES, "--state", self.state, "--config", os.path.join(self.folder, "config"), *options]
        environment = dict(os.environ, XDG_RUNTIME_DIR=self.runtime)
        if desktop:
            environment.update(SWAYSOCK=desktop.ipc, WAYLAND_DISPLAY=desktop.wayland)
        elif spawn:
            command += ["--spawn", "sway"]
            for one in launch:
                command += ["--launch", one]
        environment.setdefault("ASAN_OPTIONS", "abort_on_error=0:detect_leaks=1")
        self.log = open(self.log_path, "a" if folder else "w")
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log, text=True,
                                        env=environment)
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError("lodged did not get ready:\n" + self.read_log())
        self.ready = json.loads(line)
        self.url = self.ready["url"]
        self.identities = 0

    def program(self, path):
        return os.path.join(self.build, path)

    def read_log(self):
        with open(self.log_path, errors="replace") as log:
            return log.read()

    def pin(self):
        with open(os.path.join(self.state, "pairing-pin")) as file:
            return file.read().strip()

    def new_identity(self):
        self.identities += 1
        return os.path.join(self.folder, f"identity-{self.identities}.pem")

    def probe_command(self, identity, *options):
        return [self.program("client/lodge-probe"), "--url", self.url, "--insecure", "--json",
                "--identity", identity, *options]

    def probe(self, identity, *options, expect=0):
        """Runs a probe to its end; its JSON."""
        result = subprocess.run(self.probe_command(identity, *options), text=True, timeout=90,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if result.returncode != expect:
            raise AssertionError(f"probe ended with {result.returncode}, not {expect}: "
                                 f"{result.stdout}{result.stderr}\n{self.read_log()}")
        return json.loads(result.stdout) if result.stdout.strip().startswith("{") else {}

    def paired(self):
        """An identity that the host knows."""
        identity = self.new_identity()
        self.probe(identity, "--pin", self.pin(), "--seconds", "0.1")
        return identity

    def sway_socket(self):
        if self.desktop:
            return self.desktop.ipc
        for root, _, names in os.walk(self.runtime):
            for name in names:
                if name.startswith("sway-ipc"):
                    return os.path.join(root, name)
        return None

    def sway(self, kind, payload=""):
        """One i3-ipc request: 0 runs a command, 3 lists outputs, 4 the tree."""
        return ask(wait_for("sway's socket", self.sway_socket), kind, payload)

    def outputs(self):
        """The outputs that are in use: name -> (width, height, refresh in mHz)."""
        found = {}
        for output in self.sway(3):
            mode = output.get("current_mode") or {}
            if output["active"] and mode.get("width", 0) > 16:
                found[output["name"]] = (mode["width"], mode["height"], mode["refresh"])
        return found

    def windows(self):
        """Application ids and the output each is on."""
        found = {}

        def walk(node, output):
            if node["type"] == "output":
                output = node["name"]
            if node.get("app_id"):
                found[node["app_id"]] = output
            for child in node["nodes"] + node["floating_nodes"]:
                walk(child, output)
        walk(self.sway(4), None)
        return found

    def processes(self):
        """Every process that lives in the private desktop: it has our runtime folder in its environment."""
        found = []
        for name in os.listdir("/proc"):
            if not name.isdigit() or int(name) == self.process.pid:
                continue
            try:
                with open(f"/proc/{name}/environ", "rb") as file:
                    if self.runtime.encode() in file.read():
                        found.append(int(name))
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                continue
        return found

    def sway_pids(self):
        return [pid for pid in self.processes() if command_name(pid) == "sway"]

    def alive(self):
        return self.process.poll() is None

    def kill(self):
        """Ends lodged as a crash would; its folder stays, for another one to go on with."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.log.close()
        self.process.stdout.close()

    def hand_over(self):
        """Ends lodged as an operator would; its folder stays, and what it keeps for another one to go on with."""
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(timeout=DEADLINE_S)
        self.log.close()
        self.process.stdout.close()
        if status != 0:
            raise AssertionError(f"lodged ended with {status}:\n{self.read_log()[-2000:]}")

    def end_kept(self):
        """Desktops that are kept outlive their host: their keepers end them when they are told from outside."""
        for root, _, names in os.walk(self.runtime):
            if "record" not in names:
                continue
            try:
                with open(os.path.join(root, "record")) as file:
                    record = dict(line.split(" ", 1) for line in file.read().splitlines() if " " in line)
                if record.get("kept") == "1":
                    os.kill(int(record["keeper"].split()[0]), signal.SIGTERM)
            except (FileNotFoundError, ProcessLookupError):
                continue

    def stop(self):
        """Ends lodged as an operator would; complains about what it leaves behind and about sanitizers."""
        if self.alive():
            self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(timeout=DEADLINE_S)
        self.log.close()
        self.process.stdout.close()
        log = self.read_log()
        self.end_kept()
        try:
            wait_for("the end of every process", lambda: not self.processes())
            # A keeper removes its folder as its last deed.
            try:
                wait_for("the end of every file", lambda: not os.listdir(self.runtime))
            except AssertionError:
                raise AssertionError(f"files are left: {os.listdir(self.runtime)}") from None
            for word in ("AddressSanitizer", "LeakSanitizer", "runtime error:"):
                if word in log:
                    raise AssertionError("a sanitizer speaks:\n" + log[max(0, log.index(word) - 200):][:3000])
            if status != 0:
                raise AssertionError(f"lodged ended with {status}:\n{log[-2000:]}")
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)


@contextlib.contextmanager
def ended_well(host):
    """
    Stops the host and looks at its end, too: Host.stop complains about every process and file that is left. What failed
    before counts first, and is told with the last lines of the log. `host`: whatever has read_log() and stop().
    """
    try:
        yield host
    except BaseException:
        try:
            print("# " + "\n# ".join(host.read_log().splitlines()[-40:]))
            host.stop()
        except Exception as error:  # noqa: BLE001 - the first failure is the one to be raised
            print("# while stopping: " + "\n# ".join(str(error).splitlines()))
        raise
    host.stop()


def command_name(pid):
    try:
        with open(f"/proc/{pid}/comm") as file:
            return file.read().strip()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def run_tests(tests, names=()):
    """TAP for meson. Each test is a function; its name is what it proves. `names`: those alone, unless there are none."""
    tests = [test for test in tests if not names or test.__name__ in names]
    print(f"1..{len(tests)}", flush=True)
    failed = 0
    for number, test in enumerate(tests, 1):
        try:
            test()
            print(f"ok {number} - {test.__name__}", flush=True)
        except Exception as error:  # noqa: BLE001 - every kind of failure is reported the same way
            failed += 1
            print(f"not ok {number} - {test.__name__}", flush=True)
            told = (str(error) or traceback.format_exc()).splitlines()
            for line in [*told[:6], *told[6:][-40:]]:
                print(f"# {line}", flush=True)
    return 1 if failed else 0
