#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The details of a connection that is bound to a device: it is found all the same, until it is gone."""

import os
import re
import socket
import subprocess
import sys

from common import Tap
from details import open_details, viewer

if "OWN_NETNS" not in os.environ:
    os.execvpe("unshare", ["unshare", "-n", sys.executable, *sys.argv], {**os.environ, "OWN_NETNS": "1"})

PORT = 9
DROP = f"table inet t {{\n chain c {{\n type filter hook input priority 0\n tcp dport {PORT} drop\n }}\n}}\n"


def bound(tap, name, family, peer, device):
    with socket.socket(family) as client, viewer(f"-f 'netns {NETNS} and remote port {PORT}'") as screen:
        if device:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device)
        client.setblocking(False)
        client.connect_ex((peer, PORT))
        open_details(screen)
        text = screen.wait(lambda t: re.search("live from the socket|the socket is gone", t), "a look")
        tap.ok("live from the socket" in text, f"{name}: asked of its own socket", *text.splitlines()[:6])
        client.close()
        screen.wait("the socket is gone", "its end")
        tap.ok(True, f"{name}: once it is closed it is gone")


NETNS = os.stat("/proc/self/ns/net").st_ino
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
subprocess.run(["nft", "-f", "-"], input=DROP, text=True, check=True)
tap = Tap()
bound(tap, "IPv4, not bound", socket.AF_INET, "127.0.0.1", None)
bound(tap, "IPv4", socket.AF_INET, "127.0.0.2", b"lo")
bound(tap, "IPv6", socket.AF_INET6, "::1", b"lo")
bound(tap, "IPv4 on an IPv6 socket", socket.AF_INET6, "::ffff:127.0.0.3", b"lo")
tap.end()
