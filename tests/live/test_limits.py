#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""More flows than the table holds, more events than the ring: totals stay exact, losses are told."""

import os
import re
import signal

from common import Lab, Tap, Tcpretop, best_of, last_of_each_flow, objects, wait_until

tap = Tap()


def host_retrans():
    """What this host itself sends again: the totals are of all namespaces."""
    with open("/proc/net/snmp") as f:
        names, values = [line.split() for line in f if line.startswith("Tcp:")]
    return int(values[names.index("RetransSegs")])


def retransmits(interval):
    totals = interval["totals"]
    return totals["retrans"] + totals["tlp"] + totals["synack"]


def settled(top, lab):
    """The intervals when nothing is sent again any more and all has been counted."""
    lab("settle", "90")
    seen = len(objects(top.so_far(), "interval"))
    wait_until(lambda: len(objects(top.so_far(), "interval")) >= seen + 2, "the last count")
    return objects(top.so_far(), "interval")


def many_flows(tap):
    host = host_retrans()
    with Tcpretop("-b", "--json", "-l", "--max-flows", "4096") as top:
        # The heavy ones are few: they must not drown in the many.
        with Lab("loss,p=30,n=20000,ramp=4000,write=2000,gap=1000,v=46,port=7001",
                 "loss,p=20,n=4,mss=500,port=7900,name=heavy") as lab:
            netns = set(lab.netns().values())
            wait_until(lambda: objects(top.so_far(), "interval")[-1:] and
                       objects(top.so_far(), "interval")[-1]["evicted"] > 1000, "evictions", 200)
            worst = [o for o in last_of_each_flow(top.so_far(), netns).values()]
            worst.sort(key=lambda o: -o["retrans_interval"])
            intervals = settled(top, lab)
            kernel = lab.counters()["TcpRetransSegs"]
        top.stop()
    ours = sum(map(retransmits, intervals)) - (host_retrans() - host)
    evicted = sum(i["evicted"] for i in intervals)
    flows = intervals[-1]["flows"]
    tap.note(f"kernel {kernel}, ours {ours}, evicted {evicted}, flows known {flows}")
    tap.ok(flows > 4096, f"more flows than the table holds were seen ({flows})")
    # A flow that is evicted takes along what would heal an event that never came (see CAVEATS in the manual).
    tap.note(f"healed: {sum(i['unattributed'] for i in intervals)}")
    tap.within(ours, kernel, 0.005, "20,000 flows through 4,096 places: the totals hold")
    tap.ok(evicted > 1000, "evictions are reported")
    heavy = [o for o in worst if 7900 in (o["lport"], o["rport"])]
    tap.ok(len(heavy) >= 4 and any(o in heavy for o in worst[:8]), "the worst flows are not lost",
           *[(o["rport"], o["retrans_interval"]) for o in worst[:8]])
    tap.equal(top.status, 0, "and it ends as it should")


def full_ring(tap):
    host = host_retrans()
    with Tcpretop("-e", "--json") as held, Tcpretop("-b", "--json", "-l") as batch:
        with Lab("loss,p=30,n=1000,ramp=1000,write=20000,mss=200", rto_min="4ms", gso="off") as lab:
            netns = set(lab.netns().values())
            os.kill(held.process.pid, signal.SIGSTOP)
            wait_until(lambda: lab.counters()["TcpRetransSegs"] > 250_000, "a full ring", 200)
            os.kill(held.process.pid, signal.SIGCONT)
            intervals = settled(batch, lab)
            kernel = lab.counters()["TcpRetransSegs"]
        text = held.stop()
        message = held.errors()
        batch.stop()
    seen = sum(o["segs"] for o in objects(text, "event", netns))
    lost = re.search(r"(\d[\d,]*) events were lost", message)
    lost = int(lost[1].replace(",", "")) if lost else 0
    tap.note(f"kernel {kernel}, in events {seen}, lost {lost}: {message.strip()}")
    tap.ok(lost > 0, "a ring held full: the lost events are told")
    tap.ok(seen + lost >= 0.9 * (kernel - sum(i["totals"]["tlp"] for i in intervals)),
           "what is not there was counted as lost")
    ours = sum(map(retransmits, intervals)) - (host_retrans() - host)
    tap.within(ours, kernel, 0.001, "the counters are exact all the same")


best_of(tap, many_flows)
best_of(tap, full_ring)
tap.end()
