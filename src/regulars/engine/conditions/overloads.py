"""Which operators and functions there are, on which kinds, and what comes of them. All else is refused."""

from typing import Final, cast

from regulars.engine.conditions.kinds import Basic, Kind, ListOf
from regulars.engine.conditions.nodes import Arithmetic, Comparison, Function

_ANY: Final = Basic.ANY
_MOMENTS: Final = (Basic.TIMESTAMP, Basic.DURATION)
_ORDERED: Final = (Basic.INT, Basic.STRING, *_MOMENTS)
# What data of the brand's own may turn out to be when the event is there.
_POSSIBLE: Final = (Basic.BOOL, Basic.INT, Basic.STRING, Basic.NULL, _ANY)

COMPARISONS: Final[dict[str, Comparison]] = {
    f"_{sign}_": sign for sign in cast("tuple[Comparison, ...]", ("==", "!=", "<", "<=", ">", ">="))
}
ARITHMETIC: Final[dict[str, Arithmetic]] = {
    f"_{sign}_": sign for sign in cast("tuple[Arithmetic, ...]", ("+", "-", "*", "/", "%"))
}
# CEL's name of each operator and function that a condition may call.
FUNCTIONS: Final[dict[str, Function]] = {
    **COMPARISONS,
    **ARITHMETIC,
    "@in": "in",
    "!_": "not",
    "-_": "negate",
    "size": "size",
    "startsWith": "startsWith",
    "endsWith": "endsWith",
    "contains": "contains",
    "percent": "percent",
}


def result_of(function: Function, kinds: tuple[Kind, ...]) -> Kind | None:
    """Return the kind of a call's result; None where the function is not for arguments of these kinds."""
    match function:
        case "==" | "!=":
            return Basic.BOOL if equatable(*kinds) else None
        case "<" | "<=" | ">" | ">=":
            return Basic.BOOL if _common(kinds, _ORDERED) else None
        case "+" | "-":
            return _sum(function, *kinds)
        case "*" | "/" | "%" | "percent" | "negate":
            return Basic.INT if _all(kinds, Basic.INT) else None
        case "in":
            return Basic.BOOL if _held(*kinds) else None
        case "not":
            return Basic.BOOL if _all(kinds, Basic.BOOL) else None
        case "size":
            return Basic.INT if isinstance(kinds[0], ListOf) or _all(kinds, Basic.STRING) else None
        case "startsWith" | "endsWith" | "contains":
            return Basic.BOOL if _all(kinds, Basic.STRING) else None


def equatable(left: Kind, right: Kind) -> bool:
    """Tell whether `==` makes sense between two kinds."""
    if isinstance(left, ListOf) and isinstance(right, ListOf):
        return equatable(left.element, right.element)
    if _ANY in (left, right):
        return left in _POSSIBLE and right in _POSSIBLE
    return left == right and isinstance(left, Basic) and left is not Basic.VALUES


def joined(left: Kind, right: Kind) -> Kind | None:
    """Return the kind that stands for both, as of the two sides of a choice or the elements of a list."""
    if left == right:
        return left
    return _ANY if left in _POSSIBLE and right in _POSSIBLE and _ANY in (left, right) else None


def _sum(function: Arithmetic, left: Kind, right: Kind) -> Kind | None:
    match function, left, right:
        case "+", ListOf(), ListOf():
            return left if left == right else None
        case ("+", Basic.TIMESTAMP, Basic.DURATION) | ("+", Basic.DURATION, Basic.TIMESTAMP):
            return Basic.TIMESTAMP
        case "-", Basic.TIMESTAMP, Basic.DURATION:
            return Basic.TIMESTAMP
        case "-", Basic.TIMESTAMP, Basic.TIMESTAMP:
            return Basic.DURATION
        case _, Basic.DURATION, Basic.DURATION:
            return Basic.DURATION
        case "+", _, _:
            return _common((left, right), (Basic.INT, Basic.STRING))
        case _:
            return Basic.INT if _all((left, right), Basic.INT) else None


def _all(kinds: tuple[Kind, ...], wanted: Basic) -> bool:
    return all(kind in (wanted, _ANY) for kind in kinds)


def _common(kinds: tuple[Kind, ...], allowed: tuple[Basic, ...]) -> Basic | None:
    """Return the one allowed kind that all have, a value of any kind taking the kind of the others."""
    known = {kind for kind in kinds if kind is not _ANY}
    if not known:
        return _ANY
    if len(known) > 1:
        return None
    kind = known.pop()
    if not isinstance(kind, Basic) or kind not in allowed:
        return None
    return None if kind in _MOMENTS and _ANY in kinds else kind


def _held(needle: Kind, holder: Kind) -> bool:
    if holder is Basic.VALUES:
        return needle is Basic.STRING
    return isinstance(holder, ListOf) and equatable(needle, holder.element)
