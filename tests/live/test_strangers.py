#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A process whose name and command line hold escape sequences harms neither the terminal nor who reads the output."""

import csv
import ctypes
import os
import socket
import subprocess
import sys
import time

sys.dont_write_bytecode = True
from common import ROOT, TCPRETOP, Tap, Tcpretop, objects, wait_until  # noqa: E402

sys.path.insert(0, os.path.join(ROOT, "tests", "screen"))
from screen import TMP, Screen  # noqa: E402

# Sets a title, rings, breaks the line, clears the screen; the second time as an 8-bit CSI.
NAME = b"\033]0;X\a\r\n\033[2J\x9bm"
SHOWN = "?]0;X????[2J?m"
ARGUMENT = "\033]0;X\a\033[2J\033[31m\u202etxt"
NOWHERE = "10.99.0.2"
PR_SET_NAME = 15


def connect_for_ever():
    """In a network namespace of its own, to a neighbour who hears nothing: its SYNs are sent again."""
    for command in ("link add nowhere type veth peer name none", "addr add 10.99.0.1/24 dev nowhere",
                    "link set nowhere up", "link set none up",
                    f"neigh add {NOWHERE} lladdr 02:00:00:00:00:02 dev nowhere"):
        subprocess.run(["ip", *command.split()], check=True)
    ctypes.CDLL(None).prctl(PR_SET_NAME, NAME, 0, 0, 0)
    tried = []
    while True:
        tried = tried[-100:] + [socket.socket() for _ in range(5)]
        for s in tried[-5:]:
            s.setblocking(False)
            s.connect_ex((NOWHERE, 443))
        print("tried", flush=True)
        time.sleep(0.5)


def harmful(text):
    """Characters that do something, in what was written as a line."""
    return [c for c in text if c != "\n" and (ord(c) < 32 or 0x7F <= ord(c) <= 0x9F or 0x202A <= ord(c) <= 0x202E)]


def check_text(tap, what, text, knows_name):
    about = [line for line in text.splitlines() if NOWHERE in line]
    tap.ok(about and not harmful(text), f"{what}: {len(about)} lines about it, nothing harmful", *map(repr, about[:3]))
    if knows_name:
        tap.ok(any(SHOWN in line for line in about), f"{what}: its name is there, made harmless", *about[:3])


def check_outputs(tap):
    modes = {"-e": ["-e"], "-b": ["-b", "-d", "1"], "-c": ["-c"], "-e --json": ["-e", "--json"],
             "-b --json": ["-b", "--json", "-d", "1"], "-e --csv": ["-e", "--csv"]}
    running = {what: Tcpretop(*args) for what, args in modes.items()}
    try:
        wait_until(lambda: running["-b --json"].so_far().count(NOWHERE) > 10, "SYNs that are sent again")
        written = {what: program.stop() for what, program in running.items()}
    finally:
        for program in running.values():
            program.__exit__()
    for what, text in written.items():
        # -e and -c print what tcpretrans prints, which knows no names.
        check_text(tap, what, text, what not in ("-e", "-c"))
    for what in "-e --json", "-b --json":
        names = {o["comm"] for o in objects(written[what]) if o.get("raddr") == NOWHERE}
        tap.equal(names - {None}, {SHOWN}, f"{what}: parsed, too")
    names = {row["comm"] for row in csv.DictReader(written["-e --csv"].splitlines()) if row["raddr"] == NOWHERE}
    tap.equal(names - {""}, {SHOWN}, "-e --csv: parsed, too")


def check_screen(tap):
    """What tmux was sent, and what it made of it."""
    with Screen(f"{TCPRETOP} -d 0.5 --columns LADDR,RADDR,PROCESS,CAUSE", lines=50) as s:
        sent = TMP / "sent"
        s.tmux("pipe-pane", "-O", "-t", "t", f"cat >{sent}")
        title = s.tmux("display-message", "-p", "-t", "t", "#{pane_title}")
        text = s.wait(lambda t: SHOWN in t and NOWHERE in t)
        tap.ok(text.startswith("tcpretop ") and "F1 Help" in text, "the screen is whole", *text.splitlines())
        s.keys("Home", "Enter")
        text = s.wait(lambda t: "COMMAND" in t and "for-ever" in t)
        tap.ok(text.startswith("tcpretop "), "also with the details, where the command line stands", *text.splitlines())
        s.settle()
        tap.equal(s.tmux("display-message", "-p", "-t", "t", "#{pane_title}"), title, "the title is as it was")
        s.keys("q")
        s.wait("exit status 0")
        wrote = sent.read_bytes()
    tap.ok(SHOWN[:5].encode() in wrote, "what was sent to the terminal holds the name")
    for what in b"\033]0;X", b"\a", b"\x9bm", b"\033[31m\xe2", "\u202e".encode():
        tap.ok(what not in wrote, f"and nowhere {what!r}")


def main():
    tap = Tap()
    child = subprocess.Popen(["unshare", "--net", sys.executable, __file__, "for-ever", ARGUMENT],
                             stdout=subprocess.PIPE)
    try:
        assert child.stdout.readline(), "there are no SYNs"
        check_outputs(tap)
        check_screen(tap)
    finally:
        child.kill()
        child.wait()
    tap.end()


if sys.argv[1:2] == ["for-ever"]:
    connect_for_ever()
main()
