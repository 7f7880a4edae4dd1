# SPDX-License-Identifier: GPL-2.0-only
"""inside.py FILE: runs in the virtual machine of vm.py, and prints what it measures as JSON.

Traffic, which an emulated processor has enough to do with, begins when FILE is there: after the starts.
"""
import contextlib
import json
import sys
import time
from pathlib import Path

import programs
from common import family
from measure import COUNTER, Watch, growth, spread

programs.PATIENCE = 600  # bcc has a compiler emulated
MAKERS = {"tcpretrans": programs.tcpretrans, "viewer": programs.viewer, "events": programs.events}
STARTS = {"viewer": 5, "events": 5, "tcpretrans": 3}
WARM_UP, SLICES, SECONDS = 5, 5, 4


def started(stack, name, times):
    """The program; from its start to its first line, or screen, are so many milliseconds more among the times."""
    program = stack.enter_context(MAKERS[name]())
    times[name].append(1000 * program.seconds)
    print(f"{name}: {program.seconds:.1f} s", file=sys.stderr, flush=True)
    return program


def starts(stack):
    """Milliseconds, by turns; the last of each goes on running."""
    times = {name: [] for name in MAKERS}
    for n in range(max(STARTS.values()) - 1, 0, -1):
        for name, wanted in STARTS.items():
            if n < wanted:
                with contextlib.ExitStack() as alone:
                    started(alone, name, times)
    running = {name: started(stack, name, times) for name in MAKERS}
    return running, {name: spread(of_it) for name, of_it in times.items()}


def rss_mb(program):
    """Its helper's too."""
    pids = {program.process.pid, *family(program.process.pid)}
    return sum(programs.status_kb(pid, "VmRSS") for pid in pids) / 1024


def one_slice(running):
    """ns of each per event: of its program on the tracepoint, and of all that it takes."""
    ids = {name: program.bpf_ids() for name, program in running.items()}
    before, watches = programs.bpf_times(), {name: Watch(program) for name, program in running.items()}
    time.sleep(SECONDS)
    after, ends = programs.bpf_times(), {name: watch.end() for name, watch in watches.items()}
    found = {}
    for name, end in ends.items():
        grown = growth(before, after, ids[name])
        spent, runs = grown.get(COUNTER) or max(grown.values(), key=lambda g: g[1])
        if runs:
            in_all = 1e9 * end["seconds"] * (end["cpu_share"] + end["kernel_share"]) / runs
            found[name] = {"ns": spent / runs, "in_all_ns": in_all, "events": runs}
    return found


def together(running):
    """All at once, on the same events."""
    time.sleep(WARM_UP)
    slices = [one_slice(running) for _ in range(SLICES)]
    found = {}
    for name, program in running.items():
        of_it = [s[name] for s in slices if name in s]
        found[name] = {key: spread([s[key] for s in of_it]) if of_it else None
                       for key in ("ns", "in_all_ns", "events")}
        found[name]["rss_mb"] = rss_mb(program)
    return found


def main():
    with contextlib.ExitStack() as stack:
        running, times = starts(stack)
        Path(sys.argv[1]).touch()
        print(json.dumps({"ms": times, "each": together(running)}))


if __name__ == "__main__":
    main()
