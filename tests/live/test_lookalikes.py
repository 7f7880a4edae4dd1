#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""What looks like a smaller MTU and is none: data of a SYN that the peer did not take, and what a timeout leaves to be sent
again where the window had been reduced for ECN just before. And a timer that does not wait for the RTO."""

import os
import socket
import subprocess
import sys
import threading
import time

from common import Tap, Tcpretop, best_of, last_of_each_flow, wait_until

if "OWN_NETNS" not in os.environ:
    os.execvpe("unshare", ["unshare", "-n", sys.executable, *sys.argv], {**os.environ, "OWN_NETNS": "1"})

NETNS = os.stat("/proc/self/ns/net").st_ino
HERE = "127.0.0.1"
NOBODY = 9
# The first segment says that there was congestion, and no other arrives.
MARK_ONE = """table ip t {
	chain c {
		type filter hook input priority 0
		tcp dport %d meta length > 100 limit rate 1/hour burst 1 packets ip ecn set ce accept
		tcp dport %d meta length > 100 drop
	}
}
"""


def run(*command, **options):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, **options).stdout


def counter(name):
    return int(run("nstat", "-asz", name).split()[-2])


def flow_to(top, port):
    """The newest object of the flow to that port, once it is there."""
    found = lambda: [o for o in last_of_each_flow(top.so_far(), [NETNS]).values() if o["rport"] == port]
    return wait_until(found, f"the flow to port {port}")[0]


def serve(listener):
    peer, _ = listener.accept()
    while peer.recv(1 << 16):
        pass


def listen():
    listener = socket.create_server((HERE, 0))
    threading.Thread(target=serve, args=(listener,), daemon=True).start()
    return listener.getsockname()[1]


def syn_data(tap):
    """The server takes part in no Fast Open."""
    port = listen()
    with Tcpretop("-b", "--json", "-d", "0.2") as top, socket.socket() as client:
        client.sendto(b"x" * 1000, socket.MSG_FASTOPEN, (HERE, port))
        causes = flow_to(top, port)["by_cause"]
    tap.equal({cause: n for cause, n in causes.items() if n}, {"OTHER": 1}, "data that a SYN took along in vain")


def timeout_in_cwr(tap):
    port = listen()
    before = {name: counter(name) for name in ("TcpExtTCPTimeouts", "TcpExtTCPSlowStartRetrans")}
    grown = lambda name: counter(name) - before[name]
    with Tcpretop("-b", "--json", "-d", "0.2") as top, socket.create_connection((HERE, port)) as client:
        for _ in range(20):
            client.send(b"x" * 14480)
            time.sleep(0.01)
        run("nft", "-f", "-", input=MARK_ONE % (port, port))
        client.send(b"x" * 14480)
        wait_until(lambda: grown("TcpExtTCPTimeouts"), "a timeout")
        run("nft", "delete", "table", "ip", "t")
        wait_until(lambda: not run("ss", "-tnH", "dport", str(port)).split()[2].strip("0"), "all to be acknowledged")
        time.sleep(0.5)
        causes = flow_to(top, port)["by_cause"]
    tap.ok(grown("TcpExtTCPSlowStartRetrans"), "segments were sent again after the timeout")
    tap.equal((causes["RTO"], causes["MTU"]), (sum(grown(name) for name in before), 0), "and their cause is RTO, not MTU")


def no_room(tap):
    """The first timeout took a second; then the timer comes every 500 ms, and the RTO stays a second."""
    before = counter("TcpExtTCPTimeouts")
    with Tcpretop("-b", "--json", "-d", "0.2") as top, socket.socket() as client:
        run("tc", "qdisc", "add", "dev", "lo", "root", "pfifo", "limit", "0")
        client.setblocking(False)
        client.connect_ex((HERE, NOBODY))
        wait_until(lambda: counter("TcpExtTCPTimeouts") >= before + 6, "six timeouts")
        time.sleep(0.2)
        flow = flow_to(top, NOBODY)
        run("tc", "qdisc", "del", "dev", "lo", "root")
    failed = flow["by_cause"]["FAILED"]
    if not failed:
        tap.skip("waiting for room", "this kernel's tracepoint does not tell of failed sends")
        return
    tap.within(flow["rto_wait_ms"], 1000 + 500 * (failed - 1), 0.01, f"ms waited for {failed} timeouts without room to send")


for setting in ("link set lo up mtu 1500", "link set lo gso_max_segs 1"):
    run("ip", *setting.split())
for setting in ("tcp_fastopen=5", "tcp_ecn=1"):
    run("sysctl", "-qw", "net.ipv4." + setting)
tap = Tap()
best_of(tap, syn_data)
best_of(tap, timeout_in_cwr)
best_of(tap, no_room)
tap.end()
