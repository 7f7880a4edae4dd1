#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Causes, probes and waits against the kernel's own counters of the same namespaces."""

from common import Lab, Tap, Tcpretop, last_of_each_flow, objects, wait_until

tap = Tap()

with Lab("loss,p=5,n=20", "loss,p=30,n=10,mss=500", "tail,n=8", "tailnew,n=4", "synhole,n=3",
         "synackloss,p=50,n=8,again=300", "blackhole,n=2,after=1") as lab:
    lab("pause")
    lab("settle")
    netns = lab.netns()
    before = lab.counters()
    with Tcpretop("-b", "--json", "-l") as top:
        lab("resume")
        wait_until(lambda: lab.counters()["TcpRetransSegs"] - before["TcpRetransSegs"] > 5000
                   and lab.counters()["TcpExtTCPLossProbes"] - before["TcpExtTCPLossProbes"] > 400,
                   "5000 retransmits and 400 probes", 200)
        lab("quiet", "60")
        seconds = len(objects(top.so_far(), "interval"))
        wait_until(lambda: len(objects(top.so_far(), "interval")) >= seconds + 2, "the last count")
        after = lab.counters()
        flows = last_of_each_flow(top.stop(), netns.values()).values()

kernel = {name: after[name] - before[name] for name in after}
ours = {cause: sum(o["by_cause"][cause] for o in flows) for cause in next(iter(flows))["by_cause"]}
tap.note(f"ours {ours}")
tap.note("kernel " + str({name: n for name, n in kernel.items() if n and "Tcp" in name}))

for o in flows:
    if o["retrans"] != sum(n for c, n in o["by_cause"].items() if c not in ("TLP", "SYNACK")):
        tap.ok(False, "retrans is the sum of its causes", o)
        break
else:
    tap.ok(True, "retrans is the sum of its causes")
tap.equal(sum(ours.values()), kernel["TcpRetransSegs"], "all causes add up to RetransSegs")
tap.within(ours["SYN"] + ours["SYNACK"], kernel["TcpExtTCPSynRetrans"], 0.01,
           "SYN and SYNACK against TCPSynRetrans")
tap.within(ours["FAST"] + ours["RACK"], kernel["TcpExtTCPFastRetrans"], 0.01,
           "FAST and RACK against TCPFastRetrans")
# An RTO event is the timeout's own segment, or one resent in the slow start after it. The timer of
# a SYN is a timeout as well; that of a SYN-ACK is not counted as one.
tap.within(ours["RTO"] + ours["SYN"] + ours["PROBE"],
           kernel["TcpExtTCPTimeouts"] + kernel["TcpExtTCPSlowStartRetrans"], 0.01,
           "RTO, SYN and PROBE against TCPTimeouts and TCPSlowStartRetrans")
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
tap.end()
