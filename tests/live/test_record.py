#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""-w and -r: what is replayed is what was seen, byte for byte, in each mode, and nobody need be root for it."""

import contextlib
import os
import shutil
import subprocess
import tempfile

from common import PATIENCE, TCPRETOP, Lab, Tap, Tcpretop, objects, wait_until
from screen import Screen

tap = Tap()
MODES = {
    "count": ["-c", "--json", "-l"],
    "count_text": ["-c"],
    "batch": ["-b", "--json", "-l", "-d", "0.5"],
    "batch_text": ["-b", "-l", "-d", "0.5"],
    "groups": ["-b", "--json", "-g", "process"],
    "events": ["-e", "--json", "-l"],
    "events_text": ["-e", "-s"],
    "filtered": ["-e", "--json", "-f", "remote port 7001 and RETR > 3"],
}
NOBODY = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--no-new-privs"]


def play(path, args, nobody=True):
    """The program, as a user who may nothing, but read the recording that it is given."""
    with open(path, "rb") as recording:
        return subprocess.run([*(NOBODY if nobody else []), program, "-r", "-", *args], stdin=recording,
                              capture_output=True, text=True, timeout=PATIENCE)


def check_modes(outputs, folder):
    for name, args in MODES.items():
        path = os.path.join(folder, name)
        done = play(path, args)
        shown = " ".join(args)
        tap.ok(done.returncode == 0 and not done.stderr, f"{shown}: replayed by nobody", done.stderr)
        tap.ok(done.stdout == outputs[name] and len(outputs[name].splitlines()) > 5,
               f"{shown}: the replay is what was seen, {len(outputs[name].splitlines())} lines",
               *[f"{a!r} | {b!r}" for a, b in zip(outputs[name].splitlines(), done.stdout.splitlines()) if a != b][:3])
        tap.equal(os.stat(path).st_mode & 0o777, 0o600, f"{shown}: the recording is its owner's")


def check_other_modes(outputs, folder):
    """Recorded in one mode, replayed in another: -c has the counts that -b came to, and the events are all there."""
    events = objects(play(os.path.join(folder, "count"), ["-e", "--json", "-l"]).stdout)
    counted = objects(outputs["count"], "interval")[-1]["totals"]
    kinds = {kind: sum(e["segs"] for e in events if e["kind"] == kind) for kind in "RS"}
    tap.ok(kinds["R"] > 0, f"-c recorded the events that it did not show: {len(events)}")
    # Counts are read a moment after the last events, so that there may be a few more.
    tap.within(kinds["R"] + kinds["S"], counted["retrans"] + counted["synack"], 0.2, "as many segments as it counted", 20)
    count = objects(play(os.path.join(folder, "batch"), ["-c", "--json"]).stdout)
    last = objects(outputs["batch"], "interval")
    tap.equal(count[-1]["totals"]["retrans"], sum(o["totals"]["retrans"] for o in last), "-c of what -b recorded adds up")
    tap.equal(count[-1]["coverage"]["kernel"], sum(o["coverage"]["kernel"] for o in last), "so does the coverage")
    owners = {o["comm"] for o in count if o["type"] == "flow"}
    tap.ok("traffic" in owners, "owners are those that were found then", owners)


def check_killed(path, printed):
    """A writer that was killed leaves all but the frame under way: at least what it has shown."""
    done = play(path, ["-b", "--json"])
    ticks = len(objects(printed, "interval"))
    tap.ok(ticks >= 3 and done.stdout.startswith(printed), f"killed: its {ticks} intervals are there")
    tap.ok(done.returncode == 5 and done.stderr.count("\n") == 1 and "it is cut at byte" in done.stderr,
           "killed: status 5, one line names where", done.stderr)


def check_stdout(path):
    done = play(path, ["-c", "--json"])
    tap.ok(done.returncode == 0 and objects(done.stdout, "flow"), "-w -: recorded without a screen", done.stderr)


def check_end(lab, folder):
    """What the viewer saw since its last look is in the recording, too: here there was none but the first."""
    path = os.path.join(folder, "viewer")
    with Screen(f"{TCPRETOP} -d 3600 -w {path}", columns=120) as screen:
        screen.wait("collecting")
        before = lab.counters()["TcpRetransSegs"]
        wait_until(lambda: lab.counters()["TcpRetransSegs"] > before + 50, "retransmits")
        screen.keys("q")
        screen.wait("exit status 0")
    counted = objects(play(path, ["-c", "--json"]).stdout, "interval")[-1]["totals"]
    sent_again = sum(counted[name] for name in ("retrans", "tlp", "synack"))  # RetransSegs has all of them
    tap.ok(sent_again > 50, "what came since the viewer's last look is in its recording", counted)


class Headless(Tcpretop):
    """Records to standard output, without a screen."""

    def __init__(self):
        super().__init__("-w", "-")

    def so_far(self):
        return os.pread(self.out.fileno(), os.fstat(self.out.fileno()).st_size, 0)


def enough(tops, victim, headless):
    """All have more to replay than a beginning. What -c found is known at its end alone."""
    return (len(objects(tops["events"].so_far(), "event")) > 300
            and all(top.so_far().count("\n") > 10 for name, top in tops.items() if not name.startswith("count"))
            and len(objects(victim.so_far(), "interval")) >= 3
            and len(headless.so_far()) > 20000)


with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
    os.chmod(folder, 0o755)
    program = shutil.copy(TCPRETOP, folder)
    killed, piped = os.path.join(folder, "killed"), os.path.join(folder, "piped")
    lab = stack.enter_context(Lab("loss,n=4,p=5,v=46", "tail,n=2", "synackloss,p=50,n=2"))
    top = lambda *args: stack.enter_context(Tcpretop(*args))
    tops = {name: top(*args, "-w", os.path.join(folder, name)) for name, args in MODES.items()}
    victim = top("-b", "--json", "-d", "0.3", "-w", killed)
    headless = stack.enter_context(Headless())
    wait_until(lambda: enough(tops, victim, headless), "something to record in each mode", 120)
    victim.process.kill()
    victim.process.wait(PATIENCE)
    with open(piped, "wb") as f:
        f.write(headless.stop())
    outputs = {name: top.stop() for name, top in tops.items()}
    tap.equal({top.status for top in tops.values()}, {0}, "recording ends with status 0")
    tap.equal(headless.status, 0, "-w - ends with status 0")
    check_modes(outputs, folder)
    check_other_modes(outputs, folder)
    check_killed(killed, victim.so_far())
    check_stdout(piped)
    check_end(lab, folder)
tap.end()
