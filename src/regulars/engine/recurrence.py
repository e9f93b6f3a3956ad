"""Dates that come again, as calendars write them (RFC 5545): every second Friday, the last day of the month."""

import re
from bisect import bisect_right
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Final

from dateutil.rrule import rrule, rrulestr

COUNT_MAX: Final = 10_000
INTERVAL_MAX: Final = 1_000
TIMES_A_DAY_MAX: Final = 24
_FIRST_WITHIN: Final = timedelta(days=10 * 366)
_DAY: Final = r"(?:MO|TU|WE|TH|FR|SA|SU)"
_EVERYWHERE: Final = ("INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTH", "BYHOUR", "BYMINUTE")
# Each frequency with the parts that may go with it. What would look for a needle in all the days of eight thousand
# years is left out: a year's days and weeks by number, the month's days of a daily rule.
_PARTS: Final = {
    "DAILY": _EVERYWHERE,
    "WEEKLY": (*_EVERYWHERE, "WKST"),
    "MONTHLY": (*_EVERYWHERE, "BYMONTHDAY", "BYSETPOS"),
    "YEARLY": (*_EVERYWHERE, "BYMONTHDAY", "BYSETPOS"),
}
_FORMS: Final = {
    "INTERVAL": r"[1-9][0-9]{0,3}",
    "COUNT": r"[1-9][0-9]{0,4}",
    "UNTIL": r"[0-9]{8}(?:T[0-9]{6})?",
    "BYDAY": rf"(?:[-+]?[1-5])?{_DAY}(?:,(?:[-+]?[1-5])?{_DAY})*",
    "BYMONTH": r"(?:[1-9]|1[0-2])(?:,(?:[1-9]|1[0-2]))*",
    "BYMONTHDAY": r"-?(?:[1-9]|[12][0-9]|3[01])(?:,-?(?:[1-9]|[12][0-9]|3[01]))*",
    "BYSETPOS": r"-?[1-5](?:,-?[1-5])*",
    "BYHOUR": r"(?:[0-9]|1[0-9]|2[0-3])(?:,(?:[0-9]|1[0-9]|2[0-3]))*",
    "BYMINUTE": r"(?:[0-9]|[1-5][0-9])(?:,(?:[0-9]|[1-5][0-9]))*",
    "WKST": _DAY,
}


class BadRecurrenceError(ValueError):
    """The rule is not one that a programme may have; the message says which part of it, and why."""


class Occurrences:
    """Every start of a rule, by a clock on the wall: the first is not before `first`, all are without a zone.

    They are worked out a year ahead of whoever asks, and kept.
    """

    def __init__(self, text: str, first: datetime) -> None:
        self._text = text
        self._first = first.replace(tzinfo=None)
        self._known: tuple[datetime, list[datetime]] = (datetime.min, [])  # noqa: DTZ901

    def last_start(self, at: datetime) -> datetime | None:
        """Return the last start that is not after a time on the wall."""
        until, starts = self._known
        if at >= until:
            # Made anew and put in place at once, so that threads never see half of it.
            until = datetime(at.year + 2, 1, 1)  # noqa: DTZ001
            starts = [*takewhile(lambda start: start < until, _rule(self._text, self._first))]
            self._known = (until, starts)
        place = bisect_right(starts, at)
        return starts[place - 1] if place else None


def check_recurrence(text: str, first: datetime) -> None:
    """Refuse a rule that is not within what a programme may have, or that never comes.

    Raises: BadRecurrenceError.
    """
    parts = _parts(text)
    for name, value in parts.items():
        if not re.fullmatch(_FORMS[name], value):
            raise BadRecurrenceError(f"{name} cannot be {value!r} here")
    _check_numbers(parts)
    _check_reach(text, parts)
    try:
        starts = _rule(text, first.replace(tzinfo=None))
    except ValueError as error:
        raise BadRecurrenceError(f"the rule cannot be read: {error}") from error
    start = next(iter(starts), None)
    if start is None or start > first.replace(tzinfo=None) + _FIRST_WITHIN:
        raise BadRecurrenceError("the rule does not come once in the ten years after its start")


def _parts(text: str) -> dict[str, str]:
    """Return a rule's parts by their names, the frequency aside."""
    parts: dict[str, str] = {}
    for part in text.split(";"):
        name, sign, value = part.partition("=")
        if not sign or name in parts:
            raise BadRecurrenceError(f"{part!r} is not NAME=VALUE, or is there twice")
        parts[name] = value
    frequency = parts.pop("FREQ", "")
    if frequency not in _PARTS:
        raise BadRecurrenceError(f"FREQ must be DAILY, WEEKLY, MONTHLY or YEARLY, and is {frequency or 'not there'}")
    for name in parts:
        if name not in _PARTS[frequency]:
            raise BadRecurrenceError(f"{name} does not go with FREQ={frequency} here")
    return parts


def _check_numbers(parts: dict[str, str]) -> None:
    if int(parts.get("INTERVAL", 1)) > INTERVAL_MAX:
        raise BadRecurrenceError(f"INTERVAL is at most {INTERVAL_MAX}")
    if int(parts.get("COUNT", 1)) > COUNT_MAX:
        raise BadRecurrenceError(f"COUNT is at most {COUNT_MAX}")
    if "COUNT" in parts and "UNTIL" in parts:
        raise BadRecurrenceError("COUNT and UNTIL do not go together")
    times = [len(set(parts[name].split(","))) for name in ("BYHOUR", "BYMINUTE") if name in parts]
    if (times[0] if times else 1) * (times[1] if len(times) > 1 else 1) > TIMES_A_DAY_MAX:
        raise BadRecurrenceError(f"the rule comes more than {TIMES_A_DAY_MAX} times a day")


def _check_reach(text: str, parts: dict[str, str]) -> None:
    frequent = text.split("FREQ=")[1].startswith(("DAILY", "WEEKLY"))
    if frequent and re.search(r"[1-5]", parts.get("BYDAY", "")):
        raise BadRecurrenceError("a numbered day such as 1MO goes with FREQ=MONTHLY or YEARLY")
    narrow = "BYMONTH" in parts or ("FREQ=DAILY" in text and "BYDAY" in parts)
    if frequent and narrow and parts.get("INTERVAL", "1") != "1":
        raise BadRecurrenceError("INTERVAL does not go with days or months that the rule may miss")


def _rule(text: str, first: datetime) -> rrule:
    found = rrulestr(text, dtstart=first)
    assert isinstance(found, rrule), "one rule alone was let in"
    return found
