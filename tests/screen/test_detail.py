#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The details of a flow, on a scripted source."""
import re
import stat
import tempfile
import time
from pathlib import Path

from screen import DEADLINE, TMP, Screen, fake_viewer, paused, run_tests

FAKE = fake_viewer()


def open_flow(screen, port):
    """The details of the one flow to this port."""
    screen.wait("51442")
    screen.keys("F4")
    screen.wait("filter: _")
    screen.type(f"remote port {port}")
    screen.keys("Enter")
    screen.wait(lambda t: "flows 1 of" in t and "F1 Help" in t)
    screen.keys("Enter")
    return screen.wait("Esc back")


def field(text, label):
    found = re.search(rf"(?:^ |  ){re.escape(label)} +(\S.*?)(?:  |$)", text, re.M)
    return found and found[1]


def lines_below(text):
    """How many more there are to scroll to."""
    found = re.search(r"↓ (\d+) more line", text)
    return int(found[1]) if found else 0


def opening():
    """Enter opens the worst flow, or the selected one; Esc is back at the table with it selected"""
    with Screen(f"{FAKE} -d 0.2") as s:
        s.wait("nginx")
        s.keys("Enter")
        text = s.wait("Esc back")
        assert "─── 10.0.0.17:443 → 198.51.100.20:51442 ─" in text
        assert "▸ 100 % of the segments sent again went by FAST or RACK, none known as spurious: the path loses segments" in text
        assert "RADDR:RPORT" not in text
        s.keys("Escape")
        s.wait("RADDR:RPORT")
        s.keys("j", "Enter")
        text = s.wait("Esc back")
        assert "198.51.100.20:51442" not in text
        s.keys("Escape")
        s.wait("RADDR:RPORT")


def other_keys():
    """keys that work in the table only say so, W and others work; what is no key stays silent"""
    with Screen(f"{FAKE} -d 0.2", env={"XDG_CONFIG_HOME": str(TMP)}) as s:
        s.wait("nginx")
        s.keys("Enter")
        s.wait("Esc back")
        for key, label in ("r", "r"), ("e", "e"), ("F6", "F6"), ("o", "o"), ("n", "n"), ("Enter", "Enter"), ("Tab", "Tab"):
            s.keys(key)
            s.wait(f"Esc first: {label} works in the table")
        s.keys("x")
        s.wait("Esc back")
        s.keys("W")
        s.wait("settings written to ")
        s.keys("Escape")
        s.wait("RADDR:RPORT")


def numbers():
    """the numbers are those of the socket, and the counts those of the table"""
    with Screen(f"{FAKE} -d 0.3") as s:
        open_flow(s, 51442)
        text = s.wait("live from the socket")
        for label, value in (
            ("STATE", "ESTABLISHED"),
            ("CC", "cubic"),
            ("CA", "Open"),
            ("RTT", "38ms"),
            ("RTTVAR", "9.5ms"),
            ("BACKOFF", "0"),
            ("SSTHRESH", "7"),
            ("IN FLIGHT", "4"),
            ("MSS", "1,448"),
            ("SND WND", "62.7 KiB"),
            ("LAST ACK", "38ms ago"),
            ("MIN RTT", "19ms"),
            ("SEND ERR", "none"),
        ):
            assert field(text, label) == value, (label, field(text, label), text)
        assert re.search(r"FAST +([\d,]+) +100%", text), text
        s.keys("Space")
        s.wait("PAUSED")
        s.settle()
        retr = field(s.text(), "RETR")
        assert re.search(rf"FAST +{retr} +100%", s.text()), s.text()
        s.keys("Escape")
        s.wait(lambda t: re.search(rf"^ *!* *{retr} ", t, re.M))


def verdicts():
    """what is wrong is said in words"""
    for port, verdict in (
        (60112, "4 timeouts in a row and no ACK since 12.0 s: the peer or the path is gone."),
        (5432, " times: nothing answers at the peer."),
        (1029, "it does not reach the peer, or the peer's ACK not us."),
        (40001, "88 % of the segments sent again were spurious (DSACK): RTO too small"),
        (33441, "100 % of the segments sent again were tail loss probes"),
        (443, "sends failed here with ENOBUFS: this host's queue, not the network."),
    ):
        with Screen(f"{FAKE} -d 0.1 -l", columns=160) as s:
            if port == 443:
                open_flow(s, "443 and local port 50414")
            else:
                open_flow(s, port)
            s.wait(verdict)


