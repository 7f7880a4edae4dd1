# SPDX-License-Identifier: GPL-2.0-only
"""What is wrong with a run in which something failed, beside one in which nothing did."""
import csv
import errno
import io
import json
import re

BAD_RECORDING, HUNG_UP = 5, 129
SPEAKERS = "tcpretop: ", "fake_viewer: "
TIME = re.compile(rb"(\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d")
# Without these nothing can be given back to the terminal.
GIVES_BACK = (
    "arm_crash_handler sigaction", "on_crash write", "on_crash tcsetattr", "put_byte putchar", "print_line putchar",
    "print_line vid_puts")
# Where files that are kept for later are written, and not what the user does before.
WRITERS = ("src/settings.c", "src/newfile.c", "src/batch_text.c", "src/table.c", "ui/save.c", "ui/detail.c", "ui/eventpane.c")
# A saved screen of what is live is another each time: whole is one with all the rows that its head promises.
ROWS = re.compile(rb" flows ([\d,]+) of ")
ABOVE_ROWS = 5
WRITES_TO_STDERR = "main fprintf", "notice_warn fprintf", "report_lost fprintf", "log_to_stderr vfprintf"


def is_worse_only(value, right):
    """Unknown in place of what is known, and nothing else."""
    if isinstance(right, dict):
        return isinstance(value, dict) and value.keys() == right.keys() and all(is_worse_only(value[k], right[k]) for k in right)
    return value is None or value == right


def lines_of(out, kind):
    if kind == "json":
        return [json.loads(line) for line in out.splitlines()]
    return [dict(enumerate(cell or None for cell in row)) for row in csv.reader(io.StringIO(out.decode()))]


def as_words(out):
    return b" ".join(TIME.sub(b"-", out).split())


def is_degraded(out, right, words):
    """Output without what could not be found out: null, an empty cell, - for a time."""
    kind = "json" if "--json" in words else "csv" if "--csv" in words else None
    if not kind:
        return as_words(out) == as_words(right)
    try:
        got, want = lines_of(out, kind), lines_of(right, kind)
    except ValueError:
        return False
    return len(got) == len(want) and all(map(is_worse_only, got, want))


def own_lines(err, usual):
    """What it said on stderr beside what it usually says."""
    lines = err.decode(errors="replace").splitlines()
    for line in usual.decode(errors="replace").splitlines():
        tail = line.split("/at/")[-1]  # of a folder that is another each time
        lines = [other for other in lines if not other.endswith(tail)]
    return lines


def judge_words(scenario, result, right, at_stderr):
    said, wrong = own_lines(result.err, right.err), []
    most = 1 + sum(" is not read: " in line for line in said)
    if "--verbose" not in scenario.words and len(said) > most:
        wrong.append(f"{len(said)} lines on stderr: {result.err!r}")
    wrong += [f"said {line!r}" for line in said if "--verbose" not in scenario.words and not line.startswith(SPEAKERS)]
    told = said or "--doctor" in scenario.words and b"!!" in result.out
    if result.status not in (0, right.status) and not told and not at_stderr:
        wrong.append(f"status {result.status}, and not a word why")
    return wrong


def judge_output(scenario, result, right, faults):
    reader_left = any(f.error == errno.EPIPE for f in faults)
    if result.status == 0 and reader_left and right.out.startswith(result.out):
        return []
    if result.status == BAD_RECORDING and "-c" in scenario.words:  # shows all up to there, at the end
        return []
    if result.status == 0 and result.out != right.out and right.status == 0:
        if not is_degraded(result.out, right.out, scenario.words):
            return ["status 0, but the output is not what it is else: " + difference(result.out, right.out)]
    if result.status != 0 and not as_words(right.out).startswith(as_words(result.out)):
        return [f"status {result.status}, and the output is not the begin of what it is else: " + difference(result.out, right.out)]
    return []


def difference(out, right):
    at = next((i for i, (a, b) in enumerate(zip(out, right)) if a != b), min(len(out), len(right)))
    return f"from byte {at}: {out[max(0, at - 80):at + 120]!r} for {right[at:at + 120]!r}"


def values_of(name, data):
    """Of settings what is always there; which switches are on may depend on what failed."""
    return b"".join(line for line in data.splitlines(True) if b"=" in line) if name.endswith("settings") else data


def is_whole_screen(data):
    rows = ROWS.search(data)
    return data.endswith(b"\n") and rows and data.count(b"\n") >= ABOVE_ROWS + int(rows[1].replace(b",", b""))


def judge_files(scenario, result, right, faults):
    """A file that is kept for later is whole, or is not there."""
    if scenario.program != "tcpretop" or not scenario.screen or not any(name.startswith(WRITERS) for name in faults):
        return []
    # What the locale has no bytes for is a ? in the file.
    if any("unlink" in name or "wcrtomb" in name for name in faults):
        return []
    live = [name for name in result.files if scenario.live and not name.endswith("settings")]
    wrong = [f"{name} ends too soon: {result.files[name][-200:]!r}" for name in live if not is_whole_screen(result.files[name])]
    files = [(name, as_words(values_of(name, data)), as_words(values_of(name, right.files[name])))
             for name, data in result.files.items() if name in right.files and name not in live]
    return wrong + [f"{name} is another: {difference(data, usual)}" for name, data, usual in files if data != usual]


def judge(scenario, result, right, faults, transparent):
    """A list of what is wrong. A transparent fault changes nothing."""
    wrong = list(result.wrong)
    at_stderr = any(f.site.endswith(WRITES_TO_STDERR) or f.all and f.site.split()[-1].startswith("fprintf") for f in faults)
    names = [f.site for f in faults]
    expected = {right.status, scenario.right or 0, *range(6)} if not transparent else {right.status}
    if any(" term_is_gone " in name for name in names):  # what cannot be asked has hung up
        expected.add(HUNG_UP)
        at_stderr = at_stderr or result.status == HUNG_UP
    if result.status not in expected:
        wrong.append(f"status {result.status}")
    wrong += judge_words(scenario, result, right, at_stderr)
    if any(name.split(" ", 1)[1].split("#")[0] in GIVES_BACK for name in names):
        wrong = []
    if result.left_open > right.left_open and right.status >= 0:
        wrong.append(f"{result.left_open - right.left_open} more files are open at the end")
    if scenario.steady:
        if transparent and (result.out, result.files) != (right.out, right.files):
            wrong.append("a fault that is none changed what it writes: " + difference(result.out, right.out))
        elif scenario.right is None:
            wrong += judge_output(scenario, result, right, faults)
    wrong += judge_files(scenario, result, right, names)
    return wrong
