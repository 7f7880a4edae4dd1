#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Recordings in the viewer: made from a scripted source, played by the program itself, as any user may."""
import os
import re
import time

from screen import BUILD, TMP, Screen, fake_viewer, paused, run_tests, uptime

FAKE = fake_viewer()
TCPRETOP = os.environ.get("TCPRETOP", str(BUILD / "tcpretop"))
LOOKS = 130


def record(name, looks=LOOKS):
    """A recording of so many looks, one second apart, and the last picture of the viewer that made it."""
    path, part = TMP / name, TMP / f"{name}.part"
    if path.exists():
        return path, None
    with Screen(f"{FAKE} -d 0.1 -n {looks} -w {part}") as s:
        last = s.wait("exit status 0")
    part.rename(path)
    return path, last


def position(screen):
    """Seconds of recorded time since the start, once a frame is drawn to its end."""
    return uptime(screen.wait(lambda t: uptime(t) >= 0))


def stopped_at(screen):
    """The position of a pause."""
    screen.wait("PAUSED")
    screen.settle()
    return position(screen)


def rows(text):
    """The table's rows and the events, without what belongs to the moment."""
    return re.findall(r"^.*(?:10|192)\.\d+\.\d+\.\d+:\d+ .*\S", text, re.M)


def without_history(text):
    """The rows without their last column, in which a pause is one look."""
    return [row.rstrip(" ▁▂▃▄▅▆▇█") for row in rows(text)]


def same_picture():
    """played to its end it is the picture that was recorded, and stays; the header tells END and the time"""
    path, last = record("same", 9)
    with Screen(f"{TCPRETOP} -r {path} --speed max") as s:
        s.wait(" END ")
        s.settle()
        text = s.text()
        assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d  100 %", text), text
        assert uptime(text) == 9
        kept, played = rows(last), rows(text)
        assert len(kept) > 8 and kept == played[:len(kept)], (kept, played)
        time.sleep(0.5)
        assert " END " in s.text()
        s.keys("q")
        s.wait("exit status 0")


def together():
    """two recordings play in one table at the pace of life, each at its own time; keys move in both"""
    path, _ = record("pace")
    with Screen(f"{TCPRETOP} -r {path} -r {path}", columns=160) as s:
        text = s.wait(lambda t: uptime(t) >= 2)
        assert text.startswith("tcpretop  2 hosts") and " HOST " in text, text
        assert re.search(r"replay ×1  \d{4}-\d\d-\d\d \d\d:\d\d:\d\d  \d+ %", text), text
        began, at = time.monotonic(), position(s)
        s.wait(lambda t: uptime(t) >= at + 2)
        assert time.monotonic() - began > 1
        s.keys("]" * 6)
        text = s.wait(" END ")
        assert uptime(text) == LOOKS and "ENDED" not in text, text
        assert len(rows(text)) >= 16, text
        s.keys("[" * 6, "{")
        s.wait(lambda t: " END " not in t and 0 < uptime(t) < LOOKS)
        s.keys("]" * 6)
        s.wait(" END ")
        s.keys("q")
        s.wait("exit status 0")


def pace():
    """it takes the time that it took; ] and [ change that, and Space stops it"""
    path, _ = record("pace")
    with Screen(f"{TCPRETOP} -r {path}") as s:
        s.wait(lambda t: "replay ×1 " in t and "nginx" in t)
        began, at = time.monotonic(), position(s)
        s.wait(lambda t: uptime(t) >= at + 3)
        assert 1.5 < time.monotonic() - began < 20
        s.keys("]", "]", "]", "]")
        s.wait("replay ×16")
        began, at = time.monotonic(), position(s)
        reached = uptime(s.wait(lambda t: uptime(t) >= at + 24))
        assert time.monotonic() - began < reached - at, "no faster than it was"
        s.keys("[", "[", "[", "[", "[")
        s.wait("replay ×0.5")
        s.keys("Space")
        at = stopped_at(s)
        time.sleep(2.5)
        assert position(s) == at


def steps():
    """. and → go one look on and pause, also in the details"""
    path, _ = record("pace")
    with Screen(f"{TCPRETOP} -r {path}", columns=180) as s:  # the header needs room
        s.wait("nginx")
        s.keys(".")
        at = stopped_at(s)
        for key in (".", "Right", "."):
            s.keys(key)
            at += 1
            s.wait(lambda t, at=at: uptime(t) == at)
        s.keys("Enter")
        s.wait("Esc back")
        s.keys(".")
        s.wait(lambda t: uptime(t) == at + 1 and "COMMAND    not known" in t)


def jumps():
    """} and { go a minute on and back; what is shown then is what was shown there"""
    path, _ = record("pace")
    with Screen(f"{TCPRETOP} -r {path}") as s:
        s.wait("nginx")
        s.keys("Space")
        at = stopped_at(s) + 1
        s.keys(".")  # so that it is not the first look, and a way back to that can be seen
        s.wait(lambda t: uptime(t) == at)
        before = rows(s.text())
        s.keys("}")
        s.wait(lambda t: uptime(t) == at + 60)
        s.settle()
        assert rows(s.text()) != before
        s.keys("{")
        s.wait(lambda t: uptime(t) == at)
        s.settle()
        # Events from before the jump, in the first minute, are read again, too.
        assert rows(s.text()) == before, (before, rows(s.text()))
        s.keys("{")
        s.wait(lambda t: uptime(t) == 1)
        s.keys("}", "}", "}")
        s.wait(lambda t: uptime(t) == LOOKS)
        s.keys("Space")
        s.wait(" END ")


