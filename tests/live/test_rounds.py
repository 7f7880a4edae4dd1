#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""What changes while changes are being read is read at the next look, also of a connection that then has ended."""

from common import Lab, Tap, Tcpretop, last_of_each_flow, objects, wait_until

WANTED = 500_000
# Many that live for some milliseconds, and room for all of them.
SHORT = "loss,n=200,v=4,p=30,mss=200,write=6000,gap=0,life=80,again=60"
LOOKS = "-d", "0.1", "--rows", "0", "--max-flows", "262144"

tap = Tap()


def count(counts):
    return sum(counts[what] for what in ("retrans", "tlp", "synack"))


with Tcpretop("-b", "--json", "-l", *LOOKS) as top, Lab(SHORT, rto_min="4ms") as lab:
    wait_until(lambda: lab.counters()["TcpRetransSegs"] >= WANTED, f"{WANTED} retransmits", 240)
    lab("quiet", "60")
    looks = len(objects(top.so_far(), "interval"))
    wait_until(lambda: len(objects(top.so_far(), "interval")) >= looks + 3, "the last looks")
    text = top.stop()
intervals, flows = objects(text, "interval"), last_of_each_flow(text).values()
tap.ok(len(flows) > 1000 and len(intervals) > 10, f"{len(flows)} flows in {len(intervals)} looks")
tap.equal(sum(o["evicted"] for o in intervals), 0, "all of them are in the table")
tap.equal(sum(map(count, flows)), sum(count(o["totals"]) for o in intervals), "the flows add up to the totals")
tap.end()
