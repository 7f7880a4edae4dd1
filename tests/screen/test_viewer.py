#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The viewer's screen and keys, on a scripted source."""
import contextlib
import fcntl
import os
import random
import re
import struct
import subprocess
import tempfile
import termios
import time
from pathlib import Path

from cells import number, sorted_column
from screen import DEADLINE, TMP, Screen, fake_viewer, frozen, paused, run_tests, select, selection, uptime

FAKE = fake_viewer()
TITLES = subprocess.run([FAKE, "--columns"], capture_output=True, text=True, check=True).stdout.split("\n")[:-1]


def first_frame():
    """the first frame is there before the first look, and says what it waits for"""
    with Screen(f"{FAKE} -d 3600") as s:
        s.wait("collecting: first figures in 3600.0 s; 4 of 4 probes attached")
        s.wait("F1 Help")
        assert "web-17  6.12.0" in s.text()


def header():
    """the header names host, kernel, delay, order, flows, rates, coverage, tracked, lost, cost"""
    with Screen(f"{FAKE} -d 0.3", columns=160) as s:
        paused(s, 5)
        text = s.text().replace(" PAUSED ", "every 0.3 s")
        for part in (
            "tcpretop  web-17  6.12.0  every 0.3 s",
            "sort: RETR ↓",
            "TLP: off",
            "filter: none",
            "RTO wait",
            "coverage 100.0 %",
            "tracked 13/65,536",
            "evicted 0",
            "events lost 0",
            "cost 0.2 % CPU",
        ):
            assert part in text, part
        assert re.search(r"flows (\d+) of \1", text)
        assert re.search(r"retransmits 27\d/s", text) or re.search(r"retransmits 36\d/s", text)
        assert re.search(r"FAST 25[27]", text) or "FAST 342" in text


def sorting_each_column():
    """the menu sorts by each field, which is then shown, and its rows are in order"""
    with Screen(f"{FAKE} -d 0.2 -l", columns=300) as s:
        paused(s, 12)
        for n, title in enumerate(t for t in TITLES if t not in ("FLOWS", "GROUP")):  # those are for groups
            s.keys("F6")
            s.wait("Sort by")
            s.keys("Home", *["Down"] * n, "Enter")
            s.wait(f"sort: {title} ")
            s.wait(lambda t: "Sort by" not in t and "F1 Help" in t)
            head = s.lines()[s.head()]
            assert re.search(rf"{re.escape(title)}[↑↓]", head), head
            if title in ("CAUSE", "STATE", "CA", "LADDR:LPORT", "RADDR:RPORT", "PROCESS", "HISTORY", "NETNS",
                         "USER", "UNIT", "CGROUP", "CC", "HOST"):
                continue
            values = [number(c) for c in sorted_column(s, title)]
            known = [v for v in values if v is not None]
            assert values == known + [None] * (len(values) - len(known)), (title, values)
            assert known == sorted(known, reverse="↓" in head), (title, values)


def sorting_keys():
    """< and > sort by the neighbouring column, r reverses, and the header says so"""
    with Screen(f"{FAKE} -d 0.2") as s:
        s.wait("nginx")
        s.keys(">")
        s.wait("sort: RETR/s ↓")
        s.keys("r")
        s.wait("sort: RETR/s ↑")
        s.keys("<")
        s.wait("sort: RETR ↓")
        s.keys("<")  # there is nothing to the left
        s.keys("r")
        s.wait("sort: RETR ↑")
        s.wait(lambda t: "198.51.100.20:51442" in s.rows()[-1])


def header_click():
    """a click on a title sorts by it, a second one reverses, and all goes on; one in the footer is its key"""
    with Screen(f"{FAKE} -d 0.2") as s:
        s.wait("nginx")
        y = s.head()
        x = s.lines()[y].index("RATIO")
        s.click(x + 2, y)
        s.wait("sort: RATIO ↓")
        s.click(x + 2, y)
        s.wait("sort: RATIO ↑")
        clicked = uptime(s.text())
        s.wait(lambda t: uptime(t) > clicked + 2)
        s.click(s.lines()[35].index("Help") + 1, 35)
        s.wait("this help")


