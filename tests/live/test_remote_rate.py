#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""How many bytes a second a link takes: with 100 flows in trouble, and with 10,000."""

import contextlib
import time

import remote

remote.enter_desk()

from common import Lab, Tap, Tcpretop, objects, wait_until  # noqa: E402

SECONDS = 5
CASES = (("loss,n=100,p=30,write=1000,gap=500,mss=500", 100), ("loss,n=10000,p=30,write=1000,gap=1000,mss=500", 10_000))
# A second, for each flow that changed and each segment that was sent again; and what a link takes anyhow. What else
# this machine does is seen as well.
MOST_BYTES, ANYHOW = 60, 2000
tap = Tap()


def measure(host, top, flows):
    """Bytes, flows that changed and segments, each a second."""
    wait_until(lambda: [o for o in objects(top.so_far(), "interval") if o["flows"] >= 0.9 * flows], f"{flows} flows", 120)
    before, lines = host.received(), len(objects(top.so_far()))
    time.sleep(SECONDS)
    got = objects(top.so_far())[lines:]
    return ((host.received() - before) / SECONDS, sum(o["type"] == "flow" for o in got) / SECONDS,
            sum(o["totals"]["retrans"] for o in got if o["type"] == "interval") / SECONDS)


with remote.Desk() as desk:
    web = desk.host("web")
    for shape, flows in CASES:
        with contextlib.ExitStack() as stack:
            stack.enter_context(Lab(shape))
            top = stack.enter_context(Tcpretop("--host", "web", "-b", "--json"))
            rate, changed, segs = measure(web, top, flows)
            each = (rate - ANYHOW) / (changed + segs)
            tap.ok(changed > 0 and each <= MOST_BYTES,
                   f"{flows:,} flows, {changed:.0f} of them a second, {segs:.0f} segments/s: {rate / 1000:.1f} kB/s",
                   f"{each:.1f} bytes each")
tap.end()
