#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The terminal is as it was after any exit: quit, signals, a crash, a terminal that is gone."""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time

sys.dont_write_bytecode = True
from screen import DEADLINE, Screen, fake_viewer, run_tests  # noqa: E402

FAKE = fake_viewer()


class Terminal:
    """A pseudo-terminal whose other end the viewer has; everything that it writes is kept."""

    def __init__(self, *args, ignore_hup=False):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        self.before = termios.tcgetattr(slave)
        self.slave = slave
        self.output = b""

        def own_terminal():
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
            if ignore_hup:
                signal.signal(signal.SIGHUP, signal.SIG_IGN)

        self.process = subprocess.Popen(
            [FAKE, *args],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=own_terminal,
            env=dict(os.environ, TERM="xterm-256color", LC_ALL="C.UTF-8"),
        )

    def read(self, seconds):
        if select.select([self.master], [], [], seconds)[0]:
            try:
                self.output += os.read(self.master, 65536)
            except OSError:
                pass

    def wait_for(self, what):
        end = time.monotonic() + DEADLINE
        while what not in self.output:
            assert time.monotonic() < end, (what, self.output)
            self.read(0.1)

    def wait_end(self):
        end = time.monotonic() + DEADLINE
        while self.process.poll() is None:
            assert time.monotonic() < end, "it does not end"
            self.read(0.02)
        self.read(0.02)
        return self.process.returncode

    def close(self):
        for fd in (self.master, self.slave):
            if fd >= 0:
                os.close(fd)
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def check_restored(self):
        after = termios.tcgetattr(self.slave)
        assert after == self.before, (self.before, after)
        assert last(self.output, b"\033[?1049h", b"\033[?1049l") == b"\033[?1049l", "alternate screen"
        assert last(self.output, b"\033[?25l", b"\033[?25h") == b"\033[?25h", "cursor"
        assert last(self.output, b"\033[?1000h", b"\033[?1000l", b"1000h", b"1000l") in (b"\033[?1000l", b"1000l")
        assert last(self.output, b"\033[?1h", b"\033[?1l") == b"\033[?1l", "keypad"


def last(text, *options):
    return max(options, key=text.rfind)


def ends_restored(end, status, *args):
    t = Terminal("-d", "0.1", *args)
    try:
        t.wait_for(b"198.51.100.20")
        end(t)
        got = t.wait_end()
        assert got == status, (got, status, t.output[-300:])
        t.check_restored()
    finally:
        t.close()


def quit_keys():
    """q and F10 quit with status 0"""
    ends_restored(lambda t: os.write(t.master, b"q"), 0)
    ends_restored(lambda t: os.write(t.master, b"\033[21~"), 0)


def ctrl_c():
    """Ctrl-C and Ctrl-\\ are signals: status 128 + n"""
    ends_restored(lambda t: os.write(t.master, b"\003"), 128 + signal.SIGINT)
    ends_restored(lambda t: os.write(t.master, b"\034"), 128 + signal.SIGQUIT)


def stop_signals():
    """TERM, INT, HUP, QUIT: status 128 + n"""
    for sig in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
        ends_restored(lambda t, sig=sig: t.process.send_signal(sig), 128 + sig)


def crashes():
    """SEGV, ABRT, BUS, FPE, ILL: restored, and the crash is still one"""
    for sig in (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL):
        ends_restored(lambda t, sig=sig: t.process.send_signal(sig), -sig)


def iterations():
    """-n ends restored, with the last screen on the normal one"""
    t = Terminal("-d", "0.1", "-n", "5")
    try:
        assert t.wait_end() == 0
        t.check_restored()
        shown = t.output[t.output.rfind(b"\033[?1049l") :]
        assert b"198.51.100.20:51442" in shown and b"coverage" in shown, shown
    finally:
        t.close()


def no_mouse():
    """without the mouse no mouse mode is ever set"""
    t = Terminal("-d", "0.1", "--no-mouse")
    try:
        t.wait_for(b"198.51.100.20")
        os.write(t.master, b"q")
        assert t.wait_end() == 0
        assert not re.search(rb"\?(100\d;?)+h", t.output), t.output
    finally:
        t.close()


def gone_terminal():
    """a terminal that vanishes ends it, also where HUP is ignored"""
    for ignore in (False, True):
        t = Terminal("-d", "0.1", ignore_hup=ignore)
        try:
            t.wait_for(b"198.51.100.20")
            os.close(t.master)
            t.master = -1
            end = time.monotonic() + DEADLINE
            while t.process.poll() is None:
                assert time.monotonic() < end, "it does not end"
                time.sleep(0.02)
            assert t.process.returncode == 128 + signal.SIGHUP
        finally:
            t.close()


def suspending():
    """Ctrl-Z gives the terminal back, fg takes it again"""
    with Screen("exec bash --norc --noprofile -i", columns=100, lines=30, shell=True) as s:
        s.type("PS1='$ '; stty -g\r")
        modes = s.wait(lambda t: re.search(r"^[0-9a-f:]{40,}$", t, re.M))
        modes = re.search(r"^[0-9a-f:]{40,}$", modes, re.M)[0]
        s.type(f"clear; LC_ALL=C.UTF-8 {FAKE} -d 0.1\r")
        s.wait("198.51.100.20")
        for _ in range(3):
            s.keys("C-z")
            s.wait("Stopped")
            s.type("clear; echo same $(stty -g)\r")
            s.wait(f"same {modes}")
            s.type("fg\r")
            s.wait(lambda t: "198.51.100.20" in t and "F1 Help" in t)
        s.keys("j")
        s.wait("F1 Help")
        s.keys("q")
        s.type("echo again $(stty -g)\r")
        s.wait(f"again {modes}")


def resized_while_stopped():
    """what changed while it was stopped is drawn: the size"""
    with Screen("exec bash --norc --noprofile -i", columns=100, lines=30, shell=True) as s:
        s.type(f"clear; LC_ALL=C.UTF-8 {FAKE} -d 0.1\r")
        s.wait("198.51.100.20")
        s.keys("C-z")
        s.wait("Stopped")
        s.resize(70, 20)
        s.type("fg\r")
        s.wait(lambda t: "F1 Help" in t.split("\n")[19])


run_tests(
    [
        quit_keys,
        ctrl_c,
        stop_signals,
        crashes,
        iterations,
        no_mouse,
        gone_terminal,
        suspending,
        resized_while_stopped,
    ]
)
