#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Started as root: what is left of it once all is attached, and that everything works in that state."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common import PATIENCE, TCPRETOP, Lab, Tap, Tcpretop, last_of_each_flow, objects, wait_until
from screen import Screen

tap = Tap()
RECORDING = Path(__file__).resolve().parent.parent / "golden/lab.rec"
RETRANSMITS = Path(__file__).resolve().parent.parent / "faults/retransmits.py"
NUMBERED = re.compile(r"^ *300[0-7]\b", re.MULTILINE)
USER, GROUP, NOBODY = 12345, 12346, 65534
SUDO = {"SUDO_UID": str(USER), "SUDO_GID": str(GROUP)}
HELPER_CAPS = 1 << 2 | 1 << 19 | 1 << 21  # CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE, CAP_SYS_ADMIN
LIMIT = 0.1  # seconds from the last program attached to no rights


def status(pid, task=""):
    with open(f"/proc/{pid}/{task}status") as f:
        return dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line)


def caps(said):
    return {name: int(said["Cap" + name], 16) for name in ("Inh", "Prm", "Eff", "Bnd", "Amb")}


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as f:
        return [int(n) for n in f.read().split()]


def faults(said, uid, gid):
    """What a status file says that it should not."""
    wrong = [f"Cap{name} {value:x}" for name, value in caps(said).items() if value]
    wanted = {"Uid": uid, "Gid": gid}
    wrong += [f"{name} {said[name]}" for name, n in wanted.items() if set(said[name].split()) != {str(n)}]
    wrong += [f"Groups {said['Groups']}"] if said["Groups"].strip() else []
    wrong += [f"NoNewPrivs {said['NoNewPrivs']}"] if said["NoNewPrivs"] != "1" else []
    wrong += [f"Seccomp {said['Seccomp']}"] if said["Seccomp"] != "2" else []
    return wrong


def check_process(pid, uid, gid, name):
    for task in os.listdir(f"/proc/{pid}/task"):
        with contextlib.suppress(FileNotFoundError):  # a thread may end
            wrong = faults(status(pid, f"task/{task}/"), uid, gid)
            if wrong:
                tap.ok(False, f"{name}: a thread has rights left", *wrong)
                return
    said = status(pid)
    tap.ok(True, f"{name}: uid {said['Uid'].split()[0]}, capabilities {said['CapPrm']} {said['CapEff']} "
           f"{said['CapBnd']}, NoNewPrivs {said['NoNewPrivs']}, Seccomp {said['Seccomp']}")


def check_helper(pid, uid, name):
    helpers = children(pid)
    if not tap.equal(len(helpers), 1, f"{name}: one helper"):
        return
    said = status(helpers[0])
    has = caps(said)
    tap.ok(not has["Prm"] & ~HELPER_CAPS and not has["Bnd"] and not has["Amb"] and not has["Inh"],
           f"{name}: its helper keeps three capabilities at most", has)
    tap.ok(said["NoNewPrivs"] == "1" and said["Seccomp"] == "2" and said["Uid"].split()[1] == str(uid),
           f"{name}: its helper is uid {uid}, and confined", said)
    fds = [os.readlink(f"/proc/{helpers[0]}/fd/{fd}") for fd in os.listdir(f"/proc/{helpers[0]}/fd")]
    strange = [fd for fd in fds if not re.match(r"/dev/null$|socket:|anon_inode:bpf-map$|net:|/proc/\d+/ns/net|/sys/fs/cgroup|/proc", fd)]
    tap.ok(not strange and sum("bpf-map" in fd for fd in fds) == 2, f"{name}: its helper has nothing else of ours open", fds)


@contextlib.contextmanager
def environment(**settings):
    before = dict(os.environ)
    os.environ.update(settings)
    yield
    os.environ.clear()
    os.environ.update(before)


@contextlib.contextmanager
def folder(uid, gid):
    """Where a user can get at, unlike the tests' own."""
    path = tempfile.mkdtemp(dir="/tmp", prefix="tcpretop-privileges.")
    os.chown(path, uid, gid)
    os.chmod(path, 0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path)


