#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Keys that find, choose and keep: search, following a flow, columns, the order, saving."""
import re
import shlex
import stat
import tempfile
from pathlib import Path

from screen import TMP, Screen, fake_viewer, group_by, paused, run_tests, selected_row, titles

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


def filtering_keeps_the_selection():
    """what half a filter hides, or one that is taken back, is still selected"""
    with Screen(f"{FAKE} -d 0.2", columns=160, lines=50) as s:
        paused(s, 12)
        s.keys("j" * 3)
        chosen = s.wait(lambda t: selected_row(s))
        chosen = selected_row(s).strip()
        port = re.search(r":(\d+) ", chosen)[1]
        s.keys("F4")
        s.type("haproxy")
        s.wait(lambda t: "haproxy_" in t and selected_row(s).strip() != chosen)
        s.keys("Escape")
        s.wait(lambda t: "F1 Help" in t and (selected_row(s) or "").strip() == chosen)
        s.keys("F4")
        s.type("port 1")
        s.wait(lambda t: "port 1_" in t and "the filter shows none of" in t)
        s.keys("BSpace")
        s.type(f"{port}")
        s.wait(lambda t: f"port {port}_" in t and (selected_row(s) or "").strip() == chosen)


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
            s.change("n")
            assert "bird/611" in found_event(s), s.text()
            times.append(found_event(s)[:8])
        assert times == sorted(times, reverse=True) and times[0] > times[-1], times
        s.change("N")
        assert found_event(s)[:8] == times[-2], (found_event(s), times)
        s.keys("Escape")
        s.wait(lambda t: "scrolled back" not in t and found_event(s) is None)


def opening_events():
    """Enter on an event that was found opens its flow, also while groups are shown; Esc is back at both"""
    with Screen(f"{FAKE} -d 0.2", columns=160) as s:
        paused(s, 12)
        s.keys("Tab", "/")
        s.type("bird")
        s.keys("Enter")
        s.wait(lambda t: "F1 Help" in t and "bird/611" in (found_event(s) or ""))
        s.keys("Enter")
        s.wait(lambda t: "Esc back" in t and re.search("^ bird/611 ", t, re.M))
        s.keys("Escape")
        s.wait(lambda t: "F1 Help" in t and "bird/611" in (found_event(s) or ""))
        table = s.text(attributes=True).split(" events ")[0]
        assert [line for line in table.split("\n") if "48;5;238" in line and "bird/611" in line], s.text()
        s.keys("F4")
        s.type("process nginx")
        s.keys("Enter")
        s.wait(lambda t: "F1 Help" in t and found_event(s) is None)
        s.keys("Enter")  # it is not shown any more: the selected row
        s.wait(lambda t: "Esc back" in t and re.search("^ nginx/812 ", t, re.M))
        s.keys("Escape")
        s.wait("F1 Help")
        s.keys("F4", "C-u", "Enter")
        s.wait(lambda t: "F1 Help" in t and "bird/611" in (found_event(s) or ""))
        group_by(s, "process")
        s.keys("/")
        s.type("bird")
        s.keys("Enter", "Enter")
        s.wait(lambda t: "Esc back" in t and re.search("^ bird/611 ", t, re.M))


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


def chooser(screen):
    """The list of the column chooser: (shown, title) of each."""
    lines = [line.split("│")[0] for line in screen.lines() if re.match(r"\[[x ]\]", line)]
    return [(line[1] == "x", line[4:].strip()) for line in lines]


def choosing_columns():
    """F2 lists the columns with their help; Space shows and hides, < and > move"""
    with Screen(f"{FAKE} -d 0.2", columns=200, lines=44) as s:
        paused(s, 4)
        s.keys("F2")
        s.wait("[x] RETR/s")
        s.wait("RETR: segments sent again since the start")
        s.settle()
        before = chooser(s)
        assert before[0] == (True, "RETR") and (False, "CGROUP") in before, before
        assert ("FLOWS" not in dict((t, 1) for _, t in before)) and len(before) == 31, before
        s.keys("Down", "Space")
        s.wait(lambda t: "[ ] RETR/s" in t and "RETR/s" not in titles(s))
        s.wait("RETR/s: segments sent again per second")
        s.keys("Space")
        s.wait(lambda t: "[x] RETR/s" in t and re.search("RETR↓ +RETR/s", titles(s)))
        assert chooser(s) == before
        s.keys(">")
        s.wait(lambda t: re.search(r"RETR↓ +RATIO +RETR/s", titles(s)))
        s.keys("<", "<")
        s.wait(lambda t: re.search(r"RETR/s +RETR↓ +RATIO", titles(s)))
        s.keys("<")  # there is nothing further left
        s.keys("End", "Space")
        last = before[-1][1]
        s.wait(lambda t: last in titles(s))
        s.keys("Escape")
        s.wait(lambda t: "[x]" not in t and "F2 Columns" in t)
        assert re.search(rf"RETR/s +RETR↓ .* {last}$", titles(s).rstrip()), titles(s)
        s.keys("F2")
        s.wait("[x] RETR/s")
        s.settle()
        shown = sum(on for on, _ in chooser(s))
        s.keys(*["Space", "Down"] * shown)  # those shown come first: the last of them stays
        s.wait(lambda t: [on for on, _ in chooser(s)].count(True) == 1)
        s.keys("F2")
        s.wait("F1 Help")


