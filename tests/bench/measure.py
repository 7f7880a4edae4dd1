# SPDX-License-Identifier: GPL-2.0-only
"""What the benchmark measures. Each function returns plain numbers; none of them judges."""
import contextlib
import statistics
import time

import programs
from common import Lab

# Many retransmits, but a machine that is not full: programs have to start in it. And 10,000 flows
# of which most are in trouble each second.
STORM = "loss,n=2000,p=30,mss=200,write=2k,gap=500"
CROWD = "loss,n=10000,p=30,write=1000,gap=1000,mss=500"
CROWD_FLOWS = 10000
# New sockets all the time, so that their owners are always looked for.
CHURN = "loss,n=100,p=20,write=3000,gap=0,life=900,again=100"
HOLDERS, HELD = 1000, 50
LAB_SECONDS = 120  # it ends by itself after so long

COUNTER = "on_retransmit"
ITERATOR = "find_owners"  # runs in the process itself, so its time is in the CPU time already
WARM_UP, SLICE, SLICES = 1.5, 2.0, 2
ADDED_ROUNDS = 2  # one slice each, of every order: what else happens on the machine moves them most
CROWD_WARM_UP = 30  # until all of them have been in trouble, and their owners are known
WATCHES, WATCHED = 5, 4  # slices and their seconds, where only one thing is watched
STARTS = 7

CONTENDERS = {
    "empty": programs.empty,
    "viewer": programs.viewer,
    "batch": programs.batch,
    "events": programs.events,
    "bpftrace": programs.bpftrace,
}

ALONE = {**CONTENDERS, "empty": programs.untimed, "nothing": contextlib.nullcontext}
LEAST = {
    "empty": programs.untimed,
    "table": lambda: programs.least("table"),
    "storage": lambda: programs.least("storage"),
    "array": lambda: programs.least("array"),
    "nothing": contextlib.nullcontext,
}


def spread(values):
    return {"median": statistics.median(values), "min": min(values), "max": max(values),
            "n": len(values)}


def growth(before, after, ids):
    """Name → (ns, runs) of these programs between two looks."""
    return {after[i][0]: (after[i][1] - before[i][1], after[i][2] - before[i][2]) for i in ids}


def own(name, program):
    """The programs of one contender by name; what others loaded before is not among them."""
    ids = program.bpf_ids()
    if not ids:
        raise programs.DidNotRun(f"{name} holds no BPF program")
    return ids


def slices(running):
    """One (ns, runs) by contender and program for each slice of time."""
    ids = {name: own(name, program) for name, program in running.items()}
    before = programs.bpf_times()
    for _ in range(SLICES):
        time.sleep(SLICE)
        after = programs.bpf_times()
        yield {name: growth(before, after, ids[name]) for name in running}
        before = after


def rounds(names):
    """Each is first once, and so pays for what is not in the cache yet; each is last once."""
    return [names[i:] + names[:i] for i in range(len(names))]


def per_event(note):
    """ns per event of each contender, all attached at once, in every order of attaching."""
    ns = {name: [] for name in CONTENDERS}
    others, missing = {}, {}
    events = []
    with Lab(STORM, duration=LAB_SECONDS):
        for order in rounds(list(CONTENDERS)):
            note(f"per event: {' '.join(order)}")
            with contextlib.ExitStack() as stack:
                running = start_all(order, stack, missing)
                time.sleep(WARM_UP)
                for found in slices(running):
                    collect(found, ns, others)
                    events.append(found["empty"]["empty"][1])
    return {
        "ns": {name: spread(values) for name, values in ns.items() if values},
        "others_ns": {name: spread(values) for name, values in others.items()},
        "events": sum(events),
        "events_per_s": sum(events) / (len(events) * SLICE),
        "missing": missing,
    }


def added(note, alone=ALONE, where=contextlib.nullcontext):
    """ns that each contender adds to an event, alone between two marks: with all that the kernel does to call it.
    `where` tells on which CPUs the traffic is."""
    ns = {name: [] for name in alone if name != "nothing"}
    missing, nothing = {}, []
    events = left_out = 0
    for order in ADDED_ROUNDS * rounds(list(alone)):
        spent = {}
        with contextlib.ExitStack() as stack:
            with where():
                stack.enter_context(Lab(STORM, duration=LAB_SECONDS))
            for name in order:
                note(f"added to an event: {name}")
                try:
                    time_spent, runs, interrupted = marked(alone[name])
                except programs.DidNotRun as e:
                    if name != "bpftrace":
                        raise
                    missing[name] = str(e)
                    continue
                if not runs:
                    raise programs.DidNotRun(f"no event came to {name}")
                spent[name] = time_spent / runs
                events += runs
                left_out += interrupted
        nothing.append(spent.pop("nothing"))
        for name, took in spent.items():
            ns[name].append(took - nothing[-1])
    return {
        "ns": {name: spread(values) for name, values in ns.items() if values},
        "nothing_ns": statistics.median(nothing),
        "events": events,
        "interrupted": left_out,
        "missing": missing,
    }


def one_cpu(note):
    """The same where each flow stays on its CPU, as with a NIC that has queues: no counter has to come from another."""
    return added(note, where=programs.on_one_cpu)


def floor(note):
    """The same of one addition by flow, in such a table or in the socket itself: what counts by flow takes no less."""
    return added(note, LEAST)


