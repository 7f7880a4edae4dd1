# SPDX-License-Identifier: GPL-2.0-only
"""The programs that the benchmark holds against each other, and what the kernel says of them."""
import contextlib
import ctypes
import fcntl
import json
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import tempfile
import termios
import threading
import time

from common import BUILD, TCPRETOP, family, with_tracefs

COLUMNS, LINES = 120, 36
PATIENCE = 20  # seconds for one program to start, or to end
PR_SET_PDEATHSIG = 1
CPUCLOCK_SCHED = 2
LIBC = ctypes.CDLL(None)
COUNT_SCRIPT = (
    "tracepoint:tcp:tcp_retransmit_skb { @[ntop(args->family, args->saddr), args->sport, "
    "ntop(args->family, args->daddr), args->dport] = count(); }"
)
# Its state stays a number: a name would cost a look-up more.
PRINT_SCRIPT = (
    'tracepoint:tcp:tcp_retransmit_skb { printf("%s %-7d %s:%d R> %s:%d %d\\n", strftime("%H:%M:%S", nsecs), pid, '
    "ntop(args->family, args->saddr), args->sport, ntop(args->family, args->daddr), args->dport, args->state); }"
)


class DidNotRun(Exception):
    pass


def die_with_parent():
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def in_terminal():
    die_with_parent()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class Program:
    """A process whose output is waited for. It is gone when the with block ends."""

    def __init__(self, *command, until, terminal=False, env=None, end=signal.SIGTERM):
        self.command = [str(word) for word in command]
        self.until = [text.encode() for text in until]
        settings = {"LC_ALL": "C.UTF-8", "TERM": "xterm-256color", **(env or {})}
        self.env = {**os.environ, **settings}
        self.terminal = terminal
        self.end = end
        self.seen = b""

    def __enter__(self):
        self.err = tempfile.TemporaryFile()
        self.dropping = None
        self.started = time.monotonic()
        try:
            self.fd = self.open_terminal() if self.terminal else self.open_pipe()
        except OSError as e:
            raise DidNotRun(f"{self.command[0]}: {e.strerror}") from None
        try:
            self.wait()
        except BaseException:
            self.__exit__()
            raise
        return self

    def open_terminal(self):
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        self.process = subprocess.Popen(
            self.command, stdin=slave, stdout=slave, stderr=slave, env=self.env,
            start_new_session=True, preexec_fn=in_terminal,
        )
        os.close(slave)
        return master

    def open_pipe(self):
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.err,
            env=self.env, preexec_fn=die_with_parent,
        )
        return self.process.stdout.fileno()

    def wait(self):
        """Until all that is waited for has been written. The rest is read behind our back."""
        end = time.monotonic() + PATIENCE
        while not all(text in self.seen for text in self.until):
            left = end - time.monotonic()
            if left <= 0:
                raise DidNotRun(f"said nothing of {self.until} in {PATIENCE} s")
            if select.select([self.fd], [], [], left)[0] and not self.read():
                raise DidNotRun(self.reason())
        self.seconds = time.monotonic() - self.started
        self.dropping = threading.Thread(target=self.drop, daemon=True)
        self.dropping.start()

    def read(self):
        try:
            data = os.read(self.fd, 65536)
        except OSError:  # a terminal without a program
            data = b""
        self.seen += data
        return data

    def drop(self):
        while self.read():
            self.seen = self.seen[-65536:]

    def last(self, pattern):
        """What the pattern's group found last in what was written."""
        found = re.findall(pattern, self.seen)
        if not found:
            raise DidNotRun(f"{self.command[0]} wrote nothing like {pattern}")
        return found[-1]

    def reason(self):
        """The last thing it said before it ended."""
        self.process.wait(PATIENCE)
        self.err.seek(0)
        said = (self.seen + b"\n" + self.err.read()).decode(errors="replace").split("\n")
        return next((line.strip() for line in reversed(said) if line.strip()), "it ended at once")

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(self.end)
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.dropping:  # else it would read what the next program writes to a descriptor of the same number
            self.dropping.join(PATIENCE)
        self.err.close()
        if self.terminal:
            os.close(self.fd)

    def cpu_ns(self):
        """CPU time so far, of all its threads, ended ones too, and of its helper."""
        pids = {self.process.pid, *family(self.process.pid)}
        return sum(time.clock_gettime_ns((~pid << 3) | CPUCLOCK_SCHED) for pid in pids)  # as clock_getcpuclockid()

    def write(self, text):
        """To its standard input or its terminal."""
        os.write(self.fd if self.terminal else self.process.stdin.fileno(), text.encode())

    def seconds_until(self, text, patience=5):
        """From now until it has written this."""
        began, text = time.monotonic(), text.encode()
        while text not in self.seen:
            if time.monotonic() - began > patience:
                raise DidNotRun(f"did not write {text} in {patience} s")
            time.sleep(0.0005)
        return time.monotonic() - began

    def forget(self):
        """What it has written so far."""
        self.seen = b""

    def rss_kb(self):
        return status_kb(self.process.pid, "VmRSS")

    def bpf_ids(self):
        """The BPF programs that it holds, by itself or by their links."""
        fds = f"/proc/{self.process.pid}/fdinfo"
        found = set()
        for fd in os.listdir(fds):
            try:
                with open(f"{fds}/{fd}") as f:
                    found.update(int(n) for n in re.findall(r"^prog_id:\s*(\d+)", f.read(), re.M))
            except FileNotFoundError:  # closed in between
                pass
        return found


def status_kb(pid, name):
    with open(f"/proc/{pid}/status") as f:
        return int(re.search(name + r":\s*(\d+)", f.read())[1])


