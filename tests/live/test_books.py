#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Every retransmitted segment counted once: our books against those of the kernel."""

import re

from common import Lab, Tap, Tcpretop, best_of, last_of_each_flow, objects, wait_until

WANTED = 50_000


def ss_retrans(lab):
    """Retransmits since the start of each living connection, as `ss -ti` tells them."""
    totals = {}
    for namespace in lab.netns():
        # One connection is a line of addresses and an indented one of figures.
        for flow, figures in re.findall(r"^(\S.*)\n\s+(.*)$", lab("ss", namespace, "-tinH"), re.M):
            state, _, _, local, remote = flow.split()[:5]
            retrans = re.search(r"\bretrans:\d+/(\d+)", figures)
            if state == "ESTAB" and retrans:
                totals[(local, remote)] = int(retrans[1])
    return totals


def count(o):
    return o["retrans"] + o["tlp"] + o["synack"]


def as_ss_writes(o):
    """The endpoints of a flow object."""
    ends = (o["laddr"], o["lport"]), (o["raddr"], o["rport"])
    return tuple(f"[{addr}]:{port}" if o["family"] == 6 else f"{addr}:{port}" for addr, port in ends)


def check_totals(tap, lab, netns, flows):
    kernel = lab.counters()["TcpRetransSegs"]
    ours = sum(count(o) for o in flows.values())
    suffer = {o["netns"] for o in flows.values() if o["retrans"]} & set(netns.values())
    tap.note(f"{len(flows)} flows, kernel {kernel}, ours {ours}")
    tap.ok(kernel >= WANTED, f"at least {WANTED} segments were sent again", kernel)
    tap.equal({o["family"] for o in flows.values()}, {4, 6}, "both families are there")
    tap.ok(len(suffer) >= 3, "three client namespaces retransmit")
    tap.ok(abs(kernel - ours) <= kernel * 0.001,
           f"the flows add up to RetransSegs (off by {ours - kernel})",
           f"kernel {kernel}, flows {ours}")


def measure(tap):
    with Tcpretop("-b", "--json", "-l") as top:
        with Lab("loss,p=20,n=24,v=46,mss=500", "synackloss,p=50,n=6,v=46,again=200",
                 "tail,n=6,v=46", rto_min="10ms") as lab:
            netns = lab.netns()
            wait_until(lambda: lab.counters()["TcpRetransSegs"] >= WANTED * 1.02,
                       f"{WANTED} retransmits", 240)
            lab("settle", "60")
            seconds = len(objects(top.so_far(), "interval"))
            wait_until(lambda: len(objects(top.so_far(), "interval")) >= seconds + 2, "the last count")
            living = ss_retrans(lab)
            text = top.stop()
            flows = last_of_each_flow(text, netns.values())
            check_totals(tap, lab, netns, flows)

            ours = {as_ss_writes(o): o for o in flows.values()}
            compared = {ends: n for ends, n in living.items() if ends in ours and n}
            # A connection older than tcpretop has a history that is not ours.
            # ss counts the SYN-ACKs of the request in the child that came of it.
            wrong = {ends: (n, count(ours[ends])) for ends, n in compared.items()
                     if n != count(ours[ends])}
            tap.ok(len(compared) >= 30, f"at least 30 living flows to compare ({len(compared)})")
            tap.ok(not wrong, "each living flow equals ss -ti", *list(wrong.items())[:5])
            tap.equal(top.status, 0, "exit status of -b after Ctrl-C")

            coverage = objects(text, "interval")
            # The machine's other namespaces are in it as well: the kernel's word for all of them.
            seen = sum(o["coverage"]["seen"] for o in coverage)
            kernel = sum(o["coverage"]["kernel"] for o in coverage)
            tap.within(seen, kernel, 0.001, "coverage says 100.0 %")


tap = Tap()
best_of(tap, measure)
tap.end()
