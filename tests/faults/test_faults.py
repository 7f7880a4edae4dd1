#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Every call that can fail fails: once, always, or with all of its kind from then on, while the program does all it can.

sites.py lists the calls (sites), scenarios.py what the program does meanwhile, judge.py says what is right. Each scenario
is run undisturbed to see which sites it reaches; then once for each of these, each error and each way to fail. Sites that
are reached only after a fault are taken in the same way, after that fault.

$FAULT_SECONDS (60) bound it: a sample, of which $FAULT_SEED is the seed; 0 tries all (make faults). $BUILD/faults/sites
has the list of all sites with what became of them. Of all, one that nothing reaches is an error unless
tests/faults/unreached says why; a call of a function that tests/faults/functions does not know always is one.
"""
import collections
import errno
import multiprocessing
import os
import random
import signal
import sys
import time
import traceback

sys.dont_write_bytecode = True
from judge import judge  # noqa: E402
from scenarios import SCENARIOS, Context  # noqa: E402
import sites  # noqa: E402

SECONDS = float(os.environ.get("FAULT_SECONDS", "60"))
SEED = os.environ.get("FAULT_SEED") or str(random.randrange(10**6))
AT_ONCE = 6  # they mostly wait
FOR_EVER, SIGNALS = 2**60, 40
DEPTH = 3  # faults after one another

# One way to fail: the nth call and so many, of the function everywhere then if `all`.
Fault = collections.namedtuple("Fault", "site first times error all transparent")
Job = collections.namedtuple("Job", "scenario faults")
BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}


class World:
    """What the processes that run scenarios share: it is there before they are made."""

    def __init__(self):
        self.fallible, self.infallible = sites.read_functions()
        self.programs, self.objects = sites.build(self.fallible)
        self.sites = {name: sites.read_sites(path) for name, path in self.programs.items()}
        self.names = {p: {s.address: name for name, s in found.items()} for p, found in self.sites.items()}
        self.context = Context(self.programs)
        self.right, self.end = {}, None

    def order(self, program, fault):
        site = self.sites[program][fault.site]
        return f"{'+' * fault.all}{site.address:x} {fault.first} {fault.times} {fault.error}"

    def standing(self, scenario):
        """The faults that the scenario is about."""
        faults = []
        for text in scenario.before:
            *site, error = text.split()
            found = [name for name in self.sites[scenario.program] if name.split(" ", 1)[1] == " ".join(site)]
            assert len(found) == 1, f"{scenario.name}: {text} is {found}"
            faults.append(Fault(found[0], 1, FOR_EVER, getattr(errno, error), False, False))
        return faults

    def run(self, scenario, faults):
        return scenario.run(self.context, ";".join(self.order(scenario.program, f) for f in faults))

    def reached(self, scenario, result):
        names = self.names[scenario.program]
        return {names[a]: calls for a, (calls, _) in result.counts.items() if a in names}


world = None


def let_it_end():
    """In a process of the pool: only the first of them has something to clean up."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def begin(name):
    """Undisturbed: its result and the sites that it reaches."""
    scenario = BY_NAME[name]
    result = world.run(scenario, world.standing(scenario))
    return name, result, world.reached(scenario, result)


def attempt(job):
    """What was wrong, whether the last fault came, and the sites reached."""
    scenario = BY_NAME[job.scenario]
    if world.end is not None and time.monotonic() > world.end:
        return job, None, False, {}
    try:
        result = world.run(scenario, world.standing(scenario) + list(job.faults))
        last = job.faults[-1]
        wrong = judge(scenario, result, world.right[job.scenario], job.faults,
                      all(f.transparent for f in job.faults))
        came = result.counts.get(world.sites[scenario.program][last.site].address, (0, 0))[1] > 0
        return job, wrong, came, world.reached(scenario, result)
    except Exception:
        return job, [traceback.format_exc()], True, {}


