"""The sections of the benchmark. Each returns plain data; the verdicts are drawn in report.py."""
import os
import time

from .desktop import wait_for
from .displays import displays
from .isolated import isolated
from .servers import Lodged, Wayvnc, result_of
from .together import together

WORKLOADS = {
    # name: cards, sample point in permille, what is measured
    "type": (["type"], "250,500", "latency"),
    "page": (["page"], "250,500", "latency"),
    "type beside scroll": (["scroll", "type"], "625,500", "latency"),
    "scroll": (["scroll"], "250,500", "motion"),
}


def arguments_of(point, kind, size):
    if kind == "latency":
        return ["--latency", str(size["keystrokes"]), "--at", point]
    return ["--seconds", str(size["seconds"])]


def peers(desktop, programs, size, say):
    """Both servers, one workload after the other, in turns, so that a disturbance meets both."""
    rows = []
    for workload in size["workloads"]:
        cards, point, kind = WORKLOADS[workload]
        for server in (Wayvnc, Lodged):
            say(f"{workload}: {server.name}")
            with server(desktop, programs) as running:
                result = running.measure(cards, "1920x1080@60", arguments_of(point, kind, size),
                                         size["seconds"] + size["keystrokes"] * 1.1)
            rows.append({"workload": workload, "server": server.name, **result})
    return rows


def photon(desktop, programs, size, say):
    """Key to decoded pixel against the floor: the same steps without a session or a network."""
    rows = []
    for mode in size["modes"]:
        for card in ("type", "page"):
            arguments = arguments_of("250,500", "latency", size)
            seconds = size["keystrokes"] * 1.1
            say(f"{card} at {mode}: lodged")
            with Lodged(desktop, programs) as running:
                lodged = running.measure([card], mode, arguments, seconds)
            say(f"{card} at {mode}: floor")
            desktop.set_mode(desktop.home, mode)
            desktop.show([card], desktop.home)
            try:
                process = desktop.spawn(
                    [programs["floor"], "-o", desktop.home, "-n", str(size["keystrokes"]),
                     "-r", mode.split("@")[1]], stdout=-1)
                floor = result_of(process, "floor", seconds + 30)
            finally:
                desktop.clear()
            rows.append({"card": card, "mode": mode, "lodged": lodged, "floor": floor})
    return rows


def throughput(desktop, programs, size, say):
    """Full motion at 1080p: lodged against capture and x264 alone."""
    say("full motion: lodged")
    with Lodged(desktop, programs) as running:
        lodged = running.measure(["scroll"], "1920x1080@60", ["--seconds", str(size["seconds"])],
                                 size["seconds"])
    say("full motion: bare loop")
    desktop.set_mode(desktop.home, "1920x1080@60")
    desktop.show(["scroll"], desktop.home)
    try:
        process = desktop.spawn(
            [programs["bare_loop"], "-o", desktop.home, "-s", str(size["seconds"]),
             "-c", f"sway={desktop.sway.pid}"], stdout=-1)
        bare = result_of(process, "bare_loop", size["seconds"] + 30)
    finally:
        desktop.clear()
    return {"lodged": lodged, "bare_loop": bare}


def context_switches(pid):
    """Of all threads: a thread that ends in between takes its count away, and none does here."""
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/status", encoding="ascii") as file:
            total += sum(int(line.split()[1]) for line in file if "ctxt_switches" in line)
    return total


def idle(desktop, programs, size, say):
    """A still desktop, with a client and without one."""
    with Lodged(desktop, programs) as running:
        say("idle with a client")
        result = running.measure(["idle"], "1920x1080@60", ["--seconds", str(size["idle_seconds"])],
                                 size["idle_seconds"])
        say("idle without a client")
        time.sleep(size["linger_seconds"])
        before = context_switches(running.process.pid)
        time.sleep(size["idle_seconds"])
        switches = context_switches(running.process.pid) - before
    return {"with_client": result, "context_switches_without_client": switches,
            "seconds": size["idle_seconds"]}


def resident_kb(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))


def memory(desktop, programs, size, say):
    """Resident memory during a 1080p session, and what connecting again and again leaves behind."""
    with Lodged(desktop, programs) as running:
        say("memory of a session")
        pid = running.process.pid
        empty = resident_kb(pid)
        probe = running.probe("1920x1080@60", "--view", "--seconds", "60")
        begin = time.monotonic()
        busy = 0
        try:
            output = wait_for("the client's display",
                              lambda: running.new_output({desktop.home}, "1920x1080@60"), 10)
            desktop.show(["scroll"], output)
            while time.monotonic() < begin + size["seconds"]:
                busy = max(busy, resident_kb(pid))
                time.sleep(0.1)
        finally:
            probe.terminate()
            probe.communicate(timeout=10)
            desktop.clear()

        def cycle():
            one = running.probe("1280x720@60", "--view", "--frames", "1")
            result_of(one, "lodge-probe", 30)

        say(f"{size['warm_up']} cycles to warm up")
        for _ in range(size["warm_up"]):
            cycle()
        warm = resident_kb(pid)
        say(f"{size['cycles']} cycles")
        for _ in range(size["cycles"]):
            cycle()
        after = resident_kb(pid)
    return {"empty_kb": empty, "session_1080p_kb": busy, "warm_kb": warm, "after_kb": after,
            "warm_up": size["warm_up"], "cycles": size["cycles"]}


def admission(desktop, programs, size, say):
    """The price of a decision on a desktop of 16 displays; it needs no compositor."""
    say("decisions")
    process = desktop.spawn([programs["admission"], "-n", str(size["runs"])], stdout=-1)
    return result_of(process, "admission", 120)


def isolation(desktop, programs, size, say):
    """An isolated desktop's start, end and memory; it needs no compositor."""
    say("isolated desktops")
    process = desktop.spawn([programs["isolation"], "-n", str(size["rounds"]),
                             programs["lodge-keeper"], programs["lodge-escaper"]], stdout=-1)
    return result_of(process, "isolation", 300)


def presence(desktop, programs, size, say):
    """What presence and control cost an input event: by themselves, and on a running host."""
    say("input events")
    process = desktop.spawn([programs["presence"], "-n", str(size["rounds"])], stdout=-1)
    alone = result_of(process, "presence", 120)
    return {**alone, "together": together(desktop, programs, size, say)}


def sound(desktop, programs, size, say):
    """A click from the sink to the decoder beside its way through PipeWire alone; encoding for one and for ten."""
    say("clicks, then listeners")
    process = desktop.spawn([programs["sound"], "-n", str(size["clicks"]), "-s", str(max(size["seconds"] // 2, 1))], stdout=-1)
    return result_of(process, "sound", 90 + size["clicks"] * 0.3 + 6 * size["seconds"])


ALL = {"peers": peers, "photon": photon, "throughput": throughput, "idle": idle, "memory": memory,
       "admission": admission, "isolation": isolation, "presence": presence, "displays": displays,
       "isolated": isolated, "sound": sound}
