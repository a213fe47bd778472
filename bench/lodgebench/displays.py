"""Displays as a resource: coming back to a kept one, many viewers on one, and the API beside a stream."""
import http.client
import json
import os
import ssl
import statistics
import time

from .desktop import BenchError, stop, wait_for
from .servers import Lodged, result_of

FAN_OUT = (1, 10, 50)


def paired(desktop, programs, *policy, extra=(), server=Lodged):
    """A host that keeps what its clients leave: for that they must be paired."""
    options = [*extra, "--pair", "--state", os.path.join(desktop.folder, "state")]
    for one in policy:
        options += ["--policy", one]
    return server(desktop, programs, *options)


def identity(desktop, name):
    return os.path.join(desktop.folder, f"{name}.pem")


def pin(desktop):
    with open(os.path.join(desktop.folder, "state/pairing-pin"), encoding="ascii") as file:
        return file.read().strip()


def pair(desktop, running, name, *arguments):
    result_of(running.probe("640x480@60", "--identity", identity(desktop, name), "--pin", pin(desktop),
                            "--label", name, *(arguments or ("--view", "--frames", "1"))), "lodge-probe", 30)


def first_frame_ms(desktop, running, name):
    """From WELCOME to the first picture."""
    report = result_of(running.probe("1920x1080@60", "--identity", identity(desktop, name), "--frames", "1"),
                       "lodge-probe", 30)
    return report["first_frame_ms"] - report["attach_ms"], report["display"]["kept"]


def middle(values):
    ordered = sorted(values)
    return {"p50": statistics.median(ordered), "p95": ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))],
            "n": len(ordered)}


def reconnect(desktop, programs, size, say):
    """Kept and fresh in turns, so that a disturbance meets both."""
    kept, fresh = [], []
    with paired(desktop, programs, "keep_alive=600", "topology=extend") as keeping:
        pair(desktop, keeping, "kept")
        first_frame_ms(desktop, keeping, "kept")
        for run in range(size["reconnects"]):
            if run % 10 == 0:
                say(f"coming back, {run} of {size['reconnects']}")
            took, was_kept = first_frame_ms(desktop, keeping, "kept")
            if not was_kept:
                raise BenchError("the display was not kept")
            kept.append(took)
    with paired(desktop, programs, "keep_alive=off", "topology=extend") as forgetting:
        pair(desktop, forgetting, "fresh")
        for run in range(size["reconnects"]):
            if run % 10 == 0:
                say(f"fresh displays, {run} of {size['reconnects']}")
            took, was_kept = first_frame_ms(desktop, forgetting, "fresh")
            if was_kept:
                raise BenchError("the display was kept")
            fresh.append(took)
            time.sleep(0.1)
    return {"kept_ms": middle(kept), "fresh_ms": middle(fresh)}


def fan_out(desktop, programs, size, say):
    """One display, one encode: the price of each further viewer, beside that of TLS alone."""
    rows = []
    for viewers in FAN_OUT:
        say(f"{viewers} viewers")
        rows.append(fan_out_row(desktop, programs, size, viewers))
    first = rows[0]
    bytes_per_frame = int(first["bytes"] / max(first["frames"], 1)) or 1
    floor = result_of(desktop.spawn([programs["tls_floor"], "-b", str(bytes_per_frame), "-n", "3000"], stdout=-1),
                      "tls_floor", 60)
    return {"rows": rows, "bytes_per_frame": bytes_per_frame, "tls_us_per_message": floor["us_per_message"]}


def fan_out_row(desktop, programs, size, viewers):
    others = []
    # The others are guests of an open host: nobody pairs fifty clients in a minute.
    with paired(desktop, programs, "keep_alive=off", "topology=extend", "mode_conflict=join",
                extra=("--open",)) as running:
        names = [f"viewer-{number}" for number in range(viewers)]
        pair(desktop, running, names[0])
        before = {output["name"] for output in desktop.outputs()}
        # Its wait for the others to come is part of the settling.
        first = running.probe("1920x1080@30", "--identity", identity(desktop, names[0]), "--settle",
                              str(4000 + 100 * viewers), "--seconds", str(size["seconds"]))
        try:
            output = wait_for("the display", lambda: running.new_output(before, "1920x1080@30") or
                              running.new_output(set(), "1920x1080@30"), 10)
            desktop.show(["scroll"], output)
            for name in names[1:]:
                others.append(running.probe("1280x720@60", "--identity", identity(desktop, name), "--view"))
            row = result_of(first, "lodge-probe", 120)
        finally:
            for one in [first, *others]:
                stop(one)
                if one.stdout:
                    one.stdout.close()
            desktop.clear()
    return {"viewers": viewers, "server_cpu": row["cpu"]["server"], "others_cpu": row["cpu"]["others"],
            "fps": row["fps"], "frames": row["frames"], "bytes": row["bytes"], "seconds": row["seconds"],
            "latency_ms": row["capture_to_decoded_ms"]}


