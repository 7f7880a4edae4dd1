#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The terminal is as it was after any exit: quit, an error, a terminal that is gone, suspended. Signals: test_signals.py"""
import os
import re
import signal
import sys

sys.dont_write_bytecode = True
from screen import BUILD, TMP, Screen, fake_viewer, run_tests  # noqa: E402
from terminal import Terminal  # noqa: E402

FAKE = fake_viewer()
TCPRETOP = os.environ.get("TCPRETOP", str(BUILD / "tcpretop"))


def started(*args, **how):
    return Terminal([FAKE, "-d", "0.1", *args], **how)


def ends_restored(keys, status):
    with started() as t:
        t.wait_for(b"198.51.100.20")
        t.type(keys)
        assert t.wait_end() == status, (t.status, status, t.output[-300:])
        t.check_restored()


def quit_keys():
    """q and F10 quit with status 0"""
    ends_restored(b"q", 0)
    ends_restored(b"\033[21~", 0)


def ctrl_c():
    """Ctrl-C and Ctrl-\\ are signals: status 128 + n"""
    ends_restored(b"\003", 128 + signal.SIGINT)
    ends_restored(b"\034", 128 + signal.SIGQUIT)


def iterations():
    """-n ends restored, with the last screen on the normal one"""
    with started("-n", "5") as t:
        assert t.wait_end() == 0
        t.check_restored()
        shown = t.output[t.output.rfind(b"\033[?1049l") :]
        assert b"198.51.100.20:51442" in shown and b"coverage" in shown, shown


def error():
    """an error ends restored, and is told on the normal screen"""
    recording = TMP / "cut"
    with started("-n", "5", "-w", recording) as t:
        assert t.wait_end() == 0
    os.truncate(recording, recording.stat().st_size - 20)
    with Terminal([TCPRETOP, "-r", recording, "--speed", "max"]) as t:
        t.wait_for(b"END")
        t.type(b"q")
        assert t.wait_end() == 5, t.status
        t.check_restored()
        assert b"it is cut at byte" in t.output[t.output.rfind(b"\033[?1049l") :], t.output[-500:]


def no_mouse():
    """without the mouse no mouse mode is ever set"""
    with started("--no-mouse") as t:
        t.wait_for(b"198.51.100.20")
        t.type(b"q")
        assert t.wait_end() == 0
        assert not re.search(rb"\?(100\d;?)+h", t.output), t.output


def no_mouse_there():
    """F1 of a terminal type without a mouse is F1, also where it begins as a report of one does"""
    with started(env={"TERM": "cons25"}) as t:
        t.wait_for(b"198.51.100.20")
        t.type(b"\033[M")
        t.wait_for(b"this help")
        t.type(b"qq")
        assert t.wait_end() == 0


def gone_terminal():
    """a terminal that vanishes ends it, also where HUP is ignored, and while output is held by Ctrl-S"""
    for ignore, held in ((False, False), (True, False), (False, True), (True, True)):
        with started(ignore_hup=ignore) as t:
            t.wait_for(b"198.51.100.20")
            if held:
                t.type(b"\023")
                while t.read(0.5):
                    pass
            t.hang_up()
            assert t.wait_end() == 128 + signal.SIGHUP


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
        iterations,
        error,
        no_mouse,
        no_mouse_there,
        gone_terminal,
        suspending,
        resized_while_stopped,
    ]
)