def text_modes(lab_netns):
    """All at once, without sudo and with it; they count what happens in namespaces of others."""
    with folder(0, 0) as place, contextlib.ExitStack() as stack:
        modes = {"-b": ["-b", "--json", "-l"], "-c": ["-c", "--json"], "-e": ["-e", "--json", "-w", f"{place}/rec-e"],
                 "-w": ["-w", f"{place}/rec-w", "-d", "0.5"]}
        running = {}
        for mode, args in modes.items():
            running[mode] = stack.enter_context(Tcpretop(*args))
        with environment(**SUDO):
            running["sudo -b"] = stack.enter_context(Tcpretop("-b", "--json", "-w", f"{place}/rec-b"))
        for mode, top in running.items():
            uid, gid = (USER, GROUP) if "sudo" in mode else (NOBODY, NOBODY)
            check_process(top.process.pid, uid, gid, mode)
            check_helper(top.process.pid, USER if "sudo" in mode else 0, mode)
        wait_until(lambda: len(objects(running["-b"].so_far(), "interval")) > 6, "some intervals")
        texts = {mode: top.stop() for mode, top in running.items()}
        for mode, top in running.items():
            tap.ok(top.status == 0 and not top.errors(), f"{mode}: ends well", top.status, top.errors())
        for mode, owner in ("e", 0), ("w", 0), ("b", USER):
            st = os.stat(f"{place}/rec-{mode}")
            tap.equal((st.st_uid, st.st_mode & 0o777, st.st_size > 1000), (owner, 0o600, True), f"recording of -{mode}: its owner's")
    for mode in "-b", "sudo -b":
        flows = last_of_each_flow(texts[mode], lab_netns)
        named = [o for o in flows.values() if o["comm"] == "traffic" and o["pid"]]
        tap.ok(len(named) > 5, f"{mode}: owners in other namespaces, {len(named)} of {len(flows)} flows")
        tap.ok(any(o["cgroup"] for o in flows.values()), f"{mode}: their cgroups")
        last = objects(texts[mode], "interval")
        sums = [sum(o["coverage"][side] or 0 for o in last) for side in ("seen", "kernel")]
        tap.ok(sums[1] > 100 and abs(sums[0] - sums[1]) <= 0.01 * sums[1], f"{mode}: the kernel's counters, namespace by namespace: {sums}")


def pid_of(screen_args):
    """The viewer among the processes with these arguments: the other is its helper."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError, KeyError):
            with open(f"/proc/{pid}/cmdline", "rb") as f:
                if f.read().split(b"\0")[:-1] == screen_args and status(pid)["Name"] == "tcpretop":
                    return int(pid)
    return None


def the_viewer(uid, env, name):
    """All that it does on the screen, where the folder is the user's."""
    owner = uid if uid != NOBODY else 0
    with folder(owner, owner) as place:
        os.symlink("victim", f"{place}/link")
        command = [TCPRETOP, "-l", "-d", "0.5", "-f", "remote port 9300"]
        shown = f"env --chdir={place} XDG_CONFIG_HOME={place}/config {env} {TCPRETOP} -l -d 0.5 -f 'remote port 9300'"
        with Screen(shown, columns=130, lines=60) as screen:
            text = screen.wait(lambda t: re.search(r"flows [1-9]\d* of", t) and re.search(r"traffic/\d+", t) and
                               re.search(r"coverage [\d.]+ %", t), "owners and coverage")
            tap.note(next(line for line in text.splitlines() if "coverage" in line))
            pid = pid_of([a.encode() for a in command])
            check_process(pid, uid, GROUP if uid == USER else NOBODY, name)
            screen.keys("i")
            text = screen.wait(lambda t: "live from the socket" in t and re.search(r"traffic\S* .*client", t), "details, with a command line")
            tap.ok(True, f"{name}: a socket in another namespace is asked, and its owner's command line")
            screen.keys("Escape")
            screen.keys("s")
            screen.wait("save what is shown to: ")
            screen.keys("C-u")
            screen.type("saved.txt")
            screen.keys("Enter")
            screen.wait("saved")
            for there in "saved.txt", "link":
                screen.keys("s")
                screen.wait("save what is shown to: ")
                screen.keys("C-u")
                screen.type(there)
                screen.keys("Enter")
                screen.wait("is there already")
                screen.keys("Escape")
                screen.wait("F1 Help")
            screen.keys("W")
            screen.wait("settings written to")
            screen.keys("q")
            screen.wait("exit status 0")
        tap.ok(not os.path.exists(f"{place}/victim"), f"{name}: nothing is written through a link")
        for path in "saved.txt", "config/tcpretop/settings":
            st = os.stat(f"{place}/{path}")
            tap.equal((st.st_uid, st.st_mode & 0o777, st.st_size > 50), (owner, 0o600, True), f"{name}: {path} is its user's")


