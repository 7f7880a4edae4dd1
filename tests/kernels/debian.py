# SPDX-License-Identifier: GPL-2.0-only
"""Debian's packages of any suite and architecture, from the mirrors that the system's own sources
name, with an apt tree of their own, so that nothing of this needs root or changes the system."""

import contextlib
import fcntl
import os
import subprocess
from pathlib import Path

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


class CannotHave(Exception):
    pass


def run(command, **options):
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=200, **options)
    except FileNotFoundError:
        raise CannotHave(f"there is no {command[0]} here") from None
    except subprocess.TimeoutExpired:
        raise CannotHave(f"{command[0]} {command[1]} took too long") from None
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()] or ["failed"]
        raise CannotHave(f"{command[0]} {command[1]}: {lines[0]}")
    return done.stdout


def mirror(suite):
    """Where the system's own sources say that Debian's archive of this kind is."""
    wanted = "/debian-security" if suite.endswith("-security") else "/debian"
    for uri in run(["apt-get", "indextargets", "--format", "$(REPO_URI)"]).splitlines():
        if uri.rstrip("/").endswith(wanted):
            return uri
    raise CannotHave(f"the system's apt sources name no mirror of Debian's {suite}")


class Apt:
    """An apt tree for one suite and architecture, apart from the system's."""

    def __init__(self, top, suite, arch):
        self.top = top / "apt" / f"{suite}-{arch}"
        for name in ("lists/partial", "archives/partial", "sources.d", "preferences.d"):
            (self.top / name).mkdir(parents=True, exist_ok=True)
        (self.top / "status").touch()
        (self.top / "sources.list").write_text(
            f"deb [signed-by={KEYRING}] {mirror(suite)} {suite} main\n")
        conf = self.top / "conf"
        conf.write_text("".join(f'{key} "{value}";\n' for key, value in {
            "APT::Architecture": arch,
            "APT::Architectures": arch,
            "APT::Sandbox::User": "root",
            "Acquire::Languages": "none",
            "Acquire::Retries": "2",
            "Dir::Etc::sourcelist": self.top / "sources.list",
            "Dir::Etc::sourceparts": self.top / "sources.d",
            "Dir::Etc::preferencesparts": self.top / "preferences.d",
            "Dir::State": self.top,
            "Dir::State::status": self.top / "status",
            "Dir::Cache": self.top,
        }.items()))
        self.env = dict(os.environ, APT_CONFIG=str(conf), LC_ALL="C.UTF-8")
        run(["apt-get", "-qq", "--error-on=any", "update"], env=self.env)

    def unpack(self, package, into):
        run(["apt-get", "-qq", "download", package], env=self.env, cwd=into)
        unpack_all(into, into)

    def unpack_with_needs(self, packages, into):
        """The packages and all that they depend on."""
        run(["apt-get", "-qq", "-y", "--no-install-recommends", "--download-only", "install",
             *packages], env=self.env)
        unpack_all(self.top / "archives", into)


def unpack_all(debs, into):
    for deb in debs.glob("*.deb"):
        run(["dpkg-deb", "-x", str(deb), str(into)])
        deb.unlink()


@contextlib.contextmanager
def cache():
    """The folder that is kept between runs, while nobody else changes it."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    top = Path(base) / "tcpretop" / "kernels"
    top.mkdir(parents=True, exist_ok=True)
    with open(top / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield top
