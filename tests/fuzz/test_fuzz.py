#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Every reader of outside bytes, fed by libFuzzer under AddressSanitizer and UndefinedBehaviorSanitizer.

A target is a tests/fuzz/fuzz_NAME.c; what it begins with is in tests/fuzz/seeds/NAME. $FUZZ_SECONDS for each of them (10),
$FUZZ_TARGETS for some of them. What is found stays in $BUILD/fuzz/found, to be run again: build/fuzz/fuzz_NAME FILE
"""
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("BUILD", TOP / "build")).resolve() / "fuzz"
SECONDS = int(os.environ.get("FUZZ_SECONDS", "10"))
SANITIZE = "-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer"
LIBRARY = "-O1 -g -fsanitize=fuzzer-no-link " + SANITIZE


def targets():
    wanted = os.environ.get("FUZZ_TARGETS", "").split()
    names = sorted(path.stem.removeprefix("fuzz_") for path in TOP.glob("tests/fuzz/fuzz_*.c"))
    return [name for name in names if not wanted or name in wanted]


def has_fuzzer():
    probe = ["clang", "-fsanitize=fuzzer,address", "-x", "c", "-", "-o", "/dev/null"]
    code = b"int LLVMFuzzerTestOneInput(const char *d, unsigned long n) { return !d + !n > 2; }"
    return shutil.which("clang") and not subprocess.run(probe, input=code, capture_output=True).returncode


def make(*goals):
    env = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    command = ["make", "-s", "-C", TOP, f"B={BUILD}", "CC=clang", f"CFLAGS={LIBRARY}", *goals]
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    if done.returncode:
        sys.exit("Bail out! " + done.stdout + done.stderr)
    return done.stdout


def build(names):
    make(f"{BUILD}/libtcpretop.a")
    libraries = make("print-LIB_LDLIBS").split()
    for name in names:
        subprocess.run(
            ["clang", "-std=c11", "-D_GNU_SOURCE", "-O1", "-g", "-fsanitize=fuzzer", *SANITIZE.split(), "-iquote", TOP,
             "-iquote", BUILD, "-o", BUILD / f"fuzz_{name}", TOP / f"tests/fuzz/fuzz_{name}.c",
             BUILD / "libtcpretop.a", *libraries], check=True)


def fuzz(name):
    """(what was found or None, how many inputs were tried)"""
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
    return done.stderr[-3000:] if done.returncode else None, int(tried[1]) if tried else 0


def main():
    names = targets()
    if not has_fuzzer():
        print("1..0 # SKIP clang here has no libFuzzer: on Debian it is in libclang-rt-14-dev")
        return
    print(f"1..{len(names)}", flush=True)
    build(names)
    for number, name in enumerate(names, 1):
        failure, tried = fuzz(name)
        good = failure is None and tried > 0
        print(f"{'ok' if good else 'not ok'} {number} - {name}: {tried:,} inputs in {SECONDS} s", flush=True)
        for line in (failure or "").splitlines():
            print("#", line)


main()
