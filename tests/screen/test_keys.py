#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Keys that find, choose and keep: search, following a flow, columns, saving, settings, names."""
import re
import sys

sys.dont_write_bytecode = True
from screen import Screen, fake_viewer, group_by, paused, run_tests, selected_row  # noqa: E402

FAKE = fake_viewer()


def found_event(screen):
    """The marked line of the event pane, or None."""
    text = screen.text(attributes=True).split(" events ", 1)[1]
    for line in text.split("\n")[1:]:
        if "48;5;238" in line:
            return re.sub(r"\033\[[\d;]*m", "", line)
    return None


def searching():
    """/ jumps while it is typed; n and N go on and back, round the end; what is nowhere is said"""
    with Screen(f"{FAKE} -d 0.2", columns=160, lines=50) as s:
        paused(s, 12)
        rows = [n for n, row in enumerate(s.rows()) if "nginx" in row]
        assert len(rows) > 3, s.text()
        s.keys("/")
        s.wait("search: _")
        s.type("HAPR")  # in any letter case
        s.wait(lambda t: "search: HAPR_" in t and "haproxy" in (selected_row(s) or ""))
        s.type("x")
        s.wait(lambda t: "nothing holds that" in t and selected_row(s) is None)
        s.keys("BSpace")
        s.wait(lambda t: "haproxy" in (selected_row(s) or ""))
        s.keys("Escape")
        s.wait(lambda t: "search:" not in t and selected_row(s) is None)
        s.keys("/")
        s.type("nginx")
        s.keys("Enter")
        for n in rows[1:]:
            s.wait(lambda t, n=n: "F1 Help" in t and selected_row(s) is not None)
            s.keys("n")
            s.wait(lambda t, n=n: selected_row(s).strip() == s.rows()[n].strip())
        s.keys("n")
        s.wait(lambda t: "went on at the other end" in t and selected_row(s).strip() == s.rows()[rows[0]].strip())
        s.keys("N")
        s.wait(lambda t: "went on at the other end" in t and selected_row(s).strip() == s.rows()[rows[-1]].strip())
        s.keys("N")
        s.wait(lambda t: "F1 Help" in t and selected_row(s).strip() == s.rows()[rows[-2]].strip())
        s.keys("/")
        s.type("(and")  # no word of the filter, just a text
        s.keys("Enter")
        s.wait('nothing holds "(and"')


def searching_nothing_yet():
    """n before any search says so; a search in an empty table finds nothing"""
    with Screen(f"{FAKE} -d 0.1 --scene empty") as s:
        s.wait("no events yet")
        s.keys("n")
        s.wait("nothing has been searched for yet")
        s.keys("/")
        s.type("x")
        s.wait("nothing holds that")


def searching_out_of_sight():
    """a search goes beyond the screen"""
    with Screen(f"{FAKE} -d 0.2 --flows 300") as s:
        paused(s, 8)
        last = 0
        for port in (1024 + 298, 1024 + 20, 1024 + 150):
            s.keys("/")
            s.type(f":{port}")
            s.keys("Enter")
            s.wait(lambda t, p=port: f":{p} " in (selected_row(s) or ""))
            last = port
        s.keys("n")  # the only one: it is found again
        s.wait(lambda t: "other end" in t and f":{last} " in selected_row(s))


def searching_groups():
    """among groups it is their name and what their flows have in common that is searched"""
    with Screen(f"{FAKE} -d 0.2 -g process", columns=160, lines=50) as s:
        paused(s, 12)
        s.keys("/")
        s.type("bird")
        s.keys("Enter")
        s.wait(lambda t: re.match(r".{2} +1 +bird ", selected_row(s) or ""))
        s.keys("/")
        s.type("0.0.0.0")  # a group has no address of its own
        s.keys("Enter")
        s.wait('nothing holds "0.0.0.0"')


def searching_events():
    """with the focus on the events a search marks one, n goes to older ones"""
    with Screen(f"{FAKE} -d 0.2", columns=160) as s:
        paused(s, 12)
        s.keys("Tab", "/")
        s.type("bird")
        s.wait(lambda t: "bird/611" in (found_event(s) or ""))
        s.keys("Enter")
        times = [found_event(s)[:8]]
        for _ in range(3):
            s.keys("n")
            s.settle()
            assert "bird/611" in found_event(s), s.text()
            times.append(found_event(s)[:8])
        assert times == sorted(times, reverse=True) and times[0] > times[-1], times
        s.keys("N")
        s.settle()
        assert found_event(s)[:8] == times[-2], (found_event(s), times)
        s.keys("Escape")
        s.wait(lambda t: "scrolled back" not in t and found_event(s) is None)


def events(screen):
    """The lines of the event pane."""
    return [line for line in screen.text().split("─ events ", 1)[1].split("\n")[1:-2] if line.strip()]


def following():
    """f shows the events of the selected row only and says whose they are; f again all"""
    with Screen(f"{FAKE} -d 0.2", columns=160) as s:
        paused(s, 12)
        s.keys("f")  # nothing is selected: the first
        s.wait("─ events of 10.0.0.17:443 198.51.100.20:51442 only ─")
        s.settle()
        assert len(events(s)) > 3 and all("198.51.100.20:51442" in line for line in events(s)), s.text()
        s.keys("Down")
        s.wait("only ─")
        s.wait(lambda t: "[2001:db8:17::443]:443 " in t.split("─ events of ")[1].split("only")[0])
        s.settle()
        assert events(s) and all("haproxy" in line for line in events(s)), s.text()
        s.keys("Escape")
        s.wait(lambda t: "no row is selected to be followed" in t and "198.51.100.77" in t.split("─ events ")[1])
        s.keys("f")
        s.wait(lambda t: "─ events ──" in t)
        group_by(s, "lport")
        s.keys("Down", "Down", "f")
        s.wait(lambda t: re.search(r"─ events of lport \d+ only ─", t))
        s.settle()
        port = re.search(r"─ events of lport (\d+) only ─", s.text())[1]
        assert port != "443" and events(s), s.text()
        assert all(re.match(rf"\S+ +\S> +\S+:{port} ", line) for line in events(s)), s.text()
        s.keys("e", "f", "f")  # it is of no use without the pane
        s.wait(f"─ events of lport {port} only ─")


run_tests(
    [
        searching,
        searching_nothing_yet,
        searching_out_of_sight,
        searching_groups,
        searching_events,
        following,
    ]
)
