#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The details of a flow: a verdict that is right for each trouble, and the numbers of the socket itself, as ss has them."""

import contextlib
import re

from common import Lab, Tap, wait_until
from details import open_details, says, viewer

# Trouble, and what must be said of it.
VERDICTS = {
    "blackhole": r"\d+ timeouts in a row and no ACK since .*: the peer or the path is gone\.",
    "synhole": r"SYN sent again \d+ times: nothing answers at the peer\.",
    "spike": r"\d+ % of the segments sent again were spurious \((DSACK|undo|DSACK, undo)\): .*RTO too small.*, not loss\.",
    "reorder,p=8,total=3000000": r"(\d+ % of the segments sent again were|\d+ segments? sent again, all) spurious \(.*\): reordering on the path.*, "
                   r"not loss\.",
    "fail": r"\d+ of \d+ sends failed here with EPERM: a filter or policy of this host, not the network\.",
    "loss,p=4,write=150k": r"\d+ % of the segments sent again went by FAST or RACK, (none|under 1 %|\d+ %) known as spurious: the path loses segments",
    "zwin": r"The peer's window is 0 now: its application does not read\. That is no loss\.",
    "tail": r"\d+ % of the segments sent again were tail loss probes: ends of bursts are lost",
}
FIRST_PORT = 9100


def verdicts(tap):
    groups = [f"{shape},port={FIRST_PORT + n}" for n, shape in enumerate(VERDICTS)]
    with contextlib.ExitStack() as stack:
        screens = {shape: stack.enter_context(viewer(f"-l -f 'remote port {FIRST_PORT + n}'"))
                   for n, shape in enumerate(VERDICTS)}
        with Lab(*groups):
            for shape, screen in screens.items():
                open_details(screen)
                text = says(tap, screen, VERDICTS[shape], f"the verdict of {shape}")
                if text is None:
                    continue
                # Those flows that are reordered are short.
                live = "live from the socket" in text or ("reorder" in shape and "the socket is" in text)
                tap.ok(live, f"{shape}: asked of its own socket in its namespace", *text.splitlines()[:6])
        # The lab is gone, and with it all its sockets.
        for shape in ("loss,p=4,write=150k", "blackhole"):
            screen = screens[shape]
            text = screen.wait(lambda t: re.search(r"last seen .* ago: (the socket is gone|no way into its namespace)", t))
            tap.ok("Just now" not in text, f"{shape}: once the socket is gone nothing is called live")
            # A lab ends its sockets first.
            screen.wait(lambda t: re.search(r"COMMAND +the process is gone", t), f"{shape}: nor is its process")
            tap.ok(True, f"{shape}: nor is its process")


def value(text, label):
    found = re.search(rf"(?:^ |  ){label} +(\S+)", text, re.M)
    return found[1] if found else None


def microseconds(text, label):
    """Of "47us" "9.5ms" "1.2 s", which a count is not; "-" is None."""
    found = re.search(rf"  {label} +([\d.]+) ?(us|ms|s)\b", text)
    return float(found[1]) * {"us": 1, "ms": 1e3, "s": 1e6}[found[2]] if found else None


def number(text):
    return int(text.replace(",", "")) if text and re.fullmatch(r"[\d,]+", text) else None


def compare(tap, name, text, ss):
    """The pane against a line of `ss -tin`."""
    rtt = re.search(r"\brtt:([\d.]+)/([\d.]+)", ss)
    near = {  # shown with two digits or more
        "RTT": (microseconds(text, "RTT"), float(rtt[1]) * 1e3),
        "RTTVAR": (microseconds(text, "RTTVAR"), float(rtt[2]) * 1e3),
        "RTO": (microseconds(text, "RTO"), float(re.search(r"\brto:([\d.]+)", ss)[1]) * 1e3),
        "MIN RTT": (microseconds(text, "MIN RTT"), float(re.search(r"\bminrtt:([\d.]+)", ss)[1]) * 1e3),
    }
    for label, (ours, theirs) in near.items():
        tap.ok(ours is not None and abs(ours - theirs) <= max(1, 0.06 * theirs), f"{name}: {label} {ours} as ss has it: {theirs}",
               text)
    same = {"CWND": "cwnd", "SSTHRESH": "ssthresh", "MSS": "mss", "REORDER": "reordering"}
    for label, word in same.items():
        found = re.search(rf"\b{word}:(\d+)", ss)
        theirs = int(found[1]) if found else {"reordering": 3}.get(word)  # ss leaves out what is usual
        ours = number(value(text, label))
        tap.ok(ours == theirs, f"{name}: {label} {ours} as ss has it: {theirs}", text, ss)
    tap.ok(value(text, "CC") in ss.split(), f"{name}: congestion control", text, ss)


def compare_socket(tap, name, screen, lab, names):
    """The pane against what ss says of that socket, in its namespace."""
    port = re.search(r":(\d+) → .*:(\d+) ─", screen.text())
    where = names[int(value(screen.text(), "NETNS"))]
    lines = lab("ss", where, "-tinOH", "state", "established", f"sport = :{port[1]} and dport = :{port[2]}")
    tap.equal(len(lines.splitlines()), 1, f"{name}: one socket")
    ss = lines.splitlines()[0]
    tap.ok(("[::ffff:" in ss) == (name == "IPv4 on an IPv6 socket"), f"{name}: it is one", ss)
    screen.wait(lambda t: re.search(r"LAST ACK +\d+\.\d s ago", t), "a look at the quiet socket")
    compare(tap, name, screen.text(), ss)
    tap.ok("live from the socket" in screen.text(), f"{name}: live", screen.text())
    tap.ok(re.search(r"COMMAND +traffic (client|server) 920\d ", screen.text()), f"{name}: its command line", screen.text())


def numbers(tap):
    filters = {
        "IPv4": "remote port 9200",
        "IPv6": "remote port 9202",
        "IPv4 on an IPv6 socket": "local port 9201",
    }
    with contextlib.ExitStack() as stack:
        lab = stack.enter_context(
            Lab("loss,p=10,port=9200", "loss,v=46,p=10,port=9201,dir=down", "loss,v=6,p=10,port=9202"))
        wait_until(lambda: lab.counters()["TcpRetransSegs"] > 300, "300 retransmits")
        screens = {name: stack.enter_context(viewer(f"-f '{only}'")) for name, only in filters.items()}
        for screen in screens.values():
            open_details(screen)
        lab("settle")
        names = {inode: name for name, inode in lab.netns().items()}
        for name, screen in screens.items():
            compare_socket(tap, name, screen, lab, names)


tap = Tap()
verdicts(tap)
numbers(tap)
tap.end()
