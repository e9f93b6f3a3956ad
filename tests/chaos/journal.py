"""What a client wrote down itself: each call before it was sent, and each answer when it came.

The database cannot testify to what it lost. So the clients keep a journal of their own, and at the end every
answer that was ever given is held against what is stored.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct


class Asked(Struct, frozen=True, tag=True):
    """A call that is about to be sent under an idempotency key."""

    key: str
    path: str
    body: Any


class Told(Struct, frozen=True, tag=True):
    """The answer to a call, byte for byte."""

    key: str
    status: int
    text: str
    replayed: bool


class Failed(Struct, frozen=True, tag=True):
    """An answer that nobody should ever be given: a 500, or one that cannot be told from a call's own mistake."""

    key: str
    status: int
    text: str


Line = Asked | Told | Failed


class Journal:
    """A file that one client appends to; each line is with the operating system before `write` returns."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, line: Line) -> None:
        """Write a line."""
        os.write(self._file, msgspec.json.encode(line) + b"\n")

    def close(self) -> None:
        """Stop writing."""
        os.close(self._file)


class Testimony(Struct):
    """All that the journals say: calls and answers by their keys."""

    asked: dict[str, Asked]
    told: dict[str, Told]
    failed: list[Failed]

    @property
    def in_doubt(self) -> set[str]:
        """The keys of calls that were never answered."""
        return self.asked.keys() - self.told.keys()

    @property
    def accepted(self) -> dict[str, Told]:
        """The answers that said yes."""
        return {key: told for key, told in self.told.items() if told.status < 300}


def read(paths: list[Path]) -> Testimony:
    """Return what the journals say."""
    found = Testimony({}, {}, [])
    for path in paths:
        for line in _lines(path):
            match line:
                case Asked():
                    found.asked[line.key] = line
                case Told():
                    found.told[line.key] = line
                case Failed():
                    found.failed.append(line)
    return found


def _lines(path: Path) -> Iterator[Line]:
    for line in path.read_bytes().splitlines():
        yield msgspec.json.decode(line, type=Line)
