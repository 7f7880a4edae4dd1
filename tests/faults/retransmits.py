#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""retransmits.py CGROUP: SYNs that nobody answers, for as long as it runs, in the network namespace that it is in. Their
cgroup is a new one each time, below CGROUP ('' for none), named as those of units and containers are; their user is another.
"""
import itertools
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

PEER, OUR = "10.77.255.2", "10.77.255.1/24"
SOCKETS, PAUSE, ROUNDS = 25, 0.25, 16  # each lives 4 seconds: a SYN is sent again after 1 and 3
USER, USERS = 3000, 8
NAME = 'a "b" \\c'
ID = "4b8c4a6e9f0d1c2b3a4958677665544332211000ffeeddccbbaa998877665544"
UID = "0cb54b5a-8f9e-4b6e-9a0c-3e2f1a0b9c8d"
CGROUPS = 'we"b.service', f"docker-{ID}.scope", f"libpod-{ID}.scope", f"pod{UID}/{ID}", "."


def make_network():
    for command in (
        "link add lost type veth peer name end", f"address add {OUR} dev lost", "link set end up", "link set lost up",
        f"neighbour add {PEER} lladdr 02:00:00:00:00:01 dev lost",
    ):
        subprocess.run(["ip", *command.split()], check=True)


def enter_cgroup(path):
    path.mkdir(parents=True)
    (path / "cgroup.procs").write_text(str(os.getpid()))


def call():
    s = socket.socket()
    s.setblocking(False)
    s.connect_ex((PEER, 9))
    return s


def main():
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    Path("/proc/self/comm").write_text(NAME)
    make_network()
    rounds = []
    for number, name in enumerate(itertools.cycle(CGROUPS)):
        if sys.argv[1]:
            enter_cgroup(Path(sys.argv[1], str(number), name))
            for folder, _, _ in os.walk(Path(sys.argv[1], str(number - 2 * ROUNDS)), topdown=False):
                os.rmdir(folder)
        os.seteuid(USER + number % USERS)
        rounds.append([call() for _ in range(SOCKETS)])
        os.seteuid(0)
        for s in rounds.pop(0) if len(rounds) > ROUNDS else ():
            s.close()
        time.sleep(PAUSE)


main()
