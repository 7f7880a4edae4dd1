# SPDX-License-Identifier: GPL-2.0-only
"""Prints what was measured, part by part, beside the goals."""
import load
import measure
from ratios import (CPU_GOAL, FIREHOSE_GOAL, FLOW_GOAL_BYTES, GOALS, KEY_GOAL_MS, MILLION, RSS_GOAL_MB,
                    SOONER_GOAL, START_GOAL_MS, TICK_GOAL_MS, owners_cost)

NAMES = {
    "empty": "empty program",
    "viewer": "tcpretop (viewer)",
    "batch": "tcpretop -b",
    "count": "tcpretop -c",
    "events": "tcpretop -e",
    "bpftrace": "bpftrace, counting by 4-tuple",
    "table": "LRU table, one addition",
    "storage": "socket storage, one addition",
    "array": "array, one addition",
    "tcpretrans": "bcc's tcpretrans",
}


def verdict(value, goal, unit=""):
    return f"goal ≤ {goal:g}{unit}: {'met' if value <= goal else 'missed'}"


def at_least(value, goal):
    return f"goal ≥ {goal:g} ×: {'met' if value >= goal else 'missed'}"


def row(name, value, low, high, unit, *rest):
    numbers = f"{value:,.0f} {unit}".rjust(10)
    spread = f"({low:,.0f} … {high:,.0f})"
    print(f"  {name:<32}{numbers}  {spread:<18}{'  '.join(rest)}".rstrip())


def missing_rows(part):
    for name, why in part["missing"].items():
        print(f"  {NAMES[name]:<32}{why}")


def against(name, time, base, its_time, digits, what):
    """How often the time of another it takes, and whether it may."""
    ratio = time["median"] / its_time["median"]
    goal = GOALS.get(f"{name}/{base} {what}")
    return [f"{ratio:{digits}} × {base}"] + ([verdict(ratio, goal)] if goal else [])


def contenders(part, what):
    ns = part["ns"]
    peer = ns.get("bpftrace")
    for name, s in ns.items():
        rest = against(name, s, "empty", ns["empty"], ".1f", what)
        rest += against(name, s, "bpftrace", peer, ".2f", what) if peer else []
        row(NAMES[name], s["median"], s["min"], s["max"], "ns", *rest)
    missing_rows(part)


def print_per_event(part):
    ns = part["ns"]
    slices = ns["empty"]["n"]
    print(
        f"per retransmit event, all attached at once: median (min … max) of {slices} slices, "
        f"{part['events']:,} events, {part['events_per_s']:,.0f}/s"
    )
    contenders(part, "per event")
    print("  the viewer's other programs, per run")
    for name, s in sorted(part["others_ns"].items()):
        row(f"  {name}", s["median"], s["min"], s["max"], "ns")


def print_added(part):
    print(
        f"added to each retransmit event, one at a time, with all that the kernel does to call it: median (min … max) "
        f"of {part['ns']['empty']['n']} slices, {part['events']:,} events, {part['interrupted']:,} more were interrupted; nothing is "
        f"{part['nothing_ns']:,.0f} ns"
    )
    contenders(part, "added")


def print_one_cpu(part):
    print("the same with all flows on one CPU")
    contenders(part, "on one CPU")


def print_floor(part):
    print("the least that counts by flow: no key made, nothing else read; measured as above")
    contenders(part, "floor")


def print_printing(part):
    for found in part["loads"].values():
        some = found["events"]
        print(f"a line for each event, into a file, {some['events_per_s']:,.0f} events/s: CPU time per "
              f"line, kernel included; median (min … max) of {some['ns']['n']} slices")
        for name, p in found.items():
            label = "bpftrace, printing" if name == "bpftrace" else NAMES[name]
            rest = [f"lost {p['lost']:.2%}", f"RSS {p['rss_mb']:.1f} MB"]
            rest += [f"{p['silent']} slices more without a line"] if p["silent"] else []
            if "bpftrace" in found:
                rest.append(f"{p['ns']['median'] / found['bpftrace']['ns']['median']:4.2f} × bpftrace")
            row(label, p["ns"]["median"], p["ns"]["min"], p["ns"]["max"], "ns", *rest)
    missing_rows(part)


def print_crowd(part):
    print(
        f"{measure.CROWD_FLOWS:,} flows in trouble, {part['tracked']:,} tracked, "
        f"{part['segs_per_s']:,.0f} segments/s, -d 1: medians of {measure.WATCHES} slices of {measure.WATCHED} s"
    )
    for name in ("viewer", "batch"):
        p = part[name]
        share, kernel = p["cpu_share"], p["kernel_share"]
        print(
            f"  {NAMES[name]:<32}{share:>10.2%}  of one core  {verdict(100 * share, 100 * CPU_GOAL, ' %')}; "
            f"{share + kernel:.2%} with its kernel programs {verdict(100 * (share + kernel), 100 * CPU_GOAL, ' %')}, "
            f"without the {p['timing_share']:.2%} that it takes to time them"
        )
        print(f"  {'':<32}{p['rss_mb']:>7.1f} MB  RSS  {verdict(p['rss_mb'], RSS_GOAL_MB, ' MB')}")


