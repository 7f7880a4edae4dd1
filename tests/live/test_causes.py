#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Causes, probes and waits against the kernel's own counters of the same namespaces."""

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


tap = Tap()
best_of(tap, measure)
tap.end()
