#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Living with others: a second tcpretop, bpftrace, a host without memory; and nothing of ours stays after a kill -9."""

import json
import os
import re
import signal
import subprocess
import tempfile
import time

from common import TCPRETOP, Lab, Tap, Tcpretop, best_of, family, objects, wait_until, with_tracefs
from screen import Screen, uptime

COUNT_EVENTS = "BEGIN { @events = 0; } tracepoint:tcp:tcp_retransmit_skb { @events++; } interval:s:1 { print(@events); }"
MEMORY = "/sys/fs/cgroup/memory/tcpretop-test"  # cgroup v1
UNIFIED = "/sys/fs/cgroup/tcpretop-test"


def count(o):
    return o["retrans"] + o["tlp"] + o["synack"]


def bpftool(*args):
    return json.loads(subprocess.run(["bpftool", "-j", *args], check=True, stdout=subprocess.PIPE).stdout)


# ---- Others at the same tracepoint


class Bpftrace:
    """Counts the same events, if it can be had."""

    def __enter__(self):
        self.out = tempfile.TemporaryFile()
        self.process = None
        try:
            self.process = subprocess.Popen(with_tracefs("bpftrace", "-B", "line", "-e", COUNT_EVENTS), stdout=self.out, stderr=self.out)
            wait_until(lambda: self.process.poll() is not None or self.events() is not None, "bpftrace")
        except (FileNotFoundError, TimeoutError):
            pass
        return self

    def said(self):
        return os.pread(self.out.fileno(), 1 << 20, 0).decode()

    def events(self):
        """How many it has counted until a second ago; None if it does not run here."""
        counts = re.findall(r"@events: (\d+)\n", self.said())
        return int(counts[-1]) if counts else None

    def __exit__(self, *_):
        if self.process:
            self.process.kill()
            self.process.wait()
        self.out.close()


def rows_by_netns(text):
    """RETR of each namespace, as the screen shows it."""
    return {int(ns): int(retr.replace(",", "")) for retr, ns in re.findall(r"([\d,]+) +(\d{10}) *$", text, re.M)}


def together(tap):
    """A viewer, a -c and bpftrace on the same events. The lab's flows only: the host has others."""
    with Bpftrace() as peer, Tcpretop("-c", "--json", "-l") as counting, \
            Screen(f"{TCPRETOP} -l -d 0.5 -g netns --columns RETR,NETNS", 100, 40) as screen, \
            Lab("loss,n=60,p=20,mss=500,v=46", "synackloss,p=50,n=6,again=200", gso="off") as lab:
        netns = set(lab.netns().values())
        wait_until(lambda: lab.counters()["TcpRetransSegs"] > 5000, "5,000 retransmits")
        lab("quiet", "60")
        kernel = lab.counters()["TcpRetransSegs"]
        looks = uptime(screen.text()) + 2
        seen = sum(n for ns, n in rows_by_netns(screen.wait(lambda t: uptime(t) >= looks)).items() if ns in netns)
        screen.keys("q")
        screen.wait("exit status 0")
        flows = objects(counting.stop(), "flow", netns)
        counted = sum(map(count, flows))
        events, said = peer.events(), peer.said()
    tap.equal(seen, kernel, f"two tcpretops at once: the viewer is exact ({kernel:,})")
    tap.equal(counted, kernel, "and so is -c")
    if events is None:
        tap.skip("bpftrace on the same tracepoint", f"it does not run here: {' '.join(said.split())}")
    else:
        tap.ok(events > kernel / 2, f"and bpftrace beside them sees its events ({events:,})")


# ---- No memory


def limited_memory(limit):
    """A cgroup that is given so many bytes, the kernel's for it included; None where that cannot be had."""
    for path, name in (MEMORY, "memory.limit_in_bytes"), (UNIFIED, "memory.max"):
        try:
            os.makedirs(path, exist_ok=True)
            with open(os.path.join(path, name), "w") as f:
                f.write(str(limit))
            return path
        except OSError:
            if os.path.isdir(path):
                os.rmdir(path)
    return None


