#!/usr/bin/env python3
"""The benchmark's verdicts. Usage: test_report.py BENCH-FOLDER"""
import sys
import traceback

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])

from lodgebench import report, together  # noqa: E402


def row(workload, server, p50=None, fps=20.0, mbit=1.0, cpu=10.0, others=0.0):
    latency = {"latency_ms": {"p50": p50, "p95": p50 * 2, "lost": 0}} if p50 else {}
    return {"workload": workload, "server": server, "fps": fps, "mbit_per_s": mbit,
            "cpu": {"server": cpu, "sway": 1.0, "others": others}, **latency}


def a_ratio_at_its_limit_is_met():
    found = report.verdicts([row("type", "wayvnc", 2.0), row("type", "lodged", 2.5)])
    assert [(one["ratio"], one["met"]) for one in found] == [(1.25, True)], found


def a_ratio_beyond_its_limit_is_missed():
    found = report.verdicts([row("page", "wayvnc", 10.0), row("page", "lodged", 4.1)])
    assert [one["met"] for one in found] == [False], found
    assert "MISSED" in report.verdicts_text(found)


def scrolling_is_judged_by_rate_bits_and_processor():
    found = report.verdicts([row("scroll", "wayvnc", fps=27, mbit=115, cpu=130),
                             row("scroll", "lodged", fps=57, mbit=40, cpu=43)])
    assert {one["quantity"]: one["met"] for one in found} == \
        {"fps": True, "mbit_per_s": False, "cpu": True}, found


def a_workload_without_its_counterpart_has_no_verdict():
    assert report.verdicts([row("type", "lodged", 2.0)]) == []


def a_counterpart_that_measured_nothing_is_not_beaten():
    found = report.verdicts([row("scroll", "wayvnc", fps=0, mbit=0, cpu=0),
                             row("scroll", "lodged", fps=57)])
    assert not any(one["met"] for one in found if one["target"].startswith("<=")), found
    assert not any(one["met"] for one in found), found


def a_busy_machine_is_named():
    rows = [row("type", "lodged", 2.0, others=90), row("page", "lodged", 2.0, others=5)]
    assert report.disturbed({"peers": rows}) == ["type (lodged)"]


def decisions(*medians):
    return {"displays": 16, "runs": 5, "nothing_ns": {"p50": 2.0, "p95": 3.0},
            "cases": [{"case": str(p50), "decision_ns": {"p50": p50, "p95": p50 * 2}} for p50 in medians]}


def the_slowest_decision_is_judged():
    assert [one["met"] for one in report.admission_verdicts(decisions(100.0, 1000.0))] == [True]
    assert [one["met"] for one in report.admission_verdicts(decisions(1100.0, 100.0))] == [False]
    assert report.admission_verdicts(None) == []
    assert "MISSED" in report.admission_text(decisions(1100.0, 100.0))


def presence(record):
    one = {"p50": 1.0, "p95": 2.0}
    return {"rounds": 1, "sessions": 1024, "empty_ns": one, "clock_ns": one, "gate_ns": one,
            "record_ns": {"p50": record, "p95": record}, "record_all_ns": one,
            "record_mouse_ns": one, "step_ns": one}


def presence_is_judged_beyond_an_empty_loop():
    assert [one["met"] for one in report.presence_verdicts(presence(6.0))] == [True]
    assert [one["met"] for one in report.presence_verdicts(presence(6.1))] == [False]
    assert [one["ratio"] for one in report.presence_verdicts(presence(0.9))] == [0]
    assert report.presence_verdicts(None) == []
    assert "MISSED" in report.presence_text(presence(6.1))


def windows(*costs, sent=0):
    def window(cost_ns):
        return {"control_ns": cost_ns, "all_ns": cost_ns, "events": 1, "bytes": 120, "messages": sent, "sessions": 60, "seconds": 2.0}
    rows = [{"off": window(off), "on": window(on)} for off, on in costs]
    return {"alone": rows, "watched": rows,
            "resting": [{"off": window(0), "on": window(0)}]}


