#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The completions of bash, zsh and fish, asked by these shells: keys are typed at bash and zsh on a terminal."""
import fcntl
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "live"))
from common import Tap  # noqa: E402

BUILD = Path(os.environ.get("BUILD", "build")).resolve()
TMP = Path(os.environ.get("TMPDIR", "/tmp"))
LATEST = 60
# What is typed, and the words that the command then has.
TYPED = (
    ("--max\t8", ["--max-flows", "8"], ["--max-flows=8"]),
    ("--doc\t", ["--doctor"], None),
    ("-g proc\t", ["-g", "process"], None),
    ("--group remo\t", ["--group", "remote"], None),
    ("--group=remo\t", ["--group=remote"], None),
    ("-o spur\t", ["-o", "SPURIOUS"], None),
    ("-bo backo\t", ["-bo", "BACKOFF"], None),
    ("-o -spur\t", ["-o", "-SPURIOUS"], None),
    ("--columns RETR,inf\t", ["--columns", "RETR,INFLIGHT"], None),
    ("-r incid\t", ["-r", "incident one.rec"], None),
    ("--speed m\t", ["--speed", "max"], None),
)


class Shell:
    """An interactive one, in which the command prints its words."""

    def __init__(self, argv, setup):
        self.unread = ""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(TMP)
            os.environ.update(PS1="$ ", TERM="xterm", HISTFILE="/dev/null", HOME=str(TMP))
            os.execvp(argv[0], argv)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 100, 200, 0, 0))
        self.type(setup + "\necho set''up done\n")
        self.read_until("setup done")

    def type(self, text):
        os.write(self.fd, text.encode())

    def read_until(self, end):
        last = time.monotonic() + LATEST
        while end not in self.unread:
            ready, _, _ = select.select([self.fd], [], [], max(0, last - time.monotonic()))
            if not ready:
                raise TimeoutError(f"{end} did not come: {self.unread[-300:]!r}")
            self.unread += os.read(self.fd, 65536).decode(errors="replace")
        text, _, self.unread = self.unread.partition(end)
        return text

    def words(self, name, typed):
        self.type(f"{name} {typed}\n")
        text = self.read_until("<end>")
        found = re.findall(r"<word:([^>]*)>", text)
        self.read_until("$ ")
        return [word.rstrip() for word in found]

    def offers(self, typed, keys):
        """What these keys show. Ends with Ctrl-U, and a command in its place."""
        self.type(typed + keys)
        time.sleep(2)
        self.type("\025echo lis''ted\n")
        return self.read_until("listed")

    def end(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.fd)


# The marks are not in what is typed, which the terminal gives back.
PRINTS = """() { for w in "$@"; do printf '<%s:%s>' word "$w"; done; printf '<%s>\\n' end; }"""


def setup_of(source):
    return "; ".join([f"{name}{PRINTS}" for name in ("tcpretop", "tcpretrans")] + [source])


def check_typed(tap, name, shell, keys):
    for typed, wanted, other in TYPED:
        got = shell.words("tcpretop", typed)
        tap.ok(got in (wanted, other), f"{name}: {typed.rstrip()!r} becomes {' '.join(wanted)}", f"got {got}")
    tap.equal(shell.words("tcpretrans", "--loss\t"), ["--lossprobe"], f"{name}: by the name tcpretrans")
    text = shell.offers("tcpretop --", keys)
    options = re.findall(r"(--[a-z0-9-]+) ", subprocess.run([BUILD / "tcpretop", "--help"], capture_output=True,
                                                            text=True, check=True).stdout)
    missing = [option for option in options if option not in text]
    tap.ok(options and not missing, f"{name}: all options are offered", f"not {missing}")


def bash(tap):
    shell = Shell(["bash", "--norc", "--noprofile", "-i"], setup_of(
        f"bind 'set bell-style none'; bind 'set page-completions off'; bind 'set completion-query-items 0'; "
        f"bind 'set enable-bracketed-paste off'; source {BUILD}/completion.bash"))
    check_typed(tap, "bash", shell, "\t\t")
    shell.end()


def zsh(tap):
    (TMP / "fpath").mkdir()
    shutil.copy(BUILD / "completion.zsh", TMP / "fpath/_tcpretop")
    shell = Shell(["zsh", "-f", "-i"], setup_of(
        f"PS1='$ '; unsetopt prompt_sp prompt_cr zle_bracketed_paste; unset zle_bracketed_paste; LISTMAX=0; "
        f"fpath=({TMP}/fpath $fpath); autoload -U compinit; compinit -u -D"))
    check_typed(tap, "zsh", shell, "\004")
    shell.end()


def fish_offers(line):
    done = subprocess.run(["fish", "--no-config", "-c", f"source {BUILD}/completion.fish; complete -C '{line}'"],
                          capture_output=True, text=True, cwd=TMP, timeout=LATEST, check=True,
                          env={**os.environ, "HOME": str(TMP)})
    return [entry.split("\t")[0] for entry in done.stdout.splitlines()]


def fish(tap):
    for typed, wanted in (("--max", ["--max-flows"]), ("--doc", ["--doctor"]), ("-g proc", ["process"]),
                          ("--group=remo", ["--group=remote"]), ("-o SPUR", ["SPURIOUS"]), ("--sort=-SPUR", ["--sort=-SPURIOUS"]),
                          ("--columns RETR,INF", ["RETR,INFLIGHT"]), ("-r incid", ["incident one.rec"]),
                          ("--speed m", ["max"]), ("eth", [])):
        tap.equal(fish_offers(f"tcpretop {typed}"), wanted, f"fish: {typed!r}")
    tap.equal(fish_offers("tcpretrans --loss"), ["--lossprobe"], "fish: by the name tcpretrans")


def main():
    tap = Tap()
    (TMP / "incident one.rec").touch()
    for shell in (bash, zsh, fish):
        name = shell.__name__
        if not shutil.which(name):
            tap.skip(f"completion of {name}", f"no {name} here")
            continue
        try:
            shell(tap)
        except (TimeoutError, OSError, subprocess.SubprocessError) as e:
            tap.ok(False, f"{name} answers", str(e))
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
