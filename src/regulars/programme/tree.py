"""A YAML text as plain values that remember where they were written."""

from bisect import bisect_right
from collections.abc import Mapping
from functools import cached_property

from msgspec import Struct

from regulars.programme.problems import Finding, Path, Problem, spelled
from regulars.programme.slices import index_in

Value = object
"""None, bool, int, Decimal, str, a list of values, or a dict of values by their names."""


class Source(Struct, frozen=True, dict=True):
    """A text and the name that problems call it by, such as the file's."""

    name: str
    text: str

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """The indexes at which lines start."""
        return (0, *(index + 1 for index, letter in enumerate(self.text) if letter == "\n"))

    def line_of(self, index: int) -> int:
        """Return the line, from 1, of the character of that index."""
        return bisect_right(self.starts, index)

    def problem(self, index: int, message: str, hint: str = "", path: Path = (), code: str = "") -> Problem:
        """Return a problem at the character of that index."""
        line = self.line_of(index)
        column = index - self.starts[line - 1] + 1
        return Problem(
            source=self.name, line=line, column=column, path=spelled(path), message=message, hint=hint, code=code
        )


class Place(Struct, frozen=True):
    """Where a value is written: its characters `[start, end)`, and where its name starts.

    `style` is YAML's sign for how a text is quoted: none where it is plain.
    """

    source: Source
    name: int
    start: int
    end: int
    style: str | None = None

    @property
    def written(self) -> str:
        """What the text says, quotes and all."""
        return self.source.text[self.start : self.end]


class Tree(Struct, frozen=True):
    """A text's value, the place of every value in it, and what it says in two ways."""

    value: Value
    places: Mapping[Path, Place]
    problems: tuple[Problem, ...] = ()

    def locate(self, finding: Finding) -> Problem:
        """Return the finding with its line and column; of what is not written, those of what surrounds it."""
        path = finding.path
        while path not in self.places:
            path = path[:-1]
        place = self.places[path]
        index = place.start
        if path == finding.path and finding.at_name:
            index = place.name
        elif path == finding.path and finding.offset is not None:
            value = self.at(path)
            assert isinstance(value, str), "only a text has something wrong within it"
            index += index_in(place.written, place.style, value, finding.offset)
        return place.source.problem(index, finding.message, finding.hint, finding.path, finding.code)

    def at(self, path: Path) -> Value:
        """Return the value at a path that is there."""
        value = self.value
        for part in path:
            match value, part:
                case dict(), str():
                    value = value[part]
                case list(), int():
                    value = value[part]
                case _:
                    raise AssertionError(f"nothing is at {spelled(path)}")
        return value

    def written(self, path: Path) -> str:
        """Return what the text says for the value at a path; nothing where it is not written."""
        place = self.places.get(path)
        return place.written if place is not None else ""
