#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""tcpretop on other kernels than this one, in virtual machines: loads, attaches, counts exactly."""

import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import machine

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "live"))
from common import BUILD, Recorder, Tap, last_of_each_flow, objects  # noqa: E402

# Architecture, kernel, lockdown, what else the kernel is told; then the way to watch probes that is to
# be taken, others that attach when they are forced, and those that do not. arm64 has no fentry before
# 6.4, and 5.10 does not tell where tcp_write_timer() is. Without ftrace there is neither fentry nor a
# kprobe; that and the timer need bpf_probe_read_kernel(), which confidentiality forbids.
CELLS = (
    ("amd64", "newest", "none", "", "fentry", "kprobe timer none", ""),
    ("amd64", "6.12", "none", "", "fentry", "kprobe timer none", ""),
    ("amd64", "6.1", "none", "CPUS=32", "fentry", "kprobe timer none", ""),
    ("amd64", "5.10", "none", "", "fentry", "kprobe none", "timer"),
    ("arm64", "6.1", "none", "", "kprobe", "timer none", "fentry"),
    ("amd64", "6.12", "integrity", "", "fentry", "", ""),
    ("amd64", "6.12", "confidentiality", "", "fentry", "", "kprobe timer"),
    ("amd64", "6.1", "integrity", "", "fentry", "", ""),
    ("amd64", "6.1", "confidentiality", "", "fentry", "", ""),
    ("amd64", "6.12", "none", "FTRACE=off", "timer", "", "fentry kprobe"),
    ("amd64", "6.1", "confidentiality", "FTRACE=off", "none", "", ""),
)
# trace_call_bpf() runs no kprobe on a processor that is reading a map, as all the programs here do. The
# timer's tracepoints do not see a probe that waits because its socket is in use (tcp_release_cb()); the
# slower the machine, the more of them are.
PRECISION = {"fentry": 0.01, "kprobe": 0.1, "timer": 0.05}
TABLE, LRU_HASH, STRANDED = 4096, 9, 128  # of init; of <linux/bpf.h>; entries that a CPU takes for itself
STEP = 7000  # seconds that init sets the clock, at least
MODES = ("count", "events", "batch", "viewer")
AT_ONCE = 2  # each machine keeps one processor busy
TRIES = 4
CAP_BPF = 1 << 39
HEADER = "TIME     PID     IP LADDR:LPORT          T> RADDR:RPORT          STATE"
EVENT = re.compile(r"\d\d:\d\d:\d\d \d+ * [46]  \S+:\d+ * [RLS]> \S+:\d+ * [A-Z_0-9]+")


def fetch():
    """{(arch, name): (directory, None) or (None, why there is none)} of all cells."""
    found = {}
    for arch in dict.fromkeys(cell[0] for cell in CELLS):
        names = sorted({cell[1] for cell in CELLS if cell[0] == arch})
        text = subprocess.run([str(machine.HERE / "fetch"), "-a", arch, *names], check=False,
                              stdout=subprocess.PIPE, text=True).stdout
        for line in text.splitlines():
            name, directory, rest = line.split(" ", 2)
            found[arch, name] = (Path(directory), None) if directory != "-" else (None, rest)
    return found


def counters(text):
    """Sums over the namespaces of /proc/net/snmp and netstat."""
    sums, names = {}, []
    for line in text.splitlines():
        kind, *fields = line.split()
        if not names:
            names = fields
            continue
        for name, value in zip(names, fields):
            sums[kind + name] = sums.get(kind + name, 0) + int(value)
        names = []
    return sums


def way_of(descriptors):
    """How the hooks for tail loss probes were attached, by the program's own descriptors."""
    if re.search(r"^attach_type:\s*2[45]$", descriptors, re.MULTILINE):
        return "fentry"
    if "[perf_event]" in descriptors or re.search(r"^link_type:\s*perf", descriptors, re.MULTILINE):
        return "kprobe"
    return "timer" if "timer_expire_entry" in descriptors else "none"


def segments(flows):
    return sum(o["retrans"] + o["tlp"] + o["synack"] for o in flows)


def check_programs(tap, name, files):
    statuses = dict(line.split() for line in files["statuses"].splitlines())
    said = "".join(files[f"{mode}.err"] for mode in MODES) + files["trouble"]
    logs = [line for mode in MODES for line in files.get(f"{mode}.log", "").splitlines()]
    return tap.ok({statuses[mode] for mode in MODES} == {"0"} and not said,
                  f"{name}: all modes load, attach and end well, with nothing on stderr",
                  f"exit statuses {statuses}", *said.splitlines(), *logs[-12:])


