"""Over which days a set of tiers counts, and until when what was counted keeps a level."""

from bisect import bisect_left
from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from typing import Final

from msgspec import Struct

from regulars.engine.measures import Held, Needs
from regulars.engine.tiers import ActivityPeriod, CalendarYear, Ever, MembershipYear, RollingPeriod, TierSet
from regulars.engine.zones import add_months, midnight

DayFacts = Mapping[date, Mapping[str, int]]
_ONE_DAY: Final = timedelta(days=1)


class Reached(Struct, frozen=True):
    """A level's needs were met: on a day, and that keeps it until an instant (exclusive, null for ever)."""

    day: date
    until: datetime | None


class Cycle(Struct, frozen=True):
    """A year of counting, from one fixed day to the next: `[first, end)`."""

    first: date
    end: date


class _Series(Struct, frozen=True):
    """The days on which something was counted, and what it came to before each of them, and after the last."""

    days: list[date]
    sums: list[int]


class Counted:
    """What a set of tiers counts of a member: by the day, and by balances as they are on the day in hand."""

    def __init__(
        self, tier_set: TierSet, days: DayFacts, balances: Mapping[str, int], *, enrolled_on: date, zone_name: str,
        exclusive: bool,
    ) -> None:  # fmt: skip
        self.tier_set = tier_set
        self.enrolled_on = enrolled_on
        self.zone_name = zone_name
        self._days = days
        self._balances = balances
        self.exclusive = exclusive
        self._by_measure: dict[str, _Series] = {}

    def total(self, measure: str, first: date, end: date) -> int:
        """Return what a measure comes to on the days `[first, end)`; a balance is what it is today."""
        kind = self.tier_set.measures[measure]
        if isinstance(kind, Held):
            return self._balances.get(kind.wallet, 0)
        series = self._series(measure)
        return series.sums[bisect_left(series.days, end)] - series.sums[bisect_left(series.days, first)]

    def days_from(self, measures: Iterable[str], first: date) -> list[date]:
        """Return the days from `first` on, in their order, on which anything was counted for one of the measures."""
        found: set[date] = set()
        for measure in measures:
            days = self._series(measure).days
            found.update(days[bisect_left(days, first) :])
        return sorted(found)

    def _series(self, measure: str) -> "_Series":
        found = self._by_measure.get(measure)
        if found is None:
            names = self.tier_set.measures[measure].names()
            sums = ((day, sum([facts.get(name, 0) for name in names])) for day, facts in self._days.items())
            counted = sorted([(day, by) for day, by in sums if by])
            days = [day for day, _ in counted]
            found = self._by_measure[measure] = _Series(days, [0, *accumulate(by for _, by in counted)])
        return found

    def met(self, either: Sequence[Needs], first: date, end: date) -> bool:
        """Return whether one of the needs is met by what was counted on the days `[first, end)`."""
        return any(self.met_by(needs, lambda measure: self.total(measure, first, end)) for needs in either)

    def met_by(self, needs: Needs, total: Callable[[str], int]) -> bool:
        """Return whether needs are met by totals, a threshold itself being enough unless policy says otherwise."""
        more = int(self.exclusive)
        if not all(total(measure) >= needed + more for measure, needed in needs.all.items()):
            return False
        return not needs.any or any(total(measure) >= needed + more for measure, needed in needs.any.items())

    def last_day(self, names: Iterable[str]) -> date | None:
        """Return the last day on which anything was counted under one of the names."""
        active = (day for day, facts in self._days.items() if any(facts.get(name, 0) > 0 for name in names))
        return max(active, default=None)

    def midnight(self, day: date) -> datetime:
        """Return the instant at which a day starts, the set's grace being over."""
        return midnight(day + timedelta(days=self.tier_set.grace_days), self.zone_name)


def reached(
    counted: Counted, enter: Sequence[Needs], keep: Sequence[Needs], day: date, *, counted_from: date = date.min
) -> Reached | None:
    """Return what an event of a day makes of a level; none where its needs are not met.

    One of `enter` has to be met to have the level, one of `enter` or `keep` to go on having it. What was counted
    before `counted_from` counts no more where a period has no bounds of its own.
    """
    if any(needs.nothing for needs in enter):
        return Reached(day, None)
    match counted.tier_set.period:
        case CalendarYear() | MembershipYear():
            return _in_cycle(counted, enter, day)
        case RollingPeriod():
            return _in_window(counted, enter, (*enter, *keep), day)
        case ActivityPeriod() as period:
            if not counted.met(enter, counted_from, date.max):
                return None
            last = max(counted.last_day(period.names()) or day, counted_from)
            return Reached(day, counted.midnight(_after(last, period.months, period.days) + _ONE_DAY))
        case Ever():
            return Reached(day, None) if counted.met(enter, counted_from, date.max) else None


def cycle_of(counted: Counted, day: date) -> Cycle:
    """Return the year of counting that a day lies in."""
    match counted.tier_set.period:
        case CalendarYear(month=month, day=first_day):
            return _year(day, month, first_day)
        case MembershipYear():
            return _anniversaries(day, counted.enrolled_on)
        case _:
            raise AssertionError("only years of counting start on fixed days")


