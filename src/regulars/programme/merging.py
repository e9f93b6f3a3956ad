"""A programme may be written in several files: each holds whole sections, or parts of the same ones."""

from collections.abc import Sequence

from regulars.programme.problems import Path, Problem
from regulars.programme.tree import Place, Tree, Value


def merged(trees: Sequence[Tree]) -> Tree:
    """Return the trees as one: mappings gain names, lists go on in the order given, nothing is said twice."""
    if len(trees) == 1:
        return trees[0]
    merger = _Merger()
    for tree in trees:
        merger.add(tree)
    return Tree(merger.sections, merger.places, tuple(merger.problems))


class _Merger:
    def __init__(self) -> None:
        self.sections: dict[str, Value] = {}
        self.places: dict[Path, Place] = {}
        self.problems: list[Problem] = []

    def add(self, tree: Tree) -> None:
        """Add a file's sections to those there are."""
        self.problems += tree.problems
        self.places.setdefault((), tree.places[()])
        if not isinstance(tree.value, dict):
            place = tree.places[()]
            message = "a file of a programme must be a mapping of sections to what they hold"
            self.problems.append(place.source.problem(place.start, message))
            return
        for name, value in tree.value.items():
            self._section(tree, name, value)

    def _section(self, tree: Tree, name: str, value: Value) -> None:
        there = self.sections.get(name)
        if name not in self.sections:
            self.sections[name] = value
            self._take(tree, (name,), (name,))
        elif isinstance(there, dict) and isinstance(value, dict):
            self.sections[name] = there | {key: value[key] for key in value if key not in there}
            for key in value:
                if key in there:
                    self._twice(tree, (name, key))
                else:
                    self._take(tree, (name, key), (name, key))
        elif isinstance(there, list) and isinstance(value, list):
            self.sections[name] = there + value
            for index in range(len(value)):
                self._take(tree, (name, index), (name, len(there) + index))
        else:
            self._twice(tree, (name,))

    def _take(self, tree: Tree, path: Path, target: Path) -> None:
        """Take over the places of everything at a path and below it."""
        depth = len(path)
        for at, place in tree.places.items():
            if at[:depth] == path:
                self.places[target + at[depth:]] = place

    def _twice(self, tree: Tree, path: Path) -> None:
        place, first = tree.places[path], self.places[path]
        line = first.source.line_of(first.name)
        message = f"{path[-1]!r} is here again; the first is on line {line} of {first.source.name}"
        self.problems.append(place.source.problem(place.name, message, "Keep one of them.", path))