def choosing_columns_of_groups():
    """among groups only what groups have is offered, and the rest keeps its place"""
    with Screen(f"{FAKE} -d 0.2 -g remote", columns=200, lines=44) as s:
        paused(s, 4)
        s.keys("F2")
        s.wait("[x] RETR/s")
        s.settle()
        offered = [title for _, title in chooser(s)]
        assert "RTT" not in offered and "GROUP" not in offered and "RTO WAIT" in offered, offered
        at = offered.index("RTO WAIT")
        s.keys(*["Down"] * at, ">", "Enter")  # past RTT and CWND, which are out of sight
        s.wait(lambda t: re.search(r"RATIO +CAUSE +RTO WAIT", titles(s)))
        group_by(s, "flow")
        s.wait(lambda t: re.search(r"RATIO +RTT +CWND +CAUSE +RTO WAIT", titles(s)))


def saving():
    """s saves all rows and events to a new file of its own, says where, and overwrites nothing"""
    place = Path(tempfile.mkdtemp(dir=TMP))
    with Screen(f"env --chdir={place} {FAKE} -d 0.2 --flows 100", lines=14) as s:
        paused(s, 4)
        s.keys("F4")
        s.type("sshd")
        s.keys("Enter", "s")
        name = re.search(r"save what is shown to: (tcpretop-20\d{6}-\d{6}\.txt)_", s.wait("save what is shown to: "))[1]
        s.keys("Enter")
        rows = int(re.search(r"saved (\d+) rows to", s.wait(f"{place.resolve()}/{name}"))[1])
        kept = place / name
        text = kept.read_text()
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        assert text.startswith("filter: sshd\ntcpretop  web-17 "), text
        table, lines = text.split("\nevents\n")
        assert rows > 12 and len(table.split("RADDR:RPORT")[1].strip().split("\n")) == rows + 1, table  # and the title
        assert all("sshd/" in line for line in lines.strip().split("\n")), lines
        assert re.search(r"^00:00:0\d  R>  10\.0\.0\.17:22  203\.0\.113\.9:\d+ +ESTABLISHED  ", lines, re.M), lines
        (place / "link").symlink_to(place / "elsewhere")
        s.keys("s")
        for wrong, why in ((name, "is there already"), ("link", "is there already"), ("no/where", "cannot be made: No such")):
            s.keys("C-u")
            s.type(wrong)
            s.keys("Enter")
            s.wait(f"{wrong}_   it {why}")
            s.keys("BSpace")  # it stays, to be mended
            s.wait(f"save what is shown to: {wrong[:-1]}_\n")
        s.keys("Escape")
        assert kept.read_text() == text and not (place / "elsewhere").exists()
        s.keys("s", "Escape")
        s.wait("F1 Help")
        assert sorted(path.name for path in place.iterdir()) == ["link", name]


def saving_where_names_are_odd():
    """a folder may be named by anybody: its name is shown whole and without control characters"""
    place = Path(tempfile.mkdtemp(dir=TMP, prefix="odd\n\033[31mred"))
    with Screen(f"env --chdir={shlex.quote(str(place))} {FAKE} -d 0.2", columns=160) as s:
        paused(s, 4)
        s.keys("s", "Enter")
        s.wait(re.compile(r"saved \d+ rows to .*/odd\?\?\[31mred\w+/tcpretop-[\d-]+\.txt").search)


def holding_the_order():
    """after a move rows keep their order for a moment, and the header says so"""
    with Screen(f"{FAKE} -d 0.2 --scene swap --flows 10", columns=140) as s:
        s.wait("nginx")
        s.keys("Down")
        text = s.wait("order held")
        ports = set()
        while "order held" in text:  # about a second, in which the worst is another one each time
            ports.add(tuple(re.findall(r":(\d+) +\S+/\d+ ", text.split("─ events")[0])))
            text = s.text()
        assert len(ports) == 1, ports
        s.wait(lambda t: "order held" not in t)
        order = ports.pop()
        s.wait(lambda t: tuple(re.findall(r":(\d+) +\S+/\d+ ", t.split("─ events")[0])) != order)
        s.keys("Down")
        s.wait("order held")
        s.keys(">")  # who sorts wants to see that
        s.wait(lambda t: "sort: RETR/s" in t and "order held" not in t)


run_tests(
    [
        searching,
        filtering_keeps_the_selection,
        searching_nothing_yet,
        searching_out_of_sight,
        searching_groups,
        searching_events,
        opening_events,
        following,
        choosing_columns,
        choosing_columns_of_groups,
        saving,
        saving_where_names_are_odd,
        holding_the_order,
    ]
)
