"""Desktops of clients' own on a running host: how soon, how fast two at once, how big at rest, how late their sound is."""
import os
import time

from sounds import write_tone

from .desktop import BenchError, stop, wait_for
from .displays import identity, middle, paired, pair
from .servers import Lodged, result_of

FIRST_FRAME_MOST_MS = 1000
KEPT = 3
QUANTUM_MS = 5
OPUS_FRAME_MS = 5
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
MODE = "1280x720@60"


class Isolating(Lodged):
    """A host with a private desktop of its own, beside which each client gets one."""

    desktop_options = ("--spawn", "sway")


def isolating(desktop, programs, *policy, launch=()):
    options = [word for command in launch for word in ("--launch", command)]
    return paired(desktop, programs, "desktop=isolated", *policy, extra=options, server=Isolating)


def processes_below(root):
    """All descendants: a tree's keeper is the host's child, and everything else in it the keeper's."""
    children = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                parent = int(file.read().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
        children.setdefault(parent, []).append(int(name))
    found = []
    waiting = [root]
    while waiting:
        found.append(waiting.pop())
        waiting += children.get(found[-1], [])
    return found


def keepers(running):
    found = []
    for pid in processes_below(running.process.pid):
        try:
            with open(f"/proc/{pid}/comm", encoding="utf-8") as file:
                if file.read().strip() == "lodge-keeper":
                    found.append(pid)
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def cpu_s(pids):
    """What they have used so far; one that has ended is left out of both sums."""
    used = {}
    for pid in pids:
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
                fields = file.read().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        used[pid] = (int(fields[11]) + int(fields[12])) / TICKS_PER_S
    return used


def first_frames(desktop, programs, size, say):
    """From WELCOME to the first picture of a desktop that was not there, with its bus, its sound and its compositor."""
    times = []
    with isolating(desktop, programs, "keep_alive=off") as running:
        pair(desktop, running, "first")
        for run in range(size["desktops"]):
            if run % 10 == 0:
                say(f"fresh desktops, {run} of {size['desktops']}")
            wait_for("the last desktop to end", lambda: not keepers(running), 10)
            report = result_of(running.probe(MODE, "--identity", identity(desktop, "first"), "--send", "quit"),
                               "lodge-probe", 30)
            times.append(report["first_frame_ms"] - report["attach_ms"])
    return middle(times)


def motion(desktop, programs, size, say):
    """One desktop in full motion, then two at once: pictures and processor of host and desktops, without the clients'."""
    card = f"{os.path.abspath(programs['lodge-testcard'])} scroll --app-id card"
    rows = []
    with isolating(desktop, programs, "keep_alive=off", launch=(card,)) as running:
        names = ["one", "two"]
        for name in names:
            pair(desktop, running, name)
        for count in (1, 2):
            say(f"{count} in full motion")
            wait_for("the last desktops to end", lambda: not keepers(running), 10)
            probes = [running.probe(MODE, "--identity", identity(desktop, name), "--settle", "3000", "--seconds",
                                    str(size["seconds"])) for name in names[:count]]
            try:
                wait_for("the desktops", lambda: len(keepers(running)) == count, 10)
                time.sleep(4)
                before = cpu_s(processes_below(running.process.pid))
                began = time.monotonic()
                time.sleep(max(size["seconds"] - 2, 1))
                after = cpu_s(before)
                lasted = time.monotonic() - began
                reports = [result_of(probe, "lodge-probe", size["seconds"] + 60) for probe in probes]
            finally:
                for probe in probes:
                    stop(probe)
            rows.append({"desktops": count, "fps": [report["fps"] for report in reports],
                         "latency_p95_ms": [report["capture_to_decoded_ms"]["p95"] for report in reports],
                         "cpu": 100 * sum(after[pid] - before[pid] for pid in after) / lasted,
                         "host_cpu": reports[0]["cpu"]["server"]})
    return rows


def pss_kb(pids):
    total = 0
    for pid in pids:
        try:
            with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
                total += next(int(line.split()[1]) for line in file if line.startswith("Pss:"))
        except (FileNotFoundError, ProcessLookupError):
            continue
    return total


def memory(desktop, programs, size, say):
    """Of a desktop that is kept and on which nothing runs; what the host itself needs for it is in there."""
    with isolating(desktop, programs, "keep_alive=600") as running:
        names = [f"kept-{number}" for number in range(KEPT)]
        # Quit, so that the host has seen everything once.
        for name in names:
            pair(desktop, running, name, "--send", "quit")
        wait_for("the pairings' desktops to end", lambda: not keepers(running), 10)
        host_before = pss_kb([running.process.pid])
        for name in names:
            say(f"a desktop for {name}")
            result_of(running.probe(MODE, "--identity", identity(desktop, name), "--seconds", "0.5"), "lodge-probe", 30)
        time.sleep(size["idle_seconds"])
        trees = keepers(running)
        if len(trees) != KEPT:
            raise BenchError(f"{len(trees)} desktops were kept, not {KEPT}")
        desktops = sum(pss_kb(processes_below(keeper)) for keeper in trees)
        used = cpu_s([pid for keeper in trees for pid in processes_below(keeper)])
        time.sleep(size["idle_seconds"])
        still = cpu_s(used)
        host = pss_kb([running.process.pid]) - host_before
    return {"desktops": KEPT, "desktop_kb": desktops / KEPT, "host_kb": host / KEPT,
            "cpu": 100 * sum(still[pid] - used[pid] for pid in still) / size["idle_seconds"] / KEPT}


def sound(desktop, programs, size, say):
    """From a sample's turn in the desktop's sink to the client that has decoded it."""
    wav = os.path.join(desktop.folder, "tone.wav")
    write_tone(wav, 440, 120)
    with isolating(desktop, programs, "keep_alive=off", launch=(f"pw-play {wav}",)) as running:
        pair(desktop, running, "listener")
        wait_for("the pairing's desktop to end", lambda: not keepers(running), 10)
        say("sound")
        report = result_of(running.probe("640x360@30", "--identity", identity(desktop, "listener"), "--listen", "--settle",
                                         "1000", "--seconds", str(size["seconds"])), "lodge-probe", 60)
    heard = report["sound"]
    if heard["peak_db"] < -20:
        raise BenchError(f"the tone was not heard: {heard}")
    return {"latency_ms": heard["capture_to_decoded_ms"], "lost": heard["lost"], "floor_ms": QUANTUM_MS + OPUS_FRAME_MS}


def isolated(desktop, programs, size, say):
    return {"first_frame_ms": first_frames(desktop, programs, size, say), "motion": motion(desktop, programs, size, say),
            "memory": memory(desktop, programs, size, say), "sound": sound(desktop, programs, size, say)}


def verdicts(data):
    if not data:
        return []
    first = data["first_frame_ms"]["p50"]
    return [{"workload": "a desktop of one's own", "quantity": "ms to the first picture", "ratio": round(first, 1),
             "target": f"<= {FIRST_FRAME_MOST_MS}", "met": first <= FIRST_FRAME_MOST_MS}]


def text(data):
    first, kept, heard = data["first_frame_ms"], data["memory"], data["sound"]
    one, two = data["motion"]
    lines = ["Desktops of clients' own",
             f"to the first picture of a new one: p50 {first['p50']:.0f}, p95 {first['p95']:.0f} ms ({first['n']} of them)"]
    for row in data["motion"]:
        rates = " and ".join(f"{fps:.1f}" for fps in row["fps"])
        lines.append(f"{row['desktops']} in full motion at {MODE}: {rates} pictures/s, host and desktops {row['cpu']:.0f} % CPU, "
                     f"p95 {max(row['latency_p95_ms']):.1f} ms")
    lines.append(f"two beside one: CPU x {two['cpu'] / one['cpu']:.2f}, pictures x {min(two['fps']) / one['fps'][0]:.2f} each")
    lines.append(f"a kept one at rest: {kept['desktop_kb'] / 1024:.1f} MiB (PSS), {kept['cpu']:.2f} % CPU; the host needs "
                 f"{kept['host_kb'] / 1024:.1f} MiB for it")
    lines.append("sound, from the sink to decoded: p50 {:.1f}, p95 {:.1f} ms; a quantum and an Opus frame are {} ms; {} lost".format(
        heard["latency_ms"]["p50"], heard["latency_ms"]["p95"], heard["floor_ms"], heard["lost"]))
    for found in verdicts(data):
        lines.append(f"{found['quantity']} {found['ratio']} (target {found['target']}): {'met' if found['met'] else 'MISSED'}")
    return "\n".join(lines)
