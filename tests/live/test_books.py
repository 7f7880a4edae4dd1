#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Every retransmitted segment counted once: our books against those of the kernel."""

import re

from common import Lab, Tap, Tcpretop, last_of_each_flow, objects, wait_until

WANTED = 50_000

tap = Tap()


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


def as_ss_writes(o):
    """The endpoints of a flow object."""
    ends = (o["laddr"], o["lport"]), (o["raddr"], o["rport"])
    return tuple(f"[{addr}]:{port}" if o["family"] == 6 else f"{addr}:{port}" for addr, port in ends)


def check_totals(name, lab, netns, flows, before):
    growth = lab.counters()["TcpRetransSegs"] - before
    ours = sum(o["retrans"] + o["tlp"] + o["synack"] for o in flows.values())
    families = {o["family"] for o in flows.values()}
    tap.note(f"{name}: {len(flows)} flows, kernel {growth}, ours {ours}")
    tap.ok(growth >= WANTED, f"{name}: at least {WANTED} segments were sent again", growth)
    tap.equal(families, {4, 6}, f"{name}: both families are there")
    tap.equal(len({o["netns"] for o in flows.values() if o["retrans"]} & set(netns)) >= 3, True,
              f"{name}: three client namespaces retransmit")
    return tap.ok(abs(growth - ours) <= growth * 0.001,
                  f"{name}: the flows add up to RetransSegs (off by {ours - growth})",
                  f"kernel {growth}, flows {ours}")


with Lab("loss,p=20,n=24,v=46,mss=500", "synackloss,p=50,n=6,v=46,again=200",
         "tail,n=6,v=46", rto_min="10ms") as lab:
    lab("pause")
    lab("settle")
    netns = lab.netns()
    before = lab.counters()["TcpRetransSegs"]
    with Tcpretop("-b", "--json", "-l", "-d", "1") as top:
        lab("resume")
        wait_until(lambda: lab.counters()["TcpRetransSegs"] - before >= WANTED * 1.02,
                   f"{WANTED} retransmits", 240)
        lab("settle")
        seconds = len(objects(top.so_far(), "interval"))
        wait_until(lambda: len(objects(top.so_far(), "interval")) >= seconds + 2, "the last count")
        living = ss_retrans(lab)
        text = top.stop()
        flows = last_of_each_flow(text, netns.values())
        check_totals("alive", lab, netns, flows, before)

        ours = {as_ss_writes(o): o for o in flows.values()}
        compared = {ends: n for ends, n in living.items() if ends in ours and n}
        # A connection older than tcpretop has a history that is not ours.
        wrong = {ends: (n, ours[ends]["retrans"] + ours[ends]["tlp"])
                 for ends, n in compared.items()
                 if n != ours[ends]["retrans"] + ours[ends]["tlp"]}
        tap.ok(len(compared) >= 30, f"at least 30 living flows to compare ({len(compared)})")
        tap.ok(not wrong, "each living flow equals ss -ti", *list(wrong.items())[:5])
        tap.equal(top.status, 0, "exit status of -b after Ctrl-C")

        coverage = objects(text, "interval")
        # The machine's other namespaces are in it as well: the kernel's word for all of them.
        seen = sum(o["coverage"]["seen"] for o in coverage)
        kernel = sum(o["coverage"]["kernel"] for o in coverage)
        tap.within(seen, kernel, 0.001, "coverage says 100.0 %")
tap.end()
