#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Every reader of outside bytes, fed by libFuzzer under AddressSanitizer and UndefinedBehaviorSanitizer.

A target is a tests/fuzz/fuzz_NAME.c; what it begins with is in tests/fuzz/seeds/NAME; tests/fuzz/readers says who reads
what. Each runs for $FUZZ_SECONDS (10) or, if that is given, until it has tried $FUZZ_RUNS inputs; $FUZZ_TARGETS are some
of them, $FUZZ_AT_ONCE (2) run at once. What is found stays in $BUILD/fuzz/found, to be run again: build/fuzz/fuzz_NAME
FILE; the last results of all are in $BUILD/fuzz/table.
"""
import os
import re
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

sys.dont_write_bytecode = True
from sanitized import BUILD, LIBRARY, MISSING, TOP, can_build, make  # noqa: E402

RUNS = int(os.environ.get("FUZZ_RUNS") or 0)
SECONDS = int(os.environ.get("FUZZ_SECONDS") or 10)
AT_ONCE = int(os.environ.get("FUZZ_AT_ONCE") or 2)
READS = re.compile(
    r"\b(?:p?read|recv(?:msg|from)?|fgets|fread|getc|getline|fscanf|readlink|readdir|getmntent_r|getpw(?:uid|nam)(?:_r)?"
    r"|getenv|get_wch|getch|smallfile_read|getopt_long|uname|ares_gethostbyaddr)\(")
# Bytes of an input where libFuzzer's own 4,096 are many times what says anything new, and take as many times longer.
LENGTHS = {"filter": 256, "keys": 64, "place": 256, "replay": 1024, "settings": 256}
COLUMNS = "target", "executions", "edges", "findings", "seconds"
TABLE = threading.Lock()


def all_targets():
    return sorted(path.stem.removeprefix("fuzz_") for path in TOP.glob("tests/fuzz/fuzz_*.c"))


def wanted_targets():
    wanted = os.environ.get("FUZZ_TARGETS", "").split()
    return [name for name in all_targets() if not wanted or name in wanted]


def check_readers():
    """What is wrong with tests/fuzz/readers, a line each."""
    lines = [line for line in (TOP / "tests/fuzz/readers").read_text().splitlines() if line and line[0] != "#"]
    feeds = {file: targets.split(",") for file, targets, _ in (line.split(maxsplit=2) for line in lines)}
    for folder in "src", "ui":
        for path in sorted(TOP.glob(f"{folder}/*.c")):
            code = re.sub(r"/\*.*?\*/|//[^\n]*|^#[^\n]*|->\w+\(", "", path.read_text(), flags=re.DOTALL | re.MULTILINE)
            if READS.search(code) and f"{folder}/{path.name}" not in feeds:
                yield f"{folder}/{path.name} reads outside bytes, and tests/fuzz/readers does not say who feeds it"
    known, fed = all_targets(), {target for targets in feeds.values() for target in targets}
    yield from (f"{file} is listed, and not there" for file in feeds if not (TOP / file).exists())
    yield from (f"there is no target {target}" for target in sorted(fed - {*known, "-"}))
    yield from (f"the target {target} is not listed" for target in known if target not in fed)


def build(names):
    make(f"{BUILD}/libtcpretop.a")
    libraries = make("print-LIB_LDLIBS").split()
    for name in names:
        subprocess.run(
            ["clang", "-std=c11", "-D_GNU_SOURCE", *LIBRARY.split(), "-fsanitize=fuzzer", "-iquote", TOP, "-iquote", BUILD,
             "-o", BUILD / f"fuzz_{name}", TOP / f"tests/fuzz/fuzz_{name}.c", BUILD / "libtcpretop.a", *libraries],
            check=True)


def fuzz(name):
    """(what was found or None, its row of the table)"""
    corpus, found = BUILD / "corpus" / name, BUILD / "found"
    for folder in corpus, found:
        folder.mkdir(parents=True, exist_ok=True)
    seeds = [path for path in [TOP / "tests/fuzz/seeds" / name] if path.is_dir()]
    words = TOP / "tests/fuzz" / f"{name}.dict"
    options = [f"-dict={words}"] if words.exists() else []
    options += [f"-max_len={LENGTHS[name]}"] if name in LENGTHS else []
    options += [f"-runs={RUNS}"] if RUNS else [f"-max_total_time={SECONDS}"]
    # It takes milliseconds; but at the lowest priority it may have to wait, and that is timed as well.
    # A large quarantine costs more in page faults than all else.
    env = {**os.environ, "ASAN_OPTIONS": "quarantine_size_mb=16:malloc_context_size=8"}
    start = time.monotonic()
    done = subprocess.run(
        ["nice", "-n", "19", BUILD / f"fuzz_{name}", *options, "-timeout=60", "-rss_limit_mb=1024",
         "-print_final_stats=1", f"-artifact_prefix={found}/{name}-", corpus, *seeds],
        env=env, capture_output=True, text=True, errors="replace")
    tried = re.search(r"number_of_executed_units: *(\d+)", done.stderr)
    reached = re.findall(r" cov: (\d+)", done.stderr)
    failure = done.stderr[-3000:] if done.returncode else None
    row = [name, int(tried[1]) if tried else 0, int(reached[-1]) if reached else 0, int(failure is not None),
           round(time.monotonic() - start)]
    with TABLE:
        keep(row)
    return failure, row


def keep(row):
    """In the place of this target's last row; the rest stays."""
    path = BUILD / "table"
    rows = [line.split() for line in path.read_text().splitlines()[1:]] if path.exists() else []
    rows = sorted([old for old in rows if old[0] != row[0]] + [[str(cell) for cell in row]])
    path.write_text("".join("%-12s %14s %8s %9s %8s\n" % tuple(cells) for cells in [COLUMNS, *rows]))


def main():
    names = wanted_targets()
    if not can_build():
        print(f"1..0 # SKIP {MISSING}")
        return
    print(f"1..{len(names) + 1}", flush=True)
    wrong = list(check_readers())
    failed = bool(wrong)
    print("not ok 1" if wrong else "ok 1", "- every reader has its target")
    for line in wrong:
        print("#", line)
    build(names)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for number, (failure, row) in enumerate(pool.map(fuzz, names), 2):
            name, tried, reached, _, took = row
            good = failure is None and tried >= max(RUNS, 1)
            failed |= not good
            what = f"{name}: {tried:,} inputs in {took} s, {reached:,} edges"
            print(f"{'ok' if good else 'not ok'} {number} - {what}", flush=True)
            for line in (failure or "").splitlines():
                print("#", line)
    sys.exit(failed)


main()
