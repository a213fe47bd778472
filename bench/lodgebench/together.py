"""What presence costs a running host: each pointer event of a fast mouse, and a crowd at rest."""
import http.client
import json
import os
import select
import ssl
import statistics
import subprocess
import time

from .desktop import BenchError, stop
from .servers import Lodged

CROWD = 60  # a host admits 64 sessions
RATE_HZ = 1000
SETTLE_S = 0.3
ANSWER_S = 90
MOST = 1.01


class Crowd:
    """bench/crowd: many sessions on one display of the host."""

    def __init__(self, desktop, programs, running, sessions):
        self.process = desktop.spawn(
            [programs["crowd"], "-u", running.url, "-k", desktop.folder, "-n", str(sessions)],
            stdout=subprocess.PIPE, stdin=subprocess.PIPE)

    def __enter__(self):
        try:
            self.answer()  # they have come
        except BaseException:
            stop(self.process)
            raise
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        stop(self.process)
        self.process.stdout.close()

    def answer(self):
        ready, _, _ = select.select([self.process.stdout], [], [], ANSWER_S)
        line = self.process.stdout.readline() if ready else b""
        if not line:
            raise BenchError("the crowd does not answer")
        return json.loads(line)

    def order(self, line):
        self.process.stdin.write((line + "\n").encode())
        self.process.stdin.flush()
        return self.answer()


def cpu_ns(pid):
    """Time on a processor: of the control thread, and of all threads."""
    times = {}
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/schedstat", encoding="ascii") as file:
            times[int(task)] = int(file.read().split()[0])
    return times[pid], sum(times.values())


def set_presence(desktop, running, enabled):
    state = os.path.join(desktop.folder, "state")
    context = ssl.create_default_context(cafile=os.path.join(state, "certificate.pem"))
    context.check_hostname = False
    with open(os.path.join(state, "admin-token"), encoding="ascii") as file:
        token = file.read().strip()
    connection = http.client.HTTPSConnection(running.url.split("//")[1].rstrip("/"), context=context, timeout=10)
    rules = {"preset": "custom", "topology": "extend", "mode_conflict": "join", "keep_alive": {"mode": "off"},
             "presence": {"enabled": enabled}}
    try:
        connection.request("PUT", "/api/v1/display/settings", json.dumps(rules),
                           {"Authorization": "Bearer " + token, "Content-Type": "application/json"})
        answer = connection.getresponse()
        words = answer.read()
        if answer.status >= 300:
            raise BenchError(f"the settings were refused: {words.decode()[:300]}")
    finally:
        connection.close()


def window(desktop, running, crowd, enabled, seconds):
    """One stretch with presence on, or off."""
    set_presence(desktop, running, enabled)
    time.sleep(SETTLE_S)
    crowd.order("mark")
    control_before, all_before = cpu_ns(running.process.pid)
    began = time.monotonic()
    time.sleep(seconds)
    control, everything = cpu_ns(running.process.pid)
    lasted = time.monotonic() - began
    return {"control_ns": control - control_before, "all_ns": everything - all_before, "seconds": lasted,
            **crowd.order("mark")}


def rounds(desktop, running, crowd, size, say, what):
    """Pairs of windows; which comes first changes, so that a drift meets both."""
    found = []
    for index in range(size["together_rounds"]):
        if index % 10 == 0:
            say(f"{what}, round {index} of {size['together_rounds']}")
        order = (False, True) if index % 2 == 0 else (True, False)
        pair = {enabled: window(desktop, running, crowd, enabled, size["together_seconds"]) for enabled in order}
        found.append({"off": pair[False], "on": pair[True]})
    return found


def host(desktop, programs):
    return Lodged(desktop, programs, "--open", "--state", os.path.join(desktop.folder, "state"))


def together(desktop, programs, size, say):
    with host(desktop, programs) as running:
        set_presence(desktop, running, False)
        with Crowd(desktop, programs, running, 2) as crowd:
            crowd.order(f"rate {RATE_HZ}")
            time.sleep(1)
            pointing = rounds(desktop, running, crowd, size, say, "a mouse at 1 kHz")
    with host(desktop, programs) as running:
        set_presence(desktop, running, False)
        with Crowd(desktop, programs, running, CROWD) as crowd:
            time.sleep(size["together_rest"])  # until everybody's picture is at rest, and nobody drives
            resting = rounds(desktop, running, crowd, {**size, "together_rounds": 3,
                                                       "together_seconds": size["idle_seconds"]}, say,
                             f"{CROWD} sessions at rest")
    return {"pointing": pointing, "resting": resting}


def per_event_us(window_, quantity="control_ns"):
    return window_[quantity] / max(window_["events"], 1) / 1000


def ratios(data, quantity="control_ns"):
    return sorted(per_event_us(row["on"], quantity) / per_event_us(row["off"], quantity)
                  for row in data["pointing"] if row["off"]["events"] and row["off"][quantity])


def quartiles(values):
    """Of a few values, too: the nearest ones."""
    last = len(values) - 1
    return values[round(last * 0.25)], statistics.median(values), values[round(last * 0.75)]


def verdicts(data):
    if not data:
        return []
    found = ratios(data)
    middle = round(statistics.median(found), 4) if found else None
    sent = sum(row["on"]["bytes"] for row in data["resting"])
    return [{"workload": "presence, 1 kHz", "quantity": "CPU", "ratio": middle, "target": f"<= {MOST}",
             "met": middle is not None and middle <= MOST},
            {"workload": "presence, at rest", "quantity": "bytes", "ratio": sent, "target": "<= 0", "met": sent == 0}]


def rest_line(data, name):
    rows = [row[name] for row in data["resting"]]
    seconds = sum(row["seconds"] for row in rows)
    return (f"{rows[0]['sessions']} sessions at rest, presence {name}: {sum(row['bytes'] for row in rows)} bytes, "
            f"{sum(row['all_ns'] for row in rows) / seconds / 1e3:.1f} µs CPU a second over {seconds:.0f} s")


def text(data):
    lines = [f"Presence on a running host: a mouse at {RATE_HZ} Hz, one watches; {len(data['pointing'])} pairs of "
             f"{data['pointing'][0]['on']['seconds']:.1f} s"]
    for quantity, words in (("control_ns", "control thread"), ("all_ns", "all threads")):
        off = statistics.median(per_event_us(row["off"], quantity) for row in data["pointing"])
        low, middle, high = quartiles(ratios(data, quantity))
        lines.append(f"{words}: off {off:.2f} µs an event; on / off: median {middle:.4f}, half of them within "
                     f"{low:.3f} to {high:.3f}")
    lines += [rest_line(data, "off"), rest_line(data, "on")]
    lines += [f"{one['workload']}: {one['quantity']} {one['ratio']} (target {one['target']}): "
              f"{'met' if one['met'] else 'MISSED'}" for one in verdicts(data)]
    return "\n".join(lines)
