#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Three hosts in one table, each with an sshd of its own; one of them goes and comes back."""

import json
import re
import subprocess

import remote

remote.enter_desk()

from common import PATIENCE, TCPRETOP, Lab, Tap, Tcpretop, objects, wait_until  # noqa: E402
from screen import Screen, group_by, uptime  # noqa: E402

NAMES = ("alpha", "beta", "gamma")
ARGS = [arg for name in NAMES for arg in ("--host", name)]
tap = Tap()


def hosts_of(text):
    """How many rows each host has on the screen, and how many of them are marked as old."""
    rows = re.findall(r"^( ?\S*) .*\b(alpha|beta|gamma) +\d+\.\d+\.\d+\.\d+:", text, re.M)
    return {name: (sum(n == name for _, n in rows), sum(n == name and mark.strip() == "?" for mark, n in rows))
            for name in NAMES}


def whole(text):
    return all(rows for rows, _ in hosts_of(text).values())


def screen(host):
    """One table with a column; a host that is killed is named, its rows are marked, and it is taken back."""
    with Screen(f"{TCPRETOP} {' '.join(ARGS)} -f 'process traffic'", columns=180, lines=50) as s:
        text = s.wait(lambda t: whole(t) and uptime(t) >= 3)
        tap.ok(text.startswith("tcpretop  3 hosts  ") and " HOST " in text and " live " in text,
               "one table, the column tells which host", text.split("\n")[0])
        host.down()
        text = s.wait(lambda t: "beta: RETRYING" in t and hosts_of(t)["beta"][1] > 0)
        rows = hosts_of(text)
        tap.ok(rows["beta"][0] == rows["beta"][1] and not rows["alpha"][1] and not rows["gamma"][1],
               "killed: the header names it, its rows are marked and no others", rows)
        at = uptime(text)
        text = s.wait(lambda t: uptime(t) >= at + 3 and "RETRYING" in t)
        tap.ok(True, "the others go on")
        host.up()
        text = s.wait(lambda t: "RETRYING" not in t and hosts_of(t)["beta"][0] and not hosts_of(t)["beta"][1])
        tap.ok(" live " in text, "back: it is live, its rows as well")
        group_by(s, "host")
        text = s.wait(lambda t: all(re.search(rf"^.*\d +{name} ", t, re.M) for name in NAMES))
        tap.ok(True, "grouped by host: a row for each")
        s.keys("q")
        tap.ok("exit status 0" in s.wait("exit status"), "q ends it with status 0")


def groups():
    done = subprocess.run([TCPRETOP, *ARGS, "-b", "--json", "-g", "host", "-n", "4"], capture_output=True, text=True,
                          timeout=PATIENCE)
    found = objects(done.stdout, "group")
    tap.equal({o["group"] for o in found}, set(NAMES), "-g host: a group for each")
    tap.ok(all(o["host"] == o["group"] for o in found), "its flows agree on the host")
    done = subprocess.run([TCPRETOP, *ARGS, "-b", "--json", "-g", "process", "-n", "3"], capture_output=True,
                          text=True, timeout=PATIENCE)
    traffic = [o for o in objects(done.stdout, "group") if o["group"] == "traffic"]
    tap.ok(traffic and traffic[-1]["host"] is None, "other groups hold flows of all: their host is null")


def sums():
    """Each host sees all of this kernel: three times the same flows, apart, and three times the sums."""
    with (Lab("loss,n=3,p=5,life=3000,again=10") as lab, Tcpretop(*ARGS, "-c", "--json") as there,
          Tcpretop("-e", "--json", *ARGS) as events):
        wait_until(lambda: all(events.so_far().count(f'"host":"{name}"') > 20 for name in NAMES), "events of all hosts")
        seen = {o["host"] for o in objects(events.so_far())}
        netns = set(lab.netns().values())
        lab("quiet", "120")  # what no event has told of a socket, its end tells
        out = there.stop()
    tap.equal(seen, set(NAMES), "each event has its host")
    flows = [o for o in objects(out, "flow") if o["netns"] in netns]
    by_host = {name: {(o["laddr"], o["lport"], o["rport"]) for o in flows if o["host"] == name} for name in NAMES}
    tap.ok(all(by_host.values()) and len(flows) == sum(map(len, by_host.values())),
           f"the same flow of three hosts is three: {[len(v) for v in by_host.values()]}")
    last = objects(out, "interval")[-1]
    total = sum(o["retrans"] for o in objects(out, "flow"))
    tap.within(last["totals"]["retrans"], total, 0.01, "the totals are those of all hosts", 50)
    tap.ok(last["coverage"]["kernel"] and abs(last["coverage"]["seen"] / last["coverage"]["kernel"] - 1) < 0.001,
           f"so is the coverage: {json.dumps(last['coverage'])}")
    now = last["time"]
    tap.ok(all(now - 120 < o["last_seen"] < now + 2 for o in flows), "their times are of one clock")


with remote.Desk() as desk:
    alpha, beta, gamma = (desk.host(name) for name in NAMES)
    sums()
    with Lab("loss,n=3,p=5,life=3000,again=10"):
        groups()
        screen(beta)
tap.end()
