#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Coverage with five client namespaces under load: 100 % (± 0.1), on screen, in -b and in JSON."""

import re

from common import TCPRETOP, Lab, Tap, Tcpretop, best_of, objects, wait_until
from screen import Screen

INTERVALS = 8


def share(coverage):
    return 100 * coverage["seen"] / coverage["kernel"]


def shown(text):
    """The coverage line of the screen, or of -b: percent, kernel's and our number."""
    found = re.search(r"coverage ([\d.]+) ?%(?: +\(kernel ([\d,]+), seen ([\d,]+)\))?", text)
    return found and (float(found[1]), *(int((n or "0").replace(",", "")) for n in found.groups()[1:]))


def measure(tap):
    with Lab("loss,n=400,p=10,mss=500,write=20k,gap=100,v=46", clients=5) as lab:
        netns = lab.netns()
        before = lab.counters()["TcpRetransSegs"]
        with Tcpretop("-b", "--json", "-l") as json, Tcpretop("-b", "-l") as plain, \
                Screen(f"{TCPRETOP} -l -d 1", 160, 40) as screen:
            busy = lambda: [o for o in objects(json.so_far(), "interval") if o["coverage"]["kernel"] > 3000]
            wait_until(lambda: len(busy()) > INTERVALS, "intervals under load", 120)
            on_screen = shown(screen.wait(lambda t: (shown(t) or (0, 0, 0))[1] > 3000 * INTERVALS))
            screen.keys("q")
            in_text = shown(plain.stop()[-20000:])
            text = json.stop()
        grown = lab.counters()["TcpRetransSegs"] - before
    flows = {o["netns"] for o in objects(text, "flow")} & set(netns.values())
    tap.ok(len(flows) >= 5, f"flows in {len(flows)} namespaces")
    whole = [o["coverage"] for o in busy_intervals(text)]
    total = {side: sum(c[side] for c in whole) for side in ("seen", "kernel")}
    tap.ok(abs(share(total) - 100) <= 0.1, f"JSON, all: {total['seen']:,} of {total['kernel']:,}")
    worst = max(whole, key=lambda c: abs(share(c) - 100))
    # On some hosts events reach no program, and are counted by the sockets' next ones: in the next interval.
    tap.ok(abs(share(worst) - 100) <= 1, f"JSON, the worst interval: {share(worst):.3f} %")
    tap.ok(total["kernel"] <= grown, f"the kernel's own count is that of the lab, {grown:,} in all")
    tap.ok(abs(on_screen[0] - 100) <= 0.1, f"on screen: {on_screen[0]} %, {on_screen[2]:,} of {on_screen[1]:,}")
    tap.ok(in_text and abs(in_text[0] - 100) <= 0.1, f"-b: {in_text and in_text[0]} %")


def busy_intervals(text):
    return [o for o in objects(text, "interval") if o["coverage"]["kernel"] > 3000]


tap = Tap()
best_of(tap, measure)
tap.end()
