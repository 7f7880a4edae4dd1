# SPDX-License-Identifier: GPL-2.0-only
"""Golden screens: a recording is replayed, keys are pressed, and what the screen shows is compared with a text."""
import difflib
import os
import re
import shlex
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from screen import BUILD, DEADLINE, LOOK, TMP, TOP, Screen

GOLDEN = TOP / "tests/golden"
TCPRETOP = os.environ.get("TCPRETOP", str(BUILD / "tcpretop"))
STUCK = 15  # seconds in which a wrong picture has not changed
AT_REST = 1  # seconds in which a new picture does not
NOTICED = 0.3  # a key without any effect is waited for so long
AT_ONCE = 4  # screens: they mostly wait
TIME_KEYS = {"{", "}", ".", "Right"}
SELECTED = "48;5;238"  # the background
MOUSE = {"click": 0, "wheel-up": 64, "wheel-down": 65}


def lab_hosts():
    """A hosts file with all addresses of the lab: no name server is asked."""
    names = {1: "web", 2: "mail-relay", 3: "cache", 201: "far-away-client", 202: "nfs"}
    path = TMP / "hosts"
    with open(path, "w") as f:
        for net, name in names.items():
            for host, who in (1, f"srv-{name}"), (2, name):
                f.write(f"10.77.{net}.{host} {who}.example\nfd77:{net}::{host} {who}.example\n")
    return path


@dataclass
class Golden:
    """A screen whose text is kept in tests/golden/NAME.txt.

    Keys are words as a shell splits them, by tmux's names; more than one character of no such name is typed. There are also
    click:TEXT, wheel-up:TEXT and wheel-down:TEXT, where TEXT stands on the screen; resize:COLUMNSxLINES; and wreck, which
    writes over the screen.
    """

    name: str
    size: str
    keys: str = ""
    recording: str = "lab"
    at: int = 0  # paused at so many looks; 0 is played to its end
    options: str = ""
    env: tuple = ()
    attributes: bool = False
    hosts: bool = False  # with names for the addresses of the lab

    def path(self):
        return GOLDEN / f"{self.name}.txt"

    def words(self):
        return shlex.split(self.keys)


class Replay(Screen):
    """A recording in the viewer, where nothing depends on the machine but its speed."""

    def __init__(self, golden):
        self.place = Path(tempfile.mkdtemp(dir=TMP))
        self.attributes = golden.attributes
        self.size = [int(n) for n in golden.size.split("x")]
        env = {
            "TZ": "UTC",
            "XDG_CONFIG_HOME": self.place,
            **dict(golden.env),
        }
        speed = "0.01" if golden.at else "max"
        command = f"env --chdir={self.place} {self.with_hosts(golden)} {TCPRETOP} -r {GOLDEN}/{golden.recording}.rec --speed {speed} {golden.options}"
        # Looks are counted by a title that has room for all it says.
        super().__init__(command, *((250, 50) if golden.at else self.size), env={k: str(v) for k, v in env.items()})

    @staticmethod
    def with_hosts(golden):
        """What runs the program with another /etc/hosts."""
        if not golden.hosts:
            return ""
        script = f'mount --bind {hosts} /etc/hosts && exec "$@"'
        return shlex.join(["unshare", "-m" if os.geteuid() == 0 else "-rm", "sh", "-c", script, "sh"])

    def begin(self, golden):
        if not golden.at:
            self.wait(" END " if self.size[0] >= 40 and self.size[1] >= 10 else "tcpretop")
            return
        self.wait("retransmits")
        for _ in range(golden.at - 1):
            self.press(".")
        self.resize(*self.size)

    def picture(self):
        """The screen, without what differs from run to run: where the test's own files are."""
        text = self.text(attributes=True).replace(str(self.place), "$PLACE")
        lines = text.rstrip("\n").split("\n")
        if self.attributes:
            return "".join(line.replace("\033", "\\e").rstrip() + "\n" for line in lines)
        return "".join(self.plain(line) + "\n" for line in lines)

    @staticmethod
    def plain(line):
        """Its text, and whether it is selected."""
        text = re.sub(r"\033\[[\d;]*m|[\x0e\x0f]", "", line).rstrip()
        return f"{text} <" if SELECTED in line else text

    def title(self):
        return self.text().split("\n", 1)[0]

    def press(self, word):
        if word in TIME_KEYS:
            title = self.title()
            self.keys(word)
            self.wait(lambda _: self.title() != title, "another time")
            return
        before = self.picture()
        what, _, where = word.partition(":")
        if what in MOUSE and where:
            self.mouse(MOUSE[what], where)
        elif what == "resize" and where:
            self.resize(*where.split("x"))
        elif what == "wreck":
            with open(self.tmux("display-message", "-p", "-t", "t", "#{pane_tty}").strip(), "w") as tty:
                tty.write("\033[2;3Hwreck\033[5;1Hwreck")
        else:
            self.keys(word)
        # What is drawn between two keys matters to none of them: this is for those who look at the next one's effect.
        end = time.monotonic() + NOTICED
        while self.picture() == before and time.monotonic() < end:
            time.sleep(LOOK)

    def mouse(self, button, where):
        for y, line in enumerate(self.lines()):
            if where in line:
                self.click(line.index(where), y, button)
                return
        raise AssertionError(f"there is no {where!r} to be clicked at:\n{self.text()}")

    def at_rest(self):
        """The picture, once it has not changed for a while."""
        last, since = None, 0
        while True:
            now = self.picture()
            if now != last or "order held" in now:  # for some seconds
                last, since = now, time.monotonic()
            elif time.monotonic() - since > AT_REST:
                return now
            time.sleep(LOOK)

    def wait_for_picture(self, wanted):
        """None once it is there, or what is there instead."""
        last, since = None, 0
        end = time.monotonic() + DEADLINE
        while True:
            now = self.picture()
            if now == wanted:
                return None
            if now != last:
                last, since = now, time.monotonic()
            elif time.monotonic() - since > STUCK or time.monotonic() > end:
                return now
            time.sleep(LOOK)


def take(golden, update):
    """Takes the picture and holds it against its text, or writes that anew."""
    with Replay(golden) as screen:
        screen.begin(golden)
        for word in golden.words():
            screen.press(word)
        if update:
            golden.path().write_text(screen.at_rest())
            return
        assert golden.path().exists(), f"there is no {golden.path()}: make golden T={golden.name}"
        wanted = golden.path().read_text()
        shown = screen.wait_for_picture(wanted)
    if shown is not None:
        lines = difflib.unified_diff(wanted.split("\n"), shown.split("\n"), golden.path().name, "screen", lineterm="")
        raise AssertionError("\n" + "\n".join(lines))


def tests_of(screens, update=False):
    """A function for each screen. They are taken some at a time, from now on."""
    pool = ThreadPoolExecutor(AT_ONCE)

    def test(golden):
        taken = pool.submit(take, golden, update)

        def result():
            taken.result()

        result.__doc__ = f"{golden.name}: {golden.size}, {golden.keys or 'no keys'}"
        return result

    return [test(golden) for golden in screens]


hosts = lab_hosts()
