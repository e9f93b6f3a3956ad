"""CSV, row by row: a row that cannot be read is told as it stands, and the next one is read."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple

from regulars.connectors.sources.files.opening import plain, text
from regulars.connectors.sources.files.rows import Options, Unreadable

_DELIMITERS = ",;\t|"
LINE_CHARACTERS_MAX = 2**20
_KEPT_CHARACTERS = 2_000


class Record(NamedTuple):
    """One row of a table: its cells by column, or the problem that makes them unreadable."""

    number: int
    raw: str
    cells: dict[str, object] | None
    problem: str | None


class _TooLong(Exception):
    """A line is longer than we hold."""


class _Lines:
    """The lines of a file, remembering those of the row being read so that they can be told or read again."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._again: list[str] = []
        self.taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.pop() if self._again else self._file.readline(LINE_CHARACTERS_MAX)
        if not line:
            raise StopIteration
        self.taken.append(line)
        if len(line) == LINE_CHARACTERS_MAX and not line.endswith(("\n", "\r")):
            self._pass_over_the_rest()
            raise _TooLong
        return line

    def read_again(self, lines: list[str]) -> None:
        self._again += reversed(lines)

    def _pass_over_the_rest(self) -> None:
        while (part := self._file.readline(LINE_CHARACTERS_MAX)) and not part.endswith(("\n", "\r")):
            pass


def header(path: Path, options: Options) -> tuple[list[str], str]:
    """Return the names of the columns, and the header as it stands.

    Raises: Unreadable.
    """
    with text(path, options.encoding) as file:
        for cells, raw, problem in _rows(file, _delimiter(file, options)):
            if problem is not None:
                raise Unreadable(f"the header of {path} cannot be read: {problem}")
            return [name.strip() for name in cells], raw
    raise Unreadable(f"{path} is empty: its first row must name the columns")


def count(path: Path, options: Options) -> int:
    """Return how many rows there are below the header."""
    with text(path, options.encoding) as file:
        return sum(1 for _ in _rows(file, _delimiter(file, options))) - 1


def records(path: Path, options: Options) -> Iterator[Record]:
    """Yield the rows below the header; blank lines are none, rows of empty cells have empty cells."""
    names, _ = header(path, options)
    with text(path, options.encoding) as file:
        found = _rows(file, _delimiter(file, options))
        next(found)
        for number, (cells, raw, problem) in enumerate(found, start=1):
            if problem is None and len(cells) != len(names):
                problem = f"the row has {len(cells)} cells, the header has {len(names)}"
            if problem is None and plain(raw) != raw:
                problem = "the row holds bytes that are not text; say which encoding the file has, such as cp1252"
            if problem is None:
                yield Record(number, raw, dict(zip(names, cells, strict=True)), None)
            else:
                yield Record(number, plain(raw), None, problem)


def _rows(file: IO[str], delimiter: str) -> Iterator[tuple[list[str], str, str | None]]:
    """Yield the cells, the text and the problem of each row.

    A quote that is never closed swallows what follows it: only its own line is a bad row, the lines after it
    are read again.
    """
    lines = _Lines(file)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        lines.taken = []
        try:
            cells = next(reader)
        except StopIteration:
            return
        except _TooLong:
            kept = "".join(lines.taken)[:_KEPT_CHARACTERS]
            yield [], kept, f"the row is longer than {LINE_CHARACTERS_MAX} characters; only its beginning is kept"
            reader = csv.reader(lines, delimiter=delimiter, strict=True)
        except csv.Error as error:
            first, *rest = lines.taken
            yield [], first.rstrip("\r\n"), f"the row is not CSV: {error}"
            lines.read_again(rest)
            reader = csv.reader(lines, delimiter=delimiter, strict=True)
        else:
            if cells:
                yield cells, "".join(lines.taken).rstrip("\r\n"), None


def _delimiter(file: IO[str], options: Options) -> str:
    """Return the options' delimiter, else the one that makes the most columns of the first line."""
    if options.delimiter is not None:
        if len(options.delimiter) != 1:
            raise Unreadable(f"a delimiter is one character, not {options.delimiter!r}")
        return options.delimiter
    first = file.readline(LINE_CHARACTERS_MAX)
    file.seek(0)
    return max(_DELIMITERS, key=first.count)
