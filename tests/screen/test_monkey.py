#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Random keys, clicks, pastes and sizes from 1×1 to 300×100 on a build under sanitizers: no finding, no leak.

One life of the program after another, most of a recording, some of the scripted viewer, for $MONKEY_SECONDS (15). Life
n of $MONKEY_SEED is what $MONKEY_LIFE=n repeats; what a failed one typed stays in $BUILD/fuzz/found.
"""
import fcntl
import os
import random
import shutil
import signal
import struct
import sys
import termios
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "fuzz"))
from sanitized import BUILD, MISSING, OPTIONS, can_build, make  # noqa: E402
from screen import TMP, run_tests  # noqa: E402
from terminal import Terminal  # noqa: E402

SECONDS = float(os.environ.get("MONKEY_SECONDS", "15"))
SEED = os.environ.get("MONKEY_SEED") or str(random.randrange(10**6))
LIFE = os.environ.get("MONKEY_LIFE")
TCPRETOP, FAKE = BUILD / "tcpretop", BUILD / "tests/screen/fake_viewer"
PATIENCE = 60  # seconds without a look at its keys: it hangs
ENDING = {0x03: signal.SIGINT, 0x1C: signal.SIGQUIT}  # what Ctrl-C and Ctrl-\ send

TERMS = ["screen-256color", "tmux-256color", "linux", "vt100", "ansi", "xterm-1006", "nonsense"]
FUNCTION_KEYS = [
    *(b"\033O" + bytes([c]) for c in b"PQRSABCDHFM"),
    *(b"\033[" + bytes([c]) for c in b"ABCDHFZEPQRS"),
    *(b"\033[%d~" % n for n in range(1, 35) if n != 21),
    *(b"\033[1;%d%c" % (n, c) for n in (2, 5, 8) for c in b"ABCDHF"),
]
TEXTS = [
    "port 443", "not (host 10.0.0.17 or net 192.0.2.0.24)", "RTT > 50ms", "retr >= 1e308", "cause RTO and", "((((",
    "nginx", "process 日本", "state !=", "RATIO < 3%", "cgroup *", '"', "0.1", "99999999999999999999", "-1", "nan",
    "e\u0301\u0301", "😀😀", "%s%n%n", "x" * 600,
]


def no_slash(keys):
    """A name with one may lie outside of the directory that files are saved in."""
    return keys.replace(b"/", b"")


class Chooser:
    """What a monkey does next: bytes, or a size."""

    def __init__(self, rng):
        self.rng = rng

    def next(self):
        if self.rng.random() < 0.08:
            return self.size()
        once = [self.function_key, self.byte, self.mouse, self.sequence, self.text, self.dialog]
        return no_slash(self.rng.choice([self.key] * 3 + once)())

    def size(self):
        most = self.rng.choice([(300, 100), (300, 100), (60, 20), (12, 4), (1, 1)])
        return tuple(self.rng.randint(1, n) for n in most)

    def key(self):
        keys = b" !?<>[]{}\\.,:0123456789adefghijklnorsvwzGNW\t\r\x7f\b\f"
        return bytes(self.rng.choices(keys, k=self.rng.randint(1, 12)))

    def function_key(self):
        return self.rng.choice(FUNCTION_KEYS) * self.rng.randint(1, 3)

    def byte(self):
        """Of all. Those that end it come seldom."""
        n = self.rng.randrange(256)
        if (n in ENDING or n == ord("q")) and self.rng.random() < 0.95:
            n = 27
        return bytes([n, 0x11]) if n == 0x13 else bytes([n])  # after Ctrl-S it waits for Ctrl-Q

    def mouse(self):
        button = self.rng.choice([0, 0, 0, 1, 2, 3, 35, 64, 65, 66, 128, 255])
        x, y = (self.rng.choice([1, 1, 2, 5, 30, 99, 223, 300, 0, -1, 65536, 2**40]) for _ in range(2))
        if self.rng.random() < 0.7:
            x, y = self.rng.randint(1, 150), self.rng.randint(1, 45)
        sgr = b"\033[<%d;%d;%d%c" % (button, x, y, self.rng.choice(b"Mm"))
        x10 = b"\033[M" + bytes(min(255, max(32, 32 + n)) for n in (button, x, y))
        utf8 = b"\033[M" + "".join(chr(32 + max(0, n) % 2000) for n in (button, x, y)).encode()
        return self.rng.choice([sgr, sgr, sgr, x10, utf8, b"\033[%d;%d;%dM" % (button + 32, x, y)])

    def sequence(self):
        """What no terminal sends, or half of what one does."""
        numbers = self.rng.choices([0, 1, 200, 2**31, 2**64], k=self.rng.choice([0, 1, 3, 40]))
        begin = self.rng.choice([b"\033[", b"\033[?", b"\033O", b"\033]", b"\033P", b"\x9b"])
        end = self.rng.choice([b"", bytes([self.rng.randint(0x20, 0x7E)])])
        return begin + b";".join(b"%d" % n for n in numbers) + end

    def text(self):
        """Typed or pasted; perhaps cut within a character."""
        text = self.rng.choice(TEXTS).encode()
        text = text[: self.rng.randint(1, len(text))]
        return b"\033[200~" + text + b"\033[201~" if self.rng.random() < 0.3 else text

    def dialog(self):
        """Opened, filled in, and answered."""
        opens = [b"\\", b"\033OS", b"\033OQ", *(bytes([c]) for c in b"sdov\ri?Wz.")]
        return self.rng.choice(opens) + self.text() + self.rng.choice([b"\r", b"\r", b"\033", b"\t\r", b"\033[B\r", b""])


class Life:
    """Some runs of the program with the same settings, from its start to its end."""

    counts = dict.fromkeys(("lives", "runs", "keys and texts", "bytes of them", "sizes"), 0)

    def __init__(self, number):
        self.rng = random.Random(f"{SEED}/{number}")
        self.number, self.done = number, []
        self.folder = TMP / "life"  # with the settings that it writes
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()

    def command(self, recordings):
        if self.rng.random() < 0.2:
            scenes = [], ["--scene", "swap"], ["--scene", "empty"], ["--flows", "300"], ["--settings"]
            program = [FAKE, "-d", "0.1", *self.rng.choice(scenes)]
        else:
            program = [TCPRETOP, "-r", self.rng.choice(recordings), "--speed", self.rng.choice(["1", "4", "64", "max"])]
        program += [option for option in ("--ascii", "--no-color", "--no-mouse", "-l") if self.rng.random() < 0.1]
        program += self.rng.choice([[]] * 6 + [["-gprocess"], ["-gprocess", "-oRATIO"], ["-gcause"], ["-oRATIO"], ["-oNETNS"]])
        # Without a network, as names are asked for.
        return ["unshare", "--net", *([] if os.geteuid() == 0 else ["--map-root-user"]), *program]

    def live(self, recordings, end):
        Life.counts["lives"] += 1
        chooser = Chooser(self.rng)
        for _ in range(self.rng.randint(1, 3)):
            self.run(chooser, recordings, end)

    def run(self, chooser, recordings, end):
        Life.counts["runs"] += 1
        term = self.rng.choice(["xterm-256color"] * 4 + TERMS)
        env = {**OPTIONS, "HOME": str(self.folder), "XDG_CONFIG_HOME": str(self.folder), "TERM": term}
        env["ASAN_OPTIONS"] += f":log_path={self.folder}/report"
        self.right = {0}
        command = self.command(recordings)
        self.done.append(f"TERM={term} {' '.join(map(str, command))}")
        with Terminal(command, env=env, cwd=self.folder) as t:
            if self.rng.random() < 0.8:
                t.wait_for(b"\033")
            for _ in range(self.rng.choice([20, 300, 3000])):
                if t.is_over() or (time.monotonic() > end and not LIFE):
                    break
                self.act(t, chooser.next())
            self.leave(t)
            reports = "".join(path.read_text(errors="replace") for path in self.folder.glob("report*"))
            assert not reports, reports[:6000]
            assert t.status in self.right, f"status {t.status}, not of {self.right}: {t.output[-300:]!r}"

    def act(self, t, what):
        self.done.append(what)
        if isinstance(what, tuple):
            Life.counts["sizes"] += 1
            t.resize(*what)
        else:
            Life.counts["keys and texts"] += 1
            Life.counts["bytes of them"] += len(what)
            self.right |= {status for key, sig in ENDING.items() if key in what for status in (128 + sig, -sig)}
            t.type(what)
        self.let_it_read(t)
        if self.rng.random() < 0.03:
            t.read(self.rng.uniform(0, 0.1))

    def let_it_read(self, t):
        """Until it has taken all keys: so it is fed as fast as it eats."""
        end = time.monotonic() + PATIENCE
        while not t.is_over():
            if t.status == "stopped":
                t.resume()
            moved = t.read(0.0005)
            t.output = t.output[-4000:]
            waiting = struct.unpack("i", fcntl.ioctl(t.slave, termios.FIONREAD, b"\0" * 4))[0]
            if not moved and not waiting:
                return
            assert time.monotonic() < end, f"it hangs with {waiting} bytes to read"

    def leave(self, t):
        end = time.monotonic() + PATIENCE
        while not t.is_over():
            # Lone, so that it begins no sequence; the first may end one, the next closes a dialog.
            for key in b"\033", b"\033", b"q":
                if not t.is_over():
                    self.act(t, key)
                    t.read(0.05)
            assert time.monotonic() < end, f"it does not quit: {t.output[-300:]!r}"


def keep(life):
    folder = BUILD / "found"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"monkey-{SEED}-{life.number}"
    path.write_text("".join(f"{what!r}\n" for what in life.done))
    return path


def record(name, looks, *args):
    with Terminal([FAKE, "-d", "0.03", "-n", looks, "-w", TMP / name, *args], env=OPTIONS) as t:
        assert t.wait_end() == 0, t.output[-3000:]
    return TMP / name


def monkeys():
    recordings = [record("few", 80), record("many", 20, "--flows", "400")]
    end = time.monotonic() + SECONDS
    number = int(LIFE or 0)
    while time.monotonic() < end:
        life = Life(number)
        try:
            life.live(recordings, end)
        except (AssertionError, OSError) as e:
            raise AssertionError(f"MONKEY_SEED={SEED} MONKEY_LIFE={number}, in {keep(life)}:\n{e}") from None
        if LIFE:
            break
        number += 1
    print("# MONKEY_SEED=%s: %s" % (SEED, ", ".join(f"{n:,} {what}" for what, n in Life.counts.items())))


def main():
    if not can_build():
        print(f"1..0 # SKIP {MISSING}")
        return
    make(TCPRETOP, FAKE)
    monkeys.__doc__ = f"a monkey for {SECONDS:g} s: no finding, no leak, no hang"
    run_tests([monkeys])


main()
