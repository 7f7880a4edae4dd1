# SPDX-License-Identifier: GPL-2.0-only
"""The program under AddressSanitizer and UndefinedBehaviorSanitizer, ready for libFuzzer, in $BUILD/fuzz."""
import os
import shutil
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("BUILD", TOP / "build")).resolve() / "fuzz"
SANITIZE = "-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer"
LIBRARY = "-O1 -g -fsanitize=fuzzer-no-link " + SANITIZE
MISSING = "clang here has no libFuzzer: on Debian it is in libclang-rt-14-dev"


def can_build():
    probe = ["clang", "-fsanitize=fuzzer,address", "-x", "c", "-", "-o", "/dev/null"]
    code = b"int LLVMFuzzerTestOneInput(const char *d, unsigned long n) { return !d + !n > 2; }"
    return shutil.which("clang") and not subprocess.run(probe, input=code, capture_output=True).returncode


def make(*goals):
    """What make prints. Goals are as in the Makefile, below BUILD."""
    env = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    command = ["make", "-s", "-C", TOP, f"B={BUILD}", "CC=clang", f"CFLAGS={LIBRARY}", *goals]
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    if done.returncode:
        sys.exit("Bail out! " + done.stdout + done.stderr)
    return done.stdout
