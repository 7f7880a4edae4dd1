# SPDX-License-Identifier: GPL-2.0-only
"""What the benchmark measures under load: many flows, many events, and how soon a key is answered."""
import contextlib
import os
import re
import tempfile
import time

import programs
from common import Lab
from measure import STORM, Watch, spread

SIZES = 1000, 10000, 100000, 1000000
SHARES = 0.01, 0.1, 1
MOST_CHANGING = 100000  # of a million flows no host has all in trouble each second
# Flows that nobody touches leave the screen after one minute of quiet.
QUIET, SETTLE, WATCHED = 80, 3, 6
KEYS = 100
FULL = "storm"
FULL_WARM_UP, FULL_SECONDS = 5, 10


def changing(flows):
    """How many change each second, at each size: also the thousand that the goal names."""
    some = {round(flows * share) for share in SHARES} | {1000}
    return sorted(n for n in some if n <= min(flows, MOST_CHANGING))


def scale(note):
    """CPU time and memory of the viewer with so many flows tracked and so many changing a second."""
    found = []
    with contextlib.ExitStack() as stack:
        crowds = []
        for flows in SIZES:
            note(f"scale: {flows:,} flows")
            room = max(65536, 1 << (flows - 1).bit_length())
            view = stack.enter_context(programs.viewer("-d", "1", "--max-flows", room))
            empty = view.rss_kb()
            crowds.append((flows, view, empty, stack.enter_context(programs.crowd(view, flows))))
        note(f"scale: {QUIET} s for the flows to go quiet")
        time.sleep(QUIET)
        for flows, view, empty, crowd in crowds:
            for n in changing(flows):
                note(f"scale: {n:,} of {flows:,} flows change each second")
                crowd.write(f"{n}\n")
                time.sleep(SETTLE)
                watch = Watch(view)
                time.sleep(WATCHED)
                end = watch.end()
                found.append({
                    "flows": flows, "changing": n, "cpu_ms": 1000 * end["cpu_share"],
                    "rss_mb": end["rss_mb"],
                    "bytes_per_flow": (view.rss_kb() - empty) * 1024 / flows,
                })
            crowd.write("0\n")
    return {"rows": found}


def answers(view):
    """Milliseconds from a key to its answer on the screen: Space, which shows PAUSED."""
    times = []
    for _ in range(KEYS):
        view.forget()
        view.write(" ")
        times.append(1000 * view.seconds_until("PAUSED"))
        view.write(" ")
        time.sleep(0.07)
    times.sort()
    return {**spread(times), "p99": times[int(0.99 * (len(times) - 1))]}


def keys(note):
    """How soon a key is answered, when nothing happens and when as much does as this machine can."""
    found = {}
    with programs.viewer() as view:
        note("keys: idle")
        time.sleep(1)
        found["idle"] = answers(view)
    note("keys: full load")
    with Lab(preset=FULL, duration=120), programs.viewer() as view:
        time.sleep(FULL_WARM_UP)
        found["full"] = answers(view)
    return found


def firehose(note):
    """-e -l into a file, with as many events as this machine can make."""
    note("firehose: -e -l into a file")
    with contextlib.ExitStack() as stack:
        path = os.path.join(stack.enter_context(tempfile.TemporaryDirectory()), "events")
        stack.enter_context(Lab(preset=FULL, duration=120))
        empty = stack.enter_context(programs.empty())
        with programs.events_to(path, "-l") as top:
            time.sleep(FULL_WARM_UP)
            watch, runs, size = Watch(top), programs.runs_of(empty, "empty"), os.path.getsize(path)
            time.sleep(FULL_SECONDS)
            end, runs = watch.end(), programs.runs_of(empty, "empty") - runs
            written = os.path.getsize(path) - size
            top.process.send_signal(top.end)
            top.process.wait(programs.PATIENCE)
            top.err.seek(0)
            told = top.err.read().decode(errors="replace")
    lost = re.search(r"(\d[\d,]*) events? w", told)
    return {"events_per_s": runs / FULL_SECONDS, "bytes_per_s": written / FULL_SECONDS,
            "lost": int(lost[1].replace(",", "")) if lost else 0, "cpu_share": end["cpu_share"]}
