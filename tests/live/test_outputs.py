#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""-e, -c, -b and --json of real traffic, read by parsers written from the contract alone."""

import csv
import io
import re
import subprocess

from common import Lab, Tap, Tcpretop, objects, wait_until

tap = Tap()

EVENT_KEYS = ["type", "schema", "time", "kind", "cause", "netns", "family", "laddr", "lport",
              "raddr", "rport", "state", "seq", "segs", "pid", "comm", "cgroup", "error"]
FLOW_KEYS = ["type", "netns", "family", "laddr", "lport", "raddr", "rport", "pid", "comm", "cgroup",
             "retrans", "retrans_interval", "tlp", "tlp_attempts", "tlp_sent", "synack", "by_cause",
             "bytes_retrans", "ratio", "rto_wait_ms", "srtt_us", "rto_us", "cwnd", "ca_state",
             "state", "first_seen", "last_seen", "spurious", "dsacks", "undos", "rttvar_us", "backoff",
             "ssthresh", "in_flight", "mss", "cc", "last_error"]
INTERVAL_KEYS = ["type", "time", "elapsed", "totals", "flows", "evicted", "events_lost",
                 "unattributed", "coverage"]
TOTAL_KEYS = ["retrans", "tlp", "tlp_attempts", "tlp_sent", "synack", "failed", "by_cause"]
CAUSES = ["RTO", "FAST", "RACK", "TLP", "SYN", "SYNACK", "PROBE", "MTU", "FAILED", "OTHER"]
STATES = ("ESTABLISHED SYN_SENT SYN_RECV FIN_WAIT1 FIN_WAIT2 TIME_WAIT CLOSE CLOSE_WAIT LAST_ACK "
          "LISTEN CLOSING").split()

# TIME 8, PID 7, IP 2, LADDR:LPORT 20, the letter and >, RADDR:RPORT 20, STATE.
EVENT_LINE = re.compile(r"^(\d\d:\d\d:\d\d) (\d+ *) ([46] ) (\S+ *) ([RLS]>) (\S+ *) ([A-Z_0-9]+)$")
SEQUENCE_LINE = re.compile(EVENT_LINE.pattern[:-len("([A-Z_0-9]+)$")] + r"([A-Z_0-9]+ *) (\d+)$")
COUNT_LINE = re.compile(r"^(\S+) +<-> (\S+) +(\d+)$")


def padded(text, width):
    return len(text) == max(width, len(text.rstrip()))


def check_events(text, pattern, header, what):
    lines = text.splitlines()
    tap.equal(lines[0], "Tracing retransmits ... Hit Ctrl-C to end", f"{what}: first line")
    tap.equal(lines[1], header, f"{what}: header")
    bad = []
    for line in lines[2:]:
        m = pattern.match(line)
        if not (m and padded(m[2], 7) and padded(m[4], 20) and padded(m[6], 20) and
                m[7].rstrip() in STATES and (pattern is EVENT_LINE or padded(m[7], 12))):
            bad.append(line)
    tap.ok(len(lines) > 50 and not bad, f"{what}: {len(lines) - 2} lines, each as agreed", *bad[:5])


def check_count(text):
    lines = text.splitlines()
    start = lines.index("%-25s %-25s %-10s" % ("LADDR:LPORT", "RADDR:RPORT", "RETRANSMITS"))
    tap.ok(lines[start - 1] == "", "-c: an empty line, then the header")
    rows = [COUNT_LINE.match(line) for line in lines[start + 1:]]
    tap.ok(rows and all(m and m[0] == "%-20s <-> %-20s %10d" % (m[1], m[2], int(m[3]))
                        for m in rows), "-c: each row as agreed", *lines[start + 1:start + 5])
    counts = [int(m[3]) for m in rows]
    tap.equal(counts, sorted(counts, reverse=True), "-c: worst first")
    tap.ok(all(counts), "-c: no row without a retransmit")
    tap.ok(any(m[1].startswith("[fd77") for m in rows) and
           any(re.match(r"10\.77\.\d+\.\d+:\d+", m[1]) for m in rows), "-c: [v6]:port and v4:port")


def check_keys(found, keys, what):
    wrong = [o for o in found if list(o) != keys]
    tap.ok(found and not wrong, f"{what}: every key, in order ({len(found)} objects)",
           *wrong[:2])