def toggling_tlp():
    """l brings probes in and takes them out again: counts, order and events, also of before"""
    with Screen(f"{FAKE} -d 0.2", lines=60) as s:
        paused(s, 12)
        without = frozen(s.wait(lambda t: "flows 12 of 12" in t and "L>" not in t))
        s.keys("l")
        s.wait(
            lambda t: "TLP: on" in t
            and "flows 13 of 13" in t
            and "198.51.100.31:33441" in t.split("events ─")[0]
            and "L>" in t.split("events ─")[1]
        )
        s.keys("l")
        s.wait(lambda t: frozen(t) == without, "the screen as it was")


def selection_stays():
    """the selection is the flow: it stays on it while rows move"""

    def remote_port(row):
        return re.findall(r":(\d+)", row)[1]

    with Screen(f"{FAKE} -d 0.1 --scene swap --flows 10") as s:
        s.wait("nginx")
        assert selection(s) is None
        flow = select(s, 3, remote_port)
        places = set()
        end = time.monotonic() + DEADLINE
        while len(places) < 2:  # some of the flows know no third
            assert time.monotonic() < end, places
            if found := selection(s):
                place, row = found
                assert remote_port(row) == flow, (row, flow)
                places.add(place)
        s.keys("Escape")
        s.wait(lambda t: not selection(s))


def selection_of_gone_flow():
    """a selected flow that goes (z) leaves no selection behind in an empty table, and no crash"""
    with Screen(f"{FAKE} -d 0.2") as s:
        paused(s)
        s.keys("End", "z")
        s.wait(lambda t: "flows 0 of 0" in t and "no retransmits yet" in t)
        s.keys("Down", "Up", "Home", "End", "PPage", "NPage", "Space")
        # one had closed already, or counts once more
        s.wait(lambda t: re.search(r"flows (1[12]) of \1", t))


def pausing():
    """Space freezes the picture and says so; events wait; going on, the counts have it all"""
    with Screen(f"{FAKE} -d 0.1") as s:
        paused(s)
        before = frozen(s.text())
        time.sleep(0.7)
        assert frozen(s.text()) == before
        s.keys("Space")
        s.wait(lambda t: "PAUSED" not in t)
        s.wait(lambda t: t.split("\n")[2] != before.split("\n")[2] and "coverage 100.0 %" in t)


def zeroing_a_pause():
    """z counts from now, not from where the picture stands still"""
    with Screen(f"{FAKE} -d 0.1") as s:
        paused(s)
        time.sleep(3)
        s.keys("z")
        s.wait("counting 00:00:00")
        s.keys("Space")
        text = s.wait(lambda t: "PAUSED" not in t and "nginx" in t)
        assert int(re.search(r"counting 00:00:(\d\d)", text)[1]) < 25, text


PARTS = 12  # of a look at so many flows, at least


@contextlib.contextmanager
def gated():
    """A viewer in the second of its looks, which come in parts; and what lets so many of them pass."""
    fifo = Path(tempfile.mkdtemp(dir=TMP)) / "gate"
    os.mkfifo(fifo)
    # Open before the viewer opens it, until after: its end lets a viewer go on that nobody sees any more.
    with open(os.open(fifo, os.O_RDWR), "wb", buffering=0) as gate:
        with Screen(f"{FAKE} -d 0.1 --flows 300 --gate {fifo}", columns=140) as s:
            s.wait(lambda t: uptime(t) == 1 and "nginx" in t)
            gate.write(b".")
            while struct.unpack("i", fcntl.ioctl(gate, termios.FIONREAD, bytes(4)))[0]:
                time.sleep(0.01)  # not yet in that look
            yield s, lambda parts: gate.write(b"." * parts)


