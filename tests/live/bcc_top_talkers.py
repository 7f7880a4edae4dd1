#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""tcpretrans | bcc_top_talkers.py: retransmits and probes by remote host. As people write for bcc's tcpretrans: it knows
its columns by their places and its two types, and nothing of tcpretop."""
import collections
import sys

retransmits, probes, states = collections.Counter(), collections.Counter(), collections.Counter()
for line in sys.stdin:
    if line.startswith(("Tracing", "TIME")) or not line.strip():
        continue
    time, pid, ip, local, kind, remote, state = line.split()[:7]
    host, _, port = remote.rpartition(":")
    if ip not in ("4", "6") or not pid.isdigit() or not port.isdigit() or len(time.split(":")) != 3:
        sys.exit(f"not as bcc's tcpretrans has it: {line!r}")
    if kind == "R>":
        retransmits[host] += 1
        states[state] += 1
    elif kind == "L>":
        probes[host] += 1
for host, n in retransmits.most_common():
    print("host", host, n, probes[host])
for state, n in states.most_common():
    print("state", state, n)