def check_json(events, batch, count):
    """Key by key; then jq reads it all."""
    probes = [o for o in events if o["kind"] == "L"]
    check_keys([o for o in events if o["kind"] != "L"], EVENT_KEYS, "events")
    check_keys([{k: v for k, v in o.items() if k != "sent"} for o in probes], EVENT_KEYS, "probes")
    tap.ok(all(o["sent"] in ("retransmit", "new", "none", None) for o in probes), "probes say sent")
    tap.ok(all(o["cause"] in CAUSES and o["state"] in STATES for o in events), "names are known")
    for name, found in (("-b", batch), ("-c", count)):
        check_keys([o for o in found if o["type"] == "flow"], FLOW_KEYS, f"{name} flows")
        intervals = [o for o in found if o["type"] == "interval"]
        check_keys(intervals, INTERVAL_KEYS, f"{name} intervals")
        check_keys([o["totals"] for o in intervals], TOTAL_KEYS, f"{name} totals")
        check_keys([o["by_cause"] for o in found if "by_cause" in o], CAUSES, f"{name} causes")
    embryonic = [o for o in batch if o["type"] == "flow" and o["state"] == "SYN_RECV"]
    tap.ok(embryonic and all(o[k] is None for o in embryonic
                             for k in ("srtt_us", "rto_us", "cwnd", "ca_state", "ratio")),
           "what a half-open connection does not know is null")
    tap.equal([o["type"] for o in count][-1], "interval", "-c ends with an interval")
    tap.equal(sum(o["type"] == "interval" for o in count), 1, "-c has one")
    totals = count[-1]["totals"]
    tap.equal(sum(o["retrans"] + o["tlp"] + o["synack"] for o in count if o["type"] == "flow"),
              totals["retrans"] + totals["tlp"] + totals["synack"], "-c: the flows make the total")


def check_csv(text):
    rows = list(csv.reader(io.StringIO(text)))
    tap.ok(len(rows) > 3 and rows[0][0] == "time", "csv: a header, led by time", rows[:1])
    tap.ok(all(len(row) == len(rows[0]) for row in rows), "csv: as many fields in each row")
    tap.equal(sum(row == rows[0] for row in rows), 1, "csv: the header comes once")


with Tcpretop("-e") as plain, Tcpretop("-e", "-s", "-l") as sequence, \
        Tcpretop("-e", "--json", "-l") as events, Tcpretop("-c", "-l") as counted, \
        Tcpretop("-c", "--json", "-l") as json_count, Tcpretop("-b", "--json", "-l") as batch, \
        Tcpretop("-b", "--csv") as table, Tcpretop("-e", "-4") as only4, Tcpretop("-e", "-6") as only6:
    with Lab("loss,p=10,n=6,v=46", "tail,n=4,v=46", "synhole,n=2", "synackloss,p=80,n=4,v=46") as lab:
        netns = lab.netns().values()
        wait_until(lambda: len(plain.so_far().splitlines()) > 500 and
                   " S> " in plain.so_far() and "SYN_SENT" in plain.so_far() and
                   any(o["state"] == "SYN_RECV" for o in objects(batch.so_far(), "flow")),
                   "500 events of all sorts", 120)
        lab("quiet", "60")
    event_text, sequence_text = plain.stop(), sequence.stop()
    json_texts = [top.stop() for top in (events, batch, json_count)]
    check_events(event_text, EVENT_LINE,
                 "TIME     PID     IP LADDR:LPORT          T> RADDR:RPORT          STATE", "-e")
    check_events(sequence_text, SEQUENCE_LINE,
                 "TIME     PID     IP LADDR:LPORT          T> RADDR:RPORT          STATE        SEQ",
                 "-e -s -l")
    tap.ok("[" not in event_text, "-e: IPv6 without brackets")
    check_count(counted.stop())
    check_json(*(objects(text) for text in json_texts))
    check_csv(table.stop())
    for option, top in (("4", only4), ("6", only6)):
        families = set(re.findall(r"^\S+ \S+ +([46]) ", top.stop(), re.M))
        tap.equal(families, {option}, f"-{option} shows IPv{option} alone")
    for text in json_texts:
        jq = subprocess.run(["jq", "-e", "-n", "reduce inputs as $o (0; .+1)"], input=text,
                            stdout=subprocess.PIPE, text=True)
        tap.ok(jq.returncode == 0 and int(jq.stdout) == len(text.splitlines()), "jq reads it")
    tap.equal({top.status for top in (plain, counted, batch)}, {0}, "Ctrl-C is a good end: status 0")
tap.end()