def plain_names():
    """Root's helper makes files in one folder, and none that a shell reads."""
    with folder(0, 0) as place, Screen(f"env --chdir={place} {TCPRETOP} -d 0.5", columns=130) as screen:
        screen.wait("coverage")
        for path in f"{place}/x", "../x", ".x":
            screen.keys("s")
            screen.wait("save what is shown to: ")
            screen.keys("C-u")
            screen.type(path)
            screen.keys("Enter")
            screen.wait("choose a plain name")
            screen.keys("Escape")
        screen.keys("q")
        screen.wait("exit status 0")
        tap.equal(os.listdir(place), [], "root's helper makes no file elsewhere, and none with a dot")


def without_helper():
    """It is no secret when the helper has been killed."""
    with Tcpretop("-b", "--json", "-d", "0.5") as top:
        os.kill(children(top.process.pid)[0], signal.SIGKILL)
        top.process.wait(30)
        tap.ok(top.process.returncode == 1 and "helper" in top.errors(), "without its helper -b ends, and says why", top.errors())
    with Screen(f"{TCPRETOP} -d 0.5 -f 'remote port 9302'", columns=160) as screen:
        screen.wait("coverage")
        pid = wait_until(lambda: pid_of([TCPRETOP.encode(), b"-d", b"0.5", b"-f", b"remote port 9302"]), "the viewer")
        os.kill(children(pid)[0], signal.SIGKILL)
        screen.wait("the helper process has ended, or does not answer")
        text = screen.wait("coverage ?")
        tap.ok("helper" in text, "the viewer goes on, and says what is not known any more")
        screen.keys("q")


def stopped_helper():
    """Under sudo its user may stop it: nobody waits for it for ever."""
    with Screen(f"{TCPRETOP} -d 0.5 -f 'remote port 9303'", columns=160) as screen:
        screen.wait("coverage")
        pid = wait_until(lambda: pid_of([TCPRETOP.encode(), b"-d", b"0.5", b"-f", b"remote port 9303"]), "the viewer")
        helper = children(pid)[0]
        os.kill(helper, signal.SIGSTOP)
        try:
            screen.wait("the helper process has ended, or does not answer")
            screen.keys("q")
            screen.wait("exit status")
            tap.ok(True, "the viewer gives up a helper that was stopped, and can be quit")
        finally:
            os.kill(helper, signal.SIGKILL)


def two_capabilities():
    """CAP_BPF and CAP_PERFMON, as setcap gives them."""
    given = "-all,+bpf,+perfmon"
    command = ["setpriv", "--reuid", str(USER), "--regid", str(GROUP), "--clear-groups", "--inh-caps", given,
               "--ambient-caps", given, TCPRETOP, "-b", "--json", "-n", "5", "-d", "0.5"]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        top = subprocess.Popen(command, stdout=out, stderr=err, stdin=subprocess.DEVNULL)
        wait_until(lambda: top.poll() is not None or status(top.pid)["Seccomp"] == "2", "its confinement")
        said = status(top.pid)
        has = caps(said)
        tap.ok(not any(has[n] for n in ("Prm", "Eff", "Amb")) and said["NoNewPrivs"] == "1" and said["Seccomp"] == "2",
               "CAP_BPF and CAP_PERFMON: both are gone once it is attached", has)
        tap.equal(children(top.pid), [], "CAP_BPF and CAP_PERFMON: no helper, as there is nothing to give it")
        top.wait(60)
        out.seek(0)
        err.seek(0)
        text, said = out.read().decode(), err.read().decode()
    flows = last_of_each_flow(text)
    tap.ok(top.returncode == 0 and not said, "CAP_BPF and CAP_PERFMON alone suffice", top.returncode, said)
    tap.ok(any(o["comm"] == "traffic" for o in flows.values()), f"CAP_BPF and CAP_PERFMON: owners, {len(flows)} flows")


