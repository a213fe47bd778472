"""People with a desktop of their own on a host under test, and what goes on in there."""
import glob
import json
import os
import signal
import subprocess
import time

import sounds
from host import command_name, wait_for

# The picture is white as soon as the terminal is on it; the shell then does what stands in its orders.
TERMINAL = "foot -o colors.background=ffffff -o colors.foreground=000000 sh"
AGENT = """cd {folder}
echo $$ > shell
exec 3<>orders
readlink /proc/self/ns/pid > namespace.new && mv namespace.new namespace
while read -r number line <&3; do
	( eval "$line" ) > answer.$number.new 2>&1 3<&-
	mv answer.$number.new answer.$number
done
"""
TERMINAL_IS_THERE = "wait-pixel:600,500,>200,20000"


class Person:
    def __init__(self, host, name):
        self.host = host
        self.name = name
        self.identity = host.new_identity()
        self.folder = os.path.join(host.folder, name)
        self.inside = self.folder  # where programs on the desktop find it
        self.asked = 0
        self.visits = []
        os.mkdir(self.folder)
        host.probe(self.identity, "--pin", host.pin(), "--label", name, "--seconds", "0.1", "--mode", "640x360@30",
                   "--send", "quit")

    def file(self, name):
        return os.path.join(self.folder, name)

    def read(self, name):
        try:
            with open(self.file(name)) as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def visit(self, *options, script=TERMINAL_IS_THERE):
        """A probe that runs beside the test; leave() is its end. `seconds` among the options counts from the first picture."""
        arguments = [*options, *(("--send", script) if script else ())]
        visit = subprocess.Popen(self.host.probe_command(self.identity, "--mode", "640x600@30", *arguments), text=True,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.visits.append(visit)
        return visit

    def leave(self, expect=0):
        """Waits for the end of the newest visit: its JSON."""
        visit = self.visits.pop()
        out, err = visit.communicate(timeout=60)
        if expect is not None and visit.returncode != expect:
            raise AssertionError(f"{self.name}'s probe ended with {visit.returncode}, not {expect}: {out}{err}\n"
                                 f"{self.host.read_log()}")
        return json.loads(out) if out.strip().startswith("{") else {}

    def end(self):
        """Ends the newest visit in an orderly way; its JSON."""
        self.visits[-1].send_signal(signal.SIGTERM)
        return self.leave()

    def hang_up(self):
        """Ends a visit as a crash would."""
        visit = self.visits.pop()
        visit.kill()
        visit.communicate()

    def move_in(self, *options):
        """By keys alone: the shell on the desktop becomes the agent."""
        for name in ("shell", "namespace", "orders"):
            if os.path.exists(self.file(name)):
                os.unlink(self.file(name))
        os.mkfifo(self.file("orders"), 0o600)
        with open(self.file("agent"), "w") as file:
            file.write(AGENT.format(folder=self.inside))
        self.visit(*(options or ("--seconds", "1")), script=f'{TERMINAL_IS_THERE} text:". {self.inside}/agent\\n"')

    def moved_in(self):
        self.namespace = wait_for(f"{self.name}'s shell", lambda: self.read("namespace").strip(), 40)
        self.shell = int(self.read("shell"))

    def order(self, command):
        """Starts a command on the desktop; the number under which its output comes."""
        self.asked += 1
        orders = os.open(self.file("orders"), os.O_WRONLY | os.O_NONBLOCK)
        try:
            os.write(orders, f"{self.asked} {command}\n".encode())
        finally:
            os.close(orders)
        return f"answer.{self.asked}"

    def answer(self, name, deadline_s=20):
        wait_for(f"what {self.name} ordered", lambda: os.path.exists(self.file(name)), deadline_s)
        return self.read(name)

    def run(self, command, deadline_s=20, inherit=True):
        """`inherit` False: what it leaves running has nothing of the order's open."""
        return self.answer(self.order(command if inherit else f"( {command} ) < /dev/null > /dev/null 2>&1 3<&-"), deadline_s)

    def play(self, path):
        self.run(f"pw-play {path} &", inherit=False)

    def start_recording(self, target, seconds, properties=""):
        return self.order(f"timeout {seconds} pw-record --target {target} {properties} --format s16 {self.file('record.wav')}")

    def recorded(self, answer):
        """Its samples, as the desktop's own programs have them: without a codec in between."""
        said = self.answer(answer)
        samples = sounds.read(self.file("record.wav"))[sounds.RATE_HZ // 4:]
        assert len(samples) > sounds.RATE_HZ, f"{len(samples)} samples: {said}"
        return samples

    def record(self, target, seconds, properties=""):
        return self.recorded(self.start_recording(target, seconds, properties))

    def processes(self):
        """What lives on this desktop: everything in its PID namespace, the keeper included."""
        return processes_in(self.namespace)

    def find(self, command):
        (found,) = [pid for pid in self.processes() if command_name(pid) == command]
        return found

    def kill(self, command):
        """The process id of what is no more."""
        found = self.find(command)
        os.kill(found, signal.SIGKILL)
        return found

    def gone(self):
        wait_for(f"the end of every process of {self.name}'s", lambda: not self.processes())


def processes_in(namespace):
    found = []
    for name in os.listdir("/proc"):
        try:
            if name.isdigit() and os.readlink(f"/proc/{name}/ns/pid") == namespace:
                with open(f"/proc/{name}/stat") as file:
                    if file.read().rpartition(")")[2].split()[0] != "Z":
                        found.append(int(name))
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
    return found


def both_move_in(*people):
    for one in people:
        one.move_in()
    for one in people:
        one.moved_in()
    for one in people:
        one.leave()


def in_own_mounts(*commands):
    """Of a host: where it may mount, as root or as root of a user namespace."""
    entered = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--mount", "--map-root-user"]
    return [*entered, "sh", "-ec", "; ".join([*commands, 'exec "$@"']), "sh"]


def trees(host):
    """The folders of isolated desktops that there are."""
    return [name for root, folders, _ in os.walk(host.runtime) for name in folders if name.startswith("tree.")]


def note_of(host):
    """Where the record of the one desktop is, from which a host that starts anew knows it."""
    (path,) = glob.glob(os.path.join(host.runtime, "**/tree.*/note"), recursive=True)
    return path


def change_note(host, part=None, **fields):
    """`part`: the object in it that has these fields."""
    with open(note_of(host)) as file:
        note = json.load(file)
    (note[part] if part else note).update(fields)
    with open(note_of(host), "w") as file:
        json.dump(note, file)


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def settled(measure, still_s=1.0, deadline_s=20):
    """The value once it has not changed for a while."""
    until = time.monotonic() + deadline_s
    value, since = measure(), time.monotonic()
    while time.monotonic() < until:
        time.sleep(0.05)
        now = measure()
        if now != value:
            value, since = now, time.monotonic()
        elif time.monotonic() - since > still_s:
            return value
    raise AssertionError(f"it does not settle: {value}")