def end_of_level(counted: Counted, cycle: Cycle) -> datetime:
    """Return until when a level lasts that a year of counting speaks for."""
    return counted.midnight(cycle_of(counted, cycle.end).end if _next_too(counted) else cycle.end)


def end_of_landing(counted: Counted, day: date) -> datetime | None:
    """Return until when a level lasts that members fall to from the one above, on a day."""
    match counted.tier_set.period:
        case CalendarYear() | MembershipYear():
            return counted.midnight(cycle_of(counted, day).end)
        case RollingPeriod(months=months, days=days) | ActivityPeriod(months=months, days=days):
            return midnight(_after(day, months, days), counted.zone_name)
        case Ever():
            return None


def first_day_of(counted: Counted, day: date) -> date:
    """Return the first day of what counts on a day."""
    match counted.tier_set.period:
        case CalendarYear() | MembershipYear():
            return cycle_of(counted, day).first
        case RollingPeriod(months=months, days=days):
            return _before(day, months, days)
        case ActivityPeriod() | Ever():
            return date.min


def leaves_window(counted: Counted, day: date) -> date:
    """Return the first day on which what was counted on a day counts no more, where days roll out of a window."""
    period = counted.tier_set.period
    assert isinstance(period, RollingPeriod), "only what rolls leaves a window day by day"
    return _leaves(day, period.months, period.days)


def _in_cycle(counted: Counted, needs: Sequence[Needs], day: date) -> Reached | None:
    cycle = cycle_of(counted, day)
    if counted.met(needs, cycle.first, cycle.end):
        return Reached(day, end_of_level(counted, cycle))
    if _next_too(counted) and day < cycle.first + timedelta(days=counted.tier_set.grace_days):
        before = cycle_of(counted, cycle.first - _ONE_DAY)
        # Whoever may still complete the year before in its grace has that counted there and in the new year.
        if counted.met(needs, before.first, day + _ONE_DAY):
            return Reached(day, end_of_level(counted, before))
    return None


def _next_too(counted: Counted) -> bool:
    period = counted.tier_set.period
    return isinstance(period, CalendarYear | MembershipYear) and period.until == "next_year"


def _in_window(counted: Counted, enter: Sequence[Needs], keep: Sequence[Needs], day: date) -> Reached | None:
    """A late event counts on its own day, and may bring together what was counted on later ones."""
    for last in (day, *counted.days_from(_measures(enter), day + _ONE_DAY)):
        if counted.met(enter, first_day_of(counted, last), last + _ONE_DAY):
            return Reached(last, counted.midnight(_missed(counted, keep, last)))
    return None


def _missed(counted: Counted, keep: Sequence[Needs], day: date) -> date:
    """The first day after a day on which what is needed to keep a level is there no more."""
    over = leaves_window(counted, day)

    def missing(on: date) -> bool:
        def total(measure: str) -> int:
            if isinstance(counted.tier_set.measures[measure], Held) and on >= over:
                return 0
            return counted.total(measure, first_day_of(counted, on), on + _ONE_DAY)

        return not any(counted.met_by(needs, total) for needs in keep)

    known = counted.days_from(_measures(keep), first_day_of(counted, day))
    later = known[bisect_left(known, day + _ONE_DAY) :]
    if later:
        # What comes in makes up for what goes out, so that every change has to be looked at.
        changes = sorted({*later, *(leaves_window(counted, other) for other in (*known, day))} - {day})
        return next(change for change in changes if change > day and missing(change))
    leaving = [*known, day] if not known or known[-1] < day else known
    return leaves_window(
        counted, leaving[bisect_left(leaving, True, key=lambda one: missing(leaves_window(counted, one)))]
    )


def _measures(either: Iterable[Needs]) -> set[str]:
    return {name for needs in either for name in (*needs.all, *needs.any)}


@lru_cache(maxsize=4096)
def _leaves(day: date, months: int | None, days: int | None) -> date:
    """The first day on which a day counts no more."""
    leaves = _after(day, months, days)
    while _before(leaves, months, days) <= day:
        leaves += _ONE_DAY
    return leaves


def _after(day: date, months: int | None, days: int | None) -> date:
    return add_months(day, months or 0) + timedelta(days=days or 0)


def _before(day: date, months: int | None, days: int | None) -> date:
    return add_months(day, -(months or 0)) - timedelta(days=days or 0) + _ONE_DAY


def _year(day: date, month: int, first_day: int) -> Cycle:
    first = _in_year(day.year, month, first_day)
    year = day.year if first <= day else day.year - 1
    return Cycle(_in_year(year, month, first_day), _in_year(year + 1, month, first_day))


def _in_year(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, monthrange(year, month)[1]))


def _anniversaries(day: date, enrolled_on: date) -> Cycle:
    years = day.year - enrolled_on.year
    if add_months(enrolled_on, 12 * years) > day:
        years -= 1
    return Cycle(add_months(enrolled_on, 12 * years), add_months(enrolled_on, 12 * (years + 1)))
