# SPDX-License-Identifier: GPL-2.0-only
"""The program under AddressSanitizer and UndefinedBehaviorSanitizer, ready for libFuzzer, in $BUILD/fuzz."""
import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("BUILD", TOP / "build")).resolve() / "fuzz"
SANITIZE = "-fsanitize=address,undefined,integer -fno-sanitize-recover=all -fno-omit-frame-pointer"
# In the same time libFuzzer gets further without a trace of all comparisons, which takes half of it.
LIBRARY = f"-O2 -g -U_FORTIFY_SOURCE -fsanitize=fuzzer-no-link -fno-sanitize-coverage=trace-cmp {SANITIZE}"
CRASHES = "segv", "abort", "sigbus", "sigfpe", "sigill"
# Of the program: their report comes first, not its own handler for crashes.
OPTIONS = {
    "ASAN_OPTIONS": "detect_leaks=1:exitcode=99:" + ":".join(f"handle_{s}=2" for s in CRASHES),
    "UBSAN_OPTIONS": "print_stacktrace=1",
    "NCURSES_GPM_TERMS": "none",  # libgpm loses 10 bytes when there is no console mouse
}
MISSING = "clang here has no libFuzzer: on Debian it is in libclang-rt-14-dev"


def can_build():
    probe = ["clang", "-fsanitize=fuzzer,address", "-x", "c", "-", "-o", "/dev/null"]
    code = b"int LLVMFuzzerTestOneInput(const char *d, unsigned long n) { return !d + !n > 2; }"
    return shutil.which("clang") and not subprocess.run(probe, input=code, capture_output=True).returncode


def make(*goals):
    """What make prints. Goals are as in the Makefile, below BUILD."""
    env = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    BUILD.mkdir(parents=True, exist_ok=True)
    command = ["make", "-s", "-C", TOP, f"B={BUILD}", "CC=clang", f"CFLAGS={LIBRARY}",
               f"STANDINS={BUILD}/tests/instrumented.o", *goals]
    with open(BUILD / "lock", "w") as lock:  # two tests build here, and may at once
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = subprocess.run(command, env=env, capture_output=True, text=True)
    if done.returncode:
        sys.exit("Bail out! " + done.stdout + done.stderr)
    return done.stdout
