#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Who owns a socket: two hundred connections of two dozen processes in four namespaces and two cgroups."""

import collections
import os
import signal
import socket
import subprocess
import sys
import time

from common import LAB, PATIENCE, Lab, Tap, Tcpretop, last_of_each_flow, objects, wait_until

SHARERS = 3  # processes that hold each socket of the forked ones
CGROUP = "tcpretop-test-%d" % os.getpid()


def cgroup_mount():
    with open("/proc/self/mounts") as f:
        for line in f:
            _, where, kind, *_ = line.split()
            if kind == "cgroup2":
                return where
    return None


def comm_of(pid):
    try:
        with open(f"/proc/{pid}/comm") as f:
            return f.read().strip()
    except OSError:
        return None


def netns_of(pid):
    try:
        return os.stat(f"/proc/{pid}/ns/net").st_ino
    except OSError:
        return None


def processes(netns):
    """The processes of these namespaces: {(namespace, name): {pid}}"""
    found = collections.defaultdict(set)
    for pid in filter(str.isdigit, os.listdir("/proc")):
        if netns_of(pid) in netns:
            found[netns_of(pid), comm_of(pid)].add(int(pid))
    return found


def share(name, port, n):
    """Runs in a namespace: n connections to the lab's server at that port, held by several processes."""
    with open("/proc/thread-self/comm", "w") as f:
        f.write(name)
    held = [socket.create_connection(("10.77.1.1", port), PATIENCE) for _ in range(n)]
    for s in held:
        print(s.getsockname()[1], end=" ")
    print(flush=True)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for _ in range(SHARERS - 1):
        if not os.fork():
            signal.pause()
    with open("/proc/self/stat") as f:  # as the machine numbers it
        print(f.read().split()[0], flush=True)
    sys.stdin.readline()
    while True:
        for s in held:
            try:
                s.send(bytes(20000), socket.MSG_DONTWAIT)
            except BlockingIOError:
                pass
            except OSError:  # the server has ended
                signal.pause()
        time.sleep(0.05)


