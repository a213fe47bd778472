"""What presence costs a running host: each pointer event of a fast mouse, and a crowd at rest."""
import http.client
import json
import math
import os
import select
import ssl
import statistics
import subprocess
import time

from .desktop import BenchError, stop
from .servers import Lodged

CROWD = 200
RATE_HZ = 1000
WINDOW_S = 0.5
SETTLE_S = 0.15
GREETING_S = 2  # in which everybody hears of everybody, on a busy machine too
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


class Switch:
    """Presence on and off, over one connection to the API."""

    def __init__(self, desktop, running):
        state = os.path.join(desktop.folder, "state")
        context = ssl.create_default_context(cafile=os.path.join(state, "certificate.pem"))
        context.check_hostname = False
        with open(os.path.join(state, "admin-token"), encoding="ascii") as file:
            self.headers = {"Authorization": "Bearer " + file.read().strip(), "Content-Type": "application/json"}
        self.connection = http.client.HTTPSConnection(running.url.split("//")[1].rstrip("/"), context=context,
                                                      timeout=10)

    def __enter__(self):
        self.turn(False)
        return self

    def __exit__(self, *_):
        self.connection.close()

    def turn(self, enabled):
        rules = {"preset": "custom", "topology": "extend", "mode_conflict": "join", "keep_alive": {"mode": "off"},
                 "presence": {"enabled": enabled}}
        self.connection.request("PUT", "/api/v1/display/settings", json.dumps(rules), self.headers)
        answer = self.connection.getresponse()
        words = answer.read()
        if answer.status >= 300:
            raise BenchError(f"the settings were refused: {words.decode()[:300]}")


def window(running, switch, crowd, enabled, settle_s, seconds):
    """One stretch with presence on, or off."""
    switch.turn(enabled)
    time.sleep(settle_s)
    crowd.order("mark")
    control_before, all_before = cpu_ns(running.process.pid)
    began = time.monotonic()
    time.sleep(seconds)
    control, everything = cpu_ns(running.process.pid)
    lasted = time.monotonic() - began
    return {"control_ns": control - control_before, "all_ns": everything - all_before, "seconds": lasted,
            **crowd.order("mark")}


def pairs(desktop, programs, say, what, sessions, rate_hz, rest_s, count, settle_s, seconds):
    """Windows off and on; which comes first changes, so that a drift meets both."""
    found = []
    with Lodged(desktop, programs, "--open", "--state", os.path.join(desktop.folder, "state")) as running, \
            Switch(desktop, running) as switch, Crowd(desktop, programs, running, sessions) as crowd:
        crowd.order(f"rate {rate_hz}")
        time.sleep(rest_s)
        for index in range(count):
            if index % 20 == 0:
                say(f"{what}, {index} of {count}")
            order = (False, True) if index % 2 == 0 else (True, False)
            pair = {enabled: window(running, switch, crowd, enabled, settle_s, seconds) for enabled in order}
            found.append({"off": pair[False], "on": pair[True]})
    return found


def together(desktop, programs, size, say):
    def pointing(what, sessions):
        return pairs(desktop, programs, say, what, sessions, RATE_HZ, 1, size["together_pairs"],
                     SETTLE_S, WINDOW_S)

    return {"alone": pointing("a mouse at 1 kHz", 1), "watched": pointing("the same, watched", 2),
            # The picture comes to rest, and nobody drives any more.
            "resting": pairs(desktop, programs, say, f"{CROWD} sessions at rest", CROWD, 0, size["together_rest"], 3,
                             GREETING_S, size["idle_seconds"])}


def per_event_us(window_, quantity="control_ns"):
    return window_[quantity] / max(window_["events"], 1) / 1000


def ratios(rows, quantity="control_ns"):
    return sorted(per_event_us(row["on"], quantity) / per_event_us(row["off"], quantity)
                  for row in rows if row["off"]["events"] and row["off"][quantity])


def bounds(ordered):
    """Within them the median lies at 95 %, whatever the distribution: order statistics."""
    count = len(ordered)
    reach = 0.98 * math.sqrt(count)
    return ordered[max(0, math.floor(count / 2 - reach))], ordered[min(count - 1, math.ceil(count / 2 + reach))]


def verdicts(data):
    if not data:
        return []
    found = ratios(data["alone"])
    middle = round(statistics.median(found), 4) if found else None
    # Not the bytes: the connection's own pings are among them, with presence and without.
    sent = sum(row["on"]["messages"] for row in data["resting"])
    return [{"workload": "presence, 1 kHz", "quantity": "CPU", "ratio": middle, "target": f"<= {MOST}",
             "met": middle is not None and middle <= MOST},
            {"workload": "presence, at rest", "quantity": "messages", "ratio": sent, "target": "<= 0",
             "met": sent == 0}]


def rest_line(data, name):
    rows = [row[name] for row in data["resting"]]
    seconds = sum(row["seconds"] for row in rows)
    return (f"{rows[0]['sessions']} sessions at rest, presence {name}: {sum(row['messages'] for row in rows)} messages "
            f"({sum(row['bytes'] for row in rows)} bytes with the connections' pings), "
            f"{sum(row['all_ns'] for row in rows) / seconds / 1e3:.1f} µs CPU a second over {seconds:.0f} s")


def pointing_lines(rows, words):
    for quantity, threads in (("control_ns", "control thread"), ("all_ns", "all threads")):
        ordered = ratios(rows, quantity)
        if not ordered:
            continue
        off = statistics.median(per_event_us(row["off"], quantity) for row in rows)
        low, high = bounds(ordered)
        quarter = len(ordered) // 4
        yield (f"{words}, {threads}: off {off:.2f} µs an event; on / off: median {statistics.median(ordered):.4f}, "
               f"at 95 % within {low:.3f} to {high:.3f}; half of the pairs within {ordered[quarter]:.3f} to "
               f"{ordered[-1 - quarter]:.3f}")


def text(data):
    lines = [f"Presence on a running host: a mouse at {RATE_HZ} Hz, {len(data['alone'])} pairs of windows of "
             f"{WINDOW_S} s"]
    lines += pointing_lines(data["alone"], "nobody watches")
    lines += pointing_lines(data["watched"], "one watches, told 20 times a second")
    lines += [rest_line(data, "off"), rest_line(data, "on")]
    lines += [f"{one['workload']}: {one['quantity']} {one['ratio']} (target {one['target']}): "
              f"{'met' if one['met'] else 'MISSED'}" for one in verdicts(data)]
    return "\n".join(lines)
