# SPDX-License-Identifier: GPL-2.0-only
"""The program with faults.h between it and all that can fail, and the list of its calls that can: the sites.

A site is a call instruction. They are read from the linked program, not from what ran: a new call is a new site, and a
call of a function that tests/faults/functions does not name, or by a pointer, is an error.
"""
import collections
import errno
import os
import re
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
BUILD = Path(os.environ.get("BUILD", TOP / "build")).resolve() / "faults"
SANITIZE = "-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer"
# Each call of the source is one of the program: nothing is inlined, joined or replaced.
CFLAGS = f"-O0 -g -U_FORTIFY_SOURCE -fno-stack-protector -I{HERE}/small {SANITIZE}"
CALL = re.compile(r"^ *([0-9a-f]+):\t(?:(?:bnd )?call|bl|jalr|brasl)\w*\s.*<fault_(\w+)>$")
RUNTIME = re.compile(r"__(?:asan|ubsan|sanitizer|lsan)_|_GLOBAL_OFFSET_TABLE_")
ENTRY = 24  # bytes of struct site

Site = collections.namedtuple("Site", "name function address")


def run(*command, text=None):
    env = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    done = subprocess.run([str(c) for c in command], env=env, input=text, capture_output=True, text=True)
    if done.returncode:
        sys.exit("Bail out! " + done.stdout + done.stderr)
    return done.stdout


def make(*goals):
    return run("make", "-s", "-C", TOP, f"B={BUILD}", "CC=clang", f"CFLAGS={CFLAGS}", *goals)


def read_functions():
    """{name: [(errno or 0, transparent)]}, {names that cannot fail}"""
    fallible, infallible = {}, set()
    for line in (HERE / "functions").read_text().splitlines():
        first, *rest = line.split() or ["#"]
        if first == "=":
            infallible.update(rest)
        elif first not in "#-":
            fallible[first] = [(0 if e == "~short" else getattr(errno, e.lstrip("~")), e[0] == "~") for e in rest]
    return fallible, infallible


def outside(objects):
    """Names that the objects use and do not define."""
    used, defined = set(), set()
    for line in run("nm", *objects).splitlines():
        word = line.split()
        if len(word) == 2 and word[0] in "Uw":
            used.add(word[1])
        elif len(word) == 3 and word[1].isupper():
            defined.add(word[2])
    return {name for name in used - defined if not RUNTIME.match(name)}


def compile_faults():
    """The objects of all that stands between, which no sanitizer looks at."""
    objects = []
    for source in sorted(HERE.glob("*.c")):
        objects.append(BUILD / source.relative_to(TOP).with_suffix(".o"))
        objects[-1].parent.mkdir(parents=True, exist_ok=True)
        run("clang", "-std=c11", "-D_GNU_SOURCE", "-iquote", TOP, "-Wall", "-Wextra", "-O1", "-g", "-fPIE", "-c", source,
            "-o", objects[-1])
    return objects


def build(fallible):
    """Programs: {name: path}; and the objects as they were compiled."""
    fakes = sorted(TOP.glob("tests/screen/fake_*.c"))
    fake_objects = [BUILD / path.relative_to(TOP).with_suffix(".o") for path in fakes]
    library, main = BUILD / "libtcpretop.a", BUILD / "src/main.o"
    make(library, main, *fake_objects)
    libraries = make("print-LIB_LDLIBS").split()
    names = BUILD / "renamed"
    names.write_text("".join(f"{name} fault_{name}\n" for name in fallible))
    renamed = BUILD / "renamed.a", BUILD / "renamed.main.o"
    for before, after in zip((library, main), renamed):
        run("objcopy", f"--redefine-syms={names}", before, after)
    faults = compile_faults()
    programs = {"tcpretop": [renamed[1]], "fake_viewer": fake_objects}
    for name, objects in programs.items():
        programs[name] = BUILD / f"faulty_{name}"
        run("clang", *SANITIZE.split(), "-g", "-pie", "-o", programs[name], *objects, renamed[0], *faults, *libraries)
    return programs, [library, main]


def references(objects, fallible):
    """How often each function is named in the code, in whatever way."""
    count = collections.Counter()
    for line in run("objdump", "-r", *objects).splitlines():
        word = line.split()
        if len(word) == 3 and word[1].startswith("R_"):
            count[re.split(r"[-+@]", word[2])[0]] += 1
    return {name: count[name] for name in fallible if count[name]}


def read_sites(program):
    found, after = [], None
    for line in run("objdump", "-d", "--no-show-raw-insn", program).splitlines():
        address = re.match(r" *([0-9a-f]+):\t", line)
        if address and after:
            found.append((int(address[1], 16), after))
            after = None
        if call := CALL.match(line):
            after = call[2]
    return name_sites(program, found)


def name_sites(program, found):
    lines = run("addr2line", "-f", "-e", program, text="".join(f"{address - 1:x}\n" for address, _ in found)).splitlines()
    sites, seen = {}, collections.Counter()
    for (address, function), inside, where in zip(found, lines[::2], lines[1::2]):
        where = re.sub(r" \(.*", "", where).replace(f"{BUILD}/", "").replace(f"{TOP}/", "")
        where = re.sub(r"^\./", "", where)
        name = f"{where} {inside} {function}"
        seen[name] += 1
        if seen[name] > 1:
            name += f"#{seen[name]}"
        sites[name] = Site(name, function, address)
    return sites


def read_book(path):
    """{address: (calls, failed)}, and how many files were left open."""
    words = memoryview(path.read_bytes()).cast("Q")
    entries = [tuple(words[i : i + 3]) for i in range(0, len(words) - 3, 3)]
    return {address: (calls, failed) for address, calls, failed in entries if address}, words[-2]
