# SPDX-License-Identifier: GPL-2.0-only
"""What the screen tests share: TAP, the scripted viewer, and a terminal (tmux, on a server of its own) to run it in."""
import atexit
import contextlib
import itertools
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("BUILD", TOP / "build"))
TMP = Path(tempfile.mkdtemp(prefix="screen."))
DEADLINE = 60  # generous: it is only waited for by what fails
LOOK = 0.05  # seconds between two looks at a screen, each of which takes a process
atexit.register(shutil.rmtree, TMP, ignore_errors=True)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # contexts end, and what is registered here runs


def fake_viewer():
    """The path of the viewer on a scripted source; `make tests` builds it."""
    return str(BUILD / "tests/screen/fake_viewer")


class Screen:
    """One program in one tmux window. Use as a context."""

    numbers = itertools.count()
    running = set()

    def __init__(self, command, columns=120, lines=36, env=None, shell=False):
        self.socket = TMP / f"tmux{next(Screen.numbers)}"
        env = {"LC_ALL": "C.UTF-8", "COLORFGBG": "", **(env or {})}
        settings = " ".join(f"{k}={shlex.quote(v)}" for k, v in env.items())
        if not shell:
            command = f"env {settings} {command}; printf 'exit status %s\\n' $?; exec sleep 1000"
        config = TMP / "tmux.conf"
        config.write_text(
            'set -g status off\nset -g default-terminal "screen-256color"\nset -g remain-on-exit on\nset -g escape-time 0\n'
        )
        Screen.running.add(self)
        self.tmux(
            "-f", config, "new-session", "-d", "-s", "t", "-x", str(columns), "-y", str(lines), "/bin/sh", "-c", command
        )

    def tmux(self, *args):
        env = dict(os.environ, LC_ALL="C.UTF-8")
        env.pop("TMUX", None)
        command = ["tmux", "-S", self.socket, *args]
        # A signal to our group does not end it half way, nor does our own end: the server is then there to be killed.
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env, start_new_session=True
        ) as client:
            out, err = client.communicate()
        if client.returncode:
            raise subprocess.CalledProcessError(client.returncode, command, out, err)
        return out

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.tmux("kill-server")
        Screen.running.discard(self)

    def keys(self, *keys):
        self.tmux("send-keys", "-t", "t", *keys)

    def type(self, text):
        self.tmux("send-keys", "-t", "t", "-l", text)

    def click(self, x, y, button=0):
        """Press and release, as the terminal type that tmux plays reports them: ESC [ M and three bytes."""
        for what in (button, 3):
            self.type("\033[M" + "".join(chr(n) for n in (32 + what, 33 + x, 33 + y)))

    def resize(self, columns, lines):
        self.tmux("resize-window", "-t", "t", "-x", str(columns), "-y", str(lines))

    def text(self, attributes=False):
        args = ["-e"] if attributes else []
        return self.tmux("capture-pane", "-p", "-t", "t", *args)

    def lines(self):
        return self.text().split("\n")

    def wait(self, what, describe=None):
        """Until `what`, a text or a function of the screen's text, is there. Returns the screen's text."""
        condition = what if callable(what) else lambda text: what in text
        end = time.monotonic() + DEADLINE
        while True:
            text = self.text()
            if condition(text):
                return text
            if time.monotonic() > end:
                raise AssertionError(f"waited for {describe or what!r}; the screen shows:\n{text}")
            time.sleep(LOOK)

    def settle(self):
        """Until a picture that does not move has been drawn to its end: tmux may show half of a frame."""
        before = None
        end = time.monotonic() + DEADLINE
        while before != (before := frozen(self.text())):
            if time.monotonic() > end:
                raise AssertionError("the picture does not come to rest:\n" + before)
            time.sleep(0.1)

    def change(self, *keys):
        """Presses, and waits until a picture that does not move by itself has changed and been drawn to its end."""
        before = frozen(self.text(attributes=True))
        self.keys(*keys)
        self.wait(lambda _: frozen(self.text(attributes=True)) != before, f"what {keys} changes")
        self.settle()

    def head(self):
        """Line number of the table's head."""
        for n, line in enumerate(self.lines()):
            if "RETR" in line and "/s  " not in line.split("RETR")[0] and n >= 3:
                return n
        raise AssertionError("there is no table:\n" + self.text())

    def rows(self):
        """The table's rows."""
        lines = self.lines()
        start = self.head() + 1
        rows = []
        for line in lines[start:]:
            if not line.strip() or line.startswith("───"):
                break
            rows.append(line)
        return rows


