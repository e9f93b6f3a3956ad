"""CEL's own complaints said again: in our words, at the place where the author looks, with a way out."""

import re
from typing import Final

from regulars.engine.conditions.catalogue import Catalogue
from regulars.engine.conditions.errors import Code, ConditionError, Text
from regulars.engine.conditions.hints import SPLIT, did_you_mean, misuse
from regulars.engine.conditions.overloads import FUNCTIONS
from regulars.engine.conditions.port import Complaint

SYNTAX_ERROR: Final = "Syntax error: "

_TOO_DEEP: Final = re.compile(r"recursion (?:depth|limit)", re.IGNORECASE)
_UNDECLARED: Final = re.compile(r"undeclared reference to '(.*)' \(in container ''\)")
_OVERLOAD: Final = re.compile(r"found no matching overload for '[_@]?(.*?)_?' applied to '(.*)'")


def translated(complaint: Complaint, text: Text, catalogue: Catalogue) -> ConditionError:
    """Return the mistake that CEL complains of."""
    message = complaint.message
    if _TOO_DEEP.search(message):
        return text.error(Code.TOO_DEEP, 0, "the condition is nested too deeply", SPLIT)
    offset = text.offset(line=max(complaint.line, 1), column=max(complaint.column, 1))
    if message.startswith(SYNTAX_ERROR):
        unexpected = _unexpected(message.removeprefix(SYNTAX_ERROR))
        return text.error(Code.SYNTAX, offset, unexpected, _habit(text.source, offset))
    if undeclared := _UNDECLARED.fullmatch(message):
        if text.source.startswith("(", offset):
            return _no_function(undeclared[1], offset, text)
        return _no_field(undeclared[1], offset, text, catalogue)
    if overload := _OVERLOAD.fullmatch(message):
        return text.error(Code.KINDS, offset, *misuse(_SPELLED.get(overload[1], overload[1]), _kinds(overload[2])))
    return text.error(Code.NOT_ALLOWED, offset, message)


_UNEXPECTED: Final = re.compile(
    r"(?:mismatched input|extraneous input|token recognition error at:|no viable alternative at input) (.*)",
    re.DOTALL,
)


def _unexpected(message: str) -> str:
    """Return a syntax error without the list of everything that the grammar would have taken."""
    said = re.split(r" expecting (?:\{|<|')", message)[0].replace("'<EOF>'", "the end of the condition")
    found = _UNEXPECTED.fullmatch(said)
    return said if found is None else f"unexpected {found[1].removeprefix('the ')}"


_HABITS: Final = (
    (re.compile(r"=(?!=)"), "Write == to compare."),
    (re.compile(r"and\b", re.IGNORECASE), "Write && for and."),
    (re.compile(r"or\b", re.IGNORECASE), "Write || for or."),
    (re.compile(r"not\b", re.IGNORECASE), "Write ! for not."),
)


def _habit(source: str, offset: int) -> str:
    """Return a hint where the text reads like another language's way to say it."""
    return next((hint for habit, hint in _HABITS if habit.match(source, offset)), "")


_MACROS: Final = ("exists", "all", "exists_one", "filter", "map", "has", "timestamp", "duration")
_NAMED_FUNCTIONS: Final = (*(name for name in FUNCTIONS if name.isalpha()), *_MACROS)


def _no_function(name: str, offset: int, text: Text) -> ConditionError:
    start = offset - len(name)
    if name in _MACROS:
        hint = f"Name the element first, as in order.tags.{name}(tag, tag == 'new')."
        return text.error(Code.UNKNOWN_FUNCTION, start, f"{name}() has other arguments", hint)
    hint = did_you_mean(name, _NAMED_FUNCTIONS)
    return text.error(Code.UNKNOWN_FUNCTION, start, f"there is no function {name!r}", hint)


def _no_field(name: str, offset: int, text: Text, catalogue: Catalogue) -> ConditionError:
    # CEL gives the place of the last dot.
    start = offset - max(name.rfind("."), 0)
    begins = start if start >= 0 and text.source.startswith(name, start) else offset
    return text.error(Code.UNKNOWN_FIELD, begins, f"there is no field {name!r}", _like(name, catalogue))


def _like(name: str, catalogue: Catalogue) -> str:
    inside = [field for field in catalogue.available if field.startswith(name + ".")]
    if inside:
        return f"Name one of its fields: {', '.join(inside)}."
    hint = did_you_mean(name, catalogue.available)
    return hint or ("" if "." in name else f"If it is a text, put it in quotes: '{name}'.")


# CEL's name of an operator, without its underscores, where that is not what the author wrote.
_SPELLED: Final = {"[_]": "[ ]", "?_:": "?:"}
_PART: Final = re.compile(r"(?:[^,()]|\([^()]*(?:\([^()]*\)[^()]*)*\))+")


def _kinds(listed: str) -> list[str]:
    """Return our words for kinds that CEL lists as `(int, list(string))`."""
    plain = listed.replace("map(string, dyn)", "values").replace("null_type", "null").replace("dyn", "any")
    return [re.sub(r"list\((.*)\)", r"list of \1", part.strip()) for part in _PART.findall(plain[1:-1])]
