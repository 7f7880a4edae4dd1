# SPDX-License-Identifier: GPL-2.0-only
"""What can be compared from one run to the next and, more or less, between machines; and the goals."""

MOVED = 0.2
GOALS = {  # by the ratio's name: what it may be at most
    "viewer/empty per event": 7,
    "viewer/bpftrace per event": 0.8,
    "viewer/empty added": 7,
    "viewer/bpftrace added": 0.8,
    "viewer/empty on one CPU": 7,
    "viewer/bpftrace on one CPU": 0.8,
}
CPU_GOAL, RSS_GOAL_MB, START_GOAL_MS = 0.02, 12, 120
TICK_GOAL_MS, FLOW_GOAL_BYTES, KEY_GOAL_MS, FIREHOSE_GOAL = 5, 350, 20, 0.6
SOONER_GOAL = 10  # times, than bcc
MILLION = 1000000, 1000  # flows, of which so many change each second


def event_ratios(part, what="per event"):
    ns = {name: s["median"] for name, s in part["ns"].items()}
    made = {}
    for name in ("viewer", "batch", "events"):
        for base in ("empty", "bpftrace"):
            if name in ns and base in ns:
                made[f"{name}/{base} {what}"] = ns[name] / ns[base]
    return made


def added_ratios(part):
    return event_ratios(part, "added")


def one_cpu_ratios(part):
    return event_ratios(part, "on one CPU")


def floor_ratios(part):
    ns = part["ns"]
    return {f"{name}/empty floor": ns[name]["median"] / ns["empty"]["median"] for name in ("table", "storage", "array")}


def printing_ratios(part):
    return {f"-e/bpftrace per line, {load} load": found["events"]["ns"]["median"] / found["bpftrace"]["ns"]["median"]
            for load, found in part["loads"].items() if "bpftrace" in found}


def crowd_ratios(part):
    made = {}
    for name in ("viewer", "batch"):
        share = part[name]["cpu_share"]
        made[f"{name} CPU/goal"] = share / CPU_GOAL
        made[f"{name} CPU in all/goal"] = (share + part[name]["kernel_share"]) / CPU_GOAL
        made[f"{name} RSS/goal"] = part[name]["rss_mb"] / RSS_GOAL_MB
    return made


def traffic_ratios(part):
    return {f"{name} with viewer/without, {load}": 1 + found[key]["change"] for load, found in part.items()
            for key, name in (("segs_per_s", "throughput"), ("softirq_ns", "softirqs a segment"))}


def million(part):
    return next(r["viewer"] for r in part["rows"] if (r["flows"], r["changing"]) == MILLION)


def scale_ratios(part):
    row = million(part)
    return {"tick at a million flows/goal": row["cpu_ms"] / TICK_GOAL_MS,
            "bytes per flow/goal": row["bytes_per_flow"] / FLOW_GOAL_BYTES}


def key_ratios(part):
    made = {}
    for load in "idle", "full":
        made[f"key to screen, {load}/goal"] = part[load]["p99"] / KEY_GOAL_MS
        made[f"key to screen, {load}/an echo"] = part[load]["p99"] / part[f"{load}, an echo"]["p99"]
    return made


def firehose_ratios(part):
    return {"-e -l CPU/goal": part["cpu_share"] / FIREHOSE_GOAL}


def owners_cost(part):
    return part["many"]["cpu_share"] - part["few"]["cpu_share"]


def owner_ratios(part):
    return {"owners CPU/goal": owners_cost(part) / CPU_GOAL}


def start_ratios(part):
    ms = {name: s["median"] for name, s in part["ms"].items()}
    made = {"viewer start/goal": ms["viewer"] / START_GOAL_MS}
    for base in ("bpftrace", "tcpretrans"):
        for name in ("viewer", "events"):
            if base in ms:
                made[f"{name}/{base} start"] = ms[name] / ms[base]
    return made


def bcc_ratios(part):
    made = {}
    if part["missing"]:
        return made
    theirs, each = part["ms"]["tcpretrans"]["median"], part["each"]
    for name in ("viewer", "events"):
        made[f"{name}/bcc start"] = part["ms"][name]["median"] / theirs
        made[f"{name}/bcc RSS"] = each[name]["rss_mb"] / each["tcpretrans"]["rss_mb"]
        for key, what in ("ns", "per event"), ("in_all_ns", "CPU in all per event"):
            if each[name][key] and each["tcpretrans"][key]:
                made[f"{name}/bcc {what}"] = each[name][key]["median"] / each["tcpretrans"][key]["median"]
    return made


MAKERS = {
    "per_event": event_ratios,
    "added": added_ratios,
    "one_cpu": one_cpu_ratios,
    "floor": floor_ratios,
    "printing": printing_ratios,
    "crowd": crowd_ratios,
    "traffic": traffic_ratios,
    "scale": scale_ratios,
    "keys": key_ratios,
    "firehose": firehose_ratios,
    "owners": owner_ratios,
    "starts": start_ratios,
    "bcc": bcc_ratios,
}


def ratios(found):
    """By name, of the parts that there are."""
    made = {}
    for part, make in MAKERS.items():
        if part in found:
            made.update(make(found[part]))
    return made


def moved(now, before):
    for name in sorted(now.keys() & before.keys()):
        change = now[name] / before[name] - 1
        if abs(change) > MOVED:
            yield f"{name}: {before[name]:.2f} → {now[name]:.2f} ({change:+.0%})"