@atexit.register
def kill_servers():
    """Those left behind: they are daemons, which no signal to our group reaches."""
    for screen in Screen.running:
        with contextlib.suppress(subprocess.CalledProcessError):  # it has ended by itself
            screen.tmux("kill-server")


def frozen(text):
    """What stands still while paused: all but the count of events that wait."""
    return re.sub("──.*", "", text)


def uptime(text):
    """Seconds since the start, which are the looks of the scripted source; -1 of half a frame."""
    found = re.search(r"up (\d\d):(\d\d):(\d\d)", text)
    h, m, s = map(int, found.groups()) if found else (0, 0, -1)
    return 3600 * h + 60 * m + s


def paused(screen, looks=3):
    """Waits for some looks, then freezes the picture."""
    screen.wait(lambda t: uptime(t) >= looks)
    screen.keys("Space")
    screen.wait("PAUSED")
    screen.settle()


def selection(screen):
    """(Line number, text) of the row that is selected; None also while half of a frame is drawn."""
    ground, found = False, []
    for n, line in enumerate(screen.text(attributes=True).split("\n")):
        cells = []
        for codes, text in re.findall(r"\033\[([\d;]*)m|([^\033]+)", line):
            if text:
                cells += [ground] * len(text)
            elif codes in ("", "0", "49") or "48;5;" in codes:
                ground = "48;5;238" in codes
        if any(cells):
            found.append((n, re.sub(r"\033\[[\d;]*m", "", line), all(cells)))
    return found[0][:2] if len(found) == 1 and found[0][2] else None


def selected_row(screen):
    """The table's row that is selected, or None."""
    found = selection(screen)
    return found and found[1]


def select(screen, nth, name):
    """Selects the nth row of a table without a selection, also while rows move. The row's name, by what `name` takes."""
    chosen = None

    def moved(_):
        nonlocal chosen
        row = selected_row(screen)
        if not row or name(row) == chosen:
            return False
        chosen = name(row)
        return True

    for _ in range(nth):
        screen.keys("Down")
        screen.wait(moved)
    return chosen


def titles(screen):
    """The table's head, right of any menu."""
    return screen.lines()[screen.head()].split("Columns")[-1]


def group_by(screen, name):
    """Chooses the grouping in the menu."""
    ways = ["flow", "remote", "subnet", "lport", "rport", "process", "cgroup", "netns", "host", "cause"]
    screen.keys("F5")
    screen.wait("Group by")
    screen.keys("Home", *["Down"] * ways.index(name), "Enter")
    screen.wait(lambda t: "Group by" not in t and (f"group: {name} " in t if name != "flow" else "group:" not in t))
    screen.settle()


class Skipped(Exception):
    """Raised by a test that cannot run here."""


def needs_root():
    if os.geteuid() != 0:
        raise Skipped("needs root")


def run_tests(tests):
    """Runs functions as TAP; their names and docstrings name the cases. Exits with 1 if one failed."""
    failed = 0
    print(f"1..{len(tests)}", flush=True)
    for number, test in enumerate(tests, 1):
        name = (test.__doc__ or test.__name__).strip()
        try:
            test()
        except Skipped as why:
            print(f"ok {number} - {name} # SKIP {why}")
        except Exception:
            failed += 1
            print(f"not ok {number} - {name}")
            for line in traceback.format_exc().splitlines():
                print("#", line)
        else:
            print(f"ok {number} - {name}")
        print(end="", flush=True)
    sys.exit(failed > 0)
