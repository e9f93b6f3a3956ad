"""A scenario page is Markdown: its headings say what its tables, code blocks and links are."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from regulars.programme.problems import Problem


class Cell(Struct, frozen=True):
    """A piece of the page's text with its place: line and column count from 1; in a table, below which header."""

    text: str
    line: int
    column: int
    header: str = ""


Row = dict[str, Cell]


class Table(Struct, frozen=True):
    """A table below a heading; a row has a cell for each of the headers, which are in lower case."""

    heading: Cell
    headers: tuple[Cell, ...]
    rows: tuple[Row, ...]


class Block(Struct, frozen=True):
    """A fenced block of YAML; `line` is that of its first line of text."""

    heading: Cell
    line: int
    lines: tuple[str, ...]


class Link(Struct, frozen=True):
    """A link to a file of YAML."""

    heading: Cell
    target: Cell


class Markdown(Struct, frozen=True):
    """What of a page is more than prose, in its order."""

    title: str
    parts: tuple[Table | Block | Link, ...]


class Mistake(Exception):
    """Something on the page cannot be read; it says where, what, and what to write instead."""

    def __init__(self, cell: Cell, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.cell, self.message, self.hint = cell, message, hint


class Complaints:
    """The mistakes of one page, so that its author hears of all of them at once."""

    def __init__(self, page: str) -> None:
        self._page = page
        self.problems: list[Problem] = []

    @contextmanager
    def heard(self) -> Iterator[None]:
        """Take note of the mistake that the block makes, if it makes one, and go on after it."""
        try:
            yield
        except Mistake as mistake:
            cell = mistake.cell
            self.problems.append(
                Problem(
                    source=self._page, line=cell.line, column=cell.column, path=cell.header,
                    message=mistake.message, hint=mistake.hint,
                )
            )  # fmt: skip


_HEADING: Final = re.compile(r"(#{1,6})\s+(.*?)\s*#*\s*$")
_FENCE: Final = re.compile(r"\s{0,3}(`{3,}|~{3,})\s*([\w-]*)")
_LINK: Final = re.compile(r"\[[^\]]*\]\(([^)\s]+\.ya?ml)\)")
_DASHES: Final = re.compile(r"\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*")
_BAR: Final = re.compile(r"(?<!\\)\|")


def read_markdown(text: str, complaints: Complaints) -> Markdown:
    """Return the page's title, tables, YAML blocks and links."""
    lines = text.splitlines()
    title = ""
    heading = Cell("", 1, 1)
    parts: list[Table | Block | Link] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        if fence := _FENCE.match(line):
            end = _fence_end(lines, at, fence[1])
            if fence[2] in ("yaml", "yml"):
                parts.append(Block(heading, at + 2, tuple(lines[at + 1 : end])))
            at = end + 1
        elif found := _HEADING.match(line):
            title = title or found[2]
            heading = Cell(found[2], at + 1, 1)
            at += 1
        elif line.lstrip().startswith("|") and at + 1 < len(lines) and _DASHES.fullmatch(lines[at + 1]):
            end = at + 2
            while end < len(lines) and lines[end].lstrip().startswith("|"):
                end += 1
            with complaints.heard():
                parts.append(_table(heading, lines[at:end], at + 1, complaints))
            at = end
        else:
            parts += [Link(heading, Cell(link[1], at + 1, link.start(1) + 1)) for link in _LINK.finditer(line)]
            at += 1
    return Markdown(title, tuple(parts))


def _fence_end(lines: Sequence[str], start: int, fence: str) -> int:
    """Return the index of the line that closes the block, or of the page's end where none does."""
    for at in range(start + 1, len(lines)):
        if lines[at].strip().startswith(fence) and not lines[at].strip().strip(fence[0]):
            return at
    return len(lines)


def _table(heading: Cell, lines: Sequence[str], first: int, complaints: Complaints) -> Table:
    headers = tuple(replace(cell, text=cell.text.lower()) for cell in _cells(lines[0], first))
    names = [header.text for header in headers]
    for number, header in enumerate(headers):
        if header.text in names[:number]:
            raise Mistake(header, f"two columns are called {header.text!r}", "Give each column its own name.")
    rows: list[Row] = []
    for number, line in enumerate(lines[2:], start=first + 2):
        cells = _cells(line, number)
        with complaints.heard():
            if len(cells) != len(headers):
                message = f"the row has {len(cells)} cells and the table {len(headers)} columns"
                raise Mistake(Cell("", number, 1), message, r"Write \| for a bar within a cell.")
            named = zip(names, cells, strict=True)
            rows.append({name: replace(cell, header=name) for name, cell in named})
    return Table(heading, headers, tuple(rows))


def _cells(line: str, number: int) -> list[Cell]:
    """Return the cells of a table's line, without the marks of bold, italic and code."""
    start = line.index("|") + 1
    end = len(line.rstrip())
    if _BAR.search(line, end - 1):
        end -= 1
    cells: list[Cell] = []
    for piece in _BAR.split(line[start:end]):
        blank = len(piece) - len(piece.lstrip())
        text = piece.strip().replace("\\|", "|").replace("`", "").strip("*")
        cells.append(Cell(text, number, start + blank + 1))
        start += len(piece) + 1
    return cells
