# SPDX-License-Identifier: GPL-2.0-only
"""What the benchmark measures under load: many flows, many events, and how soon a key is answered."""
import contextlib
import os
import statistics
import tempfile
import time

import programs
from common import Lab
from measure import medians

SIZES = 1000, 10000, 100000, 1000000
SHARES = 0.01, 0.1, 1
MODES = {"viewer": programs.viewer, "batch": programs.batch, "count": programs.count}
# Flows that nobody touches leave the viewer's screen after one minute of quiet.
QUIET, SETTLE = 80, 3
# Slices of one second, each of which holds one look of the program; of more where one look takes long.
TICKS, LONG, LONG_SECONDS = 5, 100000, 3
KEYS, KEY_RUNS = 100, 5
FULL = "storm"
FULL_WARM_UP = 5


def changing(flows):
    """How many change each second, at each size: also the thousand that the goal names."""
    some = {round(flows * share) for share in SHARES} | {1000}
    return sorted(n for n in some if n <= flows)


class Crowded:
    """A tcpretop in each mode, all with so many flows in their tables."""

    def __init__(self, stack, flows):
        self.flows = flows
        room = max(65536, 1 << (flows - 1).bit_length())
        self.running = {name: stack.enter_context(make("--max-flows", room, *seconds(name)))
                        for name, make in MODES.items()}
        self.empty = {name: program.rss_kb() for name, program in self.running.items()}
        self.crowds = [stack.enter_context(programs.crowd(program, flows))
                       for program in self.running.values()]

    def change(self, flows):
        for crowd in self.crowds:
            crowd.write(f"{flows}\n")

    def row(self, changed):
        self.change(changed)
        time.sleep(SETTLE)
        row = {"flows": self.flows, "changing": changed}
        for name, end in medians(self.running, TICKS, 1 if changed < LONG else LONG_SECONDS).items():
            grown = self.running[name].rss_kb() - self.empty[name]
            row[name] = {"cpu_ms": 1000 * end["cpu_share"], "rss_mb": end["rss_mb"],
                         "bytes_per_flow": grown * 1024 / self.flows}
        return row


def seconds(mode):
    """-c takes no time: it looks each second."""
    return () if mode == "count" else ("-d", "1")


def scale(note):
    """CPU time and memory of each mode with so many flows tracked and so many changing a second."""
    found = []
    with contextlib.ExitStack() as stack:
        sizes = []
        for flows in SIZES:
            note(f"scale: {flows:,} flows")
            sizes.append(Crowded(stack, flows))
        note(f"scale: {QUIET} s for the flows to go quiet")
        time.sleep(QUIET)
        for size in sizes:
            for n in changing(size.flows):
                note(f"scale: {n:,} of {size.flows:,} flows change each second")
                found.append(size.row(n))
            size.change(0)
    return {"rows": found}


def answers(program, key, answer, undo):
    """Milliseconds from a key to its answer on the terminal."""
    times = []
    for _ in range(KEYS):
        program.forget()
        program.write(key)
        times.append(1000 * program.seconds_until(answer))
        program.write(undo)
        time.sleep(0.07)
    times.sort()
    return {"median": statistics.median(times), "p99": times[int(0.99 * (len(times) - 1))], "max": times[-1]}


def answer_runs(programs_and_keys):
    """Of each the medians of some runs, by turns."""
    runs = {name: [] for name in programs_and_keys}
    for _ in range(KEY_RUNS):
        for name, keys in programs_and_keys.items():
            runs[name].append(answers(*keys))
    return {name: {**{key: statistics.median(run[key] for run in of_it) for key in ("median", "p99")},
                   "max": max(run["max"] for run in of_it)} for name, of_it in runs.items()}


def keys(note):
    """How soon a key is answered, when nothing happens and when as much does as this machine can; beside an
    echo, which is what the terminal itself takes."""
    found = {}
    for load, lab in ("idle", contextlib.nullcontext()), ("full", Lab(preset=FULL, duration=240)):
        note(f"keys: {load}")
        with lab, programs.viewer() as view, programs.echo() as echo:
            time.sleep(FULL_WARM_UP)
            with programs.first_in_turn():
                of_each = answer_runs({"viewer": (view, " ", "PAUSED", " "), "echo": (echo, "x", "x", "")})
        found[load], found[f"{load}, an echo"] = of_each["viewer"], of_each["echo"]
    return found


def firehose(note):
    """-e -l into a file, with as many events as this machine can make."""
    note("firehose: -e -l into a file")
    with contextlib.ExitStack() as stack:
        path = os.path.join(stack.enter_context(tempfile.TemporaryDirectory()), "events")
        stack.enter_context(Lab(preset=FULL, duration=120))
        empty = stack.enter_context(programs.empty())
        with programs.events_to(path, "-l") as top:
            programs.wait_for_runs(top)
            time.sleep(FULL_WARM_UP)
            began, runs, size = time.monotonic(), programs.runs_of(empty, "empty"), os.path.getsize(path)
            found = medians({"events": top})["events"]
            runs, size = programs.runs_of(empty, "empty") - runs, os.path.getsize(path) - size
            elapsed = time.monotonic() - began
            lost = programs.lost_events(top, path)
    return {"events_per_s": runs / elapsed, "bytes_per_s": size / elapsed, "lost": lost,
            "cpu_share": found["cpu_share"]}
