"""What is wrong with a programme, at which line and column, and what to write instead."""

from collections.abc import Iterable

from msgspec import Struct

Path = tuple[str | int, ...]


class Problem(Struct, frozen=True, kw_only=True):
    """One mistake, or for a warning one doubt. `line` and `column` count from 1, in characters.

    Both are 0 where the programme did not come from a text. `path` is where it is, as in
    `rules[2].limits[0].times`; `hint` says what to do, and is empty where there is nothing to add. A doubt has
    a `code`, and a mistake has none.
    """

    source: str
    line: int
    column: int
    path: str
    message: str
    hint: str = ""
    code: str = ""

    def __str__(self) -> str:
        place = f"{self.source}:{self.line}:{self.column}: " if self.line else ""
        path = f"{self.path}: " if self.path else ""
        hint = f" {self.hint}" if self.hint else ""
        code = f" [{self.code}]" if self.code else ""
        return f"{place}{path}{self.message}.{hint}{code}"


class BadProgrammeError(ValueError):
    """The text is not a programme that can run; `problems` says why, in the order of the text."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class Finding(Struct, frozen=True, kw_only=True):
    """A mistake by its path, before its place in a text is looked up.

    `at_name` means the name of the field at the path rather than its value; `offset` counts characters from
    the start of a text value, which is where the text within the quotes starts.
    """

    path: Path
    message: str
    hint: str = ""
    at_name: bool = False
    offset: int | None = None
    code: str = ""


def spelled(path: Path) -> str:
    """Return a path as people read it: `rules[2].limits[0].times`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text
