"""How a command speaks: results go to standard output, everything else to standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence


def show(text: str = "") -> None:
    """Write a line of a result to standard output."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def say(text: str) -> None:
    """Write a line about what is going on to standard error."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def counted(number: int, noun: str) -> str:
    """Return how many there are: `1 page`, `2,000 pages`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return rows as a table in plain text, each column as wide as its widest cell."""
    every = [tuple(head), *(tuple(row) for row in rows)]
    widths = [max(len(row[place]) for row in every) for place in range(len(head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in every]
    return "\n".join((lines[0], "  ".join("-" * width for width in widths), *lines[1:]))