def check_seen(tap, name, way, flows, kernel, *why):
    seen, wanted = segments(flows), kernel["Tcp:RetransSegs"]
    tap.ok(seen == wanted and wanted > 0,
           f"{name}: probes by {way}, seen {seen}, kernel {wanted}, difference {seen - wanted}", *why)


def check_sent(tap, name, way, flows, kernel):
    if way == "none":
        tap.equal({o[key] for o in flows for key in ("tlp_attempts", "tlp_sent")}, {None},
                  f"{name}: by {way}, attempts and probes sent are unknown, not 0")
        tap.equal({o["by_cause"]["RACK"] for o in flows}, {None}, f"{name}: by {way}, so is what RACK's timer sent")
    else:
        tap.within(sum(o["tlp_sent"] for o in flows), kernel["TcpExt:TCPLossProbes"], PRECISION[way],
                   f"{name}: by {way}, probes sent against TCPLossProbes", 2)


def check_count(tap, name, files, kernel, way):
    """By the way that it takes when it is not told."""
    *flows, last = objects(files["count.out"])
    wanted = kernel["Tcp:RetransSegs"]
    tap.equal(way_of(files["count.fds"]), way, f"{name}: probes are watched by {way}")
    check_seen(tap, name, way, flows, kernel)
    check_sent(tap, name, way, flows, kernel)
    seen = segments(last_of_each_flow(files["batch.out"]).values())
    tap.ok(seen == wanted, f"{name}: -b saw as much", f"saw {seen} of {wanted}; its last interval:",
           json.dumps(objects(files["batch.out"], "interval")[-1]))
    tap.equal(last["coverage"], {"seen": wanted, "kernel": wanted}, f"{name}: coverage says so")


def check_refused(tap, name, way, files):
    said = files[f"{way}.err"]
    tap.ok(f"{way} 4\n" in files["statuses"] and not files[f"{way}.out"]
           and re.fullmatch(f"tcpretop: [^\n]* {way};[^\n]*--tlp-way[^\n]*\n", said),
           f"{name}: {way} forced cannot be attached: status 4 and one line", files["statuses"], said)


def check_errors(tap, name, files):
    """Linux 6.17 tells whether a segment could be sent."""
    old = [int(n) for n in files["release"].split(".")[:2]] < [6, 17]
    last = objects(files["count.out"])[-1]["totals"]
    found = {last["failed"] is None, last["by_cause"]["FAILED"] is None}
    tap.equal(found, {old}, f"{name}: failed sends are {'unknown, not 0' if old else 'known'}")


def check_forced(tap, name, way, files, kernel):
    said = files[f"{way}.err"]
    name = f"{name}, forced"
    if tap.ok(f"{way} 0\n" in files["statuses"] and way_of(files[f"{way}.fds"]) == way
              and not said, f"{name}: probes are watched by {way}", files["statuses"], said):
        flows = objects(files[f"{way}.out"], "flow")
        check_seen(tap, name, way, flows, kernel)
        check_sent(tap, name, way, flows, kernel)


def check_events(tap, name, files):
    lines = files["events.out"].splitlines()
    bad = [line for line in lines[2:] if not EVENT.fullmatch(line)]
    tap.ok(lines[:2] == ["Tracing retransmits ... Hit Ctrl-C to end", HEADER]
           and len(lines) > 200 and not bad, f"{name}: -e prints {len(lines) - 2} lines as agreed",
           *lines[:3], *bad[:5])


def check_viewer(tap, name, files):
    screen = files["console"]
    tap.ok("RETR/s" in screen and "coverage" in screen,
           f"{name}: the viewer shows its screen", *screen.splitlines()[-5:])


def check_privileges(tap, name, files):
    """Before Linux 5.19 CAP_BPF stays, and the viewer says so."""
    old = [int(n) for n in files["release"].split(".")[:2]] < [5, 19]
    kept, bad = {"CapPrm": CAP_BPF, "CapEff": CAP_BPF} if old else {}, []
    for mode in MODES:
        said = dict(line.split(":\t", 1) for line in files[f"{mode}.status"].splitlines() if ":\t" in line)
        bad += [f"{mode}: {cap} {said[cap]}" for cap in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")
                if int(said[cap], 16) != kept.get(cap, 0)]
        bad += [f"{mode}: uid {said['Uid']}"] if "0" in said["Uid"].split() else []
        bad += [f"{mode}: {what} {said[what]}" for what, n in (("NoNewPrivs", "1"), ("Seccomp", "2")) if said[what] != n]
    tap.ok(not bad, f"{name}: no rights are left" + old * ", but CAP_BPF", *bad)
    tap.equal("CAP_BPF is kept" in files["console"], old, f"{name}: the viewer says what is kept")


