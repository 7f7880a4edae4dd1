# SPDX-License-Identifier: GPL-2.0-only
"""A terminal of the test's own: a program has one end of it, its bytes and modes are read at the other."""
import fcntl
import os
import pty
import re
import resource
import select
import signal
import struct
import termios
import time

from screen import DEADLINE

SEQUENCE = re.compile(
    rb"\033\[(?P<private>[?>=]?)(?P<params>[\d;:]*)(?P<csi>[ !\"$']?[@-~])"
    rb"|\033\](?:[^\a\033])*(?:\a|\033\\)"
    rb"|\033(?P<charset>\().|\033(?P<escape>[=>78DEHMc])"
    rb"|(?P<shift>[\016\017])|[^\033\016\017]"
    rb"|(?P<cut>\033(?:\[[\d;:?]*)?(?=\033))"  # by a crash; terminals start anew at the next
)
USUALLY_SET = {"7", "25"}  # of the private modes: autowrap, cursor


class Modes:
    """What a stream of bytes leaves behind in a terminal that was as terminals usually are."""

    def __init__(self, stream):
        self.private, self.attributes, self.odd = {}, set(), set()
        self.titles = at = 0
        while at < len(stream):
            found = SEQUENCE.match(stream, at)
            if not found:
                self.odd.add(f"not understood: {stream[at:at + 20]!r}")
                return
            at = found.end()
            self.take(found)

    def take(self, found):
        if found["csi"]:
            self.take_csi(found["private"].decode(), found["params"].decode(), found["csi"].decode())
        elif found["escape"] in (b"=", b">"):
            self.note("keypad", found["escape"] == b"=")
        elif found["charset"]:
            self.note("character set", found[0] != b"\033(B")
        elif found["shift"]:
            self.note("shifted out", found["shift"] == b"\016")

    def take_csi(self, private, params, final):
        if final in "hl" and private == "?":
            for mode in params.split(";"):
                self.private[mode] = final == "h"
        elif final in "hl" and not private:
            for mode in params.split(";"):
                self.note(f"mode {mode}", final == "h")
        elif final == "m" and not private:
            self.take_attributes([int(p or 0) for p in params.split(";")])
        elif final == "t" and params.startswith(("22", "23")):
            self.titles += 1 if params.startswith("22") else -1

    def take_attributes(self, params):
        while params:
            n = params.pop(0)
            if n == 0:
                self.attributes.clear()
            elif n in (38, 48):
                self.attributes.add(n // 10)
                del params[: 4 if params and params[0] == 2 else 2]
            elif n in (39, 49):
                self.attributes.discard(n // 10)
            elif 30 <= n <= 47 or 90 <= n <= 107:
                self.attributes.add(3 if n // 10 in (3, 9) else 4)
            elif 21 <= n <= 29:
                self.attributes -= {1, 2} if n == 22 else {n - 20}
            else:
                self.attributes.add(n)

    def note(self, what, on):
        (self.odd.add if on else self.odd.discard)(what)

    def on(self, mode):
        return self.private.get(mode, mode in USUALLY_SET)

    def left(self):
        """All that is not as it was."""
        left = sorted(self.odd)
        left += [f"?{m} is {'set' if on else 'reset'}" for m, on in self.private.items() if on != (m in USUALLY_SET)]
        left += [f"attributes {sorted(self.attributes)}"] if self.attributes else []
        # A crash pops what was perhaps not yet pushed: terminals do nothing then.
        left += ["a title is left on the stack"] if self.titles > 0 else []
        return left


class Terminal:
    """A pseudo-terminal, and in its foreground a program, as a shell would start it: stopped, it is heard of.

    What it writes is kept in `output`; `status` is None, "stopped", or as of subprocess: -n for a death by signal.
    """

    def __init__(self, command, columns=100, lines=30, ignore_hup=False, env=None, cwd=None):
        self.master, self.slave = pty.openpty()
        self.resize(columns, lines)
        self.before = termios.tcgetattr(self.slave)
        self.output = b""
        self.status = None
        self.reports, told = os.pipe()
        env = {**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", **(env or {})}
        self.shell = os.fork()
        if not self.shell:
            self.be_shell(told, lambda: self.be_program(command, ignore_hup, env, cwd))
        os.close(told)
        self.pid = int(self.report())

    def be_program(self, command, ignore_hup, env, cwd):
        for sig in signal.SIGTTOU, signal.SIGPIPE, signal.SIGXFSZ, signal.SIGINT, signal.SIGTERM:
            signal.signal(sig, signal.SIG_DFL)
        signal.signal(signal.SIGHUP, signal.SIG_IGN if ignore_hup else signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.chdir(cwd or ".")
        os.execvpe(command[0], [str(word) for word in command], env)

    def be_shell(self, told, program):
        """Waits for one job, as a shell does. The program knows its process group before it starts."""
        try:
            os.setsid()
            fcntl.ioctl(self.slave, termios.TIOCSCTTY, 0)
            for fd in 0, 1, 2:
                os.dup2(self.slave, fd)
            for sig in signal.SIGHUP, signal.SIGTTOU, signal.SIGINT, signal.SIGTERM:
                signal.signal(sig, signal.SIG_IGN)
            for fd in self.master, self.slave, self.reports:
                os.close(fd)
            os.set_inheritable(told, False)
            started = os.pipe()
            pid = os.fork()
            if not pid:
                try:
                    os.setpgid(0, 0)
                    os.tcsetpgrp(0, os.getpid())
                    program()
                finally:
                    os._exit(127)
            os.close(started[1])
            os.read(started[0], 1)  # its end is closed by exec
            os.write(told, b"%d\n" % pid)
            while True:
                _, status = os.waitpid(pid, os.WUNTRACED)
                if not os.WIFSTOPPED(status):
                    break
                os.write(told, b"stopped\n")
            os.write(told, b"%d\n" % os.waitstatus_to_exitcode(status))
        finally:
            os._exit(0)

    def report(self):
        word = b""
        while not word.endswith(b"\n"):
            byte = os.read(self.reports, 1)
            assert byte, "the program was not started"
            word += byte
        return word.decode().strip()

    def resize(self, columns, lines):
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def signal(self, sig):
        """As a shell sends it, to the process group."""
        try:
            os.killpg(self.pid, sig)
        except ProcessLookupError:
            pass

    def resume(self):
        self.status = None
        self.signal(signal.SIGCONT)

    def type(self, keys):
        os.write(self.master, keys)

    def read(self, seconds):
        """Takes what comes within so long. True if something came."""
        files = [fd for fd in (self.master, self.reports) if fd >= 0 and not (fd == self.reports and self.is_over())]
        ready = select.select(files, [], [], seconds)[0]
        if self.master in ready:
            self.output += os.read(self.master, 65536)
        if self.reports in ready:
            word = self.report()
            self.status = word if word == "stopped" else int(word)
        return bool(ready)

    def is_over(self):
        return isinstance(self.status, int)

    def wait(self, condition, what):
        end = time.monotonic() + DEADLINE
        while not condition():
            assert time.monotonic() < end, f"waited for {what}; the last output: {self.output[-300:]!r}"
            self.read(0.1)

    def wait_for(self, text, since=0):
        self.wait(lambda: text in self.output[since:] or self.is_over(), text)
        assert text in self.output[since:], (text, self.status, self.output[-300:])

    def wait_end(self):
        """Its status, when all that it wrote is read."""
        self.wait(self.is_over, "its end")
        while self.master >= 0 and self.read(0):
            pass
        return self.status

    def check_restored(self):
        after = termios.tcgetattr(self.slave)
        assert after == self.before, f"modes of the line:\n{self.before}\n{after}"
        left = Modes(self.output).left()
        assert not left, f"{', '.join(left)}; the last output: {self.output[-200:]!r}"

    def hang_up(self):
        os.close(self.master)
        self.master = -1

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if not self.is_over():
            self.signal(signal.SIGKILL)
        for fd in self.master, self.slave, self.reports:
            if fd >= 0:
                os.close(fd)
        os.waitpid(self.shell, 0)
