# SPDX-License-Identifier: GPL-2.0-only
"""-e beside bpftrace printing, both into a file: what a line costs, and how many are lost."""
import contextlib
import os
import re
import tempfile
import time

import programs
from common import Lab
from measure import LAB_SECONDS, STORM, Watch, spread

# A load that leaves the machine some room, and all that it can make.
LOADS = {"some": [STORM], "full": []}
LAB_WARM_UP, WARM_UP, SLICES, SECONDS = 5, 2, 5, 3
PRINTERS = {"events": programs.events_to, "bpftrace": programs.bpftrace_to}
LINE = re.compile(rb"^\d\d:\d\d:\d\d ", re.MULTILINE)


def lines(path, start=0, end=None):
    """So many events are in this part of the file."""
    with open(path, "rb") as f:
        f.seek(start)
        return len(LINE.findall(f.read() if end is None else f.read(end - start)))


def slices(program, path):
    """(CPU time in ns, its own and that of its BPF programs, start and end of what it wrote) of each."""
    watch, size = Watch(program), os.path.getsize(path)
    for _ in range(SLICES):
        time.sleep(SECONDS)
        end, start, size = watch.end(), size, os.path.getsize(path)
        yield 1e9 * end["seconds"] * (end["cpu_share"] + end["kernel_share"]), start, size


def printed(make, path, empty):
    """CPU time per line, the share of lines that are lost, and memory. A slice without a line has no time."""
    with make(path) as program:
        programs.wait_for_runs(program)
        time.sleep(WARM_UP)
        began, runs = time.monotonic(), programs.runs_of(empty, "empty")
        found = list(slices(program, path))
        runs, elapsed = programs.runs_of(empty, "empty") - runs, time.monotonic() - began
        rss = program.rss_kb()
        lost = programs.lost_events(program, path)
    per_slice = [(spent, lines(path, start, end)) for spent, start, end in found]
    ns = [spent / written for spent, written in per_slice if written]
    if not ns:
        raise programs.DidNotRun("wrote no lines")
    return {"ns": spread(ns), "silent": len(per_slice) - len(ns), "lost": lost / (lost + lines(path)),
            "rss_mb": rss / 1024, "events_per_s": runs / elapsed}


def printing(note):
    """By load and program: one after the other, on the same traffic."""
    found, missing = {}, {}
    for load, flows in LOADS.items():
        preset = {} if flows else {"preset": "storm"}
        found[load] = {}
        with contextlib.ExitStack() as stack:
            stack.enter_context(Lab(*flows, duration=2 * LAB_SECONDS, **preset))
            empty = stack.enter_context(programs.empty())
            path = os.path.join(stack.enter_context(tempfile.TemporaryDirectory()), "lines")
            time.sleep(LAB_WARM_UP)
            for name, make in PRINTERS.items():
                note(f"printing, {load} load: {name}")
                try:
                    found[load][name] = printed(make, path, empty)
                except programs.DidNotRun as e:
                    if name != "bpftrace":
                        raise
                    missing[name] = f"{load} load: {e}"
    return {"loads": found, "missing": missing}
