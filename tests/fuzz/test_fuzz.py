#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Every reader of outside bytes, fed by libFuzzer under AddressSanitizer and UndefinedBehaviorSanitizer.

A target is a tests/fuzz/fuzz_NAME.c; what it begins with is in tests/fuzz/seeds/NAME. $FUZZ_SECONDS for each of them (10),
$FUZZ_TARGETS for some of them. What is found stays in $BUILD/fuzz/found, to be run again: build/fuzz/fuzz_NAME FILE
"""
import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True
from sanitized import BUILD, MISSING, SANITIZE, TOP, can_build, make  # noqa: E402

SECONDS = int(os.environ.get("FUZZ_SECONDS", "10"))


def targets():
    wanted = os.environ.get("FUZZ_TARGETS", "").split()
    names = sorted(path.stem.removeprefix("fuzz_") for path in TOP.glob("tests/fuzz/fuzz_*.c"))
    return [name for name in names if not wanted or name in wanted]


def build(names):
    make(f"{BUILD}/libtcpretop.a")
    libraries = make("print-LIB_LDLIBS").split()
    for name in names:
        subprocess.run(
            ["clang", "-std=c11", "-D_GNU_SOURCE", "-O1", "-g", "-fsanitize=fuzzer", *SANITIZE.split(), "-iquote", TOP,
             "-iquote", BUILD, "-o", BUILD / f"fuzz_{name}", TOP / f"tests/fuzz/fuzz_{name}.c",
             BUILD / "libtcpretop.a", *libraries], check=True)


def fuzz(name):
    """(what was found or None, how many inputs were tried, how many edges of the code they reached)"""
    corpus, found = BUILD / "corpus" / name, BUILD / "found"
    for folder in corpus, found:
        folder.mkdir(parents=True, exist_ok=True)
    seeds = [path for path in [TOP / "tests/fuzz/seeds" / name] if path.is_dir()]
    words = TOP / "tests/fuzz" / f"{name}.dict"
    options = [f"-dict={words}"] if words.exists() else []
    done = subprocess.run(
        [BUILD / f"fuzz_{name}", *options, f"-max_total_time={SECONDS}", "-timeout=10", "-rss_limit_mb=1024",
         "-print_final_stats=1", f"-artifact_prefix={found}/{name}-", corpus, *seeds],
        capture_output=True, text=True, errors="replace")
    tried = re.search(r"number_of_executed_units: *(\d+)", done.stderr)
    reached = re.findall(r" cov: (\d+)", done.stderr)
    failure = done.stderr[-3000:] if done.returncode else None
    return failure, int(tried[1]) if tried else 0, int(reached[-1]) if reached else 0


def main():
    names = targets()
    if not can_build():
        print(f"1..0 # SKIP {MISSING}")
        return
    print(f"1..{len(names)}", flush=True)
    build(names)
    for number, name in enumerate(names, 1):
        failure, tried, reached = fuzz(name)
        good = failure is None and tried > 0
        what = f"{name}: {tried:,} inputs in {SECONDS} s, {reached:,} edges"
        print(f"{'ok' if good else 'not ok'} {number} - {what}", flush=True)
        for line in (failure or "").splitlines():
            print("#", line)


main()
