#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The verdicts that test_detail.py has not seen: each trouble made on purpose, and named right, of flows and groups."""

import os
import re
import sys

from common import ROOT, TCPRETOP, Lab, Tap, best_of

sys.path.insert(0, os.path.join(ROOT, "tests", "screen"))
from screen import Screen  # noqa: E402

FOREVER = "life=600000"
# What runs, how the viewer is started, and what it must say once the details are open.
CASES = {
    "SYN_GIVEN_UP": (["synhole,port=9301,life=2500,rst=1"], "-f 'remote port 9301'",
                     r"SYN sent again (once|\d+ times), now closed: the peer answered late, with a refusal, or never\."),
    "SYNACK_UNANSWERED": (["synackloss,port=9302,p=100"], "-f 'local port 9302'",
                          r"SYN-ACK sent again (once|\d+ times): it does not reach the peer, or the peer's ACK not us\."),
    "SLOW_START": ([f"synackloss,port=9303,p=60,n=16,write=100,gap=1000,total=10000000,{FOREVER}"],
                   "-f 'remote port 9303 and state ESTABLISHED'",
                   r"SYN sent again (once|\d+ times) before it came up; nothing since\."),
    "SMALLER_MTU": (["mtu,port=9304"], "-f 'remote port 9304'",
                    r"\d+ of \d+ segments were too large for the path and were sent again smaller: its MTU, not loss\."),
    "ENDED_SILENT": (["blackhole,port=9305,after=1,life=6000,rst=1,again=600000"], "-f 'remote port 9305'",
                     r"Closed after \d timeouts in a row: nothing was acknowledged between them\."),
    "TIMEOUTS, WAIT": (["loss,port=9306,n=3,p=55,write=1000,gap=300"], "-f 'remote port 9306'",
                       r"\d+ % of the segments sent again waited for a timeout: .* It waited [\d.]+ s (of [\dms. ]+ )?for timeouts\."),
    "WINDOW_PROBES": (["shrink,port=9307"], "-f 'remote port 9307'",
                      r"\d+ % of the segments sent again met a window of 0: the peer's application does not read\."),
    "TOO_FEW": (["loss,port=9308,p=4,write=1000,gap=300"], "-f 'remote port 9308'",
                r"\d segments? sent again: too few to say why\."),
    "PATH": (["loss,port=9309,n=5,p=20,from=c1", "loss,port=9310,n=5,p=0.3,write=300k,gap=20,from=c2"],
             "-f 'remote port 9309'", r"\d+ of the \d+ flows seen to 10\.77\.1\.0/24 suffer, elsewhere \d+ of \d+: look at that path\."),
    "HANDSHAKES of a group": (["synhole,port=9311,n=6"], "-g rport -f 'remote port 9311'",
                              r"\d+ % of the segments sent again were SYNs or SYN-ACKs: it is new connections that suffer\."),
    "MIXED of a group": (["tail,port=9312,n=1,name=mix,gap=900", "loss,port=9313,p=60,write=1000,gap=600,n=2,name=mix",
                          "synhole,port=9314,name=mix,n=2,life=3000"],
                         "-g process -l -f 'process mix'", r"No cause stands out: .*\d+ %.*, .*\d+ %.*\."),
    "WAIT of a group": (["blackhole,port=9315,n=3,after=1"], "-g rport -f 'remote port 9315'",
                        r"Together these \d+ flows waited [\d.]+ ?s for timeouts\."),
}


def sentences(text):
    """The verdict, with its broken lines joined."""
    found = re.search(r"^ ▸ .*?(?=^ \S*/\d|^ netns|^ Segments|^$)", text, re.M | re.S)
    return " ".join(found[0].split()) if found else ""


def open_details(screen):
    screen.wait(lambda t: re.search(r"flows [1-9]\d* of", t) and "RETR↓" in t, "the flow")
    screen.keys("i")
    screen.wait("Esc back")


def says(tap, screen, wanted, name):
    wanted = re.compile(wanted)
    try:
        text = screen.wait(lambda t: wanted.search(sentences(t)), wanted.pattern)
    except AssertionError as e:
        tap.ok(False, name, *str(e).splitlines())
        return
    tap.ok(True, name)
    tap.note(sentences(text))


def in_turn(tap, names):
    """A few at a time, each with a viewer of its own."""
    flows = [flow for name in names for flow in CASES[name][0]]
    screens = {name: Screen(f"{TCPRETOP} -d 0.5 {CASES[name][1]}", columns=120, lines=60) for name in names}
    try:
        with Lab(*flows):
            for name, screen in screens.items():
                try:
                    open_details(screen)
                except AssertionError as e:
                    tap.ok(False, f"{name}: a flow to open", *str(e).splitlines())
                    continue
                says(tap, screen, CASES[name][2], name)
    finally:
        for screen in screens.values():
            screen.__exit__()


def changing(tap):
    """From spurious to lost, and from then on nothing."""
    with Lab("spike,port=9320") as lab, Screen(f"{TCPRETOP} -d 0.5 -f 'remote port 9320'", columns=120, lines=60) as screen:
        open_details(screen)
        says(tap, screen, r"\d\d+ % of the segments sent again were spurious", "SPURIOUS, as long as it is")
        lab("loss", "9320", "20")
        says(tap, screen, r"[2-4]\d % of the segments sent again were spurious \(.*\): these had not been lost\.", "PARTLY_SPURIOUS")
        lab("settle")
        screen.keys("z")
        says(tap, screen, r"Nothing was sent again since counting began\.", "NOTHING")


tap = Tap()
names = list(CASES)
alone = ["PATH"]  # compared with what else there is
# Which segments are lost is left to chance.
best_of(tap, lambda tap: in_turn(tap, names[:6]), 2)
best_of(tap, lambda tap: in_turn(tap, [name for name in names[6:] if name not in alone]), 2)
best_of(tap, lambda tap: in_turn(tap, alone), 2)
best_of(tap, changing, 2)
tap.end()