def keys_during_a_look():
    """a key is answered between two parts of a look; a pause begins after it, and what it holds is read the same way"""
    with gated() as (s, let_pass):
        s.keys("l")
        let_pass(1)
        s.wait("TLP: on")
        assert uptime(s.text()) == 1, s.text()
        s.keys("Space")
        let_pass(1)
        s.wait("PAUSED")
        assert uptime(s.text()) == 1, s.text()
        let_pass(20 * PARTS)  # to the end of this look, and through some more of those that are held
        s.wait(lambda t: uptime(t) == 2 and "PAUSED" in t)
        s.settle()
        before = [row.split() for row in s.rows()]
        s.keys("r")
        let_pass(1)
        s.wait(lambda t: "RETR ↑" in t or "RETR↑" in t)
        s.keys("r")
        let_pass(1)
        s.wait(lambda _: [row.split() for row in s.rows()] == before)
        s.keys("Space")
        let_pass(1000)  # what is held is in the picture when it goes on
        s.wait(lambda t: "PAUSED" not in t and uptime(t) > 3)


def details_during_a_look():
    """details opened between two parts of a look have asked the socket"""
    with gated() as (s, let_pass):
        s.keys("Enter")
        let_pass(1)
        text = s.wait("Esc back")
        assert uptime(text) == 1 and "live from the socket" in text, text


def zeroing_during_a_look():
    """z waits for the end of a look: what counts from now on is between two"""
    with gated() as (s, let_pass):
        s.keys("z")
        passed = 0

        def counts_anew(text):
            nonlocal passed
            if "counting 00:00:00" in text:
                return True
            passed += let_pass(1)
            return False

        text = s.wait(counts_anew)
        assert passed >= PARTS and "kernel 0, seen 0" in text, (passed, text)


def scrolling():
    """keys and wheel scroll the table; nothing selected stays at the top; Esc goes back there"""
    with Screen(f"{FAKE} -d 0.2 --flows 100") as s:
        paused(s, 8)
        top = s.rows()[0]
        s.click(10, 10, button=65)
        s.wait(lambda t: top not in t)
        s.keys("Escape")
        s.wait(top)
        s.keys("End")
        s.wait(lambda t: top not in t)
        last = s.rows()[-1]
        s.keys("g")
        s.wait(lambda t: top in t and last not in t)
        for key, back in (("NPage", "PPage"), ("G", "Home")):
            s.keys(key, key)
            s.wait(lambda t: top not in t)
            s.keys(back, back)
            s.wait(top)


def event_pane():
    """Tab moves to the events, they scroll back and follow again; e hides them"""
    # The log keeps those of some ninety looks: that is time enough for a slow machine.
    with Screen(f"{FAKE} -d 0.5") as s:
        s.wait(lambda t: uptime(t) >= 4)
        assert "─ events ─" in s.text()
        s.keys("Tab", "PPage")
        s.wait("─ ▸ events ─")  # the pane that has the keys
        text = s.wait("scrolled back")
        bottom = text.split("\n")[34]
        time.sleep(1.2)
        assert s.lines()[34] == bottom
        s.keys("Home")
        s.wait(lambda t: re.search(r"^00:00:0[01]  ", t, re.MULTILINE))  # the first, as far as it was seen
        s.keys("End")
        s.wait(lambda t: "scrolled back" not in t)
        s.wait(lambda t: t.split("\n")[34] > bottom)
        s.keys("e")
        s.wait(lambda t: " events ─" not in t)
        s.keys("e")
        s.wait(" events ─")


def events_after_a_pause():
    """who has scrolled back sees the oldest events there are, also when a pause held more than are kept"""
    with Screen(f"{FAKE} -d 0.1 --flows 500") as s:
        paused(s)
        s.keys("Tab", "Home")
        s.wait("scrolled back")
        s.wait(lambda t: int(re.search(r"([0-9,]+) held while", t)[1].replace(",", "")) > 2500, "enough events")
        s.keys("d")
        s.wait("seconds between two looks")
        s.keys(*"3600", "Enter", "Space")  # nothing draws it once more
        text = s.wait(lambda t: "PAUSED" not in t and "held while" not in t)
        assert "no events" not in text and re.search(r"^00:00:\d\d  [RS]>", text, re.M), text


