"""YAML is read as what it says, and refused where that is doubtful: duplicates, aliases, tags."""

from collections.abc import Iterator
from typing import Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from regulars.programme.complaints import complaint
from regulars.programme.problems import Path, Problem
from regulars.programme.scalars import meaning
from regulars.programme.tree import Place, Source, Tree, Value

# Some five thousand lines, which the parser takes seconds for; a programme of 200 rules has a thousand.
LENGTH_MAX: Final = 250_000
DEPTH_MAX: Final = 20

_QUOTES: Final = "Put a text that starts with this sign in quotes."


def parse(source: Source) -> Tree | Problem:
    """Return the text's values with their places, or what makes it unreadable.

    Values are those of YAML 1.2; a number with a fraction is a Decimal and never a float, and names are
    texts. Not more than `LENGTH_MAX` characters and `DEPTH_MAX` levels.
    """
    if len(source.text) > LENGTH_MAX:
        message = f"the text has {len(source.text)} characters, and {LENGTH_MAX} is the most"
        return source.problem(LENGTH_MAX, message, "Split it into several programmes.")
    builder = _Builder(source)
    try:
        return builder.tree(YAML(typ="safe", pure=True).parse(source.text))
    except _UnreadableError as error:
        return error.problem
    except MarkedYAMLError as error:
        return complaint(error, source)
    except ReaderError as error:
        message = f"the character U+{ord(source.text[error.position]):04X} cannot be part of a programme"
        return source.problem(error.position, message)


class _UnreadableError(Exception):
    """There is no sense in reading on."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


class _Builder:
    """Puts the values together from the parser's events."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._places: dict[Path, Place] = {}
        self._problems: list[Problem] = []

    def tree(self, events: Iterator[Event]) -> Tree:
        """Return the tree of the only document there is; an empty text is an empty mapping."""
        node = next((event for event in events if isinstance(event, NodeEvent)), None)
        if node is None:
            return Tree({}, {(): Place(self._source, 0, 0, 0)})
        value = self._value(node, events, (), self._start(node))
        for event in events:
            if isinstance(event, DocumentStartEvent):
                message = "a second document starts here, and a programme is one"
                raise _UnreadableError(self._source.problem(self._start(event), message, "Take the --- out."))
        return Tree(value, self._places, tuple(self._problems))

    def _value(self, node: Event, events: Iterator[Event], path: Path, name: int) -> Value:
        start = self._start(node)
        if len(path) > DEPTH_MAX:
            message = f"this is nested more than {DEPTH_MAX} levels deep"
            raise _UnreadableError(self._source.problem(start, message))
        self._refuse_signs(node)
        value: Value = None
        end = node
        match node:
            case ScalarEvent():
                value = node.value if node.style else meaning(node.value)
            case MappingStartEvent():
                value, end = self._mapping(events, path)
            case SequenceStartEvent():
                value, end = self._sequence(events, path)
            case _:
                pass
        style = node.style if isinstance(node, ScalarEvent) else None
        # Of nothing the parser gives the place of what comes next.
        nothing = isinstance(node, ScalarEvent) and not node.style and node.value == ""
        start, stop = (name, name) if nothing else (start, int(end.end_mark.index))
        self._places[path] = Place(self._source, name, start, stop, style)
        return value

    def _mapping(self, events: Iterator[Event], path: Path) -> tuple[dict[str, Value], Event]:
        values: dict[str, Value] = {}
        while not isinstance(node := next(events), CollectionEndEvent):
            if not isinstance(node, ScalarEvent):
                message = "the name of a value must be a word"
                raise _UnreadableError(self._source.problem(self._start(node), message))
            self._refuse_signs(node)
            name, index = str(node.value), self._start(node)
            if name in values:
                self._twice(name, index, (*path, name))
                self._skip(next(events), events)
            else:
                values[name] = self._value(next(events), events, (*path, name), index)
        return values, node

    def _sequence(self, events: Iterator[Event], path: Path) -> tuple[list[Value], Event]:
        values: list[Value] = []
        while not isinstance(node := next(events), CollectionEndEvent):
            values.append(self._value(node, events, (*path, len(values)), self._start(node)))
        return values, node

    def _twice(self, name: str, index: int, path: Path) -> None:
        first = self._source.line_of(self._places[path].name)
        message = f"{name!r} is here twice; the first is on line {first}"
        self._problems.append(self._source.problem(index, message, "Keep one of them.", path))

    def _skip(self, node: Event, events: Iterator[Event]) -> None:
        """Pass over everything within a value."""
        depth = int(isinstance(node, CollectionStartEvent))
        while depth:
            event = next(events)
            depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)

    def _refuse_signs(self, node: Event) -> None:
        """Complain of what YAML would take for more than it looks: *alias, &anchor, !tag."""
        found = None
        if isinstance(node, AliasEvent):
            found = "an alias (*) stands for something written elsewhere, and a programme says it in place"
        elif getattr(node, "anchor", None) is not None:
            found = "an anchor (&) names something for an alias, and a programme has none"
        elif getattr(node, "tag", None) is not None:
            found = "a tag (!) means something to other programs, and nothing here"
        if found is not None:
            self._problems.append(self._source.problem(self._start(node), found, _QUOTES))

    def _start(self, event: Event) -> int:
        return int(event.start_mark.index)