def open_alive(s):
    """The flow that closes after its fourth look: False if it has closed before it was open."""
    open_flow(s, 62000)
    text = s.wait(lambda t: "live from the socket" in t or "the socket is gone" in t)
    return "Just now" in text


def gone():
    """once the socket is gone the numbers are those of the last sample, and this is said, with its age"""
    for delay in 0.5, 3, 12:  # a slow machine needs slow looks
        with Screen(f"{FAKE} -d {delay}") as s:
            if not open_alive(s):
                continue
            s.keys("Escape")
            s.wait("F1 Help")
            s.keys("d")
            s.type("0.5")
            s.keys("Enter", "Enter")
            check_gone(s)
            return
    raise AssertionError("it was never seen alive")


def check_gone(s):
    text = s.wait(lambda t: re.search(r"last seen \d\S*( s)? ago: the socket is gone", t))
    assert "live" not in text and "Just now" not in text
    assert field(text, "STATE") == "CLOSE" and field(text, "RTT") == "52ms" and field(text, "MSS") == "1,448"
    first = re.search(r"last seen ([\d.]+)", text)[1]
    s.wait(lambda t: re.search(r"last seen ([\d.]+)", t) and re.search(r"last seen ([\d.]+)", t)[1] != first)


def state_alone():
    """of a request there is no more than its state: no number is made up"""
    with Screen(f"{FAKE} -d 0.2") as s:
        open_flow(s, 1029)
        text = s.wait("no sample was taken: the socket is in SYN_RECV")
        assert field(text, "STATE") == "SYN_RECV" and field(text, "RTT") is None and field(text, "CWND") is None


def follows_the_flow():
    """it is the flow that is shown, also when others become the worst, while its counts grow"""
    with Screen(f"{FAKE} -d 0.1 --scene swap --flows 8") as s:
        s.wait("nginx")
        s.keys("Enter")
        text = s.wait("Esc back")
        title = re.search(r"─── (\S+ → \S+) ─", text)[1]
        seen, end = set(), time.monotonic() + DEADLINE
        while len(seen) < 4:
            assert time.monotonic() < end, seen
            text = s.text()
            assert title in text, text
            seen.add(field(text, "RETR"))


def sizes():
    """the verdict is there at every size, all the rest by scrolling, and no line is too long"""
    for columns, lines in ((40, 10), (60, 15), (80, 24), (120, 36), (200, 50)):
        with Screen(f"{FAKE} -d 0.2", columns=columns, lines=lines) as s:
            s.wait("51442")
            s.keys("Enter")
            text = s.wait("Esc back")
            assert "▸ 100 % of the segments sent again" in text, text
            seen = text
            while left := lines_below(s.text()):
                s.keys("j")
                seen += s.wait(lambda t, n=left: "Esc back" in t and lines_below(t) != n)
            for label in ("198.51.100.20:51442", "live from", "Segments sent again", "RETR/s", "SPURIOUS", "RTTVAR", "REORDER",
                          "FAILED", "OTHER", "LAST ACK", "MIN RTT", "COMMAND", "CGROUP", "NETNS", "SEEN", "2026-01-01"):
                assert label in seen, (columns, lines, label)
            s.keys("g")
            s.wait("▸ 100 %")
            s.keys("G")
            s.wait("SEEN")


def resizing():
    """a larger screen shows what fits, wherever it had been scrolled to"""
    with Screen(f"{FAKE} -d 0.5", columns=60, lines=12) as s:
        s.wait("51442")
        s.keys("Enter", "G")
        s.wait("SEEN")
        s.resize(200, 50)
        s.wait(lambda t: "▸ 100 %" in t and "SEEN" in t)