def print_traffic(part):
    for kind, found in part.items():
        print(f"traffic, {kind}, {found['again_per_s']:,.0f} segments/s sent again, with the viewer and without by "
              f"turns: median (min … max) of {found['segs_per_s']['on']['n']} slices")
        for key, name, unit in ("segs_per_s", "delivered", "/s"), ("softirq_ns", "softirqs", "ns a segment"):
            p = found[key]
            for side, label in ("off", f"{name}, without"), ("on", f"{name}, with the viewer"):
                row(label, p[side]["median"], p[side]["min"], p[side]["max"], unit)
            within = "no difference beyond noise" if abs(p["change"]) <= p["noise"] else "a difference beyond noise"
            print(f"  {'':<32}{p['change']:>+10.2%}  noise ± {p['noise']:.2%}: {within}")


def print_scale(part):
    print(f"by flows tracked and flows changing a second (or as often as they can), -d 1: CPU time a second, RSS, "
          f"and how much of it a flow; medians of {load.TICKS} slices")
    for r in part["rows"]:
        at = f"{r['flows']:,} {r['changing']:>9,}"
        for mode in load.MODES:
            p, goals = r[mode], []
            if mode == "viewer" and (r["flows"], r["changing"]) == MILLION:
                goals = [verdict(p["cpu_ms"], TICK_GOAL_MS, " ms"),
                         verdict(p["bytes_per_flow"], FLOW_GOAL_BYTES, " bytes")]
            print(f"  {at:>20}  {NAMES[mode]:<18}{p['cpu_ms']:>8.1f} ms  {p['rss_mb']:>7.1f} MB"
                  f"  {p['bytes_per_flow']:>6,.0f} bytes a flow  {'  '.join(goals)}".rstrip())
            at = ""


def print_keys(part):
    print(f"from a key to its answer on the screen, medians of {load.KEY_RUNS} runs of {load.KEYS} keys")
    for name, p in part.items():
        goal = "" if "echo" in name else f"p99 {verdict(p['p99'], KEY_GOAL_MS, ' ms')}"
        print(f"  {name:<32}{p['median']:>7.1f} ms  p99 {p['p99']:.1f} ms  most of all {p['max']:.1f} ms  {goal}".rstrip())


def print_firehose(part):
    print(f"-e -l into a file, {part['events_per_s']:,.0f} retransmit events/s, median of {measure.WATCHES} slices")
    print(f"  {NAMES['events']:<32}{part['cpu_share']:>10.2%}  of one core  "
          f"{verdict(100 * part['cpu_share'], 100 * FIREHOSE_GOAL, ' %')}; {part['lost']:,} events lost, "
          f"{part['bytes_per_s'] / 1e6:.1f} MB/s written")


def print_owners(part):
    n = measure.HOLDERS * measure.HELD
    print(f"owners, {n:,} sockets of {measure.HOLDERS:,} processes, new flows all the time")
    few, many = part["few"]["cpu_share"], part["many"]["cpu_share"]
    print(f"  {NAMES['viewer']:<32}{owners_cost(part):>10.2%}  of one core more than without them "
          f"({few:.2%} → {many:.2%}), {part['many']['files_walked']:,} files walked  "
          f"{verdict(100 * owners_cost(part), 100 * CPU_GOAL, ' %')}")


def print_starts(part):
    n = part["ms"]["viewer"]["n"]
    print(f"from start to the first screen or line: median (min … max) of {n}")
    for name, s in part["ms"].items():
        goal = [verdict(s["median"], START_GOAL_MS, " ms")] if name == "viewer" else []
        row(NAMES[name], s["median"], s["min"], s["max"], "ms", *goal)
    missing_rows(part)


def print_bcc(part):
    if part["missing"]:
        print("beside bcc, in a virtual machine")
        missing_rows(part)
        return
    print(f"beside bcc, in a virtual machine with an emulated processor, Linux {part['kernel']}: from start to the "
          "first screen or line, median (min … max)")
    theirs = part["ms"]["tcpretrans"]["median"]
    for name, s in part["ms"].items():
        rest = [f"{theirs / s['median']:.1f} × sooner"] if name != "tcpretrans" else []
        goal = [at_least(theirs / s["median"], SOONER_GOAL)] if name == "viewer" else []
        row(f"{NAMES[name]}, {s['n']} starts", s["median"], s["min"], s["max"], "ms", *rest, *goal)
    print("  the same, all attached at once: memory; program on the tracepoint, and CPU time in all, per event")
    for name, p in part["each"].items():
        print(f"  {NAMES[name]:<32}{p['rss_mb']:>7.1f} MB  " + (
            f"{p['ns']['median']:>8,.0f} ns  {p['in_all_ns']['median'] / 1000:>8,.1f} µs" if p["ns"] else "no events"))


PRINTERS = {
    "per_event": print_per_event,
    "added": print_added,
    "one_cpu": print_one_cpu,
    "floor": print_floor,
    "printing": print_printing,
    "crowd": print_crowd,
    "traffic": print_traffic,
    "scale": print_scale,
    "keys": print_keys,
    "firehose": print_firehose,
    "owners": print_owners,
    "starts": print_starts,
    "bcc": print_bcc,
}


def print_table(found):
    m = found["machine"]
    print(
        f"tcpretop bench  {m['date']}  {m['kernel']}  {m['cpu']}, {m['cores']} cores, "
        f"load {m['load']:.1f} before"
    )
    for part, show in PRINTERS.items():
        if part in found:
            print()
            show(found[part])