def no_memory(tap):
    group = limited_memory(64 << 20)
    if not group:
        tap.skip("map memory refused", "no cgroup whose memory can be limited")
        return

    def join():
        with open(os.path.join(group, "cgroup.procs"), "w") as f:
            f.write(str(os.getpid()))

    try:
        done = subprocess.run([TCPRETOP, "-b", "-n", "1", "--max-flows", "1000000"], stdout=subprocess.PIPE, timeout=60,
                              stderr=subprocess.PIPE, text=True, preexec_fn=join)
    finally:
        wait_until(lambda: not open(os.path.join(group, "cgroup.procs")).read(), "the end of all in the cgroup")
        os.rmdir(group)
    tap.equal(done.returncode, 1, "map memory refused: exit status")
    tap.ok(re.fullmatch("tcpretop: cannot make the flow table: out of memory; choose a smaller --max-flows\n", done.stderr),
           "and one line that says what to do", done.stderr)
    tap.equal(done.stdout, "", "and nothing else")


# ---- Another clock


def time_namespaces(tap):
    """A container may have a clock of its own; the kernel's programs go by that of the host."""
    back = time.clock_gettime(time.CLOCK_MONOTONIC) / 2  # the kernel refuses a clock that would be below zero
    with Lab("loss,n=8,p=20,mss=500") as lab:
        for seconds in 86400, -min(back, 86400 / 4):
            other_clock(tap, round(seconds), set(lab.netns().values()))


def other_clock(tap, seconds, netns):
    enter = ["unshare", "--time", "--fork", "--monotonic", str(seconds)]
    what = f"a clock that is {seconds} s off"
    if subprocess.run([*enter, "true"], stderr=subprocess.DEVNULL).returncode:
        tap.skip(what, "no time namespaces")
        return
    done = subprocess.run([*enter, TCPRETOP, "-b", "--json", "-n", "3"], stdout=subprocess.PIPE, text=True, timeout=60)
    now = time.time()
    flows, looks = objects(done.stdout, "flow", netns), objects(done.stdout, "interval")
    tap.ok(len(flows) >= 12, f"{what}: flows at each look ({len(flows)})")
    tap.ok(all(now - 60 < o["first_seen"] <= o["last_seen"] <= now for o in flows), "seen when they were",
           *[(o["first_seen"] - now, o["last_seen"] - now) for o in flows[:3]])
    tap.ok(all(0.5 < o["elapsed"] < 5 for o in looks), "at intervals that are as long as they are",
           [o["elapsed"] for o in looks])


# ---- kill -9


def held(pids):
    """Identities of the programs, maps and links that these processes hold."""
    found = set()
    for pid in pids:
        for fd in os.listdir(f"/proc/{pid}/fdinfo"):
            try:
                with open(f"/proc/{pid}/fdinfo/{fd}") as f:
                    found.update(re.findall(r"^(prog|map|link)_id:\s*(\d+)", f.read(), re.M))
            except FileNotFoundError:  # closed in between
                pass
    return found


def in_kernel():
    return {(kind, str(o["id"])) for kind in ("prog", "map", "link") for o in bpftool(kind, "show")}


def killed(tap, name, args):
    """Its processes end with it, and the kernel frees what they held."""
    with Screen(f"{TCPRETOP} {args}", 100, 30) as screen:
        screen.wait("coverage")
        top = wait_until(lambda: family(int(screen.tmux("display-message", "-p", "-t", "t", "#{pane_pid}"))), "it")
        ours = held(top)
        tap.ok({kind for kind, _ in ours} == {"prog", "map", "link"} and ours <= in_kernel(),
               f"{name}: {len(ours)} objects in the kernel, {len(top)} processes")
        os.kill(top[0], signal.SIGKILL)
        left = wait_gone(lambda: [pid for pid in top if os.path.exists(f"/proc/{pid}")])
        tap.equal(left, [], "no process is left after kill -9")
        left = wait_gone(lambda: ours & in_kernel())
        tap.equal(left, set(), "and none of its objects")


def wait_gone(left, seconds=10):
    """What is left when nothing is, or after so long."""
    end = time.monotonic() + seconds
    while left() and time.monotonic() < end:
        time.sleep(0.1)
    return left()


def main():
    tap = Tap()
    best_of(tap, together)
    no_memory(tap)
    time_namespaces(tap)
    killed(tap, "the viewer", "")
    tap.end()


main()