def strangers_text():
    """command lines of strangers do no harm; those of others are told apart"""
    for port, command in (
        ("443 and local port 50412", "?[2Jevil ? --name=日本"),
        ("443 and local port 50414", "the process is gone"),
        (40001, "[bird]"),
        (51000, "(vim by now) "),
        (40022, "/usr/sbin/nginx -c /etc/nginx.conf"),
    ):
        with Screen(f"{FAKE} -d 0.2 -l", columns=140, lines=50) as s:
            open_flow(s, port)
            text = s.wait(lambda t, c=command: c in (field(t, "COMMAND") or ""), command)
            assert "\033" not in text
    with Screen(f"{FAKE} -d 0.2", columns=140, lines=50) as s:
        open_flow(s, 811)
        assert "COMMAND" not in s.text() and field(s.text(), "PROCESS") == "-", s.text()


def long_command():
    """a long command line is there to its end"""
    with Screen(f"{FAKE} -d 0.2", columns=50, lines=20) as s:
        open_flow(s, 50999)
        s.keys("G")
        s.wait("SEEN")
        s.keys("k", "k", "k", "k", "k")
        s.wait("-Doption59=value")


def saving():
    """s saves all of the details, in sight or not, as wide as the screen; of a group as well"""
    place = Path(tempfile.mkdtemp(dir=TMP))
    with Screen(f"env --chdir={place} {FAKE} -d 0.2", columns=120, lines=14) as s:
        open_flow(s, 51442)
        s.keys("Space")
        shown = s.wait("PAUSED").split("\n")
        s.keys("s")
        assert s.wait("save what is shown to: tcpretop-")
        s.keys("C-u")
        s.type("flow")
        s.keys("Enter")
        s.wait(f"saved the details to {place.resolve()}/flow")
        text = (place / "flow").read_text()
        assert stat.S_IMODE((place / "flow").stat().st_mode) == 0o600
        head, title, verdict, *rest = text.split("\n")
        assert re.fullmatch(r"tcpretop  web-17  \S+  \d{4}-\d\d-\d\d \d\d:\d\d:\d\d", head), head
        assert title in shown and "10.0.0.17:443 → 198.51.100.20:51442" in title, title
        assert verdict in shown and verdict.startswith(" ▸ 100 % of the segments"), verdict
        for label, value in ("RTT", "38ms"), ("CC", "cubic"), ("PROCESS", "nginx/812"):
            assert field("\n".join(rest), label).startswith(value), text
        assert re.search(r"^ SEEN +first \S.*\n$", text, re.M) and "█" in text and "\033" not in text, text
        s.keys("Escape", "v")
        s.wait("Group by")
        s.keys("Down", "Enter")
        s.wait("group: remote")
        s.keys("i", "s", "C-u")
        s.type("group")
        s.keys("Enter")
        s.wait(f"saved the details to {place.resolve()}/group")
        assert "── remote 198.51.100.20 · 1 flow ──" in (place / "group").read_text()


def saving_at_once():
    """details that are saved before they were ever drawn are the same: keys may come in one piece"""
    place = Path(tempfile.mkdtemp(dir=TMP))
    with Screen(f"env --chdir={place} {FAKE} -d 0.2", columns=120) as s:
        s.wait("nginx")
        s.keys("Enter", "s", "C-u", "f", "Enter")
        s.wait("saved the details to ")
        text = (place / "f").read_text()
        assert "live from the socket" in text and "/usr/sbin/nginx" in text, text


def saving_again():
    """s proposes a name that is free, also while the picture, and with it the time, stands still"""
    place = Path(tempfile.mkdtemp(dir=TMP))
    with Screen(f"env --chdir={place} {FAKE} -d 0.2", columns=120) as s:
        paused(s)
        for what, end in ("rows", r"\d\.txt"), ("the details", r"\d-2\.txt"), ("the details", r"\d-3\.txt"):
            if what != "rows":
                s.keys("Escape", "Enter")
                s.wait("Esc back")
            s.keys("s")
            s.wait("save what is shown to: tcpretop-")
            s.keys("Enter")
            s.wait(lambda t, w=what, e=end: re.search(rf"saved .*{w} to \S+{e}$", t, re.M))


