"""The YAML parser's complaints said again: in our words, with a way out."""

from typing import Final

from ruamel.yaml.error import MarkedYAMLError

from regulars.programme.problems import Problem
from regulars.programme.tree import Source

_INDENT: Final = "Check the indentation: what belongs together starts in the same column."
_QUOTE: Final = "Put the text in quotes."

# By how the parser's own sentence starts: what to say, what to do, and whether to say it of where the thing begins.
_WORDS: Final = (
    ("mapping values are not allowed", "a second colon in one line", f"{_QUOTE} {_INDENT}", False),
    ("found character '\\t'", "a tab stands where the line should be indented", "Indent with blanks.", False),
    ("found unexpected end of stream", "the quotes are not closed", "Add the closing quotes.", True),
    ("expected ',' or ']'", "the list is not closed here", "Add , or ].", False),
    ("expected ',' or '}'", "the mapping is not closed here", "Add , or }.", False),
    ("could not find expected ':'", "a colon is missing after this name", _INDENT, True),
    ("expected <block end>", "this does not fit with the lines above it", _INDENT, False),
    ("found unknown escape character", "this is no escape", "Write \\\\ for a backslash in quotes.", False),
)
_NO_START: Final = "that cannot start any token"


def complaint(error: MarkedYAMLError, source: Source) -> Problem:
    """Return what the parser says against a text."""
    said = str(error.problem)
    mark = error.problem_mark or error.context_mark
    for start, message, hint, of_the_beginning in _WORDS:
        if said.startswith(start):
            where = error.context_mark if of_the_beginning and error.context_mark is not None else mark
            return source.problem(where.index, message, hint)
    if said.endswith(_NO_START):
        sign = source.text[mark.index : mark.index + 1]
        return source.problem(mark.index, f"a text cannot start with {sign}", _QUOTE)
    return source.problem(mark.index, f"this is not YAML: {said}")
