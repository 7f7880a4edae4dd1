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

# Kernel, lockdown, and what else the kernel is told; then how the hooks for probes must attach.
# Without ftrace neither fentry nor kprobes attach; without kprobes and bpf_probe_read_kernel(),
# which confidentiality forbids, nothing does.
CELLS = (
    ("newest", "none", "", "fentry"),
    ("6.12", "none", "", "fentry"),
    ("6.1", "none", "", "fentry"),
    ("5.10", "none", "", "fentry"),
    ("6.12", "integrity", "", "fentry"),
    ("6.12", "confidentiality", "", "fentry"),
    ("6.1", "integrity", "", "fentry"),
    ("6.1", "confidentiality", "", "fentry"),
    ("6.12", "none", "FTRACE=off", "timer"),
    ("6.1", "confidentiality", "FTRACE=off", "none"),
)
AT_ONCE = 2  # each machine keeps one processor busy
HEADER = "TIME     PID     IP LADDR:LPORT          T> RADDR:RPORT          STATE"
EVENT = re.compile(r"\d\d:\d\d:\d\d \d+ * [46]  \S+:\d+ * [RLS]> \S+:\d+ * [A-Z_0-9]+")


def fetch(names):
    """{name: (directory, None) or (None, why there is none)}"""
    command = [str(machine.HERE / "fetch"), *names]
    text = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False).stdout
    found = {}
    for line in text.splitlines():
        name, directory, rest = line.split(" ", 2)
        found[name] = (Path(directory), None) if directory != "-" else (None, rest)
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
    said = "".join(files[f"{program}.err"] for program in statuses) + files["trouble"]
    logs = [line for program in statuses for line in files.get(f"{program}.log", "").splitlines()]
    return tap.ok(set(statuses.values()) == {"0"} and not said,
                  f"{name}: all modes load, attach and end well, with nothing on stderr",
                  f"exit statuses {statuses}", *said.splitlines(), *logs[-12:])


def check_count(tap, name, files, kernel):
    *flows, last = objects(files["count.out"])
    seen, wanted = segments(flows), kernel["Tcp:RetransSegs"]
    batch = segments(last_of_each_flow(files["batch.out"]).values())
    way = way_of(files["count.fds"])
    tap.ok(seen == wanted == batch and wanted > 0,
           f"{name}: probes by {way}, seen {seen}, kernel {wanted}, difference {seen - wanted}",
           f"-b saw {batch}")
    tap.ok(last["coverage"] == {"seen": wanted, "kernel": wanted}, f"{name}: coverage says so",
           f"{last['coverage']}, unattributed {last['unattributed']}")


def check_probes(tap, name, files, kernel, way):
    flows = objects(files["count.out"], "flow")
    sent, wanted = [o["tlp_sent"] for o in flows], kernel["TcpExt:TCPLossProbes"]
    tap.equal(way_of(files["count.fds"]), way, f"{name}: probes are hooked by {way}")
    if way == "none":
        tap.equal(set(sent), {None}, f"{name}: probes sent are unknown, not 0")
    else:
        tap.within(sum(sent), wanted, 0.01, f"{name}: probes sent against TCPLossProbes", 2)


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


def run(directory, lockdown, extra, way):
    """The checks of one machine, made but not yet printed."""
    tap = Recorder()
    release = (directory / "release").read_text()
    name = ", ".join(filter(None, (release, f"lockdown {lockdown}", extra)))
    try:
        files = machine.boot(directory, lockdown, extra, BUILD)
        tap.equal([files["release"].strip(), f"[{lockdown}]" in files["lockdown"]],
                  [release, True], f"{name}: boots")
        if check_programs(tap, name, files):
            kernel_says = counters(files["counters"])
            check_count(tap, name, files, kernel_says)
            check_probes(tap, name, files, kernel_says, way)
            check_events(tap, name, files)
            check_viewer(tap, name, files)
    except machine.Failed as e:
        tap.ok(False, f"{name}: answers", *str(e).splitlines())
    except (json.JSONDecodeError, KeyError, ValueError, TypeError) as e:
        tap.ok(False, f"{name}: what it prints can be read", repr(e))
    return tap.calls


def report(tap, cells):
    """Prints the checks in the order of the cells, each when it is done."""
    for name, cell, missing, job in cells:
        if missing:
            tap.skip(" ".join(filter(None, ("kernel", name, *cell[:2]))), missing)
            continue
        for check, *args in job.result():
            getattr(tap, check)(*args)


def main():
    tap = Tap()
    kernels = fetch(sorted({cell[0] for cell in CELLS}))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        cells = []
        for name, *cell in CELLS:
            directory, why = kernels.get(name, (None, "fetch told nothing of it"))
            missing = why or machine.missing()
            job = None if missing else pool.submit(run, directory, *cell)
            cells.append((name, cell, missing, job))
        try:
            report(tap, cells)
        except BaseException:  # what has not begun is not to begin any more
            pool.shutdown(cancel_futures=True)
            raise
    tap.end()


if __name__ == "__main__":
    main()
