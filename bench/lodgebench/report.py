"""Tables and verdicts from the sections' data."""
import statistics

from . import displays, isolated, together

TARGETS = [
    # workload, quantity, at most (or at least) this ratio of wayvnc's
    ("type", "p50", "<=", 1.25),
    ("page", "p50", "<=", 0.4),
    ("type beside scroll", "p50", "<=", 0.4),
    ("scroll", "fps", ">=", 1.4),
    ("scroll", "mbit_per_s", "<=", 0.25),
    ("scroll", "cpu", "<=", 0.8),
]
DECISION_MOST_NS = 1000  # the slowest case's median
INPUT_MOST_NS = 5  # presence on its common path, beyond an empty loop
SOUND_MOST = 1.25  # of the floor: the click's way through PipeWire alone and one frame
TEN_MOST = 1.25  # what encoding for ten takes of encoding for one
WAYVNC_WORKLOADS = {target[0] for target in TARGETS}
DISTURBED_PERCENT = 40  # of one core, by others


def quantity(row, name):
    if name in ("p50", "p95"):
        return row["latency_ms"][name]
    if name == "cpu":
        return row["cpu"]["server"]
    return row[name]


def others(row):
    """What the machine did besides: the cards are part of "others" and small."""
    return row["cpu"]["others"]


def table(heads, rows):
    texts = [heads] + [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in texts) for i in range(len(heads))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip()
             for row in texts]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths)] + lines[1:])


def peers_text(rows):
    body = []
    for row in rows:
        latency = row.get("latency_ms")
        body.append([row["workload"], row["server"],
                     f"{latency['p50']:.2f} / {latency['p95']:.2f}" if latency else "-",
                     latency["lost"] if latency else "-", f"{row['fps']:.1f}",
                     f"{row['mbit_per_s']:.2f}", f"{row['cpu']['server']:.1f}",
                     f"{row['cpu']['sway']:.1f}", f"{others(row):.0f}"])
    return "Beside wayvnc, 1920x1080 at 60 Hz\n" + table(
        ["workload", "server", "key to pixel ms p50 / p95", "lost", "pictures/s", "Mbit/s",
         "CPU % of it", "of sway", "others"], body)


def verdicts(rows):
    """[(sentence, met)]; a workload that was not measured has none."""
    found = {(row["workload"], row["server"]): row for row in rows}
    result = []
    for workload, name, relation, limit in TARGETS:
        ours, theirs = found.get((workload, "lodged")), found.get((workload, "wayvnc"))
        if not ours or not theirs:
            continue
        # A counterpart that measured nothing is no one to have beaten.
        base = quantity(theirs, name)
        ratio = round(quantity(ours, name) / base, 3) if base else None
        met = ratio is not None and (ratio <= limit if relation == "<=" else ratio >= limit)
        result.append({"workload": workload, "quantity": name, "ratio": ratio,
                       "target": f"{relation} {limit}", "met": met})
    return result


def verdicts_text(found):
    return "Against wayvnc\n" + table(
        ["workload", "quantity", "ratio", "target", "verdict"],
        [[one["workload"], one["quantity"],
          "-" if one["ratio"] is None else f"{one['ratio']:.2f}", one["target"],
          "met" if one["met"] else "MISSED"] for one in found])


def photon_text(rows):
    body = []
    for row in rows:
        lodged, floor = row["lodged"]["latency_ms"], row["floor"]
        body.append([row["card"], row["mode"], f"{lodged['p50']:.2f} / {lodged['p95']:.2f}",
                     f"{floor['sum_ms']['p50']:.2f} / {floor['sum_ms']['p95']:.2f}",
                     f"{floor['capture_ms']['p50']:.2f} + {floor['encode_ms']['p50']:.2f} + "
                     f"{floor['decode_ms']['p50']:.2f}",
                     f"{lodged['p50'] - floor['sum_ms']['p50']:+.2f}"])
    return "Key to decoded pixel, ms\n" + table(
        ["card", "mode", "lodged p50 / p95", "floor p50 / p95", "capture + encode + decode",
         "lodged's own"], body)


