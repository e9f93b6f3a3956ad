"""Checking a condition when a programme is written: whatever is wrong is said then, with line and column."""

import re
from typing import Final

from regulars.engine.conditions.catalogue import Catalogue
from regulars.engine.conditions.complaints import SYNTAX_ERROR, translated
from regulars.engine.conditions.errors import Code, ConditionError, Text
from regulars.engine.conditions.hints import COMPARE, SPLIT
from regulars.engine.conditions.kinds import Basic, spell
from regulars.engine.conditions.nodes import CheckedCondition
from regulars.engine.conditions.port import Complaint, parse
from regulars.engine.conditions.syntax import read_syntax
from regulars.engine.conditions.typer import Typer

SOURCE_LENGTH_MAX: Final = 4000

_UNWRITABLE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def check(source: str, catalogue: Catalogue) -> CheckedCondition | tuple[ConditionError, ...]:
    """Return the condition ready for use, or everything that is wrong with it, in the order of the text."""
    text = Text(source)
    if mistake := _unreadable(text):
        return (mistake,)
    parsed = parse(source, catalogue)
    if isinstance(parsed, tuple):
        return _in_order([translated(complaint, text, catalogue) for complaint in _telling(parsed)])
    syntax = read_syntax(parsed)
    typer = Typer(text, catalogue, syntax.positions)
    root = typer.node(syntax.root)
    if typer.errors:
        return _in_order(typer.errors)
    if root.kind is not Basic.BOOL:
        hint = "Compare it with a value, as in … == true." if root.kind is Basic.ANY else COMPARE
        message = f"a condition must be true or false, and this is of kind {spell(root.kind)}"
        return (text.error(Code.NOT_BOOL, root.position, message, hint),)
    fields = tuple(sorted(typer.fields.values(), key=lambda field: field.name))
    return CheckedCondition(source, root, catalogue, fields)


def _unreadable(text: Text) -> ConditionError | None:
    source = text.source
    if not source.strip():
        return text.error(Code.SYNTAX, 0, "the condition is empty", "Leave it out where none is wanted.")
    if len(source) > SOURCE_LENGTH_MAX:
        message = f"the condition has {len(source)} characters, and {SOURCE_LENGTH_MAX} is the most"
        return text.error(Code.TOO_LONG, SOURCE_LENGTH_MAX, message, SPLIT)
    if unwritable := _UNWRITABLE.search(source):
        message = f"the character U+{ord(unwritable[0]):04X} cannot be part of a condition"
        return text.error(Code.SYNTAX, unwritable.start(), message)
    return None


def _telling(complaints: tuple[Complaint, ...]) -> tuple[Complaint, ...]:
    """Return the complaints without those that only follow from a syntax error further left."""
    return complaints[:1] if complaints[0].message.startswith(SYNTAX_ERROR) else complaints


def _in_order(errors: list[ConditionError]) -> tuple[ConditionError, ...]:
    return tuple(sorted(dict.fromkeys(errors), key=lambda error: (error.line, error.column)))
