# SPDX-License-Identifier: GPL-2.0-only
"""bcc's tcpretrans beside tcpretop in a virtual machine: it needs a kernel whose headers are there.

Debian 12's kernel, its headers and bcc are unpacked into a folder that becomes the machine's root. The
processor is emulated: the figures are slow ones, and only the ratios say something. What bcc compiles at each
start alone takes two minutes.
"""
import json
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
KERNELS = HERE.parent / "kernels"
sys.path.append(str(KERNELS))

import cross  # noqa: E402
import machine  # noqa: E402
from common import BUILD  # noqa: E402
from debian import Apt, CannotHave, cache, run  # noqa: E402

ARCH, KERNEL = "amd64", "6.1"  # Debian 12's bcc compiles for no later one
PACKAGES = "bpfcc-tools", "bpftool"
NEEDLESS = re.compile(r"(usr/share/(doc|man|locale|lintian|perl5|ieee-data|bcc/introspection)|var)(/|$)")
INSIDE = "inside.py", "programs.py", "measure.py"
MEMORY, PATIENCE = "3G", 2400


def kernel():
    """Directory of the kernel."""
    line = subprocess.run([KERNELS / "fetch", "-a", ARCH, KERNEL], check=True, stdout=subprocess.PIPE, text=True).stdout
    _, directory, rest = line.strip().split(" ", 2)
    if directory == "-":
        raise CannotHave(f"Debian's kernel {KERNEL}: {rest}")
    return Path(directory)


def unpack_headers(apt, release, into):
    package = f"linux-headers-{release}"
    text = run(["apt-cache", "depends", "--important", package], env=apt.env)
    for one in package, *re.findall(r"Depends: (linux-headers-\S+)", text):
        apt.unpack(one, into)


def root(release):
    """The folder with bcc and the headers of this kernel; what is there is not asked for again."""
    with cache() as top:
        final, work = top / "bcc" / release, top / "bcc" / f"{release}.new"
        if not final.exists():
            shutil.rmtree(work, ignore_errors=True)
            work.mkdir(parents=True)
            Apt(top, cross.SUITE, ARCH).unpack_with_needs(PACKAGES, work)
            unpack_headers(Apt(top, f"{cross.SUITE}-security", ARCH), release, work)
            work.rename(final)
        return final


def is_debian_12():
    text = Path("/etc/os-release").read_text() if os.path.exists("/etc/os-release") else ""
    return "VERSION_CODENAME=bookworm" in text and machine.NATIVE.get(os.uname().machine) == ARCH


def ours():
    """{path in the machine: (mode, content)}; with libraries that go with those of bcc."""
    files = machine.native_programs(BUILD) if is_debian_12() else cross.programs(ARCH, BUILD)
    files = {path: (0o755, Path(file).read_bytes()) for path, file in files.items()}
    files["init"] = 0o755, (KERNELS / "init").read_bytes()
    files["measure"] = 0o644, (HERE / "inside.sh").read_bytes()
    for name in INSIDE:
        files[f"bench/{name}"] = 0o644, (HERE / name).read_bytes()
    files["bench/common.py"] = 0o644, (HERE.parent / "live" / "common.py").read_bytes()
    return files


def entries(folder):
    """All of a folder for machine.cpio(), directories first."""
    for path in sorted(folder.rglob("*")):
        name, mode = str(path.relative_to(folder)), path.lstat().st_mode
        if NEEDLESS.match(name):
            continue
        if stat.S_ISLNK(mode):
            yield name, mode, os.readlink(path).encode()
        elif stat.S_ISDIR(mode) or stat.S_ISREG(mode):
            yield name, mode, path.read_bytes() if stat.S_ISREG(mode) else b""


def image(folder):
    theirs = list(entries(folder))
    there = {name for name, *_ in theirs}
    added = [entry for entry in machine.tree(ours()) if entry[0] not in there]
    return machine.cpio(theirs + added)


def measured(note):
    """What inside.py found."""
    note("bcc: Debian's kernel, headers and bcc")
    directory = kernel()
    whole = image(root((directory / "release").read_text())) + machine.modules_image(directory)
    note("bcc: in a virtual machine")
    files = machine.start(ARCH, directory, whole, "FORCE=", MEMORY, PATIENCE)
    if not files.get("found.json"):
        raise machine.Failed(files["console"])
    return {**json.loads(files["found.json"]), "kernel": files["release"].strip(), "missing": {}}


def bcc(note):
    """That, or why there is nothing."""
    try:
        return measured(note)
    except (CannotHave, cross.CannotBuild, machine.Failed) as e:
        lines = [line.strip() for line in str(e).splitlines() if line.strip()]
        return {"missing": {"tcpretrans": " / ".join(lines[-3:])}}
