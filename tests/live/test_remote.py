#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Another host by ssh, over a real sshd: the same counts as there, at once, and a clear word when the link is cut."""

import os
import re
import subprocess
import time

import remote

remote.enter_desk()

from common import PATIENCE, TCPRETOP, Lab, Tap, Tcpretop, best_of, objects, wait_until  # noqa: E402
from screen import Screen, uptime  # noqa: E402

COUNTS = ("retrans", "tlp", "synack", "by_cause", "bytes_retrans", "rto_wait_ms", "comm", "pid", "state")
tap = Tap()


def counted(text, lab):
    """What was counted of each flow of the lab. tlp_attempts are left out: what is seen of them depends on the hooks."""
    flows = objects(text, "flow", set(lab.netns().values()))
    return {(o["netns"], o["laddr"], o["lport"], o["raddr"], o["rport"]): {k: o[k] for k in COUNTS} for o in flows}


def same_counts(t):
    """A local -c --json and one over the link, at the end of the same flows."""
    with Tcpretop("-c", "--json") as here, Tcpretop("--host", "web1", "-c", "--json") as there, \
            Lab("loss,n=8,p=5,v=46", "synackloss,p=50,n=2", "tail,n=2") as lab:
        wait_until(lambda: lab.counters()["TcpRetransSegs"] > 1000, "some retransmits")
        lab("settle")
        time.sleep(2.5)  # the last tick there, and its way here
        ours, theirs = counted(there.stop(), lab), counted(here.stop(), lab)
        errors = there.errors()
    t.ok(len(theirs) >= 10 and sum(o["retrans"] for o in theirs.values()) > 500,
         f"{len(theirs)} flows, {sum(o['retrans'] for o in theirs.values())} segments sent again")
    t.ok(ours == theirs, "the counts over the link are those of a local -c --json",
         *[f"{k}: {theirs.get(k)} there, {ours.get(k)} here" for k in sorted({*ours, *theirs}, key=str)
           if ours.get(k) != theirs.get(k)][:5])
    t.ok(there.status == 0 and not errors, "it ends as if it were here", errors)


def seconds(text):
    found = re.search(r"STALLED (\d+) s", text)
    return int(found[1]) if found else -1


def pipeline(host):
    """ssh -n host sudo tcpretop -w - | tcpretop -r -: as fresh as a local one; it stalls, goes on, and ends."""
    with Lab("loss,n=4,p=5"), \
            Screen(f"sh -c 'ssh -n web1 sudo tcpretop -w - | {TCPRETOP} -r -'", columns=150) as s:
        text = s.wait(lambda t: " live " in t and "traffic/" in t and uptime(t) >= 2)
        tap.ok(text.startswith("tcpretop  web1 "), "the header has the name of that host", text.split("\n")[0])
        tap.ok("coverage" in text and "R>" in text, "coverage and events are there, too")
        ages = []
        for _ in range(3):  # the newest event is no older than a look, and what the way takes
            at = uptime(s.text())
            text = s.wait(lambda t, at=at: uptime(t) > at)
            ages.append(newest_event_age(text))
        tap.ok(min(ages) <= 2, f"the newest event on the screen is {min(ages)} s old at most", ages)
        s.keys("Space")
        s.wait("PAUSED")
        time.sleep(2)
        at = uptime(s.text())
        s.keys("Space")
        tap.ok(uptime(s.wait(lambda t: uptime(t) >= at + 2)) >= at + 2, "after a pause it is where the host is")
        host.cut(True)
        text = s.wait(lambda t: 3 <= seconds(t) <= 20)
        tap.ok("traffic/" in text and "coverage" in text, "cut: STALLED, and the last picture stays")
        later = seconds(s.wait(lambda t: seconds(t) > seconds(text)))
        tap.ok(later > seconds(text), f"it counts on: {seconds(text)} s, {later} s")
        host.cut(False)
        s.wait(lambda t: " live " in t and "STALLED" not in t)
        tap.ok(True, "mended: it goes on where it was")
        for pid in host.pids():
            if os.path.basename(os.path.realpath(f"/proc/{pid}/exe")) == "tcpretop":
                os.kill(pid, 15)
        text = s.wait(" ENDED ")
        tap.ok("traffic/" in text, "its tcpretop ended: ENDED, and the last picture stays")
        s.keys("q")
        tap.ok("exit status 0" in s.wait("exit status"), "q ends it with status 0")


def newest_event_age(text):
    """Seconds between the last event of the pane and now."""
    stamps = re.findall(r"^(\d\d):(\d\d):(\d\d)  R>", text, re.M)
    h, m, s = map(int, stamps[-1])
    now = time.localtime()
    return (now.tm_hour * 3600 + now.tm_min * 60 + now.tm_sec - (h * 3600 + m * 60 + s)) % 86400


def viewer(host):
    """--host starts it, takes it back when it returns, and leaves nothing there."""
    with Screen(f"{TCPRETOP} --host root@web1", columns=150) as s:
        s.wait(lambda t: t.startswith("tcpretop  web1 ") and " live " in t and uptime(t) >= 2)
        host.down()
        text = s.wait(" RETRYING ")
        tap.ok(re.search(r"the link ended to web1: \S", text), "the host is lost: RETRYING, and why",
               text.rstrip().split("\n")[-1])
        at = uptime(text)
        host.up()
        text = s.wait(lambda t: " live " in t and uptime(t) > at)
        tap.ok(True, "it is back: live again")
        s.keys("q")
        tap.ok("exit status 0" in s.wait("exit status"), "q ends it with status 0")
    wait_until(lambda: "tcpretop" not in host.programs(), "the host to be left")
    tap.ok(True, "nothing of it is left on the host")


def modes():
    """The other modes, and what goes wrong: one line each."""
    with Lab("loss,n=4,p=5"):
        for args, wanted in ((["-b", "-n", "2", "--json"], '"type":"flow"'), (["-e", "-n", "2", "--json"], '"kind":"R"'),
                             (["-b", "-n", "2"], "tcpretop  web1  "), (["-e", "-n", "2"], " R> ")):
            done = subprocess.run([TCPRETOP, "--host", "web1", *args], capture_output=True, text=True, timeout=PATIENCE)
            tap.ok(done.returncode == 0 and wanted in done.stdout and not done.stderr, f"--host web1 {' '.join(args)}",
                   done.stdout[:300], done.stderr)
    for host, status, why in (("nowhere", 1, "cannot watch nowhere: ssh: Could not resolve hostname nowhere"),
                              ("-oProxyCommand=true", 2, "--host takes a name for ssh"),
                              ("a@-b", 2, "--host takes a name for ssh"), ("", 2, "--host takes a name for ssh"),
                              ("broken", 1, "cannot watch broken: sudo: a ?[31mpassword is required")):
        done = subprocess.run([TCPRETOP, f"--host={host}", "-b", "-n", "1"], capture_output=True, text=True,
                              timeout=PATIENCE)
        tap.ok(done.returncode == status and done.stderr.count("\n") == 1 and why in done.stderr,
               f"--host={host}: status {status}, one line", done.returncode, done.stderr)


with remote.Desk() as desk:
    web1, broken = desk.host("web1"), desk.host("broken")
    refused = remote.write(desk.path / "refused", "#!/bin/sh\nprintf 'sudo: a \\033[31mpassword is required\\n' >&2\nexit 1\n",
                           0o755)
    broken.down()
    broken.config.write_text(broken.config.read_text() + f"ForceCommand {refused}\n")
    broken.up()
    best_of(tap, same_counts, attempts=2)
    pipeline(web1)
    viewer(web1)
    modes()
tap.end()
