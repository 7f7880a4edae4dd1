#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Names of network namespaces that come and go: the kernel gives the inode number of one to the next."""

import contextlib
import os
import re
import subprocess
import sys
import time

from common import Tap, Tcpretop, objects, wait_until

# In a folder of names that is gone with this process: no name is left behind, whatever happens.
OWN = "mkdir -p /run/netns && mount -t tmpfs none /run/netns && exec \"$@\""
if "OWN_NAMES" not in os.environ:
    os.execvpe("unshare", ["unshare", "-m", "sh", "-c", OWN, "sh", sys.executable, *sys.argv],
               {**os.environ, "OWN_NAMES": "1"})

CONNECT = "import socket; socket.create_connection(('10.79.0.2', 9), 60)"
CONNECTS = 30  # by this, and as many SYNs are sent again after a second
CONNECT_ALL = f"""import socket, time
sockets = [socket.socket() for _ in range({CONNECTS})]
for s in sockets:
    s.setblocking(False)
    s.connect_ex(('10.79.0.2', 9))
time.sleep(60)
"""
SETTINGS = ["link add hole type veth peer name end", "addr add 10.79.0.1/24 dev hole", "link set hole up", "link set end up",
            "neigh add 10.79.0.2 lladdr 02:00:00:00:00:01 dev hole"]


class Namespace:
    """A named one with a connection that nothing answers to."""

    def __init__(self, name, connect=CONNECT):
        self.name, self.connect, self.client = name, connect, None

    def __enter__(self):
        subprocess.run(["ip", "netns", "add", self.name], check=True)
        self.inode = os.stat(f"/run/netns/{self.name}").st_ino
        for setting in SETTINGS:
            subprocess.run(["ip", "-n", self.name, *setting.split()], check=True)
        self.run(self.connect)
        return self

    def run(self, script):
        if self.client:
            self.client.kill()
            self.client.wait()
        self.client = subprocess.Popen(["ip", "netns", "exec", self.name, sys.executable, "-c", script])

    def end(self):
        self.client.kill()
        self.client.wait()
        subprocess.run(["ip", "netns", "del", self.name], check=True)
        self.client = None

    def __exit__(self, *_):
        if self.client:
            self.end()


def shown(top):
    """The names of namespaces in the newest table."""
    return re.findall(r"^ *\d+ +10\.79\.0\.2:9 +(\S+)", top.so_far().rpartition("tcpretop ")[2], re.M)


def named(tap, n):
    """Names in a row, until a number comes again."""
    numbers = {}
    with Tcpretop("-b", "-d", "0.5", "--columns", "RETR,RADDR:RPORT,NETNS") as top:
        for i in range(n):
            with Namespace(f"retop{i}") as ns:
                try:
                    wait_until(lambda: ns.name in shown(top), f"the name {ns.name}")
                except TimeoutError as e:
                    tap.ok(False, str(e), top.so_far()[-2000:])
                    return
            tap.ok(True, f"{ns.name} has its name, its number " +
                   (f"was that of {numbers[ns.inode]}" if ns.inode in numbers else "is new"))
            numbers[ns.inode] = ns.name
    tap.ok(len(numbers) < n, "a number came again", numbers)


def resent(ns):
    return int(subprocess.run(["ip", "netns", "exec", ns.name, "nstat", "-asz", "TcpRetransSegs"], check=True,
                              stdout=subprocess.PIPE, text=True).stdout.split()[-2])


def unread(tap):
    """Between two readings one ends, and another gets its number: what the first had sent again stands against no counter."""
    with contextlib.ExitStack() as stack:
        old = stack.enter_context(Namespace("retopold", "pass"))
        top = stack.enter_context(Tcpretop("-c", "--json", "-d", "300"))
        old.run(CONNECT_ALL)
        wait_until(lambda: resent(old) >= CONNECTS, "SYNs sent again")
        old.end()
        for i in range(50):
            new = stack.enter_context(Namespace("retopold" if not i else f"retopnew{i}", "pass"))
            if new.inode == old.inode:
                break
            time.sleep(0.1)
        new.run(CONNECT_ALL)
        wait_until(lambda: resent(new) >= CONNECTS, "SYNs sent again in the other")
        coverage = objects(top.stop(), "interval")[-1]["coverage"]
    if new.inode != old.inode:
        tap.skip("a number used again", "the other namespace got another one")
        return
    tap.note(f"{i} others in between")
    tap.ok(abs(coverage["seen"] - coverage["kernel"]) < CONNECTS / 3 and coverage["kernel"] >= CONNECTS,
           f"a number used again between two readings: {coverage}")


tap = Tap()
named(tap, 4)
unread(tap)
tap.end()
