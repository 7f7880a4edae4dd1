#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Each way to watch tail loss probes: exact, or refused; without any what is not known is no 0."""

import os
import re
import subprocess
import tempfile

from common import (PATIENCE, TCPRETOP, Lab, Tap, Tcpretop, best_of, last_of_each_flow, objects,
                    wait_until)
from screen import Screen

FLOWS = ("tail,n=6,v=46", "tailnew,n=3")


def forced(way, *args):
    return ["--tlp-way", way, "-l", *args]


def refused(tap, way):
    """True where this kernel does not let it be attached, which must be said well."""
    done = subprocess.run([TCPRETOP, *forced(way, "-b", "-n", "1", "-d", "0.1")],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False,
                          timeout=PATIENCE)
    if not done.returncode:
        return False
    tap.ok(done.returncode == 4 and not done.stdout and re.fullmatch(
        f"tcpretop: [^\n]* {way};[^\n]*--tlp-way[^\n]*\n", done.stderr),
           f"{way} cannot be attached here: status 4 and one line", done.returncode, done.stderr)
    return True


def settled(lab, top):
    lab("settle")
    seen = len(objects(top.so_far(), "interval"))
    wait_until(lambda: len(objects(top.so_far(), "interval")) >= seen + 2, "the rest")
    return lab.counters()


def check_count(tap, way, flows, kernel):
    tap.equal(sum(o["retrans"] + o["tlp"] + o["synack"] for o in flows), kernel["TcpRetransSegs"],
              f"{way}: RetransSegs is what was seen")


def exact(tap, way):
    with Tcpretop(*forced(way, "-b", "--json")) as top, Lab(*FLOWS) as lab:
        netns = lab.netns().values()
        wait_until(lambda: lab.counters()["TcpExtTCPLossProbes"] >= 100, "100 probes", 120)
        kernel = settled(lab, top)
        flows = last_of_each_flow(top.stop(), netns).values()
    check_count(tap, way, flows, kernel)
    tap.within(sum(o["tlp_sent"] for o in flows), kernel["TcpExtTCPLossProbes"], 0.01,
               f"{way}: probes sent against TCPLossProbes")


def unknown_in_json(tap, name, text):
    keys = ("tlp_attempts", "tlp_sent")
    found = objects(text, "flow") + [o["totals"] for o in objects(text, "interval")]
    tap.ok(found and all(o[key] is None for o in found for key in keys),
           f"none, {name}: attempts and probes sent are null in {len(found)} objects")


def unknown_on_screen(tap):
    with Screen(" ".join([TCPRETOP, *forced("none", "-d", "0.5")])) as viewer:
        viewer.wait(lambda t: "TLP ?/s" in t and re.search(r"flows [1-9]", t), "TLP ?/s")
        viewer.keys("Home", "Enter")
        text = viewer.wait("Esc back")
        tap.ok(re.search(r"TLP +\? sent", text), "none, viewer: probes are ? on the screen and in "
               "the details", *text.splitlines())


def unknown(tap):
    """Everywhere, while probes of old and of new data leave."""
    with tempfile.TemporaryDirectory() as tmp:
        record = os.path.join(tmp, "rec")
        with Tcpretop(*forced("none", "-b", "--json", "-w", record)) as top, \
                Tcpretop(*forced("none", "-b")) as text, \
                Tcpretop(*forced("none", "-c", "--json")) as count, \
                Tcpretop(*forced("none", "-e", "--json")) as events, \
                Tcpretop(*forced("none", "-e", "--csv")) as csv, Lab(*FLOWS) as lab:
            netns = lab.netns().values()
            wait_until(lambda: lab.counters()["TcpExtTCPLossProbes"] >= 100, "100 probes", 120)
            unknown_on_screen(tap)
            kernel = settled(lab, top)
            batch = top.stop()
            check_count(tap, "none", last_of_each_flow(batch, netns).values(), kernel)
            unknown_in_json(tap, "-b", batch)
            unknown_in_json(tap, "-c", count.stop())
            rates = re.findall(r"\| TLP (.*?) \|", text.stop())
            tap.ok(rates and set(rates) == {"?"}, "none, -b: TLP ?", set(rates))
            sent = {o["sent"] for o in objects(events.stop(), "event") if o["kind"] == "L"}
            tap.equal(sent, {"retransmit"}, "none, -e: only probes that retransmit, and so told")
            sent = {line.rpartition(",")[2] for line in csv.stop().splitlines() if ",L," in line}
            tap.equal(sent, {"retransmit"}, "none, -e --csv: the same")
        replayed = subprocess.run([TCPRETOP, "-r", record, "-b", "--json"], timeout=PATIENCE,
                                  stdout=subprocess.PIPE, text=True, check=True).stdout
        unknown_in_json(tap, "replayed", replayed)


tap = Tap()
for way in "fentry", "kprobe", "timer":
    if not refused(tap, way):
        best_of(tap, lambda recorder, way=way: exact(recorder, way))
best_of(tap, unknown)
tap.end()
