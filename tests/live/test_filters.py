#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Every form of the filter and every group on live traffic: they hold what a reader of all flows would pick."""

import collections
import contextlib
import ipaddress

from common import Lab, Tap, Tcpretop, best_of, objects, wait_until

FLOWS = ["loss,name=cli/web,port=7101,n=6,p=8,v=46", "loss,name=get/api,port=7102,n=4,p=8,dir=down",
         "synhole,name=knock,port=7103,n=3", "tail,name=last/kept,port=7104,n=3",
         "blackhole,name=lost/gone,port=7105,n=2,after=1"]


def ends(o):
    return (o["laddr"], o["lport"]), (o["raddr"], o["rport"])


def within(addr, net):
    return ipaddress.ip_address(addr) in ipaddress.ip_network(net)


def forms(netns):
    """(filter, the same as a condition on a JSON object)"""
    c1 = netns["c1"]
    yield "host 10.77.1.1", lambda o: "10.77.1.1" in (o["laddr"], o["raddr"])
    yield "local host 10.77.1.1", lambda o: o["laddr"] == "10.77.1.1"
    yield "dst host 10.77.1.1", lambda o: o["raddr"] == "10.77.1.1"
    yield "host fd77:2::1", lambda o: "fd77:2::1" in (o["laddr"], o["raddr"])
    yield "net 10.77.2.0/24", lambda o: any(within(a, "10.77.2.0/24") for a, _ in ends(o))
    yield "remote net fd77::/16", lambda o: within(o["raddr"], "fd77::/16")
    yield "port 7101", lambda o: 7101 in (o["lport"], o["rport"])
    yield "src port 7102", lambda o: o["lport"] == 7102
    yield "remote port 7101", lambda o: o["rport"] == 7101
    yield "process cli", lambda o: o["comm"] == "cli"
    yield f"netns {c1}", lambda o: o["netns"] == c1
    yield "ip6", lambda o: o["family"] == 6
    yield "not ip6 and not port 7101", lambda o: o["family"] == 4 and 7101 not in (o["lport"], o["rport"])
    yield "port 7103 or (process get and ip)", lambda o: 7103 in (o["lport"], o["rport"]) or \
        o["comm"] == "get"
    yield "knock", lambda o: o["comm"] == "knock"


def flow_forms():
    """Those that only a whole flow answers."""
    yield "state CLOSE", lambda o: o["state"] == "CLOSE"
    yield "cause SYN", lambda o: o["by_cause"]["SYN"] > 0
    yield "RETR >= 20", lambda o: o["retrans"] + o["synack"] >= 20
    yield "rto wait > 300ms", lambda o: o["rto_wait_ms"] > 300
    yield "bytes > 10k and ratio < 50%", lambda o: o["bytes_retrans"] > 10240 and \
        o["ratio"] is not None and o["ratio"] < 0.5


def names(flows):
    return sorted((o["netns"], *ends(o)) for o in flows)


def measure(tap):
    with contextlib.ExitStack() as stack:
        lab = stack.enter_context(Lab(*FLOWS))
        netns = lab.netns()
        start = lambda *args: stack.enter_context(Tcpretop(*args))
        cases = list(forms(netns))
        numbers = [(f, test, start("-c", "--json", "-f", f)) for f, test in flow_forms()]
        counts = [(f, test, start("-c", "--json", "-f", f)) for f, test in cases]
        events = [(f, test, start("-e", "--json", "-f", f)) for f, test in cases]
        everything, all_events = start("-c", "--json"), start("-e", "--json")
        before = lab.counters()["TcpRetransSegs"]
        wait_until(lambda: lab.counters()["TcpRetransSegs"] > before + 1500, "1500 retransmits", 200)
        # A SYN that nobody answers comes again ever later: on a slow machine not while there are 1500.
        ours = lambda text: objects(text, "event", netns.values())
        wait_until(lambda: one_for_each(cases, ours(all_events.so_far())), "an event for each filter", 200)
        lab("quiet", "60")
        flows = objects(everything.stop(), "flow", netns.values())
        told = ours(all_events.stop())
        known = set(names(flows))
        for text, test, program in counts:
            wanted = [o for o in flows if test(o)]
            # Each began at another time: what ended before the last of them did is no matter.
            got = [n for n in names(objects(program.stop(), "flow", netns.values())) if n in known]
            tap.ok(0 < len(wanted) < len(flows), f"'{text}' picks {len(wanted)} of {len(flows)} flows")
            tap.equal(got, names(wanted), f"-c -f '{text}': these and no others")
        for text, test, program in numbers:
            got = objects(program.stop(), "flow", netns.values())
            tap.ok(got and all(test(o) for o in got), f"-c -f '{text}': {len(got)} flows, no other")
        for text, test, program in events:
            got = objects(program.stop(), "event", netns.values())
            tap.ok(all(test(o) for o in got), f"-e -f '{text}': no other")
            wanted, got = since(told, test), since(got, test, told[0]["time"])
            tap.ok(wanted and (wanted - got).total() + (got - wanted).total() <= 2,
                   f"-e -f '{text}': {got.total()} of {wanted.total()} events", wanted - got, got - wanted)


def one_for_each(cases, events):
    return events and all(since(events, test) for _, test in cases)


def subnet(addr):
    return str(ipaddress.ip_network(f"{addr}/{64 if ':' in addr else 24}", strict=False))


GROUPS = {  # the groups that a flow is in
    "remote": lambda o: {o["raddr"]},
    "subnet": lambda o: {subnet(o["raddr"])},
    "lport": lambda o: {str(o["lport"])},
    "rport": lambda o: {str(o["rport"])},
    "process": lambda o: {o["comm"]},
    "cgroup": lambda o: {o["cgroup"]},
    "cause": lambda o: {cause for cause, n in o["by_cause"].items() if n},
}


def groups(tap):
    """All programs begin before the first connection, so that all count the same."""
    with contextlib.ExitStack() as stack:
        ours = " or ".join(f"port {n}" for n in range(7101, 7106))
        start = lambda *args: stack.enter_context(Tcpretop("-c", "--json", "-l", "-f", ours, *args))
        running = {way: start("-g", way) for way in [*GROUPS, "netns"]}
        by_flow = start()
        lab = stack.enter_context(Lab(*FLOWS))
        wait_until(lambda: lab.counters()["TcpRetransSegs"] > 800, "800 retransmits", 200)
        lab("quiet", "60")
        flows = objects(by_flow.stop(), "flow")
        total = {cause: sum(o["by_cause"][cause] for o in flows) for cause in flows[0]["by_cause"]}
        for way, program in running.items():
            found = objects(program.stop(), "group")
            got = {cause: sum(o["by_cause"][cause] for o in found) for cause in total}
            tap.equal(got, total, f"-g {way}: the groups add up to the flows, cause by cause")
            if way == "netns":
                tap.equal({o["netns"] for o in found}, {o["netns"] for o in flows}, "-g netns: these namespaces")
            else:
                wanted = set().union(*(GROUPS[way](o) for o in flows))
                tap.equal({o["group"] for o in found}, wanted, f"-g {way}: these {len(wanted)} groups")


def since(events, test, first=None):
    """The events from the time on that all programs were counting, which each has a clock of its own for:
    one that fell on the limit may be in or out."""
    first = events[0]["time"] if first is None else first
    return collections.Counter((o["seq"], *ends(o)) for o in events if test(o) and o["time"] > first + 0.5)


tap = Tap()
best_of(tap, measure)
best_of(tap, groups)
tap.end()
