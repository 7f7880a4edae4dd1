#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The verdicts that test_detail.py has not seen: each trouble made on purpose, and named right, of flows and groups."""

import contextlib
import re
import time

from common import PATIENCE, Lab, Tap, best_of
from details import open_details, says, sentences, viewer

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
    "TIMEOUTS, WAIT": (["loss,port=9306,n=3,p=70,write=1000,gap=300"], "-g rport -f 'remote port 9306'",
                       r"\d+ % of the segments sent again waited for a timeout: .* waited [\d.ms ]+s for timeouts\."),
    "WINDOW_PROBES": (["shrink,port=9307,n=3"], "-g rport -f 'remote port 9307'",
                      r"\d+ % of the segments sent again met a window of 0: the peer's application does not read\."),
    "TOO_FEW": (["tail,port=9308,gap=3000"], "-l -f 'remote port 9308'",
                r"\d segments? sent again: too few to say why\."),
    "HANDSHAKES of a group": (["synhole,port=9311,n=6"], "-g rport -f 'remote port 9311'",
                              r"\d+ % of the segments sent again were SYNs or SYN-ACKs: it is new connections that suffer\."),
    "MIXED of a group": (["tail,port=9312,name=mix,gap=900", "loss,port=9313,name=mix,p=70,n=2,write=1000,gap=300",
                          "synhole,port=9314,name=mix,n=2,life=3000"],
                         "-g process -l -f 'process mix'", r"No cause stands out: .*\d+ %.*, .*\d+ %.*\."),
    "WAIT of a group": (["blackhole,port=9315,n=3,after=1"], "-g rport -f 'remote port 9315'",
                        r"Together these \d+ flows waited [\d.]+ ?s for timeouts\."),
}
# Compared with all flows of the machine. Those without loss write seldom: on a busy machine they wait as well.
PATH = {
    "PATH": (["loss,port=9309,n=25,p=20,from=c1", "tail,port=9310,n=25,gap=4000,from=c2"], "-f 'remote port 9309'",
             r"\d+ of the \d+ flows seen to 10\.77\.1\.0/24 suffer, elsewhere \d+ of \d+: look at that path\."),
}


def walk(screen, wanted):
    """From the list to the details to what is wanted of the verdict: yields None until that is there, then the verdict."""
    while not (re.search(r"flows [1-9]\d* of", text := screen.text()) and "RETR↓" in text):
        yield None
    screen.keys("i")
    while not re.search(wanted, said := sentences(screen.text())):
        yield None
    yield said


def together(tap, cases):
    """All at the same time: what is said of a flow in its first seconds may not hold later."""
    flows = [flow for case in cases.values() for flow in case[0]]
    with contextlib.ExitStack() as stack:
        screens = {name: stack.enter_context(viewer(options))
                   for name, (_, options, _) in cases.items()}
        stack.enter_context(Lab(*flows))
        walks = {name: walk(screens[name], cases[name][2]) for name in cases}
        deadline = time.monotonic() + PATIENCE
        while walks and time.monotonic() < deadline:
            for name in list(walks):
                if said := next(walks[name]):
                    del walks[name]
                    tap.ok(True, name)
                    tap.note(said)
        for name in walks:
            tap.ok(False, name, f"waited for {cases[name][2]}", *screens[name].lines())


def changing(tap):
    """From spurious to lost, and from then on nothing."""
    with Lab("spike,port=9320") as lab, viewer("-f 'remote port 9320'") as screen:
        open_details(screen)
        says(tap, screen, r"\d\d+ % of the segments sent again were spurious", "SPURIOUS, as long as it is")
        lab("loss", "9320", "2")
        says(tap, screen, r"[2-4]\d % of the segments sent again were spurious \(.*\): these had not been lost\.", "PARTLY_SPURIOUS")
        lab("settle")
        quiet = screen.text()
        screen.wait(lambda t: t != quiet, "a look after the last segment")
        screen.keys("z")
        says(tap, screen, r"Nothing was sent again since counting began\.", "NOTHING")


tap = Tap()
# Which segments are lost is left to chance.
best_of(tap, lambda tap: together(tap, CASES), 2)
best_of(tap, lambda tap: together(tap, PATH), 2)
best_of(tap, changing, 2)
tap.end()
