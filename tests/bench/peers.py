# SPDX-License-Identifier: GPL-2.0-only
"""-e beside bpftrace printing, both into a file: what a line costs, and how many are lost."""
import contextlib
import os
import re
import tempfile
import time

import programs
from common import Lab
from measure import LAB_SECONDS, STORM, Watch, own, spread

# A load that leaves the machine some room, and all that it can make.
LOADS = {"some": [STORM], "full": []}
LAB_WARM_UP, WARM_UP, SECONDS, SAMPLES = 5, 2, 3, 5
PRINTERS = {"events": programs.events_to, "bpftrace": programs.bpftrace_to}
LINE = re.compile(rb"^\d\d:\d\d:\d\d ", re.MULTILINE)


def lines(path, start=0, end=None):
    """So many events are in this part of the file."""
    with open(path, "rb") as f:
        f.seek(start)
        return len(LINE.findall(f.read() if end is None else f.read(end - start)))


def sample(name, make, path, empty):
    """CPU time per line, of the process and of its BPF programs, and the share of lines that are lost."""
    with make(path) as program:
        time.sleep(WARM_UP)
        if program.process.poll() is not None:
            raise programs.DidNotRun(program.reason())
        own(name, program)
        runs, began = programs.runs_of(empty, "empty"), time.monotonic()
        watch, size = Watch(program), os.path.getsize(path)
        time.sleep(SECONDS)
        end, grown = watch.end(), os.path.getsize(path)
        runs, elapsed = programs.runs_of(empty, "empty") - runs, time.monotonic() - began
        lost = programs.lost_events(program, path)
    spent, written = 1e9 * end["seconds"] * (end["cpu_share"] + end["kernel_share"]), lines(path, size, grown)
    return {
        "ns": spent / written if written else None,
        "lost": lost / max(1, lost + lines(path)),
        "rss_mb": end["rss_mb"],
        "events_per_s": runs / elapsed,
    }


def summary(name, samples):
    """A program that writes nothing for a whole sample is told of, and has no time per line there."""
    found = {key: spread([s[key] for s in samples]) for key in ("lost", "rss_mb", "events_per_s")}
    ns = [s["ns"] for s in samples if s["ns"] is not None]
    if not ns:
        raise programs.DidNotRun(f"{name} wrote no lines")
    return {**found, "ns": spread(ns), "silent": len(samples) - len(ns)}


def printing(note):
    """By load and program. Each runs alone, by turns, on the same traffic."""
    found, missing = {}, {}
    for load, flows in LOADS.items():
        preset = {} if flows else {"preset": "storm"}
        samples = {name: [] for name in PRINTERS}
        with contextlib.ExitStack() as stack:
            stack.enter_context(Lab(*flows, duration=LAB_SECONDS + 60, **preset))
            empty = stack.enter_context(programs.empty())
            path = os.path.join(stack.enter_context(tempfile.TemporaryDirectory()), "lines")
            time.sleep(LAB_WARM_UP)
            for n in range(SAMPLES):
                note(f"printing, {load} load: {n + 1} of {SAMPLES}")
                for name, make in PRINTERS.items():
                    if name not in missing:
                        take(samples[name], missing, name, make, path, empty)
        found[load] = {name: summary(name, taken) for name, taken in samples.items() if taken}
    return {"loads": found, "missing": missing}


def take(samples, missing, name, make, path, empty):
    try:
        samples.append(sample(name, make, path, empty))
    except programs.DidNotRun as e:
        if name != "bpftrace":
            raise
        missing[name] = str(e)
