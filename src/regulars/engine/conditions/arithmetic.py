"""What an operator means when the value is there: CEL's arithmetic, and its way to fail.

CEL's integers have 64 bits and refuse to overflow; division goes towards zero. A failure is raised here,
and becomes a `Failed` where a condition's outcome is told.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final, TypeVar

from msgspec import Struct

INT_MAX: Final = (1 << 63) - 1
INT_MIN: Final = -(1 << 63)

_Element = TypeVar("_Element")
_Given = TypeVar("_Given")


class EvaluationError(Exception):
    """The condition could not be decided for these facts."""


class Failed(Struct, frozen=True):
    """A condition that could not be decided, and why. It is falsy: an undecided condition never matches."""

    reason: str

    def __bool__(self) -> bool:
        return False


class _Missing:
    """No value: an optional field that this event or member does not have."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing()

# All that generated code may raise: a value that is not there, an instant beyond the years 1 to 9999.
FAILURES: Final = (EvaluationError, KeyError, OverflowError)


def failed(error: Exception) -> Failed:
    """Return the failure that a caught error stands for."""
    if isinstance(error, KeyError):
        return Failed(f"there is no value named {error.args[0]!r}")
    if isinstance(error, OverflowError):
        return Failed("the instant lies outside the years 1 to 9999")
    return Failed(str(error))


def given(value: _Given | None) -> _Given:
    """Return an optional field's value. Raises: EvaluationError where it is MISSING or None."""
    if value is MISSING or value is None:
        raise EvaluationError("the field has no value")
    return value


def whole(value: object) -> int:
    """Return the value as the whole number that it must be."""
    # By its exact class: to Python true is a whole number too.
    if value.__class__ is int:
        return value
    raise EvaluationError(f"{_named(value)} is not a whole number")


def text(value: object) -> str:
    """Return the value as the text that it must be."""
    if value.__class__ is str:
        return value
    raise EvaluationError(f"{_named(value)} is not a text")


def truth(value: object) -> bool:
    """Return the value as the bool that it must be."""
    if value.__class__ is bool:
        return value
    raise EvaluationError(f"{_named(value)} is neither true nor false")


def _named(value: object) -> str:
    return "null" if value is None else repr(value)


def within(value: int) -> int:
    """Return the result of whole-number arithmetic if it fits in 64 bits."""
    if INT_MIN <= value <= INT_MAX:
        return value
    raise EvaluationError("the result does not fit in 64 bits")


def divide(left: int, right: int) -> int:
    """Return the quotient, rounded towards zero."""
    if right == 0:
        raise EvaluationError("division by zero")
    quotient = abs(left) // abs(right)
    return within(quotient if (left < 0) == (right < 0) else -quotient)


def remainder(left: int, right: int) -> int:
    """Return what is left of a division towards zero; it has the sign of `left`."""
    if right == 0:
        raise EvaluationError("division by zero")
    # C++ divides first, so the one quotient that does not fit spoils the remainder too.
    if right == -1 and left == INT_MIN:
        raise EvaluationError("the result does not fit in 64 bits")
    rest = abs(left) % abs(right)
    return -rest if left < 0 else rest


def percent(amount: int, rate: int) -> int:
    """Return `rate` per cent of `amount`, rounded towards zero."""
    product = amount * rate
    return within(product // 100 if product >= 0 else -(-product // 100))


def between(later: datetime, earlier: datetime) -> timedelta:
    """Return the time between two instants, at most some 292 years (64 bits of nanoseconds)."""
    return spanned(later - earlier)


def spanned(duration: timedelta) -> timedelta:
    """Return a duration if 64 bits of nanoseconds hold it."""
    if -_SPAN_MAX <= duration <= _SPAN_MAX:
        return duration
    raise EvaluationError("the time between the instants is too long")


_SPAN_MAX: Final = timedelta(microseconds=INT_MAX // 1000)


def equal(left: object, right: object) -> bool:
    """Tell whether two values of kinds unknown until now are equal; true is not 1."""
    return left == right and (left.__class__ is bool) == (right.__class__ is bool)


def equal_lists(left: Sequence[object], right: Sequence[object]) -> bool:
    """Tell whether two lists hold equal elements in the same order."""
    return len(left) == len(right) and all(map(equal, left, right))


def among(value: object, elements: Iterable[object]) -> bool:
    """Tell whether a list holds the value."""
    return any(equal(value, element) for element in elements)


def whole_among(value: object, numbers: frozenset[int]) -> bool:
    """Tell whether a value of a kind unknown until now is one of some whole numbers."""
    return value.__class__ is int and value in numbers


def item(elements: Sequence[_Element], index: int) -> _Element:
    """Return the element at a place from 0."""
    if 0 <= index < len(elements):
        return elements[index]
    raise EvaluationError(f"there is no element {index} in a list of {len(elements)}")


def less(left: object, right: object) -> bool:
    """Tell whether one value comes before another, both of kinds unknown until now."""
    _comparable(left, right)
    return left < right  # type: ignore[operator, no-any-return]


def less_or_equal(left: object, right: object) -> bool:
    """Tell whether one value does not come after another, both of kinds unknown until now."""
    _comparable(left, right)
    return left <= right  # type: ignore[operator, no-any-return]


def _comparable(left: object, right: object) -> None:
    if left.__class__ is not right.__class__ or left.__class__ not in (int, str, bool):
        raise EvaluationError(f"{_named(left)} and {_named(right)} cannot be compared")


def add(left: object, right: object) -> int | str:
    """Return the sum of two numbers or the join of two texts, of kinds unknown until now."""
    if left.__class__ is str and right.__class__ is str:
        return left + right
    return within(whole(left) + whole(right))


def exists(test: Callable[[_Element], bool], elements: Iterable[_Element]) -> bool:
    """Tell whether the test holds for some element, whatever it does for the others."""
    return _first(True, (partial(test, element) for element in elements))


def every(test: Callable[[_Element], bool], elements: Iterable[_Element]) -> bool:
    """Tell whether the test holds for all elements; one that does not decides, whatever the others do."""
    return _first(False, (partial(test, element) for element in elements))


def any_of(*operands: Callable[[], bool]) -> bool:
    """Tell whether some operand holds, though others may fail."""
    return _first(True, operands)


def all_of(*operands: Callable[[], bool]) -> bool:
    """Tell whether all operands hold; one that does not decides, though others may fail."""
    return _first(False, operands)


def _first(deciding: bool, operands: Iterable[Callable[[], bool]]) -> bool:
    failure: Exception | None = None
    for operand in operands:
        try:
            if operand() is deciding:
                return deciding
        except FAILURES as error:
            failure = failure or error
    if failure is not None:
        raise failure
    return not deciding
