#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Groups in the viewer, on a scripted source."""
import re
import time

from cells import number, sorted_column
from screen import DEADLINE, Screen, fake_viewer, group_by, paused, run_tests, select, selected_row, selection

FAKE = fake_viewer()


def group_name(row):
    """A row begins with its mark, FLOWS and GROUP."""
    return row[2:].split()[1]


def total(screen):
    """Sum of the column RETR, which comes first, or after FLOWS and GROUP."""
    at = 2 if "FLOWS" in screen.lines()[screen.head()] else 0
    return sum(number(row[2:].split()[at]) for row in screen.rows())


def choosing_groups():
    """F5 and v choose the grouping, which the header names; groups add up to the flows, with l and without"""
    with Screen(f"{FAKE} -d 0.2", columns=160, lines=50) as s:
        paused(s, 12)
        for probes in (False, True):
            if probes:
                s.keys("l")
                s.wait("flows 13 of 13")
                s.settle()
            flows = total(s)
            for way, rows in (("remote", 12), ("subnet", 6), ("lport", 8), ("process", 9), ("cause", 7)):
                group_by(s, way)
                text = s.text()
                assert re.search(r"FLOWS +GROUP +RETR", text) and "LADDR" not in text, text
                assert total(s) == flows, (way, total(s), flows)
                assert len(s.rows()) == rows + (probes and way in ("remote", "cause")), (way, text)
                assert f"flows {12 + probes} of {12 + probes}" in text, "N of M is about flows"
            s.keys("v")
            s.wait(lambda t: "▸ cause" in t and "Enter group" in t)
            s.keys("v")
            s.wait(lambda t: "▸" not in t)
            group_by(s, "flow")
            s.wait("LADDR:LPORT")


def opening_groups():
    """Enter shows the flows and events of the selected group, Esc brings back the groups and the selection"""
    with Screen(f"{FAKE} -d 0.2 -g lport", columns=160, lines=50) as s:
        paused(s, 12)
        s.keys("Enter")  # nothing is selected: the first
        s.wait(lambda t: "lport: 443 " in t and selected_row(s) is None)
        s.keys("Escape", ">")
        s.wait(lambda t: "sort: RETR/s ↓" in t and "group: lport" in t and selected_row(s))
        assert re.search(r"\b443\b", selected_row(s)), selected_row(s)
        s.keys("Enter")
        s.wait(lambda t: "lport: 443 " in t and "flows 5 of 12" in t)
        s.settle()
        assert len(s.rows()) == 5 and all(":443 " in row for row in s.rows()), s.text()
        events = s.text().split("events ─")[1].split("\n")[1:-2]
        assert events and all(re.match(r"\S+ +\S> +\S+:443 ", line) for line in events if line.strip()), events
        assert selected_row(s) is None
        s.keys("F6", "End", "Enter")  # the last column that flows have: FLOWS and GROUP are none of theirs
        s.wait("sort: HISTORY ↓")
        s.keys("F4")
        s.type("process haproxy")
        s.wait("flows 1 of 12")
        s.keys("C-u", "Enter", "Escape")
        s.wait(lambda t: "group: lport" in t and "sort: RETR/s ↓" in t and selected_row(s))
        assert re.search(r"\b443\b", selected_row(s)), selected_row(s)
        s.keys("Escape")
        s.wait(lambda t: "group: lport" in t and selected_row(s) is None)


def opened_where_there_is_little_room():
    """the header names the opened group also where its name has no room"""
    with Screen(f"{FAKE} -d 0.2 -g remote", 40, 10) as s:
        s.wait(" 2001:db…")
        s.keys("Down")
        s.wait(lambda t: selected_row(s))
        s.keys("Down")
        s.wait(lambda t: "2001:db…" in (selected_row(s) or ""))
        s.keys("Enter")
        s.wait(lambda t: re.match(r".*remote: 2001….*:1234$", t.split("\n")[0]))


def filter_stays_in_sight():
    """the header names the filter also while rows are moved among, in groups and their flows"""
    with Screen(f"{FAKE} -d 0.2 -g process", 80, 24) as s:
        s.wait("haproxy")
        s.keys("F4")
        s.wait("filter: _")
        s.type("RATIO > 0.1% and not port 25")
        s.keys("Enter")
        shown = "filter: RATIO > 0.1%"
        s.wait(lambda t: shown in t.split("\n")[0] and "F1 Help" in t)
        s.keys("Down")
        s.wait(lambda t: selected_row(s))
        assert shown in s.lines()[0], s.text()
        s.keys("Enter")
        text = s.wait("process: nginx")
        assert shown in text.split("\n")[0], text


def group_selection_stays():
    """the selection stays on its group while rows move, also while its flows are looked at"""

    with Screen(f"{FAKE} -d 0.1 --scene swap --flows 40 -g rport", lines=60) as s:
        s.wait("1030")
        chosen, places = select(s, 3, group_name), set()
        end = time.monotonic() + DEADLINE
        while len(places) < 2:
            assert time.monotonic() < end, places
            if found := selection(s):
                place, row = found
                assert group_name(row) == chosen, (row, chosen)
                places.add(place)
        s.keys("Enter")
        s.wait(f"rport: {chosen} ")
        time.sleep(0.5)
        s.keys("Escape")
        s.wait(lambda t: "group: rport" in t and selected_row(s))
        assert group_name(selected_row(s)) == chosen, (selected_row(s), chosen)


def groups_by_address():
    """groups have no address, also where they are sorted by it"""
    with Screen(f"{FAKE} -d 0.2 -g process -o RADDR", columns=200, lines=50) as s:
        s.wait(lambda t: "group: process" in t and "RADDR:RPORT" in t and "nginx" in t)
        assert all(re.search(r" - ", row) for row in s.rows()), s.text()


def sorting_groups():
    """groups are sorted by what they have: the menu offers nothing else"""
    with Screen(f"{FAKE} -d 0.2 -g subnet -o RTT", columns=200, lines=50) as s:
        paused(s, 12)
        s.keys("F6")
        s.wait("Sort by")
        s.settle()
        menu = [line[2:17].strip() for line in s.lines()[4:] if "│" in line]
        assert "FLOWS" in menu and "GROUP" in menu and "RTT" not in menu and "RADDR:RPORT" not in menu, menu
        s.keys("End", "Enter")
        s.wait("sort: GROUP ↑")
        s.settle()
        names = [group_name(row) for row in s.rows()]
        assert names[0] == "10.9.8.0/24" and names[-1] == "2001:db8:ffff:1234::/64", names
        s.keys("r")
        s.wait("sort: GROUP ↓")
        s.settle()
        assert [group_name(row) for row in s.rows()] == names[::-1]
        s.keys("F6", "End", "Up", "Enter")
        s.wait("sort: FLOWS ↓")
        s.settle()
        flows = [number(c) for c in sorted_column(s, "FLOWS")]
        assert flows == sorted(flows, reverse=True) and flows[0] == 4, flows


run_tests(
    [
        choosing_groups,
        opening_groups,
        opened_where_there_is_little_room,
        filter_stays_in_sight,
        group_selection_stays,
        groups_by_address,
        sorting_groups,
    ]
)
