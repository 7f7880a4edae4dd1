# SPDX-License-Identifier: GPL-2.0-only
"""Programs of others that the tests run beside tcpretop: sshd, Prometheus and its node exporter.

Installing Debian's packages would start them, now and at each boot. So what is not there is unpacked
below ${XDG_CACHE_HOME:-~/.cache}/tcpretop/servers, and that is all."""

import fcntl
import os
import re
import shutil
import subprocess
from pathlib import Path

PACKAGES = {
    "sshd": "openssh-server",
    "prometheus": "prometheus",
    "promtool": "prometheus",
    "prometheus-node-exporter": "prometheus-node-exporter",
}


def cache():
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "tcpretop" / "servers"


def apt_get(*words, cwd):
    subprocess.run(["apt-get", "-qq", "-o", "APT::Sandbox::User=root", *words], cwd=cwd, check=True,
                   stdin=subprocess.DEVNULL, timeout=200)


def download(package, folder):
    """Where no list names the package, or the one that it names is gone, with newer lists."""
    try:
        apt_get("download", package, cwd=folder)
    except subprocess.CalledProcessError:
        apt_get("update", cwd=folder)
        apt_get("download", package, cwd=folder)


def is_installed(package):
    done = subprocess.run(["dpkg-query", "-W", "-f", "${db:Status-Status}", package], capture_output=True, text=True)
    return done.stdout == "installed"


def libraries(deb):
    """What the package wants of these, the first of alternatives, and is not here."""
    out = subprocess.run(["dpkg-deb", "-f", deb, "Depends"], check=True, stdout=subprocess.PIPE, text=True).stdout
    names = [re.split(r"[ :(|]", word.strip())[0] for word in out.split(",")]
    return [n for n in names if re.match(r"lib(?!js-)", n) and not is_installed(n)]


def unpack(package, top):
    done = top / "have" / package
    if done.exists():
        return
    debs = top / f"{package}.debs"
    shutil.rmtree(debs, ignore_errors=True)
    debs.mkdir(parents=True)
    download(package, debs)
    for deb in debs.glob("*.deb"):
        subprocess.run(["dpkg-deb", "-x", deb, top / "root"], check=True, timeout=60)
        for library in libraries(deb):
            unpack(library, top)
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
            unpack(PACKAGES[name], top)
        except (OSError, subprocess.SubprocessError):
            return None
    found = [p for folder in ("usr/sbin", "usr/bin") if (p := top / "root" / folder / name).exists()]
    return str(found[0]) if found else None


def sshd_config(sshd):
    """Where the parts of an unpacked sshd are: from 9.8 on OpenSSH's is several programs, with fixed paths."""
    parts = Path(sshd).parents[1] / "lib/openssh"
    found = [(word, parts / name) for word, name in (("SshdSessionPath", "sshd-session"), ("SshdAuthPath", "sshd-auth"))]
    return "".join(f"{word} {path}\n" for word, path in found if path.exists())


def library_path():
    return ":".join(str(p) for p in (cache() / "root").glob("usr/lib/*-linux-gnu*")) or ""
