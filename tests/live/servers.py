# SPDX-License-Identifier: GPL-2.0-only
"""Programs of others that the tests run beside tcpretop: sshd, Prometheus and its node exporter.

Installing Debian's packages would start them, now and at each boot. So what is not there is unpacked
below ${XDG_CACHE_HOME:-~/.cache}/tcpretop/servers, and that is all."""

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

PACKAGES = {
    "sshd": ("openssh-server", "libwrap0"),
    "prometheus": ("prometheus",),
    "promtool": ("prometheus",),
    "prometheus-node-exporter": ("prometheus-node-exporter",),
}


def cache():
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "tcpretop" / "servers"


def unpack(package, top):
    done = top / "have" / package
    if done.exists():
        return
    debs = top / f"{package}.debs"
    shutil.rmtree(debs, ignore_errors=True)
    debs.mkdir(parents=True)
    subprocess.run(["apt-get", "-qq", "-o", "APT::Sandbox::User=root", "download", package], cwd=debs, check=True,
                   stdin=subprocess.DEVNULL, timeout=200)
    for deb in debs.glob("*.deb"):
        subprocess.run(["dpkg-deb", "-x", deb, top / "root"], check=True, timeout=60)
    shutil.rmtree(debs)
    done.parent.mkdir(exist_ok=True)
    done.touch()


def find(name):
    """Its path, or None where it cannot be had; the libraries that came with it are in library_path()."""
    path = shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin:/sbin")
    if path:
        return path
    top = cache()
    top.mkdir(parents=True, exist_ok=True)
    with open(top / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            for package in PACKAGES[name]:
                unpack(package, top)
        except (OSError, subprocess.SubprocessError):
            return None
    found = [p for folder in ("usr/sbin", "usr/bin") if (p := top / "root" / folder / name).exists()]
    return str(found[0]) if found else None


def library_path():
    return ":".join(str(p) for p in (cache() / "root").glob("usr/lib/*-linux-gnu*")) or ""