def wrong_delay():
    """what is no delay is named and stays to be mended, and none is taken of its digits"""
    with Screen(f"{FAKE} -d 0.3") as s:
        s.wait("nginx")
        for typed in "0,5", "-1", "0x1":
            s.keys("d")
            s.wait("seconds between two looks")
            s.keys(*typed, "Enter")
            s.wait(f"{typed}_   0.1 to 3600 is wanted")
            s.keys("BSpace")
            s.wait(lambda t, typed=typed: f"{typed[:-1]}_" in t and "is wanted" not in t)
            s.keys("Escape")
            s.wait("F1 Help")
        s.wait("every 0.3 s")


def other_pane():
    """Tab says why there is no other pane"""
    with Screen(f"{FAKE} -d 0.2", 80, 24) as s:
        s.wait("198.51.100.20")
        s.keys("e", "Tab")
        s.wait("the event pane is off: e shows it")
        s.keys("e")
        s.wait(" events ─")
        s.resize(80, 12)
        s.wait(lambda t: " events ─" not in t and "F1 Help" in t)
        s.keys("Tab")
        s.wait("no room for events: they need a few more lines")


def event_notes():
    """what the rule of the events says is whole, or left out where there is no room"""
    for columns in (44, 52, 60, 80):
        with Screen(f"{FAKE} -d 0.1", columns=columns) as s:
            s.wait(lambda t: re.search("^00:00:1\\d ", t, re.M))  # more events than there are lines
            s.keys("Space")
            s.wait("held while paused")
            s.keys("Tab", "PPage")
            s.wait("▸ events")
            s.settle()
            rule = re.search("─.*▸ events ─.*", s.text())[0]
            assert re.fullmatch("─+ ▸ events ── [0-9,]+ held while paused (· scrolled back: End follows )?─+", rule), rule


def failed_sends():
    """an event of a send that failed names the error, as the details do"""
    with Screen(f"{FAKE} -d 0.1") as s:
        s.wait("nginx")
        s.keys("\\", *"cause FAILED", "Enter")
        s.wait(lambda t: re.search(r"R>  .* FAILED  ENOBUFS  ", t))


def help_is_complete():
    """the help shows every key of the key table and every column, page by page"""
    keys = subprocess.run([FAKE, "--keys"], capture_output=True, text=True, check=True).stdout.strip().split("\n")
    wanted = [r"{}\s+{}".format(*map(re.escape, line.split("\t"))) for line in keys]
    wanted += [rf"^ +{re.escape(title)} " for title in TITLES]
    for columns, lines in ((80, 24), (120, 60)):
        with Screen(f"{FAKE} -d 0.2", columns, lines) as s:
            s.wait("198.51.100.20")
            s.keys("?")
            s.wait("this help")
            s.settle()
            seen = s.text()
            while missing := [what for what in wanted if not re.search(what, seen, re.M)]:
                page = s.lines()[3:]  # the header goes on
                s.keys("NPage")
                s.wait(lambda t, page=page: t.split("\n")[3:] != page, f"a page with {missing}")
                s.settle()
                seen += s.text()
            s.keys("Escape")
            s.wait("F1 Help")


def footer_works():
    """every key of the footer does something that can be seen"""
    with Screen(f"{FAKE} -d 0.2", columns=160) as s:
        s.wait("nginx")
        footer = s.lines()[35]
        for key, press, seen in (
            ("F1 Help", "F1", "this help"),
            ("F5 Group", "F5", "Group by"),
            ("F6 Sort", "F6", "Sort by"),
            ("r Reverse", "r", "RETR ↑"),
            ("l TLP", "l", "TLP: on"),
            ("Space Pause", "Space", "PAUSED"),
            ("d Delay", "d", "seconds between two looks"),
            ("z Zero", "z", "counting 00:00"),
            ("q Quit", "q", "exit status 0"),
        ):
            assert key in footer, footer
            s.keys(press)
            s.wait(seen)
            if press in ("F1", "F5", "F6", "d"):
                s.keys("Escape")
                s.wait(lambda t, seen=seen: seen not in t)