def check_table(tap, name, files, extra):
    """Each CPU that there may be takes entries for itself: the table has so many more."""
    cpus = 1 + int(re.split("[-,]", files["possible"].strip())[-1])
    sizes = re.findall(rf"^map_type:\t{LRU_HASH}\n(?:\w+:.*\n)*?max_entries:\t(\d+)$", files["count.fds"], re.MULTILINE)
    wanted = re.findall(r"CPUS=(\d+)", extra) or [cpus]
    tap.equal(({*map(int, sizes)}, cpus), ({TABLE + STRANDED * cpus}, int(wanted[0])),
              f"{name}: {cpus} processors may be there, and the flow table has room for {TABLE} flows")


def check_clock(tap, name, files):
    """It was set two hours on, and back: the time of day moves, and nothing that is measured."""
    looks, flows = (objects(files["batch.out"], kind) for kind in ("interval", "flow"))
    times = [o["time"] for o in looks]
    tap.ok(max(times) - min(times) > STEP and all(0 < o["elapsed"] < 100 for o in looks),
           f"{name}: a clock that is set moves no interval", times, [o["elapsed"] for o in looks])
    odd = [o for o in flows if not 0 <= o["last_seen"] - o["first_seen"] < 1000]
    tap.ok(not odd, f"{name}: and no flow", *odd[:3])


def check_all(tap, name, files, extra, way, forced, refused):
    kernel = counters(files["counters"])
    check_table(tap, name, files, extra)
    check_clock(tap, name, files)
    check_count(tap, name, files, kernel, way)
    check_errors(tap, name, files)
    for other in forced.split():
        check_forced(tap, name, other, files, kernel)
    for other in refused.split():
        check_refused(tap, name, other, files)
    check_events(tap, name, files)
    check_viewer(tap, name, files)
    check_privileges(tap, name, files)


def try_cell(arch, directory, lockdown, extra, *ways):
    """The checks of one machine, made but not yet printed."""
    tap = Recorder()
    release = (directory / "release").read_text()
    name = ", ".join(filter(None, (release, f"lockdown {lockdown}", extra)))
    try:
        force = "FORCE=" + ",".join(f"{ways[1]} {ways[2]}".split())
        files = machine.boot(arch, directory, lockdown, f"{extra} {force}", BUILD)
        tap.equal([files["release"].strip(), f"[{lockdown}]" in files["lockdown"]],
                  [release, True], f"{name}: boots")
        if check_programs(tap, name, files):
            check_all(tap, name, files, extra, *ways)
    except machine.CannotHave as e:
        tap.calls.append(("skip", name, str(e)))
    except machine.cross.CannotBuild as e:
        tap.ok(False, f"{name}: tcpretop can be built for {arch}", *str(e).splitlines()[-20:])
    except machine.Failed as e:
        tap.ok(False, f"{name}: answers", *str(e).splitlines())
    except (json.JSONDecodeError, KeyError, ValueError, TypeError) as e:
        tap.ok(False, f"{name}: what it prints can be read", repr(e))
    return tap


def run(*cell):
    """An emulated processor is slow enough for one event to come while a program still handles the
    one before, which the kernel then does not hand to it: what fails is tried again, as tests/live do."""
    failures = []
    for _ in range(TRIES):
        tap = try_cell(*cell)
        if not tap.failed:
            break
        failures += ["; ".join(["at first not so: " + name, *map(str, why[:3])])
                     for check, passed, name, *why in (call for call in tap.calls if call[0] == "ok") if not passed]
    for failure in failures:
        tap.note(failure)
    return tap.calls


def report(tap, cells):
    """Prints the checks in the order of the cells, each when it is done."""
    for cell, why, job in cells:
        if not job:
            tap.skip(" ".join(filter(None, ("kernel", *cell[:4]))), why)
            continue
        for check, *args in job.result():
            getattr(tap, check)(*args)


def main():
    tap = Tap()
    kernels = fetch()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        cells = []
        for cell in CELLS:
            arch, kernel, *rest = cell
            directory, why = kernels.get((arch, kernel), (None, "fetch told nothing of it"))
            job = pool.submit(run, arch, directory, *rest) if directory else None
            cells.append((cell, why, job))
        try:
            report(tap, cells)
        except BaseException:  # what has not begun is not to begin any more
            pool.shutdown(cancel_futures=True)
            raise
    tap.end()


if __name__ == "__main__":
    main()
