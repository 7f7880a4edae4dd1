#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Causes, probes and waits against the kernel's own counters of the same namespaces."""

import re

from common import Lab, Tap, Tcpretop, best_of, last_of_each_flow, objects, wait_until


def measure(tap):
    with Tcpretop("-b", "--json", "-l") as top:
        with Lab("loss,p=5,n=20", "loss,p=30,n=10,mss=500", "tail,n=8", "tailnew,n=4", "synhole,n=3",
                     "synackloss,p=50,n=8,again=300", "blackhole,n=2,after=1") as lab:
            netns = lab.netns()
            counters = lab.counters
            wait_until(lambda: counters()["TcpRetransSegs"] > 5000
                       and counters()["TcpExtTCPLossProbes"] > 400,
                       "5000 retransmits and 400 probes", 200)
            lab("quiet", "60")
            seconds = len(objects(top.so_far(), "interval"))
            wait_until(lambda: len(objects(top.so_far(), "interval")) >= seconds + 2, "the last count")
            # Only the clients: the server's SYN-ACK timers are in TCPTimeouts as well, but a SYN-ACK sent
            # again because of a repeated SYN is not.
            clients = [name for name in netns if name != "srv"]
            kernel, server = counters(*clients), counters("srv")
            text = top.stop()
            flows = last_of_each_flow(text, [netns[name] for name in clients]).values()
            served = last_of_each_flow(text, [netns["srv"]]).values()

    ours = {cause: sum(o["by_cause"][cause] for o in flows) for cause in next(iter(flows))["by_cause"]}
    tap.note(f"ours {ours}")
    tap.note("kernel " + str({name: n for name, n in kernel.items() if n and "Tcp" in name}))

    for o in flows:
        if o["retrans"] != sum(n for c, n in o["by_cause"].items() if c not in ("TLP", "SYNACK")):
            tap.ok(False, "retrans is the sum of its causes", o)
            break
    else:
        tap.ok(True, "retrans is the sum of its causes")
    tap.within(sum(ours.values()), kernel["TcpRetransSegs"], 0.001,
               "all causes add up to RetransSegs")
    tap.within(ours["SYN"], kernel["TcpExtTCPSynRetrans"], 0.01, "SYN against TCPSynRetrans")
    tap.within(sum(o["synack"] for o in served), server["TcpExtTCPSynRetrans"], 0.01,
               "SYNACK against the server's TCPSynRetrans")
    tap.within(ours["FAST"] + ours["RACK"], kernel["TcpExtTCPFastRetrans"], 0.01,
               "FAST and RACK against TCPFastRetrans")
    # An RTO event is the timeout's own segment, or one resent in the slow start after it.
    # Healed segments have no cause: they are OTHER.
    tap.within(ours["RTO"] + ours["SYN"] + ours["PROBE"],
               kernel["TcpExtTCPTimeouts"] + kernel["TcpExtTCPSlowStartRetrans"], 0.01,
               "RTO, SYN and PROBE against TCPTimeouts and TCPSlowStartRetrans", ours["OTHER"])
    tap.within(sum(o["tlp_sent"] for o in flows), kernel["TcpExtTCPLossProbes"], 0.01,
               "tlp_sent against TCPLossProbes")
    tap.ok(sum(o["tlp_attempts"] for o in flows) >= sum(o["tlp_sent"] for o in flows),
           "no probe is sent without an attempt")
    tap.ok(any(o["by_cause"]["RTO"] and o["rto_wait_ms"] >= 200 for o in flows),
           "timeouts cost time: RTO wait")
    tap.ok(all(o["rto_wait_ms"] == 0 for o in flows
               if not o["by_cause"]["RTO"] and not o["by_cause"]["SYN"] and not o["by_cause"]["PROBE"]),
           "without a timeout there is no RTO wait")
    tap.ok(any(o["by_cause"]["SYN"] and o["state"] in ("SYN_SENT", "CLOSE") for o in flows),
           "an unanswered SYN is told apart")


RARE = {  # a cause, the trouble that makes it, and the share of its segments that it must be the cause of
    "MTU": ("mtu,n=3,port=7401", 0.95),
    "PROBE": ("shrink,n=3,port=7402", 0.3),
    "FAILED": ("fail,n=3,p=5,port=7403", 0.2),
    "RACK": ("loss,n=8,p=8,delay=20,port=7404", 0.001),
    "TLP": ("tail,n=3,port=7405", 0.9),
    "SYN": ("synhole,n=3,port=7406", 0.9),
    "SYNACK": ("synackloss,n=3,p=60,port=7407,again=300", 0.2),
}


def rare(tap):
    """Each cause by the trouble that is made for it."""
    with Tcpretop("-b", "--json", "-l") as top, Lab(*(flow for flow, _ in RARE.values())) as lab:
        netns = lab.netns()
        port = lambda cause: int(re.search(r"port=(\d+)", RARE[cause][0])[1])

        def by_cause(cause, text):
            flows = [o for o in last_of_each_flow(text, netns.values()).values()
                     if port(cause) in (o["lport"], o["rport"])]
            return sum(o["by_cause"][cause] for o in flows), sum(sum(o["by_cause"].values()) for o in flows)

        def all_made():
            text = top.so_far()
            return all(by_cause(cause, text)[0] >= 5 for cause in RARE)

        try:
            wait_until(all_made, "five segments of each cause", 120)
        except TimeoutError:
            pass  # which one is said below
        lab("quiet", "60")
        seconds = len(objects(top.so_far(), "interval"))
        wait_until(lambda: len(objects(top.so_far(), "interval")) >= seconds + 2, "the last count")
        kernel, text = lab.counters(), top.stop()
    for cause, (flow, least) in RARE.items():
        ours, of = by_cause(cause, text)
        if cause == "FAILED" and not ours:
            tap.skip("FAILED", "this kernel's tracepoint does not tell of failed sends")
            continue
        tap.ok(ours >= 5 and ours >= least * of, f"{cause}: {ours} of {of} segments of {flow}")
    flows = last_of_each_flow(text, netns.values()).values()
    tap.within(sum(sum(o["by_cause"].values()) for o in flows), kernel["TcpRetransSegs"], 0.001,
               "and all of them add up to RetransSegs")
    tap.within(by_cause("FAILED", text)[0], kernel["TcpExtTCPRetransFail"], 0.01, "FAILED against TCPRetransFail")


tap = Tap()
best_of(tap, measure)
best_of(tap, rare)
tap.end()
