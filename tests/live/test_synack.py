#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""SYN-ACKs sent again, as the server's side sees them; bcc's tool misses them all."""

import ipaddress

from common import Lab, Tap, Tcpretop, best_of, last_of_each_flow, objects, wait_until


def measure(tap):
    with Tcpretop("-e") as lines, Tcpretop("-e", "--json") as events, \
            Tcpretop("-b", "--json") as batch:
        with Lab("synackloss,p=70,n=8,v=46,again=200,port=7443") as lab:
            netns = lab.netns()
            synacks = lambda: [e for e in objects(events.so_far(), "event", [netns["srv"]])
                               if e["kind"] == "S"]
            wait_until(lambda: len(synacks()) >= 60, "60 SYN-ACK retransmits", 180)
            lab("quiet", "60")
            seconds = len(objects(batch.so_far(), "interval"))
            wait_until(lambda: len(objects(batch.so_far(), "interval")) >= seconds + 2, "the rest")
            kernel = lab.counters("srv")["TcpRetransSegs"]
            found = synacks()
            flows = last_of_each_flow(batch.stop(), [netns["srv"]]).values()
            text = lines.stop()

    tap.note(f"kernel {kernel}, events {len(found)}")
    tap.equal(sum(o["synack"] + o["retrans"] + o["tlp"] for o in flows), kernel,
              "the server's flows add up to its RetransSegs")
    tap.ok(len(found) == sum(o["synack"] for o in flows), "one S event each")
    tap.equal({e["lport"] for e in found}, {7443}, "the local port is the server's")
    tap.ok(all(e["rport"] > 1023 and e["rport"] != 7443 for e in found), "the remote one the client's")
    tap.ok(all(ipaddress.ip_address(e["laddr"]).version == e["family"] for e in found) and
           {e["family"] for e in found} == {4, 6}, "both families, addresses of their family")
    tap.equal({e["cause"] for e in found}, {"SYNACK"}, "the cause is SYNACK")
    tap.equal({e["state"] for e in found}, {"SYN_RECV"}, "the state is SYN_RECV")
    tap.ok(all(e["seq"] is not None for e in found), "the sequence number is known")
    ports = {e["rport"] for e in found}
    shown = [line.split() for line in text.splitlines()[2:] if " S> " in line]
    shown = [f for f in shown if int(f[5].rpartition(":")[2]) in ports]
    tap.equal(len(shown), len(found), "-e prints S> for each")
    tap.ok(all(f[3].endswith(":7443") and f[6] == "SYN_RECV" for f in shown), "with the right ends")


tap = Tap()
best_of(tap, measure)
tap.end()