def presence_on_a_host_is_judged_by_the_middle_of_its_pairs():
    found = together.verdicts(windows((1000, 1000), (1000, 1010), (1000, 9000)))
    assert [(one["ratio"], one["met"]) for one in found] == [(1.01, True), (0, True)], found
    assert [one["met"] for one in together.verdicts(windows((1000, 1020)))] == [False, True]
    assert together.verdicts(None) == []


def one_message_to_somebody_at_rest_is_too_much():
    assert [one["met"] for one in together.verdicts(windows((1000, 1000), sent=1))] == [True, False]
    assert "MISSED" in together.text(windows((1000, 1000), sent=1))


def sounds(p50, one=4.0, ten=4.0):
    row_of = {"control_percent": 1.0, "packets_per_s": 200.0}
    return {"clicks": 10, "lost": 0, "lost_alone": 0, "quantum": 256, "frame_ms": 5.0, "latency_ms": {"p50": p50, "p95": 20.0},
            "return_ms": {"p50": 5.0, "p95": 6.0},
            "fan_out": [{"listeners": 1, "encoder_percent": one, **row_of},
                        {"listeners": 10, "encoder_percent": ten, **row_of}]}


def sound_is_judged_by_its_floor_and_by_ten_listeners():
    assert [(one["ratio"], one["met"]) for one in report.sound_verdicts(sounds(12.5))] == [(1.25, True), (1, True)]
    assert [one["met"] for one in report.sound_verdicts(sounds(12.6, 4.0, 5.1))] == [False, False]
    assert [one["met"] for one in report.sound_verdicts(sounds(12.5, 0, 0))] == [True, False]
    assert report.sound_verdicts(None) == []
    assert "MISSED" in report.sound_text(sounds(13.0))


def every_section_has_a_text():
    latency = {"p50": 1.0, "p95": 2.0}
    floor = {name: latency for name in ("sum_ms", "capture_ms", "encode_ms", "decode_ms")}
    one = row("type", "lodged", 2.0)
    one["frames"] = 3
    one["cpu"]["self"] = 4.0
    sections = {"peers": [one], "photon": [{"card": "type", "mode": "1x1@60", "lodged": one, "floor": floor}],
                "throughput": {"lodged": one, "bare_loop": one},
                "idle": {"with_client": one, "context_switches_without_client": 0, "seconds": 5},
                "memory": {"empty_kb": 1, "session_1080p_kb": 2, "warm_kb": 3, "after_kb": 2,
                           "warm_up": 5, "cycles": 6},
                "admission": decisions(100.0), "presence": presence(1.5), "sound": sounds(11.0)}
    text = report.text({"sections": sections, "verdicts": [], "disturbed": ["x"]})
    for words in ("Beside wayvnc", "Key to decoded pixel", "Full motion", "At rest", "(-1 kB)",
                  "ns a decision", "10 clicks", "ns an input event", "Disturbed"):
        assert words in text, text


TESTS = [a_ratio_at_its_limit_is_met, a_ratio_beyond_its_limit_is_missed,
         scrolling_is_judged_by_rate_bits_and_processor,
         a_workload_without_its_counterpart_has_no_verdict,
         a_counterpart_that_measured_nothing_is_not_beaten, a_busy_machine_is_named,
         the_slowest_decision_is_judged, sound_is_judged_by_its_floor_and_by_ten_listeners,
         presence_is_judged_beyond_an_empty_loop,
         presence_on_a_host_is_judged_by_the_middle_of_its_pairs, one_message_to_somebody_at_rest_is_too_much, every_section_has_a_text]

print(f"1..{len(TESTS)}")
failed = 0
for number, test in enumerate(TESTS, 1):
    try:
        test()
        print(f"ok {number} {test.__name__}")
    except Exception:  # pylint: disable=broad-except
        failed += 1
        print(f"not ok {number} {test.__name__}")
        print("# " + traceback.format_exc().replace("\n", "\n# "))
sys.exit(1 if failed else 0)