def keys():
    """l, Space, help and wheel work over the details; keys of the table do nothing; q quits"""
    with Screen(f"{FAKE} -d 0.2 -l", columns=80, lines=24) as s:
        open_flow(s, 33441)
        text = s.wait("Sent again, with TLPs")
        assert field(text, "RETR") != "0", text
        s.keys("l")
        s.wait(lambda t: "Sent again  " in t and field(t, "RETR") == "0")
        s.keys("?")
        s.wait("this help")
        s.keys("Escape")
        s.wait(lambda t: "Sent again  " in t)
        s.keys("F6", "Tab", "e", ">", "F4")
        s.keys("Space")
        s.wait("PAUSED")
        assert "Sort by" not in s.text() and "Sent again" in s.text()
        s.click(10, 10, 65)
        s.wait(lambda t: "▸" not in t, "the wheel")
        s.click(10, 10, 64)
        s.wait("▸")
        s.keys("q")
        s.wait("exit status 0")


def without_unicode():
    """ASCII is enough: graph, title and verdict"""
    with Screen(f"{FAKE} -d 0.2 --ascii", columns=120, lines=36) as s:
        s.wait("nginx")
        s.keys("Enter")
        text = s.wait("Esc back")
        assert all(ord(c) < 128 for c in text), text
        s.wait(lambda t: "#####" in t and "> 100 % of the segments sent again" in t and "10.0.0.17:443 > 198.51.100.20:51442" in t)


def graph():
    """the graph is as high as its axis says, the newest to the right"""
    with Screen(f"{FAKE} -d 0.3", columns=120, lines=36) as s:
        open_flow(s, 50999)  # 90 segments every tenth look
        s.wait(lambda t: re.search(r"^ +90 │", t, re.M))
        s.wait(lambda t: re.search(r"^ +90 │ +█ +$|^ +90 │ +█$", t, re.M))
        lines = [line for line in s.lines() if re.match(r"^ {7}│|^ +90 │|^ +0 │", line)]
        bars = [line.split("│", 1)[1].rstrip() for line in lines]
        assert len(bars) == 5 and len({len(bar) for bar in bars}) == 1, lines


def of_a_group():
    """i opens the details of a group with its verdict, Enter its flows; Esc is back at the groups"""
    with Screen(f"{FAKE} -d 0.2 -g subnet") as s:
        s.wait("198.51.100.0/24")
        s.keys("i")
        text = s.wait("▸")
        assert re.search(r"── subnet \S+/\d+ · \d+ flows? ──", text), text
        assert "Segments sent again in each interval" in text and "By cause" in text
        assert "live from" not in text and "PROCESS" not in text
        s.keys("Escape")
        s.wait(lambda t: "▸" not in t and "198.51.100.0/24" in t)
        s.keys("Enter")
        s.wait("subnet: 198.51.100.0/24")
        s.wait("198.51.100.20:51442")
        s.keys("i")
        s.wait("Connection")
        s.keys("Escape", "Escape")
        s.wait("group: subnet")


def of_a_group_without_flows():
    """a group that has no row after z or l is not said to have been quiet"""
    with Screen(f"{FAKE} -d 0.2 -g process") as s:
        paused(s)
        s.keys("i")
        s.wait("▸")
        s.keys("z")
        s.wait("No flow of this group counts now: none has in the last minute, or since z. Tail loss probes are left out")
    with Screen(f"{FAKE} -d 0.2 -g process -l --scene probes") as s:
        paused(s)
        s.keys("i")
        s.wait("▸")
        s.keys("l")
        s.wait(re.compile(r"probes are left out: l counts\s+them").search, "what l does")


def nothing_to_open():
    """Enter on an empty table does nothing"""
    with Screen(f"{FAKE} -d 0.2 --scene empty") as s:
        s.wait("no retransmits")
        s.keys("Enter", "Space")
        text = s.wait("PAUSED")  # so that Enter has been heard
        assert "no retransmits" in text and "Esc back" not in text


run_tests(
    [
        opening,
        other_keys,
        saving,
        saving_at_once,
        saving_again,
        numbers,
        verdicts,
        gone,
        state_alone,
        follows_the_flow,
        sizes,
        resizing,
        strangers_text,
        long_command,
        keys,
        without_unicode,
        graph,
        of_a_group,
        of_a_group_without_flows,
        nothing_to_open,
    ]
)
