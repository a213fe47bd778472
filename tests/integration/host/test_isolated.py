#!/usr/bin/env python3
"""Desktops of clients' own on the whole host: what crosses between them is nothing. Usage: test_isolated.py BUILD [TEST]..."""
import contextlib
import os
import signal
import sys
import time

import sounds
from api import Api
from host import Host, run_tests, wait_for
from people import Person, TERMINAL, both_move_in, trees

BUILD = os.path.abspath(sys.argv[1])
ADA_HZ, BO_HZ = 440, 6000
AUDIBLE_DB = -20
TRACE_DB = -90


@contextlib.contextmanager
def isolated_host(*options, keep_alive="60", **keywords):
    """Its end is checked, too: Host.stop complains about every process and file that is left."""
    host = Host(BUILD, "--pair", "--policy", "desktop=isolated", "--policy", f"keep_alive={keep_alive}", *options,
                launch=(TERMINAL,), **keywords)
    try:
        yield host
    except BaseException:
        try:
            host.stop()
        except AssertionError as error:
            print(f"# while stopping: {error}")
        raise
    host.stop()


def tones(host):
    """Who shall be heard at which frequency, and what they play."""
    found = {}
    for name, hz in (("ada", ADA_HZ), ("bo", BO_HZ)):
        found[name] = os.path.join(host.folder, f"{name}.wav")
        sounds.write_tone(found[name], hz, 60)
    return found


def hear(people, seconds="3"):
    """All listen at the same time: what each heard, without the beginning."""
    for one in people:
        one.visit("--listen", "--wav", one.file("heard.wav"), "--seconds", seconds)
    reports = [one.leave() for one in people]
    return [sounds.read(one.file("heard.wav"))[sounds.RATE_HZ // 2:] for one in people], reports


def two_tones_at_once_leave_no_trace_of_each_other():
    with isolated_host() as host:
        ada, bo = Person(host, "ada"), Person(host, "bo")
        both_move_in(ada, bo)
        files = tones(host)
        assert ada.namespace != bo.namespace

        ada.play(files["ada"])
        (hers, his), reports = hear((ada, bo))
        assert sounds.level_db(hers, ADA_HZ) > AUDIBLE_DB, (sounds.level_db(hers, ADA_HZ), reports)
        assert sounds.loudest(his) == 0, f"Bo, whose desktop is silent, hears {sounds.loudest(his)}"
        alone = sounds.level_db(hers, BO_HZ)

        bo.play(files["bo"])
        (hers, his), reports = hear((ada, bo))
        together = sounds.level_db(hers, BO_HZ)
        print(f"# at Bo's {BO_HZ} Hz Ada has {alone:.1f} dB while he is silent, {together:.1f} while he plays; "
              f"he has {sounds.level_db(his, ADA_HZ):.1f} at her {ADA_HZ}")
        assert sounds.level_db(hers, ADA_HZ) > AUDIBLE_DB and sounds.level_db(his, BO_HZ) > AUDIBLE_DB
        assert together < TRACE_DB and sounds.level_db(his, ADA_HZ) < TRACE_DB


if __name__ == "__main__":
    names = sys.argv[2:]
    tests = [two_tones_at_once_leave_no_trace_of_each_other]
    sys.exit(run_tests([test for test in tests if not names or test.__name__ in names]))
