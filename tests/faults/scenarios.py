# SPDX-License-Identifier: GPL-2.0-only
"""What the program is made to do while something fails, and what is right then."""
import atexit
import contextlib
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sites import ENTRY, HERE, TOP, read_book

sys.path.insert(0, str(TOP / "tests/screen"))
from terminal import Terminal  # noqa: E402

MOST = 60  # seconds: it hangs
# In place of a key, as are sizes, signals and seconds: until that was on the screen; and the terminal goes away.
AT_END, FLOWS, HANG_UP = re.compile(rb" END "), re.compile(rb"10\.77\.255\.2\b"), object()
ID = "4b8c4a6e9f0d1c2b3a4958677665544332211000ffeeddccbbaa998877665544"  # of retransmits.py's containers
SANITIZER_SAYS = re.compile(rb"Sanitizer|runtime error:")
CRASHES = "segv", "abort", "sigbus", "sigfpe", "sigill"
SANITIZERS = {
    "ASAN_OPTIONS": "detect_leaks=1:exitcode=99:" + ":".join(f"handle_{s}=2" for s in CRASHES),
    "UBSAN_OPTIONS": "print_stacktrace=1",
    "NCURSES_GPM_TERMS": "none",  # libgpm loses 10 bytes when there is no console mouse
}


class Result:
    def __init__(self):
        self.status, self.out, self.err, self.wrong, self.files, self.left_open = None, b"", b"", [], {}, 0
        self.counts = {}


class Scenario:
    """`words` are the command; {rec} in them is a recording, {bin} the program. `before` fails already, as it would
    where this is about: a site and an errno each."""

    def __init__(self, name, words, program="tcpretop", keys=None, env=None, before=(), files=None, shell=False,
                 live=False, right=None):
        self.name, self.words, self.program, self.keys = name, words, program, keys
        self.env, self.before, self.files, self.shell, self.live = env or {}, before, files or {}, shell, live
        self.right = right  # its status, where it is to die
        self.screen = keys is not None
        self.steady = not self.screen and not live

    def command(self, context):
        program = str(context.programs[self.program])
        words = self.words.replace("{bin}", program)
        for name, text in context.texts.items():
            words = words.replace("{%s}" % name, str(text))
        return ["sh", "-c", words] if self.shell else [program, *shlex.split(words)]

    def run(self, context, fault):
        with tempfile.TemporaryDirectory(prefix="faults.") as folder:
            folder = Path(folder)
            book = folder / "book"
            book.write_bytes(bytes(4097 * ENTRY))
            (folder / "at").mkdir()
            for name, text in self.files.items():
                path = folder / "at" / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(text if isinstance(text, bytes) else text.encode())
            env = {**os.environ, **SANITIZERS, "HOME": str(folder / "at"), "XDG_CONFIG_HOME": str(folder / "at/config"),
                   "FAULT_HOME": str(folder / "at"),
                   "LC_ALL": "C.UTF-8", "TERM": "xterm-256color", "FAULT_BOOK": str(book), "FAULT": fault, **self.env}
            result = Result()
            (self.run_screen if self.screen else self.run_text)(self.command(context), env, folder, result)
            result.counts, result.left_open = read_book(book)
            if SANITIZER_SAYS.search(result.err):
                result.wrong.append(result.err.decode(errors="replace")[:3000])
            for path in sorted((folder / "at").rglob("*")):
                if path.is_file() and str(path.relative_to(folder / "at")) not in self.files:
                    result.files[str(path.relative_to(folder / "at"))] = path.read_bytes()
            return result

    def run_text(self, command, env, folder, result):
        with open(folder / "out", "w+b") as out, open(folder / "err", "w+b") as err:
            program = subprocess.Popen(command, env=env, cwd=folder / "at", stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                       start_new_session=True)
            try:
                result.status = program.wait(MOST)
            except subprocess.TimeoutExpired:
                result.wrong.append("it hangs")
                os.killpg(program.pid, signal.SIGKILL)
                program.wait()
            out.seek(0)
            err.seek(0)
            result.out, result.err = out.read(), err.read()

    def run_screen(self, command, env, folder, result):
        script = ["sh", "-c", 'exec "$@" 2>"$0"', folder / "err", *command]
        with Terminal(script, env=env, cwd=folder / "at") as t:
            try:
                play(t, self.keys)
                if t.master >= 0:
                    t.check_restored()
            except (AssertionError, OSError) as e:
                result.wrong.append(str(e))
            result.status, result.out = t.status, t.output
        result.err = (folder / "err").read_bytes()


