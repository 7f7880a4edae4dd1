#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Recordings of the lab, replayed with keys pressed: the screen is that of tests/golden/NAME.txt.

tests/screen/test_golden.py --update [NAME...] writes these texts anew (make golden): look at them before they are kept.
"""
import re
import subprocess
import sys
from pathlib import Path

sys.dont_write_bytecode = True
from golden import GOLDEN, Golden, tests_of  # noqa: E402
from screen import fake_viewer, run_tests  # noqa: E402

MONO = (("NO_COLOR", "1"),)
SCREENS = [
    # Sizes and terminals
    Golden("least", "40x10"),
    Golden("too-small", "39x9"),
    Golden("small", "80x24"),
    Golden("standard", "120x36"),
    Golden("large", "200x50"),
    Golden("huge", "300x100"),
    Golden("resized", "200x50", "Down Down Enter resize:80x24 Escape"),
    Golden("ascii", "120x36", "l", options="--ascii"),
    Golden("ascii-locale", "80x24", env=(("LC_ALL", "C"),)),
    Golden("ascii-help", "80x100", "F1 End", options="--ascii"),
    Golden("ascii-menu", "80x24", "F6", options="--ascii"),
    Golden("ascii-details", "120x36", "Enter", options="--ascii"),
    Golden("colour", "120x36", "l Down Down", attributes=True),
    Golden("monochrome", "120x36", "l Down Down", env=MONO, attributes=True),
    Golden("monochrome-details", "80x24", "Enter", env=MONO, attributes=True),
    Golden("redrawn", "80x24", "wreck C-l"),
    # Help and the way out
    Golden("help", "80x24", "F1"),
    Golden("help-next", "80x24", "? NPage"),
    Golden("help-end", "120x36", "h End"),
    Golden("help-least", "40x10", "F1 Down"),
    Golden("help-left", "80x24", "F1 Escape"),
    Golden("quit", "80x24", "q"),
    Golden("quit-f10", "80x24", "F1 F10 F10"),
    # Order
    Golden("sort-menu", "120x36", "F6"),
    Golden("sort-menu-small", "80x24", "o Down Down Down"),
    Golden("sort-chosen", "120x36", "o Down Down Down Enter"),
    Golden("sort-menu-clicked", "120x36", "F6 click:RTTVAR"),
    Golden("sort-right", "120x36", "> > >"),
    Golden("sort-left", "120x36", "> > > <"),
    Golden("sort-reversed", "120x36", "r"),
    Golden("sort-clicked", "120x36", "click:RATIO"),
    Golden("sort-clicked-twice", "120x36", "click:RTT click:RTT"),
    # Probes
    Golden("tlp-small", "80x24", "l"),
    Golden("tlp-twice", "120x36", "l l"),
    Golden("tlp-groups", "120x36", "l", options="-g cause"),
    Golden("tlp-in-sight", "80x24", "l Enter", options="-g process -f 'port 443 or port 8080'"),
    # Finding, filtering, grouping
    Golden("search-typed", "120x36", "/ 'git'"),
    Golden("search-next", "120x36", "/ 'git' Enter n n"),
    Golden("search-back", "120x36", "/ 'git' Enter n n N"),
    Golden("search-nothing", "80x24", "/ 'nobody'"),
    Golden("search-events", "120x36", "Tab / 'ssh/' Enter n"),
    Golden("search-event-opened", "80x24", "Tab / 'ssh/' Enter Enter"),
    Golden("search-event-selected", "80x24", "Tab / 'ssh/' Enter Enter Escape"),
    Golden("search-event-quiet", "80x24", "Tab / 'curl' Enter i", recording="healed"),
    Golden("filter-typed", "120x36", "F4 'process nginx'"),
    Golden("filter-done", "120x36", "\\\\ 'process nginx and RATIO > 1%' Enter"),
    Golden("filter-wrong", "120x36", "F4 'port http'"),
    Golden("filter-wrong-small", "80x24", "F4 'cause FASTT'"),
    Golden("filter-wrong-least", "40x10", "F4 'process nginx and port http'"),
    Golden("filter-long", "80x24", "F4 'host 10.77.1.2 or host 10.77.2.2 or host 10.77.3.2 or host 10.77.201.2 or port 22'"),
    Golden("filter-clicked", "120x36", "F4 'process nginx' click:10.77.201.1:443"),
    Golden("filter-wrong-clicked", "80x24", "F4 'port http' click:filter"),
    Golden("filter-of-groups", "80x24", options="-g process -f 'RATIO > 2% and not port 25'"),
    Golden("filter-least", "40x10", options="-f 'RATIO > 2%'"),
    Golden("filter-nothing", "80x24", "F4 'port 1' Enter"),
    Golden("group-menu", "120x36", "F5"),
    Golden("group-menu-least", "40x10", "v End"),
    Golden("group-menu-clicked", "80x24", "F5 click:subnet"),
    Golden("group-menu-left", "80x24", "F5 click:10.77.1.1"),
    Golden("group-process", "120x36", "v Down Down Down Down Down Enter"),
    Golden("group-process-small", "80x24", options="-g process"),
    Golden("group-remote", "120x36", options="-g remote"),
    Golden("group-subnet", "120x36", options="-g subnet"),
    Golden("group-lport", "120x36", options="-g lport"),
    Golden("group-rport", "120x36", options="-g rport"),
    Golden("group-cgroup", "120x36", options="-g cgroup"),
    Golden("group-netns", "120x36", options="-g netns"),
    Golden("group-cause", "120x36", options="-g cause"),
    Golden("group-opened", "120x36", "Down Enter", options="-g process"),
    Golden("group-left", "120x36", "Down Enter Escape", options="-g process"),
    Golden("group-details", "120x36", "Down i", options="-g process"),
    Golden("group-details-least", "40x10", "Down i", options="-g cgroup"),
    Golden("group-without-events", "80x24", "G Enter", options="-g process"),
    # Columns, names, panes
    Golden("columns-menu", "120x36", "F2"),
    Golden("columns-clicked", "120x36", "F2 click:RTTVAR"),
    Golden("columns-changed", "120x36", "F2 Down Space Down > Escape"),
    Golden("columns-all-places", "200x50", options="--columns RETR,CAUSE,PROCESS,USER,UNIT,NETNS,CGROUP"),
    Golden("columns-socket", "200x50", options="--columns RETR,RTT,RTTVAR,RTO,BACKOFF,CWND,SSTHRESH,INFLIGHT,MSS,CC,CA,LAST,RADDR:RPORT"),
    Golden("columns-harm", "120x36", options="-o 'RTO WAIT/s' --columns 'RETR,SPURIOUS,BYTES,RTO WAIT,RTO WAIT/s,LADDR:LPORT,PROCESS'"),
    Golden("names", "120x36", "a", hosts=True),
    Golden("names-groups", "80x24", "a", options="-g remote", hosts=True),
    Golden("addresses-again", "80x24", "a a", hosts=True),
    Golden("events-off", "80x24", "e"),
    Golden("events-on", "80x24", "e e"),
    Golden("events-followed", "120x36", "Down Down f"),
    Golden("events-of-group", "120x36", "Down f", options="-g process"),
    Golden("events-focus", "120x36", "Tab Up Up PPage"),
    Golden("events-oldest", "120x36", "Tab g"),
    Golden("events-newest", "120x36", "Tab g End Tab"),
    # Moving
    Golden("down", "80x24", "Down j Down"),
    Golden("up", "80x24", "Down j Down k Up"),
    Golden("page-down", "80x24", "NPage"),
    Golden("page-up", "80x24", "NPage NPage PPage"),
    Golden("last", "80x24", "End"),
    Golden("last-g", "80x24", "G"),
    Golden("first", "80x24", "End Home"),
    Golden("first-g", "80x24", "G g"),
    Golden("unselected", "80x24", "G Escape"),
    Golden("wheel", "80x24", "wheel-down:10.77 wheel-down:10.77 wheel-up:10.77"),
    # Details
    Golden("details", "120x36", "Enter"),
    Golden("details-least", "40x10", "Enter"),
    Golden("details-left", "80x24", "Down Enter Escape"),
    Golden("details-small", "80x24", "Enter"),
    Golden("details-scrolled", "80x24", "Enter NPage"),
    Golden("details-huge", "300x100", "Down i"),
    Golden("details-key-of-table", "80x24", "Enter e"),
    Golden("details-saved", "120x36", "Enter s C-u details.txt Enter"),
    Golden("details-spurious", "120x36", "Enter", options="-f 'process redis-cli'"),
    Golden("details-black-hole", "120x36", "Enter", options="-f 'process ssh'"),
    Golden("details-syn", "120x36", "Enter", options="-f 'process postfix'"),
    Golden("details-synack", "120x36", "Enter", options="-f 'SYNACK > 0'"),
    Golden("details-tail", "120x36", "l Enter", options="-f 'process postgres' "),
    Golden("details-mtu", "120x36", "Enter", options="-f 'process mount'"),
    Golden("details-failed", "120x36", "Enter", options="-f 'process asterisk'"),
    Golden("details-spike", "120x36", "Enter", options="-f 'process sensor'"),
    # Time
    Golden("first-look", "120x36", at=1),
    Golden("stepped", "120x36", ". Right", at=3),
    Golden("paused", "120x36", "Space", at=1),
    Golden("speeds", "120x36", "Space [ [ ]", at=1, options="--speed 0.25"),
    Golden("minute-back", "120x36", "Space {"),
    Golden("minute-on", "120x36", "}", at=2),
    Golden("filter-small", "80x24", options="-f 'RATIO > 2%'"),
    Golden("zeroed", "80x24", "z"),
    Golden("zeroed-on", "120x36", "z . .", at=6),
    Golden("moved", "120x36", "Down Down > .", at=5),
    Golden("delay", "80x24", "d"),
    # Keeping
    Golden("save", "120x36", "s"),
    Golden("saved", "120x36", "s C-u shown.txt Enter"),
    Golden("save-long", "40x10", "s C-u /nonexistent/folder/of/a/long/name/shown.txt"),
    Golden("save-failed", "80x24", "s C-u /nonexistent/folder/of/a/long/name/that/is/none/shown.txt Enter"),
    Golden("settings", "120x36", "W"),
    # Quiet
    Golden("calm", "80x24", recording="calm"),
    Golden("calm-least", "40x10", recording="calm"),
    Golden("calm-start", "120x36", recording="calm", at=1),
    Golden("healed-v6", "80x24", "Space", recording="healed", at=14, options="-6"),
    Golden("healed", "120x36", recording="healed", at=14, attributes=True),
    Golden("healed-gone", "120x36", recording="healed"),
    Golden("healed-details", "120x36", "Enter", recording="healed", at=14),
]

# What users rely on of the screen, and what shows that it holds: a golden screen, or FILE.FUNCTION of the tests beside.
RELIED_ON = [
    ("Three parts: a header, the table, the event pane", "standard"),
    ("header: host, kernel, interval, time since the start", "test_viewer.header"),
    ("header: sort column and direction, TLP, filter, flows N of M", "standard filter-done tlp-small"),
    ("header: rate, sparkline, causes, TLP, RTO wait", "standard large"),
    ("header: coverage, tracked, evicted, events lost, cost", "standard"),
    ("l toggles TLP inclusion in the counts, the order and the event pane, at once, also for what was seen before",
     "ascii colour tlp-small tlp-twice tlp-groups tlp-in-sight details-tail test_viewer.toggling_tlp"),
    ("Sort: F6 or o menu", "sort-menu sort-menu-small sort-chosen sort-menu-clicked test_viewer.sorting_each_column"),
    ("< > neighbouring column", "sort-right sort-left"),
    ("click on a header", "sort-clicked sort-clicked-twice test_viewer.header_click"),
    ("r reverses", "sort-reversed"),
    ("the header names the column and the direction", "sort-right sort-reversed"),
    ("Default: RETR, worst first", "standard"),
    ("The selection is the flow, not the line: it stays on its flow while rows move",
     "moved test_viewer.selection_stays test_groups.group_selection_stays test_keys.holding_the_order"),
    ("With nothing selected the view stays at the worst flows", "unselected test_viewer.scrolling"),
    ("↑ ↓ j k", "down up"),
    ("PgUp PgDn", "page-down page-up"),
    ("Home End g G", "last last-g first first-g"),
    ("mouse wheel", "wheel test_viewer.scrolling"),
    ("Tab moves between table and event pane", "events-focus events-oldest events-newest"),
    ("Enter details of a flow", "details details-small details-least search-event-opened test_detail.opening"),
    ("Esc back", "details-left group-left unselected help-left"),
    ("Space freezes the picture (PAUSED is shown), not the collection", "paused test_viewer.pausing"),
    ("/ search jumps, n next", "search-typed search-next search-back search-nothing search-events"),
    ("F4 or \\ filters live and shows N of M", "filter-typed filter-done filter-wrong test_viewer.filtering"),
    ("F5 or v groups", "group-menu group-menu-clicked group-process group-opened test_groups.choosing_groups"),
    ("F2 columns", "columns-menu columns-changed test_keys.choosing_columns"),
    ("e event pane on/off", "events-off events-on"),
    ("f event pane follows the selected flow", "events-followed events-of-group test_keys.following"),
    ("z counts from now", "zeroed zeroed-on"),
    ("d delay", "delay test_viewer.delay_prompt"),
    ("a addresses or names", "names names-groups addresses-again"),
    ("s saves what is shown", "save saved details-saved test_keys.saving test_detail.saving"),
    ("W writes the settings", "settings test_settings.settings_round_trip"),
    ("? or F1 help, generated from the key table", "help help-next help-end test_viewer.help_is_complete"),
    ("q quits", "quit quit-f10 test_terminal.quit_keys"),
    ("Flows that closed or went quiet stay, dimmed, for one history window (60 s)", "colour healed healed-gone"),
    ("An empty table says why it is empty", "calm calm-start healed-v6 filter-nothing healed-gone test_viewer.empty_tables"),
    ("Colour means severity and is never the only signal", "colour monochrome events-focus test_viewer.without_colour"),
    ("Narrow terminals lose columns by priority, never half a number", "small least test_viewer.whole_columns"),
    ("below 40×10 it says what it needs", "too-small test_viewer.resizing"),
    ("The terminal is as it was after any exit: quit", "quit test_terminal.quit_keys"),
    ("error", "test_replay.cut"),
    ("signal, crash, closed tty", "test_signals test_terminal.gone_terminal"),
]

# Keys as the key table names them, and as tmux does.
NAMES = {"↑": "Up", "↓": "Down", "→": "Right", "PgUp": "PPage", "PgDn": "NPage", "Esc": "Escape", "^L": "C-l"}


def every_key():
    """every key of the key table is pressed in a golden screen"""
    table = subprocess.run([fake_viewer(), "--keys"], check=True, capture_output=True, text=True).stdout
    keys = {NAMES.get(key, key) for line in table.splitlines() for key in line.split("\t")[0].split(" ")}
    assert len(keys) > 40, table
    missing = keys - {word for golden in SCREENS for word in golden.words()}
    assert not missing, f"no golden screen presses {' '.join(sorted(missing))}"


def relied_on_is_shown():
    """each thing that users rely on is shown by a golden screen or a test that there is"""
    there = {golden.name for golden in SCREENS}
    for path in Path(__file__).parent.glob("test_*.py"):
        text = path.read_text()
        run = text[max(text.rfind("run_tests("), 0):]
        there |= {path.stem} | {f"{path.stem}.{name}" for name in re.findall(r"^def (\w+)\(\):", text, re.M) if name in run}
    for line, shown in RELIED_ON:
        missing = set(shown.split()) - there
        assert shown and not missing, f"{line}: there is no {' '.join(sorted(missing))}"


def no_stale():
    """every text and every recording in tests/golden is that of a golden screen"""
    names = [golden.name for golden in SCREENS]
    assert len(set(names)) == len(names), names
    wanted = {golden.path().name for golden in SCREENS} | {f"{golden.recording}.rec" for golden in SCREENS} | {"record"}
    stale = {path.name for path in GOLDEN.iterdir()} - wanted
    assert not stale, f"nothing in tests/screen/test_golden.py is called {' '.join(sorted(stale))}"


def main():
    if sys.argv[1:2] == ["--update"]:
        names = sys.argv[2:]
        chosen = [golden for golden in SCREENS if not names or golden.name in names]
        run_tests(tests_of(chosen, update=True))
    else:
        run_tests([every_key, relied_on_is_shown, no_stale, *tests_of(SCREENS)])


main()
