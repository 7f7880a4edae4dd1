#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tail loss probes: out unless asked for, one line each, never a retransmit as well."""

from common import Lab, Tap, Tcpretop, best_of, last_of_each_flow, objects, wait_until


def measure(tap):
    with Tcpretop("-e", "-s") as plain, Tcpretop("-e", "-s", "-l") as with_tlp, \
            Tcpretop("-e", "--json", "-l") as events, Tcpretop("-b", "--json") as batch, \
            Tcpretop("-c", "--json") as count:
        with Lab("tail,n=6,v=46", "tailnew,n=3") as lab:
            netns = lab.netns().values()
            wait_until(lambda: lab.counters()["TcpExtTCPLossProbes"] >= 300, "300 probes", 120)
            lab("settle")
            seconds = len(objects(batch.so_far(), "interval"))
            wait_until(lambda: len(objects(batch.so_far(), "interval")) >= seconds + 2, "the rest")
            kernel = lab.counters()
            text, text_tlp = plain.stop(), with_tlp.stop()
            events = objects(events.stop(), "event", netns)
            flows = last_of_each_flow(batch.stop(), netns).values()
            counted = objects(count.stop(), "flow", netns)

    lab_ports = {str(o["rport"]) for o in flows} | {str(o["lport"]) for o in flows}


    def lines(text, kind):
        """Event lines of the lab's own flows."""
        found = [line.split() for line in text.splitlines()[2:]]
        return [f for f in found if f[4] == kind and f[5].rpartition(":")[2] in lab_ports
                and f[3].rpartition(":")[2] in lab_ports]


    probe_events = [e for e in events if e["kind"] == "L"]
    attempts = sum(o["tlp_attempts"] for o in flows)
    tap.note(f"attempts {attempts}, L events {len(probe_events)}, kernel's probes "
             f"{kernel['TcpExtTCPLossProbes']}, RetransSegs {kernel['TcpRetransSegs']}")
    tap.ok("L>" not in text, "without -l no line for a probe")
    tap.equal(len(lines(text, "R>")), len([e for e in events if e["kind"] == "R"]),
              "without -l all other retransmits are there")
    tap.equal(len(lines(text_tlp, "L>")), attempts, "with -l one L> per attempt")
    tap.equal(len(probe_events), attempts, "one event of kind L per attempt")
    tap.within(sum(e["sent"] in ("retransmit", "new") for e in probe_events),
               kernel["TcpExtTCPLossProbes"], 0.01, "probes sent against TCPLossProbes")
    tap.ok(any(e["sent"] == "retransmit" for e in probe_events), "probes that retransmit are seen")
    tap.ok(any(e["sent"] == "new" for e in probe_events), "probes of new data are seen")
    same = {(e["laddr"], e["lport"], e["seq"], e["time"]) for e in probe_events}
    tap.ok(not any((e["laddr"], e["lport"], e["seq"], e["time"]) in same
                   for e in events if e["kind"] == "R"), "no probe is an R event as well")
    tap.ok(all(e["cause"] != "TLP" for e in events if e["kind"] == "R"), "no R event has cause TLP")
    tap.equal(sum(o["retrans"] + o["tlp"] + o["synack"] for o in flows), kernel["TcpRetransSegs"],
              "with and without probes the books are right")
    tap.equal(sum(o["by_cause"]["TLP"] for o in flows), sum(o["tlp"] for o in flows),
              "tlp is the cause TLP")
    tap.equal({(o["laddr"], o["lport"]): (o["retrans"], o["tlp"]) for o in counted},
              {(o["laddr"], o["lport"]): (o["retrans"], o["tlp"]) for o in flows},
              "-c and -b agree, with -l or without")


tap = Tap()
best_of(tap, measure)
tap.end()