def settle(t, seconds=0.4):
    """Until it says nothing for a moment; a live picture never rests."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and not t.is_over() and t.read(0.04):
        pass


def go_on(t):
    if t.status == "stopped":
        t.resume()


def act(t, key):
    if isinstance(key, tuple):
        t.resize(*key)
    elif isinstance(key, signal.Signals):
        t.signal(key)
    elif isinstance(key, float):
        end = time.monotonic() + key
        while time.monotonic() < end and not t.is_over():
            t.read(0.1)
    elif isinstance(key, re.Pattern):
        end = time.monotonic() + 10
        while not key.search(t.output) and time.monotonic() < end and not t.is_over():
            t.read(0.1)
    elif key is HANG_UP:
        t.hang_up()
    else:
        t.type(key)


def play(t, keys):
    first, end = time.monotonic() + MOST / 2, time.monotonic() + MOST
    while b"tcpretop" not in t.output and not t.is_over() and time.monotonic() < first:
        t.read(0.02)  # where it cannot draw it never says so
    settle(t)
    for key in keys:
        if t.is_over():
            break
        go_on(t)
        act(t, key)
        if t.master >= 0:
            settle(t)
    while not t.is_over():
        go_on(t)
        if keys and t.master >= 0:
            quit(t)
        else:
            t.read(0.05)
        assert time.monotonic() < end, f"it hangs: {t.output[-300:]!r}"
    while t.master >= 0 and t.read(0):
        pass


def quit(t):
    """Lone escapes close what is open."""
    for key in b"\033", b"\033", b"q":
        if not t.is_over():
            t.type(key)
            t.read(0.05)


def keys(*texts):
    return [text.encode() if isinstance(text, str) else text for text in texts]


WALK = keys("jj", "\r", "\033", "l", "v", "\033OB\r", "i", "\033", "\r", "\033", "v", "\033OH\r", "e", "e", "/", "nginx\r", "n",
            "\\", "port 443\r", "\\", "\x15(\r\033", "o", "\033OB\r", ">", "v", "\033OF\r", "v", "\033OH\r", "?", "\033",
            "\033OQ", " \033OB \033", "\033[<0;10;6M", "z", "\t", "\033OA", "\t", "d", "0.5\r", (60, 12), (20, 5), (100, 30),
            "\014", "\033x", "\033[1;1;1y", "{", "}", ".", " ", ".", "[", "]")
SAVE = keys("j", "j", "s", "\x15saved\r", "s", "\x15saved\r", "\x15none/saved\r", "\033", "W", "W", "l", "a", "W", "W", "\\", "port 443\r",
            "v", "\033OF\r", "s", "\x15filtered\r", "\033", "j", "\r", "s", "\x15details\r", "q")
NAMES = keys("a", "j", "a", "q")
LOOK = keys(FLOWS, "j", "\r", "j", "j", "\033", "q")
YOUNG = "-o -RETR -f 'netns {netns} and state SYN_SENT'"  # a connection that is there for as long as its details are open
SETTINGS = "sort=RATIO\ndelay=0.5\nevent-pane=on\nnonsense=1\n" + "x" * 2000 + "\n"
CONFIG = {"config/tcpretop/settings": SETTINGS}
SUDO = {"SUDO_UID": "0", "SUDO_GID": "0"}
ANOTHER = {"SUDO_UID": "1000", "SUDO_GID": "1000"}
ASAN_LEAVES = ":".join(f"handle_{s}=0" for s in CRASHES)
CONTAINERS = " && ".join((
    "unshare --mount sh -c 'mount -t tmpfs none /var/lib && mount -t tmpfs none /var/log",
    f"mkdir -p /var/lib/docker/containers/{ID} /var/lib/containers/storage/overlay-containers /var/log/containers",
    f'echo "{{\\"Name\\":\\"/web\\"}}" >/var/lib/docker/containers/{ID}/config.v2.json',
    f'echo "[{{\\"id\\":\\"{ID}\\",\\"names\\":[\\"db\\"]}}]" >/var/lib/containers/storage/overlay-containers/containers.json',
    f"touch /var/log/containers/web-0_default_nginx-{ID}.log", "exec {bin} -b -n 4 -d 0.5 --columns UNIT,CGROUP'"))



def by_ssh(words, ssh="exec cat {rec}"):
    """The command, with an ssh(1) that is this script. Where that never starts, it is tried again without end."""
    return (f"mkdir bin && printf '#!/bin/sh\\n{ssh}\\n' >bin/ssh && chmod +x bin/ssh && PATH=$PWD/bin:$PATH && "
            f"timeout --foreground 8 {{bin}} {words}; status=$?; [ $status = 124 ] || exit $status")


SCENARIOS = [
    Scenario("table", "-r {rec} -b --rows 0"),
    Scenario("table of groups", "-r {rec} -b -g process -l"),
    Scenario("table of many", "-r {many} -b -g remote"),
    Scenario("table of huge numbers", "-r {huge} -b --json"),
    Scenario("table of nothing", "-r {rec} -b -f 'pid 1'"),
    Scenario("table of probes", "-r {rec} -b -f 'TLP > 0 and RETR = 0'"),
    Scenario("JSON", "-r {rec} -b --json"),
    Scenario("JSON of strangers", "-r {odd} -b --json"),
    Scenario("JSON of groups", "-r {odd} -b --json -g cause"),
    Scenario("CSV, filtered", "-r {rec} -b --csv -f 'RETR > 3 or port 22'"),
    Scenario("CSV of strangers", "-r {odd} -b --csv"),
    Scenario("counts", "-r {rec} -c"),
    Scenario("counts as JSON", "-r {many} -c --json"),
    Scenario("counts of groups", "-r {rec} -c -g cgroup"),
    Scenario("counts as CSV", "-r {rec} -c --csv"),
    Scenario("events", "-r {rec} -e -s -l"),
    Scenario("events as JSON", "-r {odd} -e --json -f 'process nginx or port 22'"),
    Scenario("events as CSV", "-r {odd} -e --csv -s -l"),
    Scenario("help", "-h"),
    Scenario("version", "-V"),
    Scenario("help of tcpretrans", "ln -s {bin} tcpretrans && exec ./tcpretrans -h", shell=True),
    Scenario("wrong option", "-b -f port"),
    Scenario("table for a poor root", "setpriv --bounding-set -setuid,-setgid {bin} -r {rec} -b", shell=True),
    Scenario("copy", "-r {rec} -w copy"),
    Scenario("copy of many", "-r {many} -w copy"),
    Scenario("copy while printing", "-r {rec} -e -w copy"),
    Scenario("copy for another user", "-r {rec} -w copy", env=SUDO),
    Scenario("copy through pipes", "cat {rec} | {bin} -r - -w - >copy", shell=True),
    Scenario("copy in place", "cp {rec} copy; {bin} -r copy -w copy", shell=True),
    Scenario("copy over a copy", "cp {rec} copy; {bin} -r {rec} -w copy", shell=True),
    Scenario("copy of what is cut", "head -c 40 {rec} | {bin} -r - -w copy", shell=True),
    Scenario("copy onto a link", "ln -s other copy; {bin} -r {rec} -w copy", shell=True),
    Scenario("copy onto a second name", "touch other; ln other copy; {bin} -r {rec} -w copy", shell=True),
    Scenario("no standard output", "{bin} -r {rec} -b >&-", shell=True),
    Scenario("no standard input", "{bin} -r {rec} -b <&-", shell=True),
    Scenario("late recording", "(sleep 0.1; cat {rec}) | {bin} -r - -b", shell=True),
    Scenario("cut recording", "head -c 3000 {rec} | {bin} -r - -b", shell=True),
    Scenario("no recording", "-r missing -b"),
    Scenario("viewer", "-r {rec} --speed max", keys=WALK),
    Scenario("viewer at its own pace", "-r {rec}", keys=keys("j", "q")),
    Scenario("viewer with an old mouse", "-r {rec} --speed max", keys=keys("\033[M *&", "q"), env={"TERM": "xterm-vt220"}),
    Scenario("viewer of many", "-r {many} --speed max -g remote", keys=NAMES),
    Scenario("viewer of many, then of few", "-r {many} --speed max", keys=keys("\\", "port 1\r", "q")),
    Scenario("viewer saves", "-r {lab} --speed max --ascii -M -C", keys=[AT_END, *SAVE], env=SUDO),
    Scenario("viewer saves details", "-r {lab} --speed max", keys=[AT_END, *keys("\r", "s", "\x15saved\r", "q")]),
    Scenario("viewer with settings", "-r {rec} --speed max", keys=keys("W", "q"), files=CONFIG),
    Scenario("viewer without a home", "-r {rec} --speed max", keys=keys("W", "q"), env={"XDG_CONFIG_HOME": "", "HOME": ""}),
    Scenario("viewer with names", "-r {rec} --speed max --resolve", keys=NAMES),
    Scenario("viewer stops", "-r {rec} --speed max", keys=keys("\x1a", "j", signal.SIGCONT, "j", "q")),
    Scenario("viewer is hung up", "-r {rec} --speed max", keys=[HANG_UP], right=129),
    Scenario("viewer crashes", "-r {rec} --speed max", keys=[signal.SIGSEGV], right=-11, env={"ASAN_OPTIONS": ASAN_LEAVES}),
    Scenario("viewer ends", "-r {rec} --speed max -n 3", keys=[]),
    Scenario("viewer of a pipe", "{bin} -r - --speed max -M <{rec}", keys=keys("e", "q"), shell=True),
    Scenario("viewer on an unknown terminal", "-r {rec} --speed max -C", keys=keys("j", "q"), env={"TERM": "nonsense"}),
    Scenario("viewer without a locale", "-r {rec} --speed max", keys=keys("j", "q"), env={"LC_ALL": "", "LANG": ""}),
    Scenario("scripted viewer", "-d 0.1", "fake_viewer", keys=WALK + SAVE),
    Scenario("scripted names", "-d 0.1 --flows 200 -w copy", "fake_viewer", keys=NAMES),
    Scenario("another host", by_ssh("--host a -b -n 3"), shell=True, live=True),
    Scenario("other hosts", by_ssh("--host a --host b -b -n 3 -d 0.2 --json"), shell=True, live=True),
    Scenario("other hosts, grouped", by_ssh("--host a --host b -b -n 3 -d 0.2 -g host"), shell=True, live=True),
    Scenario("events of other hosts", by_ssh("--host a --host b -e -l -n 2 -d 0.2"), shell=True, live=True),
    Scenario("viewer of other hosts", by_ssh("--host a --host b"), keys=keys(2.5, "j", "q"), shell=True, live=True),
    Scenario("viewer of another host", by_ssh("--host a"), keys=keys(1.5, "j", "q"), shell=True, live=True),
    Scenario("a host that refuses", by_ssh("--host a -b", "echo no >&2; exit 255"), shell=True, live=True, right=1),
    Scenario("a host that does not end", by_ssh("--host a", 'trap "" TERM; cat {rec}; while :; do sleep 1; done'),
             keys=keys(1.0, "q"), shell=True, live=True),
    Scenario("recordings side by side", "-r {rec} -r {lab} -b --json -n 3", live=True),
    Scenario("a recording beside a pipe", "cat {lab} | {bin} -r {rec} -r - -c", shell=True, live=True),
    Scenario("metrics", "-r {odd} -b --metrics metrics --metrics-by cgroup,subnet"),
    Scenario("metrics and a copy", "-r {rec} -w copy --metrics metrics"),
    Scenario("metrics into nothing", "-r {rec} -b --metrics none/metrics"),
    Scenario("metrics into a device", "-r {rec} -b --metrics /dev/null"),
    Scenario("metrics over metrics", "echo old >metrics; {bin} -r {rec} -b --metrics metrics", shell=True),
    Scenario("live metrics", "--metrics metrics --metrics-by cgroup,subnet -n 3 -d 0.2", live=True),
    Scenario("live metrics of a table", "--metrics metrics --metrics-by none -b -n 2 -d 0.2", live=True),
    Scenario("live table", "-b -n 2 -d 0.2 --columns RETR,USER,UNIT,CGROUP,NETNS,PROCESS", live=True),
    Scenario("live containers", CONTAINERS, shell=True, live=True),
    Scenario("live JSON", "-b --json -n 2 -d 0.2", live=True),
    Scenario("live CSV", "-b --csv -n 2 -d 0.2", live=True),
    Scenario("live events as CSV", "-e --csv -s -n 2 -d 0.2", live=True),
    Scenario("live counts", "-c -n 1 -d 0.2 --verbose", live=True),
    Scenario("live events", "-e -n 2 -d 0.3 --json", live=True),
    Scenario("live recording", "-e -n 1 -d 0.3 -w copy", live=True),
    Scenario("live viewer", "-n 4 -d 0.2", keys=[], live=True),
    Scenario("live details", "-d 0.2 " + YOUNG, keys=LOOK, live=True),
    Scenario("live details here", "nsenter -t {pid} -n {bin} -d 0.2 " + YOUNG, keys=LOOK, shell=True, live=True),
    Scenario("live with few files", "ulimit -Sn 20; exec {bin} -b -n 1 -d 0.1", shell=True, live=True),
    Scenario("live, by fentry", "-b -n 1 -d 0.1 --tlp-way fentry", live=True),
    Scenario("live, by kprobe", "-b -n 1 -d 0.1 --tlp-way kprobe", live=True),
    Scenario("live, by timer", "-b -n 1 -d 0.1 --tlp-way timer", live=True),
    Scenario("live, no probes", "-b -n 1 -d 0.1 --tlp-way none", live=True),
    Scenario("live for another user", "-b -n 1 -d 0.2 -w copy", env=ANOTHER, live=True),
    Scenario("live viewer for another user", "-d 0.2", keys=keys("W", "q"), env=ANOTHER, files=CONFIG, live=True),
    Scenario("live viewer saves", "-d 0.2", keys=keys(FLOWS, "s", "\x15saved\r", "s", "\x15saved\r", "\033", "W", "W", "q"),
             live=True),
    Scenario("live viewer cannot save", "-d 0.2", keys=keys(FLOWS, "s", "\x15saved\r", "\033", "q"), live=True,
             before=["newfile_open fdopen ENOMEM"]),
    Scenario("live, owners found late", "-b -n 3 -d 0.2 --columns RETR,PROCESS", live=True,
             before=["wait_for_walk pthread_timedjoin_np ETIMEDOUT"]),
    Scenario("doctor", "--doctor", live=True),
    Scenario("doctor, programs refused", "--doctor", live=True,
             before=["retrans_bpf__load bpf_object__load_skeleton EPERM"]),
    Scenario("doctor, types covered", "unshare --mount sh -c 'mount -t tmpfs none /sys/kernel/btf && exec {bin} --doctor'",
             shell=True, live=True),
    Scenario("doctor, not permitted", "setpriv --reuid 1000 --clear-groups {bin} --doctor", shell=True, live=True),
    Scenario("live, cgroups walked", "-b -n 4 -d 0.3 --columns UNIT,CGROUP", live=True,
             before=["path_by_handle open_by_handle_at EPERM"]),
]
NAMESPACES = 6  # enough for the table of their names to grow


class Context:
    """What all runs share: programs, recordings, and, as root, retransmits in network namespaces and cgroups."""

    def __init__(self, programs):
        self.programs, self.texts, self.folder = programs, {}, tempfile.mkdtemp(prefix="faults.")
        atexit.register(shutil.rmtree, self.folder, ignore_errors=True)
        self.texts["rec"], self.texts["lab"] = TOP / "tests/golden/healed.rec", TOP / "tests/golden/lab.rec"
        for name, options in ("odd", "-n 6"), ("many", "-n 3 --flows 1600"), ("huge", "-n 3 --scene huge"):
            self.texts[name] = Path(self.folder, name)
            words = [programs["fake_viewer"], "-d", "0.1", "-w", self.texts[name], *options.split()]
            with Terminal(words, env=SANITIZERS) as t:
                assert t.wait_end() == 0, t.output[-1000:]

    @contextlib.contextmanager
    def retransmits(self):
        if os.geteuid():
            yield
            return
        name, cgroup = f"tcpretop-faults-{os.getpid()}", self.make_cgroup()
        subprocess.run(["ip", "netns", "add", name], check=True)
        sources = [subprocess.Popen(["unshare", "--net", HERE / "retransmits.py", cgroup if first else ""])
                   for first in (True, *[False] * (NAMESPACES - 1))]
        self.texts["pid"] = sources[0].pid
        try:
            time.sleep(3)
            self.texts["netns"] = os.stat(f"/proc/{sources[0].pid}/ns/net").st_ino
            yield
        finally:
            for source in sources:
                source.terminate()
            for source in sources:
                source.wait()
            subprocess.run(["ip", "netns", "delete", name], check=True)
            self.remove_cgroup(cgroup)

    def make_cgroup(self):
        mounts = [line.split() for line in Path("/proc/self/mounts").read_text().splitlines()]
        found = [Path(m[1], f"tcpretop-faults-{os.getpid()}") for m in mounts if m[2] == "cgroup2"]
        if not found:
            return ""
        found[0].mkdir()
        return str(found[0])

    def remove_cgroup(self, cgroup):
        for folder, _, _ in os.walk(cgroup, topdown=False) if cgroup else ():
            os.rmdir(folder)
