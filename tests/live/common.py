# SPDX-License-Identifier: GPL-2.0-only
"""What the live tests share: the lab, the program under test, TAP."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("BUILD", os.path.join(ROOT, "build"))
TCPRETOP = os.environ.get("TCPRETOP", os.path.join(BUILD, "tcpretop"))
LAB = os.path.join(ROOT, "tests", "lab", "lab")
sys.path.append(os.path.join(ROOT, "tests", "screen"))  # for those who import Screen after this
PATIENCE = 60  # seconds that a slow machine may take for anything
signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that with blocks end


class Tap:
    """Prints one line per check and the plan at the end; a failed check does not end the test."""

    def __init__(self):
        self.count = self.failed = 0

    def ok(self, passed, name, *why):
        self.count += 1
        self.failed += not passed
        print(f"{'ok' if passed else 'not ok'} {self.count} - {name}", flush=True)
        if not passed:
            for line in why:
                print(f"#   {line}", flush=True)
        return passed

    def equal(self, got, wanted, name):
        return self.ok(got == wanted, name, f"got    {got!r}", f"wanted {wanted!r}")

    def within(self, got, wanted, share, name, slack=1):
        slack = max(slack, wanted * share)
        return self.ok(abs(got - wanted) <= slack, f"{name}: {got} of {wanted}",
                       f"differs by more than {100 * share:g} %")

    def skip(self, name, why):
        self.count += 1
        print(f"ok {self.count} - {name} # SKIP {why}", flush=True)

    def note(self, text):
        print(f"# {text}", flush=True)

    def end(self):
        print(f"1..{self.count}")
        sys.exit(1 if self.failed else 0)


class Recorder(Tap):
    """Keeps its checks instead of printing them."""

    def __init__(self):
        super().__init__()
        self.calls = []

    def ok(self, passed, name, *why):
        self.failed += not passed
        self.calls.append(("ok", passed, name, *why))
        return passed

    def skip(self, name, why):
        self.calls.append(("skip", name, why))

    def note(self, text):
        self.calls.append(("note", text))


def best_of(tap, measure, attempts=4):
    """Measures until all is exact, and prints the last measurement.

    On some machines events that fire while certain threads run reach no BPF program (about one in
    two thousand, of any tool). What a socket's next event or its end heals, is healed; the rest
    makes an equality fail by one now and then. An error of ours fails every time.
    """
    for attempt in range(attempts):
        recorder = Recorder()
        measure(recorder)
        if not recorder.failed:
            break
    if attempt:
        tap.note(f"this is attempt {attempt + 1} of {attempts}")
    for name, *args in recorder.calls:
        getattr(tap, name)(*args)


def wait_until(condition, what, seconds=PATIENCE):
    """Waits for a condition; how long it takes is no part of any result."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    raise TimeoutError(f"waited {seconds} s for {what}")


class Lab:
    """A running lab; it is gone when the with block ends."""

    def __init__(self, *flows, **options):
        self.args = [arg for flow in flows for arg in ("--flow", flow)]
        for name, value in options.items():
            self.args += ["--" + name.replace("_", "-"), str(value)]

    def __enter__(self):
        self.dir = tempfile.TemporaryDirectory()
        ready = os.path.join(self.dir.name, "ready")
        self.log = open(os.path.join(self.dir.name, "log"), "w+")
        self.process = subprocess.Popen([LAB, "run", "--ready", ready, *self.args],
                                        stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        try:
            wait_until(lambda: self.started(ready), "the lab")
        except BaseException:
            self.__exit__()
            raise
        self.env = dict(os.environ)
        with open(ready) as f:
            for line in f:
                name, _, value = line.strip().partition("=")
                self.env[name] = value
        return self

    def started(self, ready):
        if self.process.poll() is not None:
            self.log.seek(0)
            raise RuntimeError("the lab did not start: " + self.log.read())
        return os.path.exists(ready) and os.path.getsize(ready)

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()
        self.dir.cleanup()

    def __call__(self, *command):
        """A command of the lab; returns what it prints."""
        return subprocess.run([LAB, *command], env=self.env, check=True, stdout=subprocess.PIPE,
                              text=True, timeout=5 * PATIENCE).stdout

    def counters(self, *namespaces):
        lines = self("counters", *namespaces).splitlines()
        return {name: int(value) for name, value in (line.split() for line in lines)}

    def netns(self):
        """Inode numbers of the lab's namespaces, by name."""
        names = self("ns", "srv", "ls", "/run/netns").split()
        return {name: int(re.search(r"\d+", self("ns", name, "readlink", "/proc/self/ns/net"))[0])
                for name in names}


class Tcpretop:
    """The program, running; stop() ends it as Ctrl-C does and returns what it wrote."""

    def __init__(self, *args):
        self.out = tempfile.TemporaryFile("w+")
        self.err = tempfile.TemporaryFile("w+")
        self.args = args
        self.process = subprocess.Popen([TCPRETOP, *args], stdin=subprocess.DEVNULL,
                                        stdout=self.out, stderr=self.err)
        try:
            wait_until(self.counts, "tcpretop to count")
        except BaseException:
            self.__exit__()
            raise

    def counts(self):
        """It starts its timer when all its probes are attached."""
        if self.process.poll() is not None:
            raise RuntimeError("tcpretop ended: " + self.errors())
        fds = f"/proc/{self.process.pid}/fd"
        try:
            return any("timerfd" in os.readlink(os.path.join(fds, fd)) for fd in os.listdir(fds))
        except FileNotFoundError:  # closed in between
            return False

    def so_far(self):
        """The whole lines that it wrote until now."""
        text = os.pread(self.out.fileno(), os.fstat(self.out.fileno()).st_size, 0)
        return text[:text.rfind(b"\n") + 1].decode()

    def errors(self):
        return os.pread(self.err.fileno(), 1 << 20, 0).decode()

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.status = self.process.wait(PATIENCE)
        return self.so_far()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.out.close()
        self.err.close()


def family(pid):
    """Of the process and all below it those that run the program, itself or its parent first."""
    found, todo = [], [pid]
    while todo:
        pid = todo.pop(0)
        try:
            with open(f"/proc/{pid}/task/{pid}/children") as f:
                todo += map(int, f.read().split())
            if os.path.samefile(f"/proc/{pid}/exe", TCPRETOP):
                found.append(pid)
        except (FileNotFoundError, ProcessLookupError):  # it has ended
            pass
    return found


def objects(text, kind=None, netns=None):
    """The JSON objects of the text, of one type and of some namespaces if wanted."""
    found = [json.loads(line) for line in text.splitlines() if line.strip()]
    return [o for o in found if (kind is None or o["type"] == kind)
            and (netns is None or o.get("netns") in netns)]


def last_of_each_flow(text, netns=None):
    """The newest flow object of each flow in -b --json output."""
    newest = {}
    for o in objects(text, "flow", netns):
        newest[(o["netns"], o["laddr"], o["lport"], o["raddr"], o["rport"])] = o
    return newest


def with_tracefs(*command):
    """bpftrace looks there for tracepoints. Where it is not mounted, it is for this program alone."""
    if any(os.path.exists(f"/sys/kernel/{path}/events") for path in ("tracing", "debug/tracing")):
        return command
    return "unshare", "--mount", "sh", "-c", 'mount -t tracefs tracefs /sys/kernel/tracing && exec "$@"', "sh", *command