def delay_prompt():
    """d takes 0.1 to 3600 and says no to the rest"""
    with Screen(f"{FAKE} -d 0.3") as s:
        s.wait("nginx")
        for typed in ("0.05", "3601", "1.2.3"):
            s.keys("d", "C-u")
            s.wait("(now 0.3): _")
            s.type(typed)
            s.keys("Enter")
            s.wait("0.1 to 3600 is wanted")
        s.keys("C-u")
        s.type("0.22x5")  # a letter is no number
        s.keys("BSpace", "BSpace", "Enter")
        s.wait("every 0.2 s")
        s.resize(40, 10)
        s.keys("d")
        s.type("9999")
        s.keys("Enter")  # what is wrong has room before what was asked
        s.wait(lambda t: re.search(r"^ seconds…: 9999_   0\.1 to 3600 is wanted", t, re.M))
        s.keys("Escape")
        s.wait("F1")
        s.keys("s", "C-u")
        s.type("none/x")
        s.keys("Enter")
        s.wait(lambda t: re.search(r"^ save …: none/x_   it cannot be mad", t, re.M), "the reason")
        s.keys("Escape")
        s.wait("F1")
        s.keys("F4")  # a reason does not outlive its prompt
        s.wait(lambda t: re.search(r"^ filter: _ *$", t, re.M))
        s.keys("Enter")
        s.wait("F1")
        s.keys("d", "9", "Escape", "d")
        s.type("0." + 30 * "1")  # what is typed last stays in sight
        s.wait(lambda t: re.search(r"^ seconds between two looks \(…: …1{7}_$", t, re.M))


def resizing():
    """any size at any time: complete from 40x10, below it says what it needs"""
    with Screen(f"{FAKE} -d 0.1 --flows 60") as s:
        s.wait("nginx")
        for columns, lines in ((80, 24), (40, 10), (300, 100), (41, 50), (200, 11)):
            s.resize(columns, lines)
            s.wait(lambda t, n=lines: len(t.rstrip("\n").split("\n")) == n and "Quit" in t and "RETR" in t)
        s.resize(39, 10)
        s.wait("tcpretop needs 40×10")
        s.resize(40, 9)
        s.wait("this is 40×9")
        random.seed(7)
        for _ in range(60):
            s.resize(random.choice((1, 2, 3, 39, 40, 77, 120, 300)), random.choice((1, 2, 3, 9, 10, 24, 100)))
            s.keys(random.choice("Down End e l F6 Escape ? > < Tab PPage v Enter f F2 n /".split()))
        s.resize(1, 1)
        s.resize(100, 30)
        end = time.monotonic() + DEADLINE
        while not ("Quit" in s.text() and "198.51.100" in s.text()):
            assert time.monotonic() < end, s.text()
            s.keys("Escape")  # one at a time: two at once are a sequence
            time.sleep(0.1)


def whole_columns():
    """at every width columns are whole: titles, numbers, and no line is wrapped"""
    with Screen(f"{FAKE} -d 0.1", columns=140, lines=30) as s:
        paused(s, 9)
        for columns in range(140, 39, -5):
            s.resize(columns, 30)
            s.wait(lambda t, c=columns: re.fullmatch(rf".{{{c - 14}}}flows 1\d of 1\d", t.split("\n")[0]))
            head = s.lines()[s.head()].replace("↓", " ")
            for title in re.split(r"\s{2,}|(?<=[A-Z/s]) (?=[A-Z])", head.replace("RTO WAIT", "RTO_WAIT").strip()):
                assert title.replace("_", " ") in TITLES, (columns, title, head)
            for cell in sorted_column(s, "RETR"):
                number(cell)


def empty_tables():
    """an empty table says why it is empty"""
    with Screen(f"{FAKE} -d 0.1 --scene empty") as s:
        s.wait(lambda t: re.search(r"no retransmits in \d.*; 4 of 4 probes attached", t) and "no events yet" in t)
    with Screen(f"{FAKE} -d 0.1 --scene probes") as s:
        s.wait("nothing but tail loss probes: l shows them")
        s.keys("l")
        s.wait("198.51.100.31:33441")


def strangers_text():
    """escape sequences and odd bytes in a process name are shown as question marks"""
    with Screen(f"{FAKE} -d 0.1", columns=160) as s:
        s.wait(lambda t: "ev?[31mil?/666" in t and "日本語" in t)


