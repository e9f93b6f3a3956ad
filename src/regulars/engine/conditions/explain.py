"""Why a condition held or did not: each part that its author joined with `&&`, beside what the event had."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from msgspec import Struct

from regulars.engine.conditions.arithmetic import Failed
from regulars.engine.conditions.instants import spell_duration
from regulars.engine.conditions.kinds import Basic
from regulars.engine.conditions.nodes import (
    Attribute,
    Call,
    CheckedCondition,
    FieldValue,
    Literal,
    Logic,
    Lookup,
    Node,
)
from regulars.engine.conditions.python import python_of, value_of
from regulars.engine.conditions.segments import Segment, operands

# A value as an explanation carries it: instants and lengths of time are texts.
Shown = str | int | bool | tuple[str, ...] | None
Reading = Callable[[Mapping[str, object]], object]


class Operand(Struct, frozen=True, kw_only=True):
    """One part of a condition, decided on its own, as if the other parts were not there.

    `text` is as the author wrote it. Where it compares, `subject` is the text of what was looked at,
    `operator` how, `actual` its value and `required` the value asked for; a value that could not be had is
    None. `operator` is empty where the part is no comparison.
    """

    text: str
    held: bool | Failed
    subject: str = ""
    operator: str = ""
    required: Shown = None
    actual: Shown = None


class _Comparison(Struct, frozen=True):
    subject: str
    operator: str
    required: Reading
    actual: Reading


class _Part(Struct, frozen=True):
    text: str
    held: Reading
    comparison: _Comparison | None


def explain_condition(condition: CheckedCondition, facts: Mapping[str, object]) -> tuple[Operand, ...]:
    """Return every part of the condition with its outcome for facts, in the order of the text."""
    return tuple(_operand(part, facts) for part in _parts(condition))


def _operand(part: _Part, facts: Mapping[str, object]) -> Operand:
    outcome = part.held(facts)
    held = outcome if isinstance(outcome, bool | Failed) else Failed("the value is neither true nor false")
    if part.comparison is None:
        return Operand(text=part.text, held=held)
    return Operand(
        text=part.text,
        held=held,
        subject=part.comparison.subject,
        operator=part.comparison.operator,
        required=_shown(part.comparison.required(facts)),
        actual=_shown(part.comparison.actual(facts)),
    )


def _shown(value: object) -> Shown:
    match value:
        case Failed():
            return None
        case datetime():
            return value.isoformat()
        case timedelta():
            return spell_duration(value)
        case list() | tuple():
            return tuple(str(element) for element in value)
        case str() | int() | None:
            return value
        case _:
            return str(value)


@lru_cache(maxsize=1024)
def _parts(condition: CheckedCondition) -> tuple[_Part, ...]:
    root = condition.root
    nodes = root.operands if isinstance(root, Logic) and root.operator == "&&" else (root,)
    segments = operands(condition.source)
    return tuple(_part(node, segment) for node, segment in zip(nodes, segments, strict=True))


def _part(node: Node, segment: Segment) -> _Part:
    return _Part(str(segment), value_of(node), _comparison(node, segment))


_MIRRORED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "in": "contains", "==": "==", "!=": "!="}


def _comparison(node: Node, segment: Segment) -> _Comparison | None:
    match node:
        case Call(function="==" | "!=" | "<" | "<=" | ">" | ">=" | "in" as sign, arguments=(left, right)):
            subject = segment.before(node.position)
            # 5000 <= order.total_minor asks about the total, whichever way it is written.
            if not python_of(left).fields and python_of(right).fields:
                subject = segment.behind(node.position + len(sign))
                return _Comparison(str(subject), _MIRRORED[sign], value_of(left), value_of(right))
            return _Comparison(str(subject), sign, value_of(right), value_of(left))
        case Call(function="startsWith" | "endsWith" | "contains" as method, arguments=(whole, part)):
            subject = segment.receiver(node.position)
            return _Comparison(str(subject), method, value_of(part), value_of(whole))
        case Call(function="not", arguments=(FieldValue() | Lookup() | Attribute() as flag,)):
            return _flag(flag, segment.behind(node.position + 1), wanted=False)
        case FieldValue() | Lookup() | Attribute():
            return _flag(node, segment, wanted=True)
        case _:
            return None


def _flag(node: Node, subject: Segment, *, wanted: bool) -> _Comparison:
    required = value_of(Literal(wanted, Basic.BOOL, node.position))
    return _Comparison(str(subject), "==", required, value_of(node))
