#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Names of network namespaces that come and go: the kernel gives the inode number of one to the next."""

import os
import re
import subprocess
import sys

from common import Tap, Tcpretop, wait_until

# In a folder of names that is gone with this process: no name is left behind, whatever happens.
OWN = "mkdir -p /run/netns && mount -t tmpfs none /run/netns && exec \"$@\""
if "OWN_NAMES" not in os.environ:
    os.execvpe("unshare", ["unshare", "-m", "sh", "-c", OWN, "sh", sys.executable, *sys.argv],
               {**os.environ, "OWN_NAMES": "1"})

CONNECT = "import socket; socket.create_connection(('10.79.0.2', 9), 60)"
SETTINGS = ["link add hole type veth peer name end", "addr add 10.79.0.1/24 dev hole", "link set hole up", "link set end up",
            "neigh add 10.79.0.2 lladdr 02:00:00:00:00:01 dev hole"]


class Namespace:
    """A named one with a connection that nothing answers to."""

    def __init__(self, name):
        self.name = name

    def __enter__(self):
        subprocess.run(["ip", "netns", "add", self.name], check=True)
        self.inode = os.stat(f"/run/netns/{self.name}").st_ino
        for setting in SETTINGS:
            subprocess.run(["ip", "-n", self.name, *setting.split()], check=True)
        self.client = subprocess.Popen(["ip", "netns", "exec", self.name, sys.executable, "-c", CONNECT])
        return self

    def __exit__(self, *_):
        self.client.kill()
        self.client.wait()
        subprocess.run(["ip", "netns", "del", self.name], check=True)


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


tap = Tap()
named(tap, 4)
tap.end()