def throughput_text(data):
    body = [[name, f"{row['fps']:.1f}", f"{row['mbit_per_s']:.2f}",
             f"{row['cpu']['server' if name == 'lodged' else 'self']:.1f}",
             f"{row['cpu']['sway']:.1f}"] for name, row in data.items()]
    return "Full motion, 1920x1080\n" + table(
        ["", "pictures/s", "Mbit/s", "CPU %", "of sway"], body)


def idle_text(data):
    row = data["with_client"]
    return (f"At rest for {data['seconds']} s\nwith a client: {row['frames']} frames, "
            f"{row['cpu']['server']:.2f} % CPU; without one: "
            f"{data['context_switches_without_client']} context switches")


def memory_text(data):
    return (f"Memory\nwithout a client {data['empty_kb']} kB, with a 1080p session "
            f"{data['session_1080p_kb']} kB; after {data['warm_up']} connects {data['warm_kb']} kB, "
            f"after {data['cycles']} more {data['after_kb']} kB "
            f"({data['after_kb'] - data['warm_kb']:+d} kB)")


def admission_verdicts(data):
    """Of the slowest case; the ratio is that to the target."""
    if not data:
        return []
    slowest = max(row["decision_ns"]["p50"] for row in data["cases"])
    ratio = round(slowest / DECISION_MOST_NS, 3)
    return [{"workload": "admission", "quantity": "ns", "ratio": ratio, "target": "<= 1",
             "met": ratio <= 1}]


def admission_text(data):
    body = [["a loop that does nothing", f"{data['nothing_ns']['p50']:.1f}",
             f"{data['nothing_ns']['p95']:.1f}"]]
    body += [[row["case"], f"{row['decision_ns']['p50']:.0f}", f"{row['decision_ns']['p95']:.0f}"]
             for row in data["cases"]]
    met = admission_verdicts(data)[0]["met"]
    return (f"Admission at {data['displays']} displays, ns a decision, {data['runs']} runs\n" +
            table(["case", "p50", "p95"], body) +
            f"\nat most {DECISION_MOST_NS} ns: {'met' if met else 'MISSED'}")


def isolation_text(data):
    names = [("ready_ms", "spawn to ready, with sound"),
             ("ready_without_sound_ms", "spawn to ready, without"),
             ("end_sound_ms", "end to nothing left, with sound"),
             ("end_one_ms", "the same, 1 hidden daemon"),
             ("end_many_ms", f"the same, {data['many']} hidden daemons")]
    body = [[words, f"{data[name]['p50']:.1f}", f"{data[name]['p95']:.1f}"] for name, words in names]
    return (f"Isolated desktops, ms, {data['runs']} runs\n" + table(["case", "p50", "p95"], body) +
            f"\nan idle one with sound: {data['idle_pss_mib']:.1f} MiB")


def presence_verdicts(data):
    if not data:
        return []
    own = data["record_ns"]["p50"] - data["empty_ns"]["p50"]
    ratio = round(max(own, 0) / INPUT_MOST_NS, 3)
    return [{"workload": "presence", "quantity": "ns", "ratio": ratio, "target": "<= 1",
             "met": ratio <= 1}]


def presence_text(data):
    names = [("empty_ns", "a loop that does nothing"), ("clock_ns", "a read of the clock"),
             ("record_ns", "presence, gate shut"),
             ("record_all_ns", "presence, all sessions in turns"),
             ("record_mouse_ns", "presence, a mouse at 1 kHz"),
             ("gate_ns", "control, grants and presence")]
    body = [[words, f"{data[name]['p50']:.2f}", f"{data[name]['p95']:.2f}",
             f"{data[name]['p50'] - data['empty_ns']['p50']:+.2f}"] for name, words in names]
    met = presence_verdicts(data)[0]["met"]
    return (f"Presence with {data['sessions']} sessions, ns an input event, {data['rounds']} rounds\n" +
            table(["case", "p50", "p95", "beyond nothing"], body) +
            f"\nat most {INPUT_MOST_NS} ns: {'met' if met else 'MISSED'}; "
            f"looking for what to tell: {data['step_ns']['p50'] / 1000:.1f} µs" +
            ("\n" + together.text(data["together"]) if "together" in data else ""))


