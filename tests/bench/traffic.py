# SPDX-License-Identifier: GPL-2.0-only
"""What the traffic itself loses by being watched: bulk transfers with the viewer and without, by turns."""
import os
import statistics
import time

import programs
from common import Lab
from measure import LAB_SECONDS, spread

# Bulk transfers, with a segment a packet, as the same traffic then goes more evenly; and more trouble than
# there is outside of a benchmark.
LOADS = {"bulk": {"gso": "off"}, "storm": {"preset": "storm"}}
BULK = "loss,n=64,p=1,write=64k,gap=0"
WARM_UP, PAIRS, SETTLE, SECONDS = 5, 6, 1, 3
SOFTIRQ = 7  # which word of the first line of /proc/stat, in ticks of the clock


def softirq_ns():
    with open("/proc/stat") as f:
        ticks = int(f.readline().split()[SOFTIRQ])
    return ticks * 1e9 / os.sysconf("SC_CLK_TCK")


def look(lab):
    counters = lab.counters()
    return counters["TcpExtTCPDelivered"], counters["TcpRetransSegs"], softirq_ns(), time.monotonic()


def one_slice(lab):
    time.sleep(SETTLE)
    before = look(lab)
    time.sleep(SECONDS)
    delivered, again, spent, elapsed = (b - a for a, b in zip(before, look(lab)))
    return {"segs_per_s": delivered / elapsed, "again_per_s": again / elapsed, "softirq_ns": spent / delivered}


def against(values, around):
    """By what share each value differs from the mean of the two around it."""
    return [2 * value / sum(pair) - 1 for value, pair in zip(values, around)]


def compared(off, on):
    """The change is the median of the slices with the viewer, each against those without around it. The noise
    is what the slices without differ in the same way from each other, half of them by more."""
    watched, alone = against(on, zip(off, off[1:])), against(off[1:-1], zip(off, off[2:]))
    return {"off": spread(off), "on": spread(on), "change": statistics.median(watched),
            "noise": statistics.median(map(abs, alone))}


def by_turns(note, load, options):
    """Slices without the viewer and with it."""
    off, on = [], []
    with Lab(*([BULK] if load == "bulk" else []), duration=2 * LAB_SECONDS, **options) as lab:
        time.sleep(WARM_UP)
        off.append(one_slice(lab))
        for n in range(PAIRS):
            note(f"traffic: {load}, pair {n + 1} of {PAIRS}")
            with programs.viewer("-d", "1"):
                on.append(one_slice(lab))
            off.append(one_slice(lab))
    return off, on


def traffic(note):
    """Throughput, and the time that the kernel's softirqs take for a segment."""
    found = {}
    for load, options in LOADS.items():
        off, on = by_turns(note, load, options)
        found[load] = {key: compared([s[key] for s in off], [s[key] for s in on])
                       for key in ("segs_per_s", "softirq_ns")}
        found[load]["again_per_s"] = statistics.median(s["again_per_s"] for s in off)
    return found