class Sharers:
    """That function, running in a namespace of the lab, in a cgroup of its own if there is one."""

    def __init__(self, lab, ns, name, port, n, cgroup):
        def enter():
            os.setpgid(0, 0)
            if cgroup:
                with open(os.path.join(cgroup, "cgroup.procs"), "w") as f:
                    f.write("0")

        self.child = subprocess.Popen(
            [LAB, "ns", ns, sys.executable, os.path.abspath(__file__), "share", name, str(port), str(n)],
            env=lab.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, preexec_fn=enter)
        self.ports = [int(p) for p in self.child.stdout.readline().split()]
        self.pid = int(self.child.stdout.readline())

    def go(self):
        self.child.stdin.write("\n")
        self.child.stdin.flush()

    def end(self):
        try:
            os.killpg(self.child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.child.wait()
        self.child.stdin.close()
        self.child.stdout.close()


def make_cgroup():
    mount = cgroup_mount()
    path = mount and os.path.join(mount, CGROUP)
    try:
        os.mkdir(path)
    except (OSError, TypeError):
        return None
    return path


def remove_cgroup(path):
    """It is busy until the last process of it has been buried."""
    def removed():
        try:
            os.rmdir(path)
        except OSError:
            return not os.path.exists(path)
        return True
    wait_until(removed, "the cgroup to be empty")


def intervals(batch, n):
    seen = len(objects(batch.so_far(), "interval"))
    wait_until(lambda: len(objects(batch.so_far(), "interval")) >= seen + n, "an interval")


class Oracle:
    """What must be said of a flow, from /proc and from the names of the lab's groups."""

    def __init__(self, lab):
        self.netns = set(lab.netns().values())
        self.server = lab.netns()["srv"]
        self.groups = {}
        for line in lab("groups").splitlines():
            port, _, _, name, *_ = line.split()
            self.groups[int(port)] = name.split("/")
        self.pids = processes(self.netns)
        self.shared = {}

    def add(self, netns, sharers, name):
        for port in sharers.ports:
            self.shared[netns, port] = sharers.pid, name

    def owner(self, o):
        """(the pids it may be, the name)"""
        if (o["netns"], o["lport"]) in self.shared:
            pid, name = self.shared[o["netns"], o["lport"]]
            return {pid}, name
        server = o["netns"] == self.server
        name = self.groups[o["lport" if server else "rport"]][server]
        return self.pids[o["netns"], name], name

    def judge(self, rows, weight):
        verdict = collections.Counter()
        for o in rows:
            pids, name = self.owner(o)
            if o["pid"] is None:
                verdict["unknown"] += weight(o)
            elif o["pid"] in pids and o["comm"] == name:
                verdict["right"] += weight(o)
            else:
                verdict["wrong"] += weight(o)
                verdict[f"{o['comm']}/{o['pid']} for {name}/{pids}"] += 1
        return verdict


def check(tap, verdict, what, least):
    total = verdict["right"] + verdict["unknown"] + verdict["wrong"]
    tap.note(f"{what}: {dict(verdict)}")
    tap.ok(total > 0 and verdict["right"] >= least * total,
           f"{100 * least:g} % of the {what} have the right process", dict(verdict))
    tap.ok(not verdict["wrong"], f"none of the {what} has a wrong one", dict(verdict))


def flows():
    for k in range(1, 6):
        yield f"loss,name=cli{k}/srv{k},port={7100 + k},n=17,p=5"
        yield f"loss,name=get{k}/web{k},port={7200 + k},n=17,p=5,dir=down"
    yield "loss,name=brief/take,port=7301,n=6,p=20,write=6000,gap=0,life=120,again=400"
    yield "loss,name=later/gave,port=7302,n=6,p=10,dir=down,life=9000,again=50"


def main(tap):
    cgroup = make_cgroup()
    sharers = []
    with Lab(*flows()) as lab:
        try:
            oracle = Oracle(lab)
            mine = oracle.netns
            sharers.append(Sharers(lab, "c1", "forked-before", 7101, 4, None))
            with Tcpretop("-e", "--json", "-l") as events, Tcpretop("-b", "--json", "-l") as batch:
                start = time.time()
                sharers.append(Sharers(lab, "c1", "forked-after", 7102, 4, cgroup))
                for s, name in zip(sharers, ("forked-before", "forked-after")):
                    oracle.add(lab.netns()["c1"], s, name)
                    s.go()
                both = lambda: {o["lport"] for o in objects(batch.so_far(), "flow", mine) if o["pid"]}
                wait_until(lambda: both() >= set(sharers[0].ports + sharers[1].ports),
                           "all shared sockets to retransmit")
                rows = lambda: last_of_each_flow(batch.so_far(), mine)
                wait_until(lambda: sum(o["retrans"] for o in rows().values()) > 8000
                           and len(rows()) > 250, "8000 retransmits")
                sharers.pop().end()
                if cgroup:
                    remove_cgroup(cgroup)
                lab("settle", "60")
                intervals(batch, 2)  # in which even the youngest is looked for
                lab("quiet", "60")
                intervals(batch, 2)
                seen, final = objects(events.stop(), "event", mine), last_of_each_flow(batch.stop(), mine)
        finally:
            for s in sharers:
                s.end()
            if cgroup and os.path.exists(cgroup):
                remove_cgroup(cgroup)

    # What was closed before the start has left nothing that tells whose it was.
    old = lambda o: o["rport"] == 7301 and o.get("first_seen", o.get("time")) < start + 2
    final, seen = [o for o in final.values() if not old(o)], [o for o in seen if not old(o)]
    brief = [o for o in final if o["rport"] == 7301]
    used = {o["netns"] for o in final}
    tap.ok(len(used) >= 3, f"flows in {len(used)} namespaces")
    tap.ok(len(final) >= 200, f"{len(final)} flows")
    check(tap, oracle.judge(final, lambda o: o["retrans"] + o["synack"] + o["tlp"]),
          "segments sent again, by flow", 0.99)
    check(tap, oracle.judge(seen, lambda o: 1), "events", 0.9)
    closed = [o for o in final if o["state"] == "CLOSE"]
    check(tap, oracle.judge(closed, lambda o: 1), "closed flows", 0.95)
    check(tap, oracle.judge(brief, lambda o: 1), "connections of a moment", 0.95)
    if not cgroup:
        tap.skip("each flow has its cgroup, also when that has gone", "no cgroup v2 to write to")
        return
    inside = [o for o in final if oracle.owner(o)[1] == "forked-after"]
    outside = [o for o in final if oracle.owner(o)[1] != "forked-after"]
    tap.equal({o["cgroup"] for o in inside}, {"/" + CGROUP}, "the cgroup is known when it has gone")
    tap.ok(all(o["cgroup"] != "/" + CGROUP for o in outside), "and is not that of the others")


if __name__ == "__main__":
    if sys.argv[1:2] == ["share"]:
        share(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    tap = Tap()
    main(tap)
    tap.end()
