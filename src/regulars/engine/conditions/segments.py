"""Cutting a condition's text where its author joined parts with `&&`, parentheses and comments aside.

Only for texts that CEL has parsed: nothing is checked here.
"""

import re
from typing import Final

from msgspec import Struct

# Texts come first, raw ones before others: whatever stands in them or in a comment joins nothing.
_TOKEN: Final = re.compile(
    r"""
      (?P<gap> //[^\n]* | \s+ )
    | [rR](?:\"{3}(?s:.*?)\"{3} | '{3}(?s:.*?)'{3} | "[^"\n]*" | '[^'\n]*')
    | \"{3}(?s:\\.|.)*?\"{3} | '{3}(?s:\\.|.)*?'{3} | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*'
    | && | \|\| | \w+ | .
    """,
    re.VERBOSE,
)
_OPENING: Final = frozenset("([{")
_CLOSING: Final = frozenset(")]}")


class Token(Struct, frozen=True):
    """A word, text or sign, and where it stands in the source."""

    text: str
    start: int

    @property
    def end(self) -> int:
        """The offset behind it."""
        return self.start + len(self.text)


class Segment(Struct, frozen=True):
    """A part of a condition's text: at least one token, without parentheses around the whole."""

    tokens: tuple[Token, ...]

    def __str__(self) -> str:
        words = [self.tokens[0].text]
        for before, token in zip(self.tokens, self.tokens[1:], strict=False):
            words.append(f" {token.text}" if token.start > before.end else token.text)
        return "".join(words)

    def before(self, offset: int) -> "Segment":
        """Return the part to the left of an offset."""
        return Segment(_bare(tuple(token for token in self.tokens if token.start < offset)))

    def receiver(self, offset: int) -> "Segment":
        """Return the part to the left of a method, given the offset of the method's parenthesis."""
        *tokens, _dot, _name = (token for token in self.tokens if token.start < offset)
        return Segment(_bare(tuple(tokens)))

    def behind(self, offset: int) -> "Segment":
        """Return the part from an offset on."""
        return Segment(_bare(tuple(token for token in self.tokens if token.start >= offset)))


def operands(source: str) -> list[Segment]:
    """Return what the top-level `&&` of a condition join, in the order of the text; else the whole."""
    found = (match for match in _TOKEN.finditer(source) if match["gap"] is None)
    return _split(tuple(Token(match[0], match.start()) for match in found))


def _split(tokens: tuple[Token, ...]) -> list[Segment]:
    bare = _bare(tokens)
    parts: list[tuple[Token, ...]] = []
    depth = begun = 0
    for at, token in enumerate(bare):
        depth += (token.text in _OPENING) - (token.text in _CLOSING)
        if depth == 0 and token.text in ("||", "?"):
            return [Segment(bare)]
        if depth == 0 and token.text == "&&":
            parts.append(bare[begun:at])
            begun = at + 1
    if not parts:
        return [Segment(bare)]
    return [segment for part in (*parts, bare[begun:]) for segment in _split(part)]


def _bare(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """Return the tokens without parentheses that go around all of them."""
    while len(tokens) > 2 and tokens[0].text == "(" and _closing(tokens) == len(tokens) - 1:
        tokens = tokens[1:-1]
    return tokens


def _closing(tokens: tuple[Token, ...]) -> int:
    depth = 0
    for at, token in enumerate(tokens):
        depth += (token.text in _OPENING) - (token.text in _CLOSING)
        if depth == 0:
            return at
    raise AssertionError("a parenthesis that is never closed")
