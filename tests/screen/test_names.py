#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Names in place of addresses, of a scripted resolver and of a name server."""
import os
import re
import subprocess
import tempfile
import time
from pathlib import Path

from screen import BUILD, TMP, Screen, fake_viewer, group_by, needs_root, run_tests, selected_row

FAKE = fake_viewer()
TCPRETOP = os.environ.get("TCPRETOP", str(BUILD / "tcpretop"))


def naming():
    """a shows names for addresses once they are known, shortened but for the port, and addresses again"""
    with Screen(f"{FAKE} -d 0.2", columns=150) as s:
        s.wait("nginx")
        assert ".example" not in s.text()
        s.keys("a")
        s.wait(lambda t: t.count("web-17.example:443 ") > 3 and "client-20.example:51442 " in t)
        text = s.wait("e?[31mvil.example:60112")  # a stranger's text
        assert re.search(r"a-host-with-a-name\S*…:51000 ", text), text
        assert "198.51.100.77:40022" in text  # one without a name
        assert "client-20.example:51442" in text.split("─ events ")[1], text
        s.keys("/")
        s.type("client-20.ex")
        s.wait(lambda t: "client-20.example" in (selected_row(s) or ""))
        s.keys("C-u")
        s.type("198.51.100.20")  # the address is found as well
        s.wait(lambda t: "client-20.example" in (selected_row(s) or ""))
        s.keys("Enter", "a")
        s.wait(lambda t: ".example" not in t and "198.51.100.20:51442" in t)
        group_by(s, "remote")
        s.keys("a")
        s.wait(lambda t: re.search(r"^.. +1 +client-20.example +\d", t, re.M))
        s.keys("/")
        s.type("198.51.100.20")
        s.wait(lambda t: "client-20.example" in (selected_row(s) or ""))
    with Screen(f"{FAKE} -d 0.2 --scene empty") as s:  # nothing to ask for
        s.wait("no events yet")
        s.keys("a", "a", "q")
        s.wait("exit status 0")


def naming_this_host():
    """tcpretop --resolve asks c-ares: what /etc/hosts names is shown by its name"""
    needs_root()
    with Screen(f"{TCPRETOP} -e --resolve") as s:
        s.wait("--resolve is for the viewer")
        s.wait("exit status 2")
    # A SYN that nobody answers, in a network namespace of its own.
    call = "import socket; s = socket.socket(); s.settimeout(60); s.connect(('127.0.0.1', 9))"
    drop = "table ip t { chain i { type filter hook input priority 0; tcp dport 9 drop; }; }"
    lost = f'ip link set lo up && nft "{drop}" && exec /usr/bin/python3 -c "{call}"'
    caller = subprocess.Popen(["unshare", "-n", "sh", "-c", lost], stderr=subprocess.DEVNULL)
    try:
        with Screen(f"{TCPRETOP} --resolve -d 0.2 -f 'port 9'", columns=160) as s:
            s.wait(lambda t: re.search(r" \S*localhost\S*:9 ", t.split("─ events")[0]))
    finally:
        caller.kill()
        caller.wait()


NAME_SERVER = """
import socket, subprocess, sys
drop = "table ip t { chain i { type filter hook input priority 0; tcp dport 9 drop; }; }"
subprocess.run(["mount", "--bind", sys.argv[1], "/etc/resolv.conf"], check=True)
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
subprocess.run(["ip", "addr", "add", "192.0.2.9/32", "dev", "lo"], check=True)
subprocess.run(["nft", drop], check=True)
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 53))
caller = socket.socket()
caller.setblocking(False)
caller.connect_ex(("192.0.2.9", 9))
viewer = subprocess.Popen(sys.argv[2:])
server.settimeout(0.2)
while viewer.poll() is None:
    try:
        query, who = server.recvfrom(512)
    except TimeoutError:
        continue
    open(sys.argv[1] + ".asked", "ab").write(query[12:] + b"\\n")
    name = b"\\x05named\\x07example\\x00"
    answer = b"\\xc0\\x0c\\x00\\x0c\\x00\\x01\\x00\\x00\\x00\\x3c" + bytes([0, len(name)]) + name
    server.sendto(query[:2] + b"\\x81\\x80\\x00\\x01\\x00\\x01\\x00\\x00\\x00\\x00" + query[12:].split(b"\\x00\\x00\\x29")[0] + answer, who)
"""


def naming_by_server():
    """a name server is asked once names are wanted, not before, and what it says is shown"""
    needs_root()
    place = Path(tempfile.mkdtemp(dir=TMP))
    (place / "server.py").write_text(NAME_SERVER)
    (place / "resolv.conf").write_text("nameserver 127.0.0.1\n")
    asked = place / "resolv.conf.asked"
    command = f"unshare -nm /usr/bin/python3 {place}/server.py {place}/resolv.conf {TCPRETOP} -d 0.2 -f 'host 192.0.2.9'"
    with Screen(command, columns=160) as s:
        s.wait("192.0.2.9:9 ")
        time.sleep(0.5)
        assert not asked.exists(), "asked without having been told to"
        s.keys("a")
        s.wait(" named.example:9 ")
        assert asked.read_bytes().count(b"in-addr") == 1, asked.read_bytes()
        s.keys("q")
        s.wait("exit status 0")


run_tests([naming, naming_this_host, naming_by_server])
