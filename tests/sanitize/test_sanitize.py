#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Other tests on a build under AddressSanitizer, UndefinedBehaviorSanitizer with all checks of integers, and
LeakSanitizer: each passes, and no process of it has a finding.

$SANITIZE_TESTS are parts of their names, as for tests/run ("unit screen/test_golden"). What was found stays in
$BUILD/fuzz/reports.
"""
import contextlib
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

sys.dont_write_bytecode = True
TOP = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests/fuzz"))
from sanitized import BUILD, MISSING, OPTIONS, can_build, make  # noqa: E402

NAMES = os.environ.get("SANITIZE_TESTS", "").split() or ["unit", "screen/test_golden"]
REPORTS = BUILD / "reports"
LOG = f"log_path={REPORTS}/report"
# One is about what an instrumented program does not do, the other has a build of its own.
NOT_HERE = "live/test_privileges", "screen/test_monkey"


def tests():
    sources = [*TOP.glob("tests/unit/test_*.c"), *TOP.glob("tests/*/test_*.py"), *TOP.glob("tests/*/test_*.sh")]
    names = sorted(f"{path.parent.name}/{path.stem}" for path in sources)
    return [name for name in names if name not in NOT_HERE and any(wanted in name for wanted in NAMES)]


def end_what_is_left():
    """LeakSanitizer's tracer dies of a second hang-up, and the program that it has stopped waits for it for ever."""
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            # Not by the program: another test may run the same one side by side.
            if LOG.encode() in (process / "environ").read_bytes():
                os.kill(int(process.name), signal.SIGKILL)


def run(name):
    """What was wrong with it, or None."""
    shutil.rmtree(REPORTS, ignore_errors=True)
    REPORTS.mkdir()
    REPORTS.chmod(0o1777)
    env = {**os.environ, **OPTIONS, "INSTRUMENTED": "1"}
    env["ASAN_OPTIONS"] += f":{LOG}"
    done = subprocess.run([TOP / "tests/run", "-b", BUILD, name], env=env, capture_output=True, text=True, errors="replace")
    end_what_is_left()
    reports = "".join(path.read_text(errors="replace") for path in sorted(REPORTS.iterdir()))
    return reports or (done.stdout if done.returncode else None)


def main():
    if not can_build():
        print(f"1..0 # SKIP {MISSING}")
        return
    names = tests()
    print(f"1..{len(names)}", flush=True)
    make("tests")
    failed = False
    for number, name in enumerate(names, 1):
        wrong = run(name)
        failed |= bool(wrong)
        print(f"{'not ok' if wrong else 'ok'} {number} - {name}, no finding", flush=True)
        for line in [line for line in (wrong or "").splitlines() if not line.startswith("     | ok")][:60]:
            print("#", line)
    sys.exit(failed)


main()
