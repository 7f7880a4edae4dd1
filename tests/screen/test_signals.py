#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Signals at random moments, from the first instruction to the last: the terminal is as it was, the status tells.

$SEED repeats the choices, though not the scheduler's; $MOMENTS is how many for each signal and program (20).
"""
import multiprocessing
import os
import random
import signal
import sys
import termios
import time

sys.dont_write_bytecode = True
from screen import BUILD, TMP, fake_viewer, run_tests  # noqa: E402
from terminal import Modes, Terminal  # noqa: E402

SEED = os.environ.get("SEED") or str(random.randrange(10**6))
MOMENTS = int(os.environ.get("MOMENTS", "20"))
RECORDING = TMP / "recording"
PROGRAMS = {
    "the scripted viewer": [fake_viewer(), "-d", "0.1"],
    "a replay": [os.environ.get("TCPRETOP", str(BUILD / "tcpretop")), "-r", RECORDING],
}
PHASES = ["start"] * 7 + ["running"] * 8 + ["end"] * 5
REDRAW = b"\014"
KEYS = [b"j", b"k", b"l", b"e", b"r", b"<", b">", b"f", b" ", b"G", b"g", b"\t", REDRAW, b"\033[6~"]
DRAWN = b"Help"  # is in the last line
AT_ONCE = 4
MOUSE = "1000", "1006"


def record():
    with Terminal([fake_viewer(), "-d", "0.05", "-n", "40", "-w", RECORDING]) as t:
        assert t.wait_end() == 0, t.output


def start_takes(program):
    """Seconds until the first frame is there."""
    begin = time.monotonic()
    with Terminal(PROGRAMS[program]) as t:
        t.wait_for(DRAWN)
        took = time.monotonic() - begin
        t.type(b"q")
        t.wait_end()
    return took


def pause(t, seconds):
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0 and not t.is_over():
        t.read(left)


def get_to(t, phase, start, choose):
    if phase == "start":
        pause(t, choose.uniform(0, 1.2 * start))
        return
    t.wait_for(DRAWN)
    for _ in range(choose.randrange(6)):
        t.type(choose.choice(KEYS))
        if choose.random() < 0.3:
            t.resize(choose.randrange(100, 200), choose.randrange(24, 60))
        pause(t, choose.uniform(0, 0.05))
    t.type(REDRAW)  # a notice goes: the last line names keys again
    if phase == "end":
        t.type(b"q")
        pause(t, choose.uniform(0, 0.006))
    else:
        pause(t, choose.uniform(0, 0.2))


def statuses(sig, phase):
    """Those that are right. Before it cares for signals it dies of them; one may come too late to change the end."""
    crash = sig not in ASKED
    return {-sig if crash else 128 + sig} | ({-sig} if phase == "start" else {0} if phase == "end" else set())


def ends(t, sig, phase):
    t.signal(sig)
    if sig == signal.SIGPIPE and phase == "start":
        # There is a moment when it is ignored, as that of a pipe is, and not yet read.
        t.wait(lambda: t.is_over() or DRAWN in t.output, "its end or a frame")
        pause(t, 0.5)
        if not t.is_over():
            t.type(b"q")
            assert t.wait_end() == 0
            return
    right = statuses(sig, phase)
    assert t.wait_end() in right, f"status {t.status}, not of {right}; the last output: {t.output[-200:]!r}"


def check_taken(t, since):
    """Drawn as a whole, with all modes."""
    drawn, modes = t.output[since:], Modes(t.output)
    for part in b"\033[2J", b"tcpretop", b"RETR", DRAWN:
        assert part in drawn, f"{part!r} is not drawn: {drawn[:300]!r}"
    for mode in "1049", "1", *MOUSE:
        assert modes.on(mode), f"mode ?{mode} is off"
    assert not modes.on("25"), "the cursor is on"
    assert not termios.tcgetattr(t.slave)[3] & (termios.ICANON | termios.ECHO)


def stops(t, phase, choose):
    t.signal(signal.SIGTSTP)
    t.wait(lambda: t.status is not None, "its stop")
    if not t.is_over():
        while t.read(0):
            pass
        t.check_restored()
        since = len(t.output)
        if choose.random() < 0.5:
            t.resize(choose.randrange(100, 200), choose.randrange(24, 60))
        t.resume()
        t.wait(lambda: DRAWN in t.output[since:] or t.is_over(), "the frame after CONT")
        if phase != "end":
            check_taken(t, since)
            t.type(b"q")
    assert t.wait_end() == 0, f"status {t.status}; the last output: {t.output[-200:]!r}"


def at_moment(job):
    """What went wrong, or None."""
    program, sig, number, start = job
    choose = random.Random(f"{SEED} {program} {sig} {number}")
    phase = PHASES[number % len(PHASES)]
    try:
        with Terminal(PROGRAMS[program]) as t:
            get_to(t, phase, start, choose)
            if sig == signal.SIGTSTP:
                stops(t, phase, choose)
            else:
                ends(t, sig, phase)
            t.check_restored()
    except (AssertionError, OSError) as e:
        return f"{program}, {signal.Signals(sig).name} number {number} ({phase}): {e}"
    return None


def case(pool, starts, signals, moments, name):
    jobs = [(p, sig, n, starts[p]) for p in PROGRAMS for sig in signals for n in moments]

    def run():
        wrong = [w for w in pool.map(at_moment, jobs, chunksize=1) if w]
        assert not wrong, f"{len(wrong)} of {len(jobs)}, with SEED={SEED}:\n" + "\n".join(wrong)

    run.__doc__ = name
    return run


ASKED = [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGPIPE]
CRASHES = [signal.SIGSEGV, signal.SIGABRT]
NAMES = "BUS FPE ILL TRAP SYS ALRM VTALRM PROF USR1 USR2 XCPU IO PWR".split()
OTHERS = [getattr(signal, "SIG" + name) for name in NAMES]


def main():
    print(f"# SEED={SEED}")
    record()
    starts = {program: start_takes(program) for program in PROGRAMS}
    # Workers must not end by the handler that the screen tests have: it waits for what they hold.
    with multiprocessing.Pool(AT_ONCE, signal.signal, (signal.SIGTERM, signal.SIG_DFL)) as pool:
        cases = [
            case(pool, starts, [sig], range(MOMENTS), f"{sig.name[3:]} at {MOMENTS} moments: {what}")
            for signals, what in ((ASKED, "status 128 + n"), (CRASHES, "restored, and the crash is still one"),
                                  ([signal.SIGTSTP], "given back, taken again with CONT, drawn whole"))
            for sig in signals
        ]
        cases.append(case(pool, starts, OTHERS, [3, 10], "whatever else kills leaves the terminal as it was"))
        run_tests(cases)


main()
