"""A campaign counts at certain times: on weekdays, in happy hours, on dates that come again, around a birthday.

The clock on the wall decides. A time that the clock skips in spring never comes, a time that it shows twice in
autumn counts both times, and a window is open whenever the clock shows a time within it.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct, field

from regulars.engine.facts import Facts
from regulars.engine.programme import Name
from regulars.engine.reasons import Reason
from regulars.engine.recurrence import Occurrences
from regulars.engine.zones import zone_or

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
ClockTime = Annotated[str, Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$")]
"""A time of the day as the clock shows it: 17:30."""
LeapDay = Literal["feb_28", "mar_1"]
Zones = Callable[[Facts], str]

WEEKDAYS: Final[tuple[Weekday, ...]] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MEMBERS_ZONE: Final = "timezone"
"""The attribute that says in which zone a member lives."""

_DAY: Final = 1440
_WEEK: Final = 7 * _DAY


class Hours(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From one time of the day until another (exclusive), over midnight where that is the earlier one."""

    starts: ClockTime = field(name="from")
    ends: ClockTime = field(name="to")


class Recurrence(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Dates that come again, by a calendar's `rule` (RRULE of RFC 5545), each for `duration_minutes`.

    The rule counts from the start of the campaign, by the clock of the programme. Its frequency is DAILY, WEEKLY,
    MONTHLY or YEARLY; with it go INTERVAL, COUNT, UNTIL, BYDAY, BYMONTH, BYHOUR and BYMINUTE, WKST for weeks, and
    BYMONTHDAY and BYSETPOS for months and years.
    """

    rule: Annotated[str, Meta(min_length=1, max_length=300)]
    duration_minutes: Annotated[int, Meta(ge=1, le=14_400)] = _DAY


class BirthdayWindow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Around a day that comes every year, from the member's `attribute` (1990-02-29, or 02-29 without the year).

    `within` the day itself, from `days_before` to `days_after` it; its week, from Monday; or its month. Who was
    born on 29 February celebrates on `leap_day` in the other years.
    """

    attribute: Name = "birthday"
    within: Literal["day", "week", "month"] = "day"
    days_before: Annotated[int, Meta(ge=0, le=180)] = 0
    days_after: Annotated[int, Meta(ge=0, le=180)] = 0
    leap_day: LeapDay = "feb_28"


class Schedule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a campaign counts, within its time: at what all of these allow.

    `zone` is whose clock it is: the programme's, the shop's, the member's (from the attribute `timezone`; the
    programme's where a shop or member has none), or, left out, that of the policy `day_of`. With `hours` the
    `weekdays` are those on which the hours begin.
    """

    zone: Literal["programme", "shop", "member"] | None = None
    weekdays: tuple[Weekday, ...] = ()
    hours: tuple[Hours, ...] = ()
    recurrence: Recurrence | None = None
    birthday: BirthdayWindow | None = None


class Timetable:
    """A schedule, ready to be asked; `starts_at` is when its campaign starts, from which a recurrence counts."""

    def __init__(self, schedule: Schedule, *, starts_at: datetime | None, zones: Zones) -> None:
        self._schedule = schedule
        self._zones = zones
        self._week = _open_minutes(schedule) if schedule.weekdays or schedule.hours else None
        self._birthday = schedule.birthday
        self._occurrences: Occurrences | None = None
        if schedule.recurrence is not None:
            assert starts_at is not None, "the checks ask for a start of what comes again"
            self._occurrences = Occurrences(schedule.recurrence.rule, starts_at)
            self._duration = timedelta(minutes=schedule.recurrence.duration_minutes)

    def __call__(self, facts: Facts) -> bool:
        """Return whether the schedule is open when the event happened."""
        local = facts.local_in(self._zones(facts))
        week = self._week
        if week is not None and not week[local.weekday() * _DAY + local.hour * 60 + local.minute]:
            return False
        if self._occurrences is not None and not self._recurs(local):
            return False
        return self._birthday is None or self._celebrates(self._birthday, facts, local)

    def reasons(self, facts: Facts) -> list[Reason]:
        """Return everything that keeps the schedule closed when the event happened."""
        local = facts.local_in(self._zones(facts))
        schedule, reasons = self._schedule, []
        if self._week is not None and not self._week[local.weekday() * _DAY + local.hour * 60 + local.minute]:
            now = f"{WEEKDAYS[local.weekday()]} {local:%H:%M}"
            reasons.append(Reason(code="outside-hours", required=_spelled(schedule), actual=now))
        if schedule.recurrence is not None and not self._recurs(local):
            actual = local.isoformat(timespec="minutes")
            reasons.append(Reason(code="outside-recurrence", required=schedule.recurrence.rule, actual=actual))
        if self._birthday is not None and not self._celebrates(self._birthday, facts, local):
            unknown = _born(facts, self._birthday) is None
            reasons.append(
                Reason(
                    code="birthday-unknown" if unknown else "another-birthday",
                    subject=self._birthday.attribute,
                    actual=local.date().isoformat(),
                )
            )
        return reasons

    def _recurs(self, local: datetime) -> bool:
        assert self._occurrences is not None, "only asked where something recurs"
        start = self._occurrences.last_start(local)
        return start is not None and local < start + self._duration

    @staticmethod
    def _celebrates(birthday: BirthdayWindow, facts: Facts, local: datetime) -> bool:
        born = _born(facts, birthday)
        return born is not None and celebrates(birthday, born, local.date())


def zones_of(schedule: Schedule, *, programme: str, shops: Mapping[str, str]) -> Zones:
    """Return how to find whose clock counts for an event; `shops` are the zones of those that have one."""
    match schedule.zone:
        case None:
            return lambda facts: facts.zone_name
        case "programme":
            return lambda facts: programme
        case "shop":
            return lambda facts: shops.get(facts.event.shop, programme)
        case "member":
            return lambda facts: zone_or(facts.state.attributes.get(MEMBERS_ZONE), programme)


@lru_cache(maxsize=4096)
def celebrates(birthday: BirthdayWindow, born: tuple[int, int], today: date) -> bool:
    """Return whether a day is within what is celebrated of somebody born on a (month, day)."""
    if birthday.within == "month":
        return today.month == born[0]
    for year in (today.year - 1, today.year, today.year + 1):
        if not date.min.year <= year <= date.max.year:
            continue
        day = day_in(year, born, birthday.leap_day)
        if birthday.within == "week":
            first = day - timedelta(days=day.weekday())
            last = first + timedelta(days=6)
        else:
            first, last = day - timedelta(days=birthday.days_before), day + timedelta(days=birthday.days_after)
        if first <= today <= last:
            return True
    return False


def day_in(year: int, born: tuple[int, int], leap_day: LeapDay) -> date:
    """Return when a birthday, a (month, day), is in a year: of 29 February in other years by the policy."""
    try:
        return date(year, *born)
    except ValueError:
        return date(year, 2, 28) if leap_day == "feb_28" else date(year, 3, 1)


@lru_cache(maxsize=4096)
def month_and_day(text: str) -> tuple[int, int] | None:
    """Return a birthday's month and day from 1990-02-29 or 02-29; nothing from anything else."""
    try:
        found = date.fromisoformat(f"2000-{text}" if len(text) == 5 else text)
    except ValueError:
        return None
    return found.month, found.day


def _born(facts: Facts, birthday: BirthdayWindow) -> tuple[int, int] | None:
    text = facts.state.attributes.get(birthday.attribute)
    return month_and_day(text) if isinstance(text, str) else None


def minutes_of(time: str) -> int:
    """Return the minutes from midnight to a time of the day such as 17:30, by the clock."""
    return int(time[:2]) * 60 + int(time[3:])


def _open_minutes(schedule: Schedule) -> bytes:
    """A week from Monday's midnight, minute by minute: 1 where the schedule's weekdays and hours are open."""
    week = bytearray(_WEEK)
    for weekday in schedule.weekdays or WEEKDAYS:
        for starts, ends in _spans(schedule.hours):
            first = WEEKDAYS.index(weekday) * _DAY
            for minute in range(first + starts, first + ends):
                week[minute % _WEEK] = 1
    return bytes(week)


def _spans(hours: Sequence[Hours]) -> list[tuple[int, int]]:
    """The minutes of the day from which and to which there are hours; a later day's where they go over midnight."""
    spans = [(minutes_of(one.starts), minutes_of(one.ends)) for one in hours] or [(0, _DAY)]
    return [(starts, ends if ends > starts else ends + _DAY) for starts, ends in spans]


def _spelled(schedule: Schedule) -> tuple[str, ...]:
    days = ",".join(schedule.weekdays)
    return tuple(f"{days} {one.starts}-{one.ends}".strip() for one in schedule.hours) or (*schedule.weekdays,)
