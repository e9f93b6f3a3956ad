"""Instants and lengths of time as texts in a condition: `timestamp('…')` and `duration('…')`."""

import re
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Final

from regulars.engine.conditions.arithmetic import EvaluationError, spanned

_TIMESTAMP: Final = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)", re.ASCII
)
_PART: Final = re.compile(r"(\d+(?:\.\d+)?)(h|ms|us|m|s)", re.ASCII)
_DURATION: Final = re.compile(rf"(-?)((?:{_PART.pattern})+)", re.ASCII)
_MICROSECONDS: Final = {"h": 3_600_000_000, "m": 60_000_000, "s": 1_000_000, "ms": 1_000, "us": 1}


def read_timestamp(text: str) -> datetime | None:
    """Return the instant that an RFC 3339 text names, in UTC; None where it names none."""
    if not _TIMESTAMP.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def read_duration(text: str) -> timedelta | None:
    """Return the length of time that a text such as `36h` or `1h30m` names; None where it names none."""
    whole = _DURATION.fullmatch(text)
    if whole is None:
        return None
    parts = _PART.findall(whole[2])
    microseconds = sum(Fraction(number) * _MICROSECONDS[unit] for number, unit in parts)
    if microseconds.denominator != 1:
        return None
    try:
        length = spanned(timedelta(microseconds=int(microseconds)))
    except (EvaluationError, OverflowError):
        return None
    return -length if whole[1] else length


def spell_duration(length: timedelta) -> str:
    """Return a length of time as an author would write it: `36h`, `1h30m`, `-0.5s`."""
    microseconds = abs(length) // timedelta(microseconds=1)
    hours, rest = divmod(microseconds, _MICROSECONDS["h"])
    minutes, rest = divmod(rest, _MICROSECONDS["m"])
    seconds, fraction = divmod(rest, _MICROSECONDS["s"])
    decimals = f".{fraction:06d}".rstrip("0") if fraction else ""
    parts = [f"{hours}h" if hours else "", f"{minutes}m" if minutes else ""]
    parts.append(f"{seconds}{decimals}s" if seconds or fraction else "")
    return ("-" if length < timedelta() else "") + ("".join(parts) or "0s")
