#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A host of 500 network namespaces, and namespaces that come and go: coverage stays sound, nothing piles up."""

import ctypes
import fcntl
import os
import select
import signal
import socket
import struct
import time

from common import Tap, Tcpretop, best_of, family, objects, wait_until

MANY = 500
FEW = 60
CLONE_NEWNET = 0x40000000
PR_SET_PDEATHSIG = 1
SIOCSIFFLAGS, IFF_UP = 0x8914, 1
SO_ATTACH_FILTER = 26
LIBC = ctypes.CDLL(None, use_errno=True)


def deaf_listener():
    """Its filter lets nothing in: a SYN to it is sent again and again."""
    s = socket.socket()
    s.bind(("127.0.0.1", 9))
    s.listen()
    nothing = ctypes.create_string_buffer(struct.pack("HBBI", 6, 0, 0, 0))  # BPF_RET
    program = struct.pack("HL", 1, ctypes.addressof(nothing))
    s.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)
    return s


def live_in_namespace(ready, told):
    """A process in a network namespace of its own that, once told, makes a connection that nothing answers to."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    assert not LIBC.unshare(CLONE_NEWNET), os.strerror(ctypes.get_errno())
    listener, client = deaf_listener(), socket.socket()
    fcntl.ioctl(client, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", IFF_UP))
    client.setblocking(False)
    os.write(ready, struct.pack("I", os.stat("/proc/self/ns/net").st_ino))
    os.read(told, 1)
    client.connect_ex(listener.getsockname())
    signal.pause()


class Namespaces:
    """So many processes, which connect() lets send; with them go their namespaces."""

    def __init__(self, n):
        self.n = n

    def __enter__(self):
        read, ready = os.pipe()
        told, self.tell = os.pipe()
        self.pids = []
        for _ in range(self.n):
            pid = os.fork()
            if not pid:
                try:
                    os.close(self.tell)
                    live_in_namespace(ready, told)
                finally:
                    os._exit(1)
            self.pids.append(pid)
        os.close(ready)
        os.close(told)
        self.numbers = set()
        while len(self.numbers) < self.n:
            assert select.select([read], [], [], 60)[0], f"only {len(self.numbers)} namespaces"
            word = os.read(read, 4)
            assert word, "no namespace can be made"
            self.numbers.add(struct.unpack("I", word)[0])
        os.close(read)
        return self

    def connect(self):
        os.close(self.tell)
        return self.numbers

    def __exit__(self, *_):
        for pid in self.pids:
            os.kill(pid, signal.SIGKILL)
        for pid in self.pids:
            os.waitpid(pid, 0)


def descriptors(pids):
    """The least of several looks: some are open for a moment only."""
    def look():
        time.sleep(0.05)
        return sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in pids)

    return min(look() for _ in range(5))


def cpu_seconds(pids):
    def one(pid):
        with open(f"/proc/{pid}/stat") as f:
            return sum(map(int, f.read().rpartition(")")[2].split()[11:13]))

    return sum(map(one, pids)) / os.sysconf("SC_CLK_TCK")


def intervals(top):
    return objects(top.so_far(), "interval")


def wait_intervals(top, n):
    seen = len(intervals(top))
    wait_until(lambda: len(intervals(top)) >= seen + n, f"{n} intervals")


def check_coverage(tap, name, found):
    seen, kernel = (sum(o["coverage"][side] or 0 for o in found) for side in ("seen", "kernel"))
    tap.ok(kernel and abs(seen - kernel) <= 0.005 * kernel, f"{name}: coverage, {seen:,} of {kernel:,}")


def seen_in(top, numbers):
    return {o["netns"] for o in objects(top.so_far(), "flow", numbers)}


def many(tap):
    with Namespaces(MANY) as namespaces:
        began = time.monotonic()
        with Tcpretop("-b", "--json") as top:
            started = time.monotonic() - began
            pids = family(top.process.pid)
            cpu, at = cpu_seconds(pids), time.monotonic()
            numbers = namespaces.connect()
            wait_until(lambda: len(seen_in(top, numbers)) == MANY, f"retransmits in all {MANY}")
            wait_intervals(top, 3)
            share = (cpu_seconds(pids) - cpu) / (time.monotonic() - at)
            fds = descriptors(pids)
            text = top.stop()
            errors = top.errors()
    tap.note(f"{MANY} namespaces: start {1000 * started:.0f} ms, {100 * share:.1f} % of one core, {fds} descriptors")
    tap.ok(True, f"retransmits in all {MANY} namespaces are seen")
    check_coverage(tap, "in all", objects(text, "interval"))
    tap.ok(started < 5, f"it starts within five seconds ({1000 * started:.0f} ms)")
    tap.ok(fds < 150, f"no namespace is held by a descriptor ({fds})")
    tap.equal((top.status, errors), (0, ""), "and it ends as it should, without a word")


def coming_and_going(tap):
    """What is known of namespaces that are gone is let go of, and their numbers are given away again."""
    with Tcpretop("-b", "--json", "-d", "0.5") as top:
        pids = family(top.process.pid)
        fds, numbers = [], set()
        for _ in range(4):
            with Namespaces(FEW) as namespaces:
                began = len(top.so_far())
                new = namespaces.connect()
                since = lambda: {o["netns"] for o in objects(top.so_far()[began:], "flow", new)}
                wait_until(lambda: len(since()) == FEW, f"retransmits in all {FEW}")
                wait_intervals(top, 2)
                numbers |= new
            fds.append(descriptors(pids))
        wait_intervals(top, 2)
        text = top.stop()
        errors = top.errors()
    tap.ok(True, f"namespaces that come and go: {4 * FEW} of {len(numbers)} numbers were seen")
    check_coverage(tap, "they", objects(text, "interval"))
    tap.equal(len(set(fds)), 1, f"as many descriptors as before: {fds}")
    tap.equal((top.status, errors), (0, ""), "and it ends as it should, without a word")


def main():
    tap = Tap()
    best_of(tap, many)
    best_of(tap, coming_and_going)
    tap.end()


main()