def viewer(*args):
    """It has drawn a screen when the first and the last line of it are there."""
    return Program(TCPRETOP, *args, until=["tcpretop", "Details"], terminal=True)


def batch(*args):
    return Program(TCPRETOP, "-b", *args, until=["tcpretop"])


def count(*args):
    return Program(TCPRETOP, "-c", *args, until=["Tracing"])


def events(*args):
    return Program(TCPRETOP, "-e", *args, until=["Tracing"])


def empty():
    return Program(os.path.join(BUILD, "tests", "bench", "empty"), until=["ready"])


def least(name):
    """One of the programs of empty.bpf.c, without the time that it takes to time it."""
    return Program(os.path.join(BUILD, "tests", "bench", "empty"), name, until=["ready"])


def untimed():
    return least("empty")


class Marks(Program):
    """What all that is attached between its begin and its end adds to an event."""

    def __init__(self):
        super().__init__(os.path.join(BUILD, "tests", "bench", "marks"), until=["begun"])

    def end_here(self):
        self.write("\n")
        self.seconds_until("between")

    def look(self):
        """ns, events and those that were interrupted, whose time is not in the first, since then."""
        self.forget()
        self.write("\n")
        self.seconds_until("marked")
        while not (found := re.search(rb"marked (\d+) (\d+) (\d+)\n", self.seen)):
            time.sleep(0.001)
        return [int(n) for n in found.groups()]


def echo():
    """What a terminal and the shortest of all programs take to answer a key."""
    return Program("sh", "-c", "stty raw -echo; echo ready; exec cat", until=["ready"], terminal=True)


def holders(processes, sockets):
    path = os.path.join(BUILD, "tests", "bench", "holders")
    return Program(path, processes, sockets, until=["ready"])


@contextlib.contextmanager
def first_in_turn():
    """This process before all others: on a full machine its own waiting would be taken for that of whom it measures.
    What it starts meanwhile is as ever."""
    tasks = [int(task) for task in os.listdir("/proc/self/task")]
    try:
        for task in tasks:
            os.sched_setscheduler(task, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(1))
    except OSError as e:
        raise DidNotRun(f"no real-time priority: {e.strerror}") from None
    try:
        yield
    finally:
        for task in tasks:
            with contextlib.suppress(ProcessLookupError):
                os.sched_setscheduler(task, os.SCHED_OTHER, os.sched_param(0))


@contextlib.contextmanager
def on_one_cpu():
    """What starts meanwhile stays on one CPU, its timers and softirqs with it."""
    cpus = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cpus)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cpus)


def crowd(program, flows):
    """Flows that nobody has, in the tables of a running tcpretop."""
    path = os.path.join(BUILD, "tests", "bench", "crowd")
    return Program(path, program.process.pid, flows, until=["ready"])


def events_to(path, *args):
    """tcpretop -e with its lines in a file; it has said so there when it traces."""
    return Program("sh", "-c", 'exec "$@" >"$0"', path, TCPRETOP, "-e", *args, until=[])


def bpftrace():
    """Killed, as it would print its thousands of counts."""
    room = {"BPFTRACE_MAP_KEYS_MAX": "65536"}
    return Program(*with_tracefs("bpftrace", "-e", COUNT_SCRIPT), until=["Attaching"], env=room,
                   end=signal.SIGKILL)


def bpftrace_to(path):
    """A line for each event, in a file."""
    command = with_tracefs("bpftrace", "-B", "full", "-e", PRINT_SCRIPT)
    return Program("sh", "-c", 'exec "$@" >"$0"', path, *command, until=[], end=signal.SIGINT)


def tcpretrans():
    """bcc's, under the names that distributions give it."""
    names = ["tcpretrans-bpfcc", "/usr/share/bcc/tools/tcpretrans", "tcpretrans"]
    tool = next((path for path in map(shutil.which, names) if path), None)
    if not tool:
        raise DidNotRun("not installed (Debian and Ubuntu: bpfcc-tools)")
    return Program(tool, until=["Tracing"], env={"PYTHONUNBUFFERED": "1"})


def wait_for_runs(program):
    """Until one of its BPF programs has run: on a machine that is full of traffic it starts slowly."""
    end = time.monotonic() + 3 * PATIENCE
    while time.monotonic() < end:
        if program.process.poll() is not None:
            raise DidNotRun(program.reason())
        ids = program.bpf_ids()
        if ids and any(times[2] for i, times in bpf_times().items() if i in ids):
            return
        time.sleep(0.3)
    raise DidNotRun(f"{program.command} counted nothing in {3 * PATIENCE} s")


def lost_events(program, path):
    """Ends one that writes into this file, and tells how many events it says were lost: tcpretop at its end on
    stderr, bpftrace again and again on either."""
    program.process.send_signal(program.end)
    program.process.wait(PATIENCE)
    program.err.seek(0)
    said = program.err.read()
    with open(path, "rb") as f:
        said += b"\n" + f.read()
    return sum(int(a or b) for a, b in re.findall(rb"(\d+) events were lost|^Lost (\d+) events", said, re.MULTILINE))


def bpf_times():
    """(name, run_time_ns, run_cnt) of every loaded BPF program, by id."""
    tool = shutil.which("bpftool", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if not tool:
        raise DidNotRun("bpftool is missing")
    shown = subprocess.run([tool, "prog", "show", "-j"], check=True, capture_output=True).stdout
    return {p["id"]: (p.get("name", ""), p.get("run_time_ns", 0), p.get("run_cnt", 0))
            for p in json.loads(shown)}


def runs_of(program, name):
    """How often the BPF programs of this name ran that the program holds."""
    times = bpf_times()
    return sum(times[i][2] for i in program.bpf_ids() if times[i][0] == name)
