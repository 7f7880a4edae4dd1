# SPDX-License-Identifier: GPL-2.0-only
"""A virtual machine with a kernel of choice, tcpretop, and a network that loses packets."""

import base64
import dataclasses
import functools
import io
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

import cross
from debian import CannotHave

HERE = Path(__file__).resolve().parent
NATIVE = {"x86_64": "amd64", "aarch64": "arm64"}  # Debian's names of what uname tells
TERMINALS = [Path(d, "terminfo/v/vt100") for d in ("/lib", "/usr/lib", "/usr/share")]
PATIENCE = 1000  # seconds for one machine


@dataclasses.dataclass(frozen=True)
class Board:
    """What qemu plays, and what Linux calls its serial ports."""

    qemu: str
    arguments: tuple
    console: str
    answer: str
    second_serial: tuple


BOARDS = {
    "amd64": Board("qemu-system-x86_64", ("-M", "q35", "-cpu", "max"), "ttyS0", "ttyS1",
                   ("-serial", "chardev:answer")),
    # A later processor would have to work out signatures of pointers, which takes qemu long.
    "arm64": Board("qemu-system-aarch64", ("-M", "virt", "-cpu", "cortex-a72"), "ttyAMA0", "ttyS0",
                   ("-device", "pci-serial,chardev=answer")),
}


class Failed(Exception):
    """It ended without an answer; its console tells why."""


def cpio(entries):
    """An archive as the kernel unpacks it: of (path, mode, content), directories first."""
    out = bytearray()

    def put(path, mode, content):
        name = path.encode() + b"\0"
        numbers = [len(out) + 1, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name), 0]
        for part in b"070701" + b"".join(b"%08X" % n for n in numbers) + name, content:
            out.extend(part)
            out.extend(bytes(-len(out) % 4))

    for entry in entries:
        put(*entry)
    put("TRAILER!!!", 0, b"")
    return bytes(out)


def tree(files):
    """Entries of all the files, {path: (mode, content)}, and of the directories they need."""
    directories = sorted({str(parent) for path in files for parent in Path(path).parents} - {"."})
    yield from ((path, 0o40755, b"") for path in directories)
    yield from ((path, 0o100000 | mode, content) for path, (mode, content) in files.items())


def libraries(program):
    """Files that the dynamic linker loads for it, itself included."""
    text = subprocess.run(["ldd", program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True, check=False).stdout
    return re.findall(r"(/\S+) \(0x", text)


def native_programs(build):
    """{path in the machine: file} of this host's."""
    files = {
        "bin/busybox": which("busybox"),
        "tools/ip": which("ip"),
        "tools/tc": which("tc"),
        "tools/tcpretop": os.path.join(build, "tcpretop"),
        "tools/traffic": os.path.join(build, "tests", "traffic"),
    }
    for program in list(files.values()):
        files.update((library.lstrip("/"), library) for library in libraries(program))
    return files


@functools.lru_cache(maxsize=None)
def common_image(arch, build):
    """What all kernels of an architecture share."""
    native = NATIVE.get(os.uname().machine) == arch
    programs = native_programs(build) if native else cross.programs(arch, build)
    files = {name: (0o755, Path(path).read_bytes()) for name, path in programs.items()}
    files["init"] = (0o755, (HERE / "init").read_bytes())
    for path in TERMINALS:
        if path.exists():
            files[str(path).lstrip("/")] = (0o644, path.read_bytes())
    return cpio(tree(files))


def modules_image(kernel):
    modules = sorted((kernel / "modules").iterdir())
    return cpio(tree({f"modules/{m.name}": (0o644, m.read_bytes()) for m in modules}))


def which(name):
    path = shutil.which(name)
    if not path:
        raise CannotHave(f"there is no {name} here")
    return path


def qemu(board, kernel, initrd, append, memory, console, answer):
    possible = re.search(r"\bCPUS=(\d+)", append)  # of these two are there, and others could be added
    smp = f"2,maxcpus={possible[1]},sockets={possible[1]},cores=1,threads=1" if possible else "2"
    append = (f"console={board.console} CONSOLE={board.console} ANSWER={board.answer} quiet "
              "panic=-1 oops=panic mitigations=off " + append)
    # With a thread for each processor the emulated ones now and then crash.
    return [which(board.qemu), *board.arguments, "-accel", "tcg,thread=single",
            "-smp", smp, "-m", memory, "-nodefaults", "-display", "none", "-no-reboot",
            "-kernel", str(kernel / "vmlinuz"), "-initrd", initrd, "-append", append,
            "-serial", f"file:{console}", "-chardev", f"file,id=answer,path={answer}",
            *board.second_serial]


def unpack(text):
    """The files of the answer."""
    found = re.search(r"^BEGIN$(.*)^END$", text.replace("\r", ""), re.DOTALL | re.MULTILINE)
    if not found:
        return None
    with tarfile.open(fileobj=io.BytesIO(base64.b64decode(found[1]))) as tar:
        return {os.path.basename(member.name): tar.extractfile(member).read().decode()
                for member in tar if member.isfile()}


def boot(arch, kernel, lockdown, extra, build):
    """Runs the machine of the tests; extra is more for the kernel's command line, and what it does not
    know, init's environment; CPUS=N in it is how many processors there may be."""
    append = extra + (f" lockdown={lockdown}" if lockdown != "none" else "")
    return start(arch, kernel, common_image(arch, build) + modules_image(kernel), append)


def start(arch, kernel, image, append, memory="1G", patience=PATIENCE):
    """Runs a machine; {name: text} of what it found. CannotHave tells what this host lacks."""
    with tempfile.TemporaryDirectory() as tmp:
        initrd, console, answer = (os.path.join(tmp, n) for n in ("initrd", "console", "answer"))
        Path(initrd).write_bytes(image)
        why = "it ended without an answer"
        try:
            done = subprocess.run(qemu(BOARDS[arch], kernel, initrd, append, memory, console, answer), check=False,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True, timeout=patience)
            if done.returncode:
                why = f"qemu: {done.stdout.strip()}"
        except subprocess.TimeoutExpired:
            why = f"it was not done in {patience} s"
        files = unpack(Path(answer).read_text(errors="replace")) if os.path.exists(answer) else None
        log = Path(console).read_text(errors="replace") if os.path.exists(console) else ""
    if not files:
        raise Failed("\n".join([why, *log.replace("\r", "").splitlines()[-40:]]))
    files["console"] = log
    return files
