"""Where each character of a value stands in the YAML that spells it: past quotes, escapes and indents."""

from collections.abc import Iterator
from typing import Final

_HEXADECIMAL: Final = {"x": 2, "u": 4, "U": 8}


def index_in(written: str, style: str | None, value: str, offset: int) -> int:
    """Return the index within `written` of the character at `offset` of the value.

    `written` is the scalar as it stands in the text, quotes and block header included; `style` is YAML's sign
    for it, none for a plain one. An offset at the end of the value is the place after its last character.
    """
    after = 0
    for at, (start, end) in enumerate(_characters(written, style, value)):
        if at == offset:
            return start
        after = end
    return after


def _characters(written: str, style: str | None, value: str) -> Iterator[tuple[int, int]]:
    """Yield the span of every character of the value, in order.

    Blanks and line ends are folded in many ways, so that a blank of the value stands wherever the next blank
    of the text does; everything else is written as itself, or as an escape.
    """
    at = _start(written, style)
    for letter in value:
        if letter.isspace():
            end = at + 1 if at < len(written) and written[at].isspace() else at
            yield at, end
            at = end
            continue
        while at < len(written) and _folded(written, at, style):
            at += 1
        end = at + _width(written, at, style)
        yield at, end
        at = end


def _start(written: str, style: str | None) -> int:
    if style in ("|", ">"):
        start = written.find("\n") + 1
        while start < len(written) and written[start].isspace():
            start += 1
        return start
    return 1 if style else 0


def _folded(written: str, at: int, style: str | None) -> bool:
    """Tell whether the character is there for the layout: a blank, or the backslash that joins two lines."""
    return written[at].isspace() or (style == '"' and written[at : at + 2] == "\\\n")


def _width(written: str, at: int, style: str | None) -> int:
    """Return how many characters spell the one that starts here."""
    if style == "'" and written[at : at + 2] == "''":
        return 2
    if style == '"' and written[at : at + 1] == "\\":
        return 2 + _HEXADECIMAL.get(written[at + 1 : at + 2], 0)
    return 1