def ways(site, calls, rng):
    """All faults of a site that is called so often."""
    for error, transparent in world.fallible[site.split()[-1].split("#")[0]]:
        most = SIGNALS if transparent and error else FOR_EVER
        yield Fault(site, 1, 1, error, False, transparent)
        if calls > 1:
            yield Fault(site, rng.randint(2, calls), 1, error, False, transparent)
            yield Fault(site, 1, most, error, False, transparent)
        yield Fault(site, rng.randint(1, calls), most, error, True, transparent)


def tell(job):
    how = [f"{f.site}: call {f.first}{'' if f.times == 1 else ' and on'}{', everywhere' if f.all else ''}, "
           f"{errno.errorcode.get(f.error, 'short')}" for f in job.faults]
    return f"{job.scenario}; " + "; then ".join(how)


class Sweep:
    def __init__(self, pool):
        self.pool, self.rng = pool, random.Random(SEED)
        self.reached = {}  # site: (scenarios, with the faults before)
        self.tried, self.failed = collections.Counter(), collections.Counter()
        self.findings, self.runs = [], 0
        (sites.BUILD / "findings").unlink(missing_ok=True)

    def note(self, scenario, before, reached):
        """Sites not seen before, with how often they are called."""
        new = {}
        for site, calls in reached.items():
            places = self.reached.setdefault(site, [])
            if not places:
                new[site] = calls
            if not before or (not places or places[0][1]):
                places.append((scenario, before, calls))
        return new

    def discover(self):
        for name, result, reached in self.pool.imap_unordered(begin, [s.name for s in SCENARIOS], chunksize=1):
            world.right[name] = result
            scenario = BY_NAME[name]
            if result.wrong or result.status not in (*range(6), scenario.right):
                self.findings.append(f"{name}, undisturbed: status {result.status}: {' '.join(result.wrong)}{result.err!r}")
            self.note(name, (), reached)

    def jobs(self, names):
        """All that can be tried at these sites, each scenario that reaches it in turn; dear ones last and least."""
        first, others = [], []
        for site in names:
            places = self.reached[site]
            self.rng.shuffle(places)
            places.sort(key=lambda p: cost(BY_NAME[p[0]]))
            found = [Job(name, (*before, fault)) for name, before, calls in places[:3]
                     for fault in ways(site, calls, self.rng)]
            of_first = [job for job in found if job.scenario == places[0][0]]
            chosen = self.rng.choice(of_first)
            first.append(chosen)
            others += [job for job in found if job is not chosen]
        self.rng.shuffle(first)
        self.rng.shuffle(others)
        return first, others

    def sweep(self):
        """Each site once, also those that a fault leads to, and then the rest."""
        todo, rest = list(self.reached), []
        for _ in range(DEPTH):
            first, others = self.jobs(todo)
            rest += others
            todo = list(self.attempt_all(first))
        while rest:
            rest = [job for jobs in self.jobs(list(self.attempt_all(rest))) for job in jobs]
        self.attempt_all(self.elsewhere([site for site in self.reached if not self.tried[site]]))

    def elsewhere(self, names):
        """What has reached them may need its time to come there again: all scenarios that did."""
        return [Job(name, (*before, next(ways(site, calls, self.rng))))
                for site in names for name, before, calls in self.reached[site]]

    def attempt_all(self, jobs):
        """The sites that were reached for the first time, if they are not too deep."""
        new = {}
        for job, wrong, came, reached in self.pool.imap_unordered(attempt, jobs, chunksize=1):
            if wrong is None:  # there was no time left
                continue
            self.take(job, wrong, came)
            if len(job.faults) < DEPTH:
                new.update(self.note(job.scenario, job.faults, reached))
        return new

    def take(self, job, wrong, came):
        self.runs += 1
        site = job.faults[-1].site
        self.tried[site] += came
        if wrong:
            self.failed[site] += 1
            self.findings.append(tell(job) + "\n" + "\n".join(wrong))
            (sites.BUILD / "findings").write_text("\n\n".join(self.findings))