def played():
    """A recording, which may be anybody's, is read without rights."""
    for env, uid, gid in ({}, 0, 0), (SUDO, USER, GROUP):
        with environment(**env), subprocess.Popen([TCPRETOP, "-b", "-r", RECORDING, "--speed", "0.1"], stdin=subprocess.DEVNULL,
                                                  stdout=subprocess.DEVNULL) as top:
            wait_until(lambda: top.poll() is not None or status(top.pid)["Seccomp"] == "2", "its confinement")
            check_process(top.pid, uid, gid, f"-r as uid {uid}")
            tap.equal(children(top.pid), [], f"-r as uid {uid}: no helper")
            top.terminate()


def unread():
    """Of a recording, which may be anybody's, nothing is read with rights: here nothing has come yet."""
    with folder(USER, GROUP) as place, environment(**SUDO):
        kept = Path(place, "kept")
        kept.write_text("precious")
        for args in ["-r", "-"], ["-r", "-", "-w", f"{place}/copy"], ["-r", "-", "-w", kept], ["-r", "-", "-r", RECORDING]:
            name = " ".join(map(str, args)).replace(place, "").replace(str(RECORDING), "lab.rec")
            with subprocess.Popen([TCPRETOP, "-b", *args], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL) as top:
                wait_until(lambda: top.poll() is not None or status(top.pid)["Seccomp"] == "2", "its confinement")
                check_process(top.pid, USER, GROUP, f"{name}, before the recording")
                top.stdin.write(b"no recording of tcpretop")
                top.stdin.close()
                tap.equal(top.wait(30), 5, f"{name}: and what comes is no recording")
        tap.equal(kept.read_text(), "precious", "what a bad recording was to be copied over is still there")