def marked(contender):
    """ns, events and interrupted ones of a slice of time, the marks' own included."""
    with programs.Marks() as marks, contender():
        time.sleep(WARM_UP)  # bpftrace says that it attaches before it does
        marks.end_here()
        time.sleep(WARM_UP)
        began = marks.look()
        time.sleep(SLICE)
        return [after - before for before, after in zip(began, marks.look())]


def start_all(names, stack, missing):
    """A peer may be missing; without the empty program, or ours, there is nothing to measure."""
    running = {}
    for name in names:
        try:
            running[name] = stack.enter_context(CONTENDERS[name]())
        except programs.DidNotRun as e:
            if name != "bpftrace":
                raise
            missing[name] = str(e)
    return running


def collect(found, ns, others):
    """The time per run of each contender's counting program, and of all that the viewer loads."""
    for name, times in found.items():
        for program, (spent, runs) in times.items():
            if not runs:
                continue
            if len(times) == 1 or program == COUNTER:
                ns[name].append(spent / runs)
            elif name == "viewer":
                others.setdefault(program, []).append(spent / runs)


class Watch:
    """CPU time of a process and of its BPF programs over a while, as shares of one core."""

    def __init__(self, program):
        self.program = program
        self.ids = self.in_kernel(program)
        self.cpu, self.bpf, self.runs, self.at = self.look()

    @staticmethod
    def in_kernel(program):
        times = programs.bpf_times()
        return [i for i in program.bpf_ids() if times[i][0] != ITERATOR]

    def look(self):
        times = programs.bpf_times()
        spent, runs = (sum(times[i][n] for i in self.ids) for n in (1, 2))
        return self.program.cpu_ns(), spent, runs, time.monotonic_ns()

    def end(self):
        """Of the while that ends now; the next one begins."""
        before = self.cpu, self.bpf, self.runs, self.at
        self.cpu, self.bpf, self.runs, self.at = self.look()
        elapsed = self.at - before[3]
        return {
            "seconds": elapsed / 1e9,
            "cpu_share": (self.cpu - before[0]) / elapsed,
            "kernel_share": (self.bpf - before[1]) / elapsed,
            "runs_per_s": 1e9 * (self.runs - before[2]) / elapsed,
            "rss_mb": self.program.rss_kb() / 1024,
        }


def medians(running, slices=WATCHES, seconds=WATCHED):
    """What Watch finds of each program by name, the medians of so many slices of time."""
    found = {name: [] for name in running}
    watches = {name: Watch(program) for name, program in running.items()}
    began = time.monotonic()
    for n in range(slices):
        time.sleep(max(0, began + (n + 1) * seconds - time.monotonic()))  # as many looks of theirs in each slice
        for name, watch in watches.items():
            found[name].append(watch.end())
    return {name: {key: statistics.median(s[key] for s in ends) for key in ends[0]}
            for name, ends in found.items()}


def without_timing(found, empty):
    """The kernel switches its statistics on for us alone: the kernel's share less what it shows of an empty program."""
    timing = found["runs_per_s"] * empty["kernel_share"] / empty["runs_per_s"]
    return {**found, "kernel_share": found["kernel_share"] - timing, "timing_share": timing}


def crowd(note):
    """The viewer and -b with ten thousand flows in trouble, one after the other: no host runs both."""
    found = {}
    with contextlib.ExitStack() as stack:
        lab = stack.enter_context(Lab(CROWD, duration=LAB_SECONDS))
        empty = stack.enter_context(programs.empty())
        for name, make in ("viewer", programs.viewer), ("batch", programs.batch):
            note(f"{CROWD_FLOWS:,} flows: {name}")
            with make("-d", "1") as program:
                time.sleep(CROWD_WARM_UP)
                began, retrans = time.monotonic(), lab.counters()["TcpRetransSegs"]
                of_both = medians({name: program, "empty": empty})
                found[name] = without_timing(of_both[name], of_both["empty"])
                retrans = lab.counters()["TcpRetransSegs"] - retrans
                found["segs_per_s"] = retrans / (time.monotonic() - began)
                if name == "batch":
                    tracked = program.last(rb"tracked ([\d,]+)")
    found["tracked"] = int(tracked.replace(b",", b""))
    return found


def owners(note):
    """CPU share of the viewer while owners are looked for, on a host with few sockets and with many."""
    found = {}
    for name, processes in ("few", 1), ("many", HOLDERS):
        note(f"owners: {processes:,} × {HELD} sockets more")
        with contextlib.ExitStack() as stack:
            stack.enter_context(programs.holders(processes, HELD))
            stack.enter_context(Lab(CHURN, duration=LAB_SECONDS))
            stack.enter_context(programs.empty())
            view = stack.enter_context(programs.viewer("-d", "1"))
            time.sleep(3)
            walks = programs.runs_of(view, ITERATOR)
            found[name] = medians({"viewer": view})["viewer"]
            found[name]["files_walked"] = programs.runs_of(view, ITERATOR) - walks
    return found


def start(make):
    times = []
    for _ in range(STARTS):
        with make() as program:
            times.append(program.seconds * 1000)
    return spread(times)


def starts(note):
    """Milliseconds from the start of each program to the first thing that it shows."""
    found, missing = {}, {}
    for name, make in {
        "viewer": programs.viewer,
        "events": programs.events,
        "bpftrace": programs.bpftrace,
        "tcpretrans": programs.tcpretrans,
    }.items():
        note(f"start: {name}")
        try:
            found[name] = start(make)
        except programs.DidNotRun as e:
            if name in ("viewer", "events"):
                raise
            missing[name] = str(e)
    return {"ms": found, "missing": missing}