def without_unicode():
    """in a locale without UTF-8, and with --ascii, the screen is ASCII"""
    for env, option in (({"LC_ALL": "C"}, ""), ({}, "--ascii")):
        with Screen(f"{FAKE} -d 0.1 {option}", env=env) as s:
            s.wait("nginx")
            s.keys("Down", "l", "F6")
            s.wait(lambda t: "Sort by" in t and "Enter sort" in t and t.isascii())
            s.keys("Escape", "?")
            s.wait(lambda t: "this help" in t and "Esc back" in t and t.isascii())


def without_colour():
    """without colour nothing is coloured, and severity still shows"""
    with Screen(f"{FAKE} -d 0.1 --no-color") as s:
        s.wait("nginx")
        s.keys("Down")
        s.wait("!!")
        assert not re.search(r"\033\[[\d;]*(3[0-8]|4[0-8])[;m]", s.text(attributes=True))


def unknown_terminal():
    """an unknown TERM falls back with one notice, a hopeless one is one line and status 1"""
    with Screen(f"{FAKE} -d 0.2", env={"TERM": "no-such-terminal"}) as s:
        s.wait("terminal type no-such-terminal is not known here; using xterm-256color")
        s.wait("nginx")
        s.keys("j")
        s.wait("F1 Help")
    with Screen(FAKE, env={"TERM": "dumb"}) as s:
        text = s.wait("exit status 1").strip().split("\n")
        assert len(text) == 2 and "cannot place its cursor" in text[0], text


def last_screen():
    """-n ends by itself and leaves the last screen"""
    with Screen(f"{FAKE} -d 0.1 -n 8", lines=40) as s:
        text = s.wait("exit status 0")
        assert "coverage 100.0 %" in text and "198.51.100.20:51442" in text and "F1 Help" not in text
        assert re.search(r"^!! +1,696 ", text, re.M), text  # 212 segments a look, eight times


def filtering():
    """F4 filters while it is typed, says N of M, points at an error; Esc brings back what was"""
    with Screen(f"{FAKE} -d 0.2 -l", columns=160) as s:
        s.wait("nginx")
        s.keys("F4")
        s.wait("filter: _")
        s.type("process nginx")
        s.wait(lambda t: re.search(r"filter: process nginx .*flows \d+ of \d+", t))
        shown = [int(n) for n in re.search(r"flows (\d+) of (\d+)", s.text()).groups()]
        assert 0 < shown[0] < shown[1], shown
        assert all("nginx" in row for row in s.rows() if row.strip()), s.text()
        s.type(" and port x")
        s.wait("character 24: a port from 0 to 65535 is wanted here")
        s.keys("Enter")
        s.wait("character 24")
        s.keys("Escape")
        s.wait("filter: none")
        s.keys("\\")
        s.type("host 192.0.2.99")
        s.keys("Enter")
        s.wait("the filter shows none of")
        s.keys("F4", "C-u", "Enter")
        s.wait("filter: none")


def unknown_keys():
    """keys without a meaning are ignored"""
    with Screen(f"{FAKE} -d 0.2") as s:
        paused(s)
        before = frozen(s.text())
        s.type("xyXYZ;'@#$%^&*()_+é日\033[1;5D\033[99~\033Oz")
        s.keys("F12", "C-a")
        time.sleep(0.3)
        assert frozen(s.text()) == before, s.text()
        s.keys("?")
        s.wait("this help")
        s.keys("Escape")
        s.wait("F1 Help")
        s.settle()
        assert frozen(s.text()) == before, s.text()


run_tests(
    [
        first_frame,
        header,
        sorting_each_column,
        sorting_keys,
        header_click,
        toggling_tlp,
        selection_stays,
        selection_of_gone_flow,
        pausing,
        wrong_delay,
        zeroing_a_pause,
        keys_during_a_look,
        details_during_a_look,
        zeroing_during_a_look,
        scrolling,
        event_pane,
        events_after_a_pause,
        other_pane,
        event_notes,
        failed_sends,
        help_is_complete,
        footer_works,
        delay_prompt,
        resizing,
        whole_columns,
        empty_tables,
        strangers_text,
        without_unicode,
        without_colour,
        unknown_terminal,
        last_screen,
        filtering,
        unknown_keys,
    ]
)