def sound_floor_ms(data, name):
    return data["return_ms"][name] + data["frame_ms"]


def encoding_us(data, listeners):
    """Of a packet on the encoder's threads, the middle of the rounds; 0 without packets."""
    return statistics.median(row["encoder_percent"] * 1e4 / row["packets_per_s"] if row["packets_per_s"] else 0
                             for row in data["fan_out"] if row["listeners"] == listeners)


def sound_verdicts(data):
    if not data:
        return []
    ratio = round(data["latency_ms"]["p50"] / sound_floor_ms(data, "p50"), 3)
    found = [{"workload": "sound", "quantity": "p50", "ratio": ratio, "target": f"<= {SOUND_MOST}",
              "met": ratio <= SOUND_MOST}]
    one, ten = (encoding_us(data, listeners) for listeners in (1, 10))
    # An encoder that did nothing for one is no measure for ten.
    ratio = round(ten / one, 3) if one else None
    met = ratio is not None and ratio <= TEN_MOST
    return found + [{"workload": "sound", "quantity": "cpu of ten", "ratio": ratio, "target": f"<= {TEN_MOST}",
                     "met": met}]


def sound_text(data):
    floor = {name: sound_floor_ms(data, name) for name in ("p50", "p95")}
    body = [["sink to monitor, PipeWire alone", f"{data['return_ms']['p50']:.2f}", f"{data['return_ms']['p95']:.2f}"],
            [f"and one frame of {data['frame_ms']:.0f} ms: the floor", f"{floor['p50']:.2f}", f"{floor['p95']:.2f}"],
            ["sink to decoded packet", f"{data['latency_ms']['p50']:.2f}", f"{data['latency_ms']['p95']:.2f}"]]
    listeners = [[row["listeners"], f"{row['encoder_percent']:.2f}", f"{row['control_percent']:.2f}",
                  f"{row['packets_per_s']:.0f}"] for row in sorted(data["fan_out"], key=lambda row: row["listeners"])]
    verdicts = "; ".join(f"{one['quantity']} {one['target']}: {one['ratio']} {'met' if one['met'] else 'MISSED'}"
                         for one in sound_verdicts(data))
    return (f"Sound: {data['clicks']} clicks, {data['lost']} lost ({data['lost_alone']} by PipeWire alone), quanta of {data['quantum']} samples, ms\n" +
            table(["", "p50", "p95"], body) + "\n" +
            table(["listeners", "encoder's threads %", "control thread %", "packets/s"], listeners) +
            "\n" + verdicts)


def text(results):
    sections = results["sections"]
    parts = []
    if "peers" in sections:
        parts += [peers_text(sections["peers"]), verdicts_text(
            [one for one in results["verdicts"] if one["workload"] in WAYVNC_WORKLOADS])]
    for name, write in (("photon", photon_text), ("throughput", throughput_text),
                        ("idle", idle_text), ("memory", memory_text),
                        ("admission", admission_text), ("isolation", isolation_text), ("presence", presence_text),
                        ("displays", displays.text), ("isolated", isolated.text), ("sound", sound_text)):
        if name in sections:
            parts.append(write(sections[name]))
    if results["disturbed"]:
        parts.append("Disturbed (other programs were busy): " + ", ".join(results["disturbed"]))
    return "\n\n".join(parts)


def disturbed(sections):
    names = [f"{row['workload']} ({row['server']})" for row in sections.get("peers", [])
             if others(row) > DISTURBED_PERCENT]
    names += [f"{row['card']} at {row['mode']}" for row in sections.get("photon", [])
              if others(row["lodged"]) > DISTURBED_PERCENT]
    return names
