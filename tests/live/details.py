# SPDX-License-Identifier: GPL-2.0-only
"""The details of a flow or group on the viewer's screen, for the tests of its verdict."""

import re

from common import TCPRETOP
from screen import Screen


def viewer(options):
    """Tall enough for all that the details say."""
    return Screen(f"{TCPRETOP} -d 0.5 {options}", columns=120, lines=60)


def open_details(screen):
    """Those of the worst row, once there is one: a flow, or a group."""
    screen.wait(lambda t: re.search(r"flows [1-9]\d* of", t) and "RETR↓" in t, "the flow")
    screen.keys("i")
    screen.wait("Esc back")


def sentences(text):
    """The verdict, with its broken lines joined."""
    found = re.search(r"^ ▸ .*?(?=^ \S*/\d|^ netns|^ Segments|^$)", text, re.M | re.S)
    return " ".join(found[0].split()) if found else ""


def says(tap, screen, wanted, name):
    """Waits for a verdict like this, and returns what the screen then shows; None if it does not come."""
    wanted = re.compile(wanted)
    try:
        text = screen.wait(lambda t: wanted.search(sentences(t)), wanted.pattern)
    except AssertionError as e:
        tap.ok(False, name, *str(e).splitlines())
        return None
    tap.ok(True, name)
    tap.note(sentences(text))
    return text