def cost(scenario):
    return (2 if scenario.live else 1 if scenario.screen else 0) + (len(scenario.keys or ()) > 5)


def without_line(name):
    """src/out.c:57 write_all write → src/out.c write_all write, as tests/faults/unreached has it."""
    where, rest = name.split(" ", 1)
    return f"{where.split(':')[0]} {rest}"


def read_unreached():
    """{site without its line: why}"""
    why, found = "", {}
    for line in (sites.HERE / "unreached").read_text().splitlines():
        if line.startswith("- "):
            why = line[2:]
        elif line and not line.startswith("#"):
            found[line] = why
    return found


def check_calls():
    outside = sites.outside(world.objects)
    unknown = outside - world.fallible.keys() - world.infallible
    gone = (world.fallible.keys() | world.infallible) - outside
    calls = collections.Counter(s.function for s in world.sites["tcpretop"].values())
    named = sites.references(world.objects, world.fallible)
    hidden = {name: (calls[name], n) for name, n in named.items() if calls[name] != n}
    wrong = []
    if unknown:
        wrong.append("tests/faults/functions does not say how these fail: " + " ".join(sorted(unknown)))
    if gone:
        wrong.append("tests/faults/functions names what is no longer called: " + " ".join(sorted(gone)))
    if hidden:
        wrong.append(f"calls found, places that name the function: {hidden}")
    stale = read_unreached().keys() - {without_line(name) for name in world.sites["tcpretop"]}
    return wrong + ["tests/faults/unreached has what is no site: " + name for name in sorted(stale)]


def check_reached(sweep):
    excused = read_unreached()
    left = [name for name in world.sites["tcpretop"] if not sweep.tried[name] and without_line(name) not in excused]
    return [("nothing failed at " if name in sweep.reached else "no scenario reaches ") + name for name in left]


def write_list(sweep):
    excused = read_unreached()
    with open(sites.BUILD / "sites", "w") as f:
        for name in sorted(world.sites["tcpretop"]):
            why = excused.get(without_line(name))
            if sweep.failed[name]:
                result = f"{sweep.failed[name]} of {sweep.tried[name]} wrong"
            elif sweep.tried[name]:
                result = f"right {sweep.tried[name]} times"
            elif name in sweep.reached:
                result = "reached, not tried" + (f": {why}" if why else "")
            else:
                result = f"not reached: {why or 'why?'}"
            f.write(f"{name}\t{result}\n")


def report(number, name, wrong):
    print(f"{'not ok' if wrong else 'ok'} {number} - {name}")
    for text in wrong:
        for line in text.splitlines():
            print("#", line)
    print(end="", flush=True)
    return not wrong


def main():
    global world
    everything = os.geteuid() == 0 and not SECONDS
    print("1..3" if everything else "1..2", flush=True)
    world = World()
    right = report(1, "each function that is called is known to fail or not to", check_calls())
    with world.context.retransmits():
        with multiprocessing.Pool(AT_ONCE, let_it_end) as pool:
            sweep = Sweep(pool)
            sweep.discover()
        # Processes made now know what is right, and when to stop.
        world.end = time.monotonic() + SECONDS if SECONDS else None
        with multiprocessing.Pool(AT_ONCE, let_it_end) as sweep.pool:
            sweep.sweep()
    write_list(sweep)
    reached, tried = len(sweep.reached), sum(1 for n in sweep.tried.values() if n)
    what = f"{len(world.sites['tcpretop'])} sites, {reached} reached, {tried} failed, in {sweep.runs:,} runs; FAULT_SEED={SEED}"
    right &= report(2, f"no crash, leak, hang, wrong output, unclear end: {what}", sweep.findings)
    if everything:
        right &= report(3, "each site is reached and fails, or it is said why not", check_reached(sweep))
    return 0 if right else 1


sys.exit(main())