def reaching():
    """What comes from other hosts is read without rights, too; only the system calls are not confined, for ssh's sake."""
    for env, uid, gid in ({}, 0, 0), (SUDO, USER, GROUP):
        with folder(0, 0) as place:
            ssh = Path(place, "ssh")
            ssh.write_text("#!/bin/sh\nexec sleep 60\n")
            ssh.chmod(0o755)
            with environment(**env, PATH=f"{place}:{os.environ['PATH']}"), subprocess.Popen(
                    [TCPRETOP, "-b", "--host", "web1", "--host", "web2"],
                    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as top:
                wait_until(lambda: top.poll() is not None or status(top.pid)["NoNewPrivs"] == "1", "no rights")
                wrong = [fault for fault in faults(status(top.pid), uid, gid) if not fault.startswith("Seccomp")]
                tap.ok(not wrong, f"--host as uid {uid}: no rights are left", *wrong)
                ssh_pids = wait_until(lambda: children(top.pid), "ssh")
                tap.equal({status(pid)["Uid"].split()[0] for pid in ssh_pids}, {str(uid)}, f"--host as uid {uid}: so is its ssh")
                top.terminate()


def poor_root():
    """A container's root may lack the right to become another user. What it can give up, it does."""
    command = ["setpriv", "--bounding-set", "-setuid,-setgid", TCPRETOP, "-b", "-r", RECORDING, "--speed", "0.1"]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as top:
        wait_until(lambda: top.poll() is not None or status(top.pid)["Seccomp"] == "2", "its confinement")
        said = status(top.pid)
        tap.ok(not any(caps(said).values()) and said["NoNewPrivs"] == "1",
               "root that cannot become another user: no capability in any set", caps(said))
        top.terminate()


def users_of_no_file():
    """Whom /etc/passwd does not know is asked for elsewhere: a name service is loaded into the confined program."""
    with subprocess.Popen(["unshare", "--net", RETRANSMITS, ""]) as source:
        try:
            shown = ""
            deadline = time.monotonic() + PATIENCE
            while not NUMBERED.search(shown) and time.monotonic() < deadline:
                words = [TCPRETOP, "-b", "-n", "2", "-d", "1", "-f", "host 10.77.255.2", "--columns", "USER,RADDR"]
                done = subprocess.run(words, stdout=subprocess.PIPE, text=True)
                shown = done.stdout
                if done.returncode:
                    break
        finally:
            source.terminate()
    tap.equal(done.returncode, 0, "users that no file names: exit status")
    tap.ok(NUMBERED.search(shown), "they are shown by their number", shown[-500:])


def nice(pid):
    return os.getpriority(os.PRIO_PROCESS, pid)


def urgent():
    """It comes before others, its helper does not; who was given a niceness keeps it."""
    own = nice(0)
    for words, wanted in ([], own or -10), (["nice", "-n", "5"], own + 5):
        with subprocess.Popen([*words, TCPRETOP, "-b"], stdout=subprocess.DEVNULL) as top:
            wait_until(lambda: top.poll() is not None or status(top.pid)["Seccomp"] == "2", "its confinement")
            found = nice(top.pid), *map(nice, children(top.pid))
            tap.equal(found, (wanted, own + 5 if words else own), f"niceness of {' '.join(words)} tcpretop and its helper")
            top.terminate()


def time_to_drop():
    """Seconds from the last program attached to the last right gone, of one start."""
    links, since, end = 0, 0, 0
    with subprocess.Popen([TCPRETOP, "-b", "-n", "1", "-d", "0.2"], stdout=subprocess.DEVNULL) as top:
        while not end:
            with contextlib.suppress(FileNotFoundError):
                fds = [os.readlink(f"/proc/{top.pid}/fd/{fd}") for fd in os.listdir(f"/proc/{top.pid}/fd")]
                if fds.count("anon_inode:bpf_link") != links:
                    links, since = fds.count("anon_inode:bpf_link"), time.monotonic()
            end = time.monotonic() if status(top.pid)["Seccomp"] == "2" else 0
    return end - since


def soon():
    """The best of some: other programs may have the processor in between."""
    took = []
    while len(took) < 20 and (not took or min(took) > LIMIT):
        took.append(time_to_drop())
    tap.ok(min(took) <= LIMIT, f"{1000 * min(took):.0f} ms from the last program attached to no rights", took)


@contextlib.contextmanager
def silent():
    """What it is not allowed, and need not, fills no log: that of the kernel takes what no auditd does."""
    with open("/dev/kmsg", "rb", buffering=0) as log:
        os.set_blocking(log.fileno(), False)
        log.seek(0, os.SEEK_END)
        yield
        told = []
        while line := read_line(log):
            if b"type=1326" in line and b' exe="%s"' % str(TCPRETOP).encode() in line:
                told.append(line.decode(errors="replace").strip())
    tap.ok(not told, "no refused call of it is in the kernel's log", len(told), *told[:3])


def read_line(log):
    """None at the end. What was written over meanwhile is left out."""
    while True:
        with contextlib.suppress(BrokenPipeError):
            return log.read(8192)


if os.environ.get("INSTRUMENTED"):
    print("1..0 # SKIP this program writes down what ran: it is not confined (tests/instrumented.c)")
    sys.exit()
with silent(), Lab("loss,n=12,p=10,port=9300", "loss,n=8,p=10,port=9301", clients=2) as lab:
    soon()
    urgent()
    text_modes(set(lab.netns().values()))
    the_viewer(NOBODY, "", "the viewer")
    the_viewer(USER, " ".join(f"{k}={v}" for k, v in SUDO.items()), "sudo's viewer")
    two_capabilities()
played()
unread()
reaching()
poor_root()
users_of_no_file()
plain_names()
without_helper()
stopped_helper()
tap.end()
