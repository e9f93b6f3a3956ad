"""What a member did in the last so many days, as a condition asks for it: `purchases.last_90_days.count`.

The last N days are the local day of the event and the N - 1 before it; the event itself is not counted yet.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from typing import Final

from regulars.engine import days
from regulars.engine.conditions.arithmetic import MISSING
from regulars.engine.conditions.catalogue import Field
from regulars.engine.conditions.kinds import Basic
from regulars.engine.conditions.nodes import CheckedCondition
from regulars.engine.counting import PURCHASES, purchases_in
from regulars.engine.facts import Facts

DAYS_MAX: Final = 3660
_NAME: Final = "[a-z][a-z0-9_]{0,62}"
_LAST: Final = r"last_(?P<days>[1-9][0-9]{0,3})_days"
_FIELD: Final = re.compile(
    rf"purchases\.{_LAST}\.(?P<of>count|spend_minor|days_since)"
    rf"|(?P<root>purchases_in|earned|events)\.(?P<name>{_NAME})\.last_(?P<span>[1-9][0-9]{{0,3}})_days\.(?:count|points)"
)
_IN_TEXT: Final = re.compile(rf"(?<![\w.])(?:{_FIELD.pattern})(?!\w)")

Reader = Callable[[Facts], object]


def fields_in(source: str) -> Iterator[Field]:
    """Yield the fields of this kind that the text of a condition speaks of, each once."""
    for name in dict.fromkeys(found[0] for found in _IN_TEXT.finditer(source)):
        if _is_field(name):
            required = not name.endswith(".days_since")
            yield Field(name=name, kind=Basic.INT, description="What was counted by the day.", required=required)


def days_back(conditions: Iterable[CheckedCondition]) -> int:
    """Return how many days the conditions look back, the day of the event among them; 0 where none does."""
    return max((_days(field.name) for condition in conditions for field in condition.fields), default=0)


def reader(name: str) -> Reader | None:
    """Return how such a field is read, if it is one."""
    found = _FIELD.fullmatch(name)
    if found is None:
        return None
    span = _days(name)
    if found["of"] == "days_since":
        return lambda facts: _days_since(facts, span)
    counted = _counted(found)
    return lambda facts: in_last(facts, counted, span)


def counted_of(name: str) -> tuple[str, int] | None:
    """Return the name under which it was counted what such a field asks for, and of how many days, if it is one."""
    found = _FIELD.fullmatch(name)
    if found is None:
        return None
    return PURCHASES if found["of"] == "days_since" else _counted(found), _days(name)


def in_last(facts: Facts, name: str, span: int) -> int:
    """Return what was counted under a name on the last `span` days."""
    end = facts.local.date() + timedelta(days=1)
    return days.total(facts.state, name, first_of(end, span), end)


def first_of(end: date, span: int) -> date:
    """Return the first of the `span` days before `end`."""
    return end - timedelta(days=span) if (end - date.min).days > span else date.min


def _days_since(facts: Facts, span: int) -> object:
    today = facts.local.date()
    first = first_of(today + timedelta(days=1), span)
    bought = [day for day, counted in facts.state.days.items() if first <= day <= today and counted.get(PURCHASES, 0)]
    return (today - max(bought)).days if bought else MISSING


def _counted(found: re.Match[str]) -> str:
    """Return the name under which it was counted what a field asks for."""
    match found["root"]:
        case None:
            return PURCHASES if found["of"] == "count" else days.SPEND
        case "purchases_in":
            return purchases_in(found["name"])
        case "earned":
            return days.earned(found["name"])
        case _:
            return days.events(found["name"])


def _is_field(name: str) -> bool:
    """Whether a name that looks like such a field is one: points are earned, all else is counted."""
    if not name.startswith(("purchases.",)) and name.startswith("earned.") != name.endswith(".points"):
        return False
    return 0 < _days(name) <= DAYS_MAX


def _days(name: str) -> int:
    found = _FIELD.fullmatch(name)
    return 0 if found is None else int(found["days"] or found["span"])