def jump_from_found_event():
    """an event that was found is none any more after a jump back: Enter opens the selected row"""
    path, _ = record("pace")
    with Screen(f"{TCPRETOP} -r {path}", columns=160) as s:
        s.wait("nginx")
        s.keys("Space", "}")
        s.wait(lambda t: uptime(t) > 60)
        s.keys("Tab", "/")
        s.type("nginx")
        s.keys("Enter")
        s.wait("scrolled back")
        s.keys("{")
        s.wait(lambda t: uptime(t) < 60)
        s.keys("Enter")
        s.wait("Sent again")


def cut():
    """a recording that is cut is shown up to there; the viewer says so, and ends with status 5"""
    path, _ = record("cut", 9)
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    with Screen(f"{TCPRETOP} -r {path} --speed max") as s:
        s.wait(" END ")
        assert uptime(s.wait(lambda t: "it is cut at byte" in t and uptime(t) >= 0)) == 8
        s.keys("q")
        text = s.wait("exit status 5")
        assert f"it is cut at byte {len(whole) - 20}, within the frame from byte" in text.replace("\n", ""), text


def pipe():
    """from a pipe the keys come from the terminal, and it cannot go back"""
    path, _ = record("pace")
    with Screen(f"sh -c '(head -c 9000 {path}; sleep 2; tail -c +9001 {path}) | {TCPRETOP} -r - --speed max'") as s:
        s.wait(" END ")
        assert position(s) == LOOKS
        s.keys("{")
        s.wait("cannot be read again")
        s.keys("q")
        s.wait("exit status 0")


def names():
    """a shows names for addresses, also after the end"""
    if os.geteuid() != 0:
        return
    path, _ = record("same", 9)
    hosts = TMP / "hosts"
    hosts.write_text("10.0.0.17 served.example\n")
    named = f"mount --bind {hosts} /etc/hosts && exec {TCPRETOP} -r {path} --speed max"
    with Screen(f"unshare -m sh -c '{named}'") as s:
        s.wait(lambda t: " END " in t and "10.0.0.17:" in t)
        s.keys("a")
        s.wait("served")


def live():
    """without a recording the keys of a replay say so"""
    with Screen(f"{FAKE} -d 0.2") as s:
        s.wait("nginx")
        for key in (".", "[", "]", "{", "}"):
            s.keys(key)
            s.wait("this is live")
            s.keys("Home")
            s.wait(lambda t: "this is live" not in t)


def look_through_pause(screen, kept):
    """Pauses for ten looks, each of which changes the file. Of the picture some looks later: how many there were, the rows."""
    contents = set()
    paused(screen)
    at = position(screen)
    screen.wait(lambda _: contents.add(kept.read_bytes()) or len(contents) > 10, f"ten looks in {kept}")
    assert position(screen) == at
    screen.keys("Space")
    at = uptime(screen.wait(lambda t: "PAUSED" not in t and uptime(t) >= at + 10))
    paused(screen, at + 1)  # its rates are those of one look again
    return position(screen), without_history(screen.text())


def shows(recording, looks, seen):
    """So many looks of the recording are the same picture."""
    with Screen(f"{TCPRETOP} -r {recording} --speed max -n {looks}") as s:
        played = without_history(s.wait("exit status 0"))
        assert len(played) > 8 and played == seen, (played, seen)


def paused_recorder():
    """a viewer that is paused records each look; going on, it shows what the recording does"""
    path = TMP / "paused"
    with Screen(f"{FAKE} -d 0.1 -w {path}") as s:
        seen = look_through_pause(s, path)
        s.keys("q")
        s.wait("exit status 0")
    shows(path, *seen)


def paused_metrics():
    """one that is paused keeps the metrics up to date, also of what comes from a pipe"""
    path, metrics = TMP / "there", TMP / "metrics.prom"
    with Screen(f"{FAKE} -d 0.1 -w {path}") as there:
        there.wait("nginx")
        reader = f"tail -c +1 -f {path} | exec {TCPRETOP} -r - --metrics {metrics}"
        with Screen(f"sh -c '{reader}'") as s:
            seen = look_through_pause(s, metrics)
    shows(path, *seen)


def full_disk():
    """the viewer goes on when the recording cannot, and says so; the status is 1"""
    with Screen(f"sh -c 'ulimit -f 8; exec {FAKE} -d 0.1 -w {TMP}/full'") as s:
        s.wait("ends early: File too large")
        at = position(s)
        s.wait(lambda t: uptime(t) > at + 3)
        s.keys("q")
        s.wait("exit status 1")


run_tests([same_picture, together, pace, steps, jumps, jump_from_found_event, cut, pipe, names, live, paused_recorder, paused_metrics, full_disk])
