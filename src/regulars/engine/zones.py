"""A day is a local thing: it starts at midnight in somebody's zone and lasts 23, 24 or 25 hours."""

import zoneinfo
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final, Literal
from zoneinfo import ZoneInfo

# The machine's own time-zone files are left out on purpose: two machines with different files would
# disagree about the midnight at which points expire. The pinned tzdata package is the only source.
zoneinfo.reset_tzpath(to=())

Period = Literal["day", "week", "month", "year", "ever"]
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class UnknownZone(ValueError):
    """The time zone is not in the IANA database; write it like Europe/Paris."""


@lru_cache(maxsize=512)
def zone(name: str) -> ZoneInfo:
    """Return the named IANA zone.

    Raises: UnknownZone.
    """
    try:
        return ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnknownZone(f"{name!r} is not a time zone; write an IANA name such as Europe/Paris") from error


@lru_cache(maxsize=4096)
def zone_or(name: object, other: str) -> str:
    """Return a name that somebody gave for a zone where it is one, else the other zone's."""
    try:
        return zone(name).key if isinstance(name, str) else other
    except UnknownZone:
        return other


@lru_cache(maxsize=4096)
def midnight(day: date, zone_name: str) -> datetime:
    """Return the instant, in UTC, at which `day` starts in the zone.

    Where the clock skips midnight the day starts at the first instant after the gap; where midnight
    happens twice, at the first of the two.
    """
    return datetime.combine(day, time(), zone(zone_name)).astimezone(UTC)


def local_date(instant: datetime, zone_name: str) -> date:
    """Return the calendar day that `instant` falls on in the zone."""
    return instant.astimezone(zone(zone_name)).date()


def period_start(day: date, period: Period) -> date:
    """Return the first day of the day, week (from Monday), month or year that `day` lies in."""
    match period:
        case "day":
            return day
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "year":
            return day.replace(month=1, day=1)
        case "ever":
            return date.min


def period_end(day: date, period: Period) -> date:
    """Return the first day after the day, week, month or year that `day` lies in."""
    match period:
        case "day":
            return day + timedelta(days=1)
        case "week":
            return period_start(day, "week") + timedelta(days=7)
        case "month":
            return add_months(day.replace(day=1), 1)
        case "year":
            return date(day.year + 1, 1, 1)
        case "ever":
            return date.max


def add_months(day: date, months: int) -> date:
    """Return the same day of the month `months` later, or that month's last day where it has none such.

    31 January and one month is 28 or 29 February; 29 February and twelve months is 28 February.
    """
    count = day.year * 12 + day.month - 1 + months
    year, month = divmod(count, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
