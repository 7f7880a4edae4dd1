# SPDX-License-Identifier: GPL-2.0-only
"""What the cells of the table say."""
import re

UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600, "d": 86400, "k": 1e3, "M": 1e6, "%": 1}
UNITS |= {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "K": 2**10}


def number(text):
    """The value of a cell: "8,412" "3.1%" "4.2 s" "1m05s" "12.3 KiB"; None for "-"."""
    text = text.strip()
    if text in ("-", ""):
        return None
    if text.startswith(("<", ">")):
        text = text[1:]
    total = 0.0
    assert re.fullmatch(r"([\d.,]+ ?[A-Za-z%]*)+", text), f"half a number: {text!r}"
    for amount, unit in re.findall(r"([\d.,]+) ?([A-Za-z%]*)", text):
        total += float(amount.replace(",", "")) * UNITS[unit or "s"]
    return total


def sorted_column(screen, title):
    """Cells of the numeric column that is sorted by; their right ends stand under its title's."""
    head = screen.lines()[screen.head()]
    end = re.search(rf"{re.escape(title)}(?=[↑↓])", head).end()
    cells = []
    for row in screen.rows():
        cells.append(re.search(r"(\d\S* [a-zA-Z]+|\S+)$", row[:end])[0])
    return cells
