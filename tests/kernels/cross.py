# SPDX-License-Identifier: GPL-2.0-only
"""tcpretop and what else a virtual machine needs, for another architecture than this host's.

The libraries and tools are Debian's, unpacked into a folder; clang and lld compile for all.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

from debian import Apt, CannotHave, cache

TOP = Path(__file__).resolve().parent.parent.parent
SUITE = "bookworm"
PACKAGES = ("libc6-dev libgcc-12-dev libbpf-dev libelf-dev zlib1g-dev libzstd-dev libncurses-dev "
            "libutf8proc-dev libc-ares-dev libseccomp-dev libcap-ng-dev uthash-dev "
            "busybox-static iproute2").split()
# What compilers call it, and libbpf.
NAMES = {"amd64": ("x86_64-linux-gnu", "x86"), "arm64": ("aarch64-linux-gnu", "arm64")}


class CannotBuild(Exception):
    """Holds what make said."""


def mend_links(root):
    """Links to /lib are to lead into this folder, or the linker takes a static library instead."""
    for path in root.rglob("*"):
        if path.is_symlink() and os.readlink(path).startswith("/"):
            target = root / os.readlink(path).lstrip("/")
            path.unlink()
            path.symlink_to(os.path.relpath(target, path.parent))


def sysroot(arch):
    """The unpacked packages; what is there is not asked for again."""
    with cache() as top:
        final, work = top / "sysroot" / arch, top / "sysroot" / f"{arch}.new"
        listed = "\n".join([SUITE, *PACKAGES])
        if (final / "packages").exists() and (final / "packages").read_text() == listed:
            return final
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        Apt(top, SUITE, arch).unpack_with_needs(PACKAGES, work)
        mend_links(work)
        (work / "packages").write_text(listed)
        shutil.rmtree(final, ignore_errors=True)
        work.rename(final)
        return final


def make(arch, root, build):
    """Builds the program and the traffic of the tests into a folder below build."""
    triplet, bpf_arch = NAMES[arch]
    into = Path(build) / arch
    pkgconfig = [str(root / "usr" / sub / "pkgconfig") for sub in (f"lib/{triplet}", "share")]
    env = {name: value for name, value in os.environ.items() if not name.endswith("FLAGS")}
    env.update(PKG_CONFIG_SYSROOT_DIR=str(root), PKG_CONFIG_LIBDIR=":".join(pkgconfig))
    done = subprocess.run(
        ["make", "-s", "-C", str(TOP), f"B={into}", f"{into}/tcpretop", f"{into}/tests/traffic",
         f"CC=clang --target={triplet} --sysroot={root}", "LDFLAGS=-fuse-ld=lld",
         f"BPF_ARCH={bpf_arch}", f"ASM={root}/usr/include/{triplet}"],
        env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, check=False)
    if done.returncode:
        raise CannotBuild(done.stdout)
    return into


def readelf(option, program, pattern):
    text = subprocess.run(["readelf", "-W", option, program], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True, check=False).stdout
    return re.findall(pattern, text)


def libraries(program, root, arch):
    """{path on the target: file} of all that the dynamic linker loads for it, itself included."""
    folders = [f"{lib}/{NAMES[arch][0]}" for lib in ("lib", "usr/lib")]
    found, todo = {}, [program]
    for loader in readelf("-l", program, r"interpreter: /(\S+)\]"):
        found[loader] = root / loader
    while todo:
        for name in readelf("-d", todo.pop(), r"\(NEEDED\).*\[(\S+)\]"):
            path = next(f"{f}/{name}" for f in folders if (root / f / name).exists())
            if path not in found:
                found[path] = root / path
                todo.append(root / path)
    return found


def programs(arch, build):
    """{path on the target: file}; CannotHave or CannotBuild tell why there are none."""
    for name in "make", "clang", "ld.lld", "readelf", "pkg-config":
        if not shutil.which(name):
            raise CannotHave(f"there is no {name} here")
    root = sysroot(arch)
    into = make(arch, root, build)
    files = {
        "bin/busybox": root / "bin/busybox",
        "tools/ip": root / "bin/ip",
        "tools/tc": root / "sbin/tc",
        "tools/tcpretop": into / "tcpretop",
        "tools/traffic": into / "tests/traffic",
    }
    for program in list(files.values()):
        files.update(libraries(program, root, arch))
    return files
