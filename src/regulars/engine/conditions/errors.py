"""What is wrong with a condition, where, and what to write instead."""

from bisect import bisect_right
from enum import Enum

from msgspec import Struct


class Code(Enum):
    """The stable name of a sort of mistake; documentation and other languages hang on it."""

    SYNTAX = "condition-syntax"
    TOO_LONG = "condition-too-long"
    TOO_DEEP = "condition-too-deep"
    UNKNOWN_FIELD = "condition-unknown-field"
    FIELD_OF_OTHER_EVENT = "condition-field-of-other-event"
    UNKNOWN_FUNCTION = "condition-unknown-function"
    KINDS = "condition-kinds"
    NOT_ALLOWED = "condition-not-allowed"
    NOT_BOOL = "condition-not-bool"


class ConditionError(Struct, frozen=True, kw_only=True):
    """One mistake. `line` and `column` count from 1, in characters; `hint` is empty where there is none."""

    code: Code
    message: str
    line: int
    column: int
    hint: str = ""

    def __str__(self) -> str:
        hint = f" {self.hint}" if self.hint else ""
        return f"{self.line}:{self.column}: {self.message}.{hint}"


class Text:
    """A condition's source, and the lines and columns of its characters."""

    def __init__(self, source: str) -> None:
        self.source = source
        self._starts = [0, *(at + 1 for at, letter in enumerate(source) if letter == "\n")]

    def offset(self, *, line: int, column: int) -> int:
        """Return the offset of a line and column, both from 1."""
        return self._starts[line - 1] + column - 1

    def error(self, code: Code, offset: int, message: str, hint: str = "") -> ConditionError:
        """Return a mistake at that offset."""
        line = bisect_right(self._starts, offset)
        column = offset - self._starts[line - 1] + 1
        return ConditionError(code=code, message=message, line=line, column=column, hint=hint)