def ask_api(desktop, running, count):
    """Each answer's time, in ms, over one connection."""
    context = ssl.create_default_context(cafile=os.path.join(desktop.folder, "state/certificate.pem"))
    context.check_hostname = False
    host = running.url.split("//")[1].rstrip("/")
    with open(os.path.join(desktop.folder, "state/admin-token"), encoding="ascii") as file:
        headers = {"Authorization": "Bearer " + file.read().strip()}
    connection = http.client.HTTPSConnection(host, context=context, timeout=10)
    times = []
    try:
        for _ in range(count):
            began = time.perf_counter()
            connection.request("GET", "/api/v1/display/state", headers=headers)
            answer = connection.getresponse()
            json.loads(answer.read())
            times.append((time.perf_counter() - began) * 1000)
            if answer.status != 200:
                raise BenchError(f"the API answered {answer.status}")
            time.sleep(0.003)
    finally:
        connection.close()
    ordered = sorted(times)
    return {"p50": statistics.median(ordered), "p99": ordered[int(len(ordered) * 0.99)], "n": len(ordered)}


def api(desktop, programs, size, say):
    with paired(desktop, programs, "keep_alive=off", "topology=extend") as running:
        pair(desktop, running, "viewer")
        say("the API at rest")
        rest = ask_api(desktop, running, size["questions"])
        say("the API beside a stream")
        before = {output["name"] for output in desktop.outputs()}
        probe = running.probe("1920x1080@60", "--identity", identity(desktop, "viewer"), "--view", "--seconds", "120")
        try:
            output = wait_for("the display", lambda: running.new_output(before, "1920x1080@60") or
                              running.new_output(set(), "1920x1080@60"), 10)
            desktop.show(["scroll"], output)
            busy = ask_api(desktop, running, size["questions"])
        finally:
            stop(probe)
            if probe.stdout:
                probe.stdout.close()
            desktop.clear()
    return {"rest_ms": rest, "streaming_ms": busy}


def displays(desktop, programs, size, say):
    return {"reconnect": reconnect(desktop, programs, size, say), "fan_out": fan_out(desktop, programs, size, say),
            "api": api(desktop, programs, size, say)}


def extra_percent(data, row):
    """CPU of each further viewer, % of a core, without what TLS and the kernel take for it."""
    first = data["rows"][0]
    each = (row["server_cpu"] - first["server_cpu"]) / (row["viewers"] - 1)
    messages_per_s = row["frames"] / row["seconds"]
    return each, each - data["tls_us_per_message"] * messages_per_s / 1e4


def verdicts(data):
    if not data:
        return []
    found = []
    fan = data["fan_out"]
    alone = fan["rows"][0]["latency_ms"]["p95"]
    for row in fan["rows"][1:]:
        own = extra_percent(fan, row)[1]
        found.append({"workload": f"{row['viewers']} viewers", "quantity": "CPU % each beyond TLS",
                      "ratio": round(own, 3), "target": "<= 1", "met": own <= 1})
        ratio = round(row["latency_ms"]["p95"] / alone, 3) if alone else None
        found.append({"workload": f"{row['viewers']} viewers", "quantity": "first one's p95", "ratio": ratio,
                      "target": "<= 1.3", "met": ratio is not None and ratio <= 1.3})
    return found


def text(data):
    reconnect_, fan, api_ = data["reconnect"], data["fan_out"], data["api"]
    lines = ["Displays", "to the first picture: a kept display {:.1f} ms, a fresh one {:.1f} ms (ratio {:.2f})".format(
        reconnect_["kept_ms"]["p50"], reconnect_["fresh_ms"]["p50"],
        reconnect_["kept_ms"]["p50"] / reconnect_["fresh_ms"]["p50"])]
    for row in fan["rows"]:
        line = (f"{row['viewers']:>3} viewers of one 1920x1080 at 30 Hz: {row['fps']:.1f} pictures/s, lodged "
                f"{row['server_cpu']:.1f} % CPU, the first one's p95 {row['latency_ms']['p95']:.1f} ms, "
                f"others {row['others_cpu']:.0f} %")
        if row["viewers"] > 1:
            each, own = extra_percent(fan, row)
            line += f"; each further one {each:.2f} %, without TLS {own:.2f} %"
        lines.append(line)
    lines.append(f"TLS alone: {fan['tls_us_per_message']:.0f} µs for a message of {fan['bytes_per_frame']} bytes")
    lines.append("display/state: p50 {:.2f}, p99 {:.2f} ms at rest; {:.2f}, {:.2f} beside a 1080p60 stream".format(
        api_["rest_ms"]["p50"], api_["rest_ms"]["p99"], api_["streaming_ms"]["p50"], api_["streaming_ms"]["p99"]))
    for one in verdicts(data):
        lines.append(f"{one['workload']}: {one['quantity']} {one['ratio']} (target {one['target']}): "
                     f"{'met' if one['met'] else 'MISSED'}")
    return "\n".join(lines)
