"""How far a member is: what is missing to the next level, what keeps this one, and what it will fall to otherwise."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from msgspec import Struct

from regulars.engine.measures import Needs
from regulars.engine.members import MemberState
from regulars.engine.qualifying import counted_from, counted_of, needs_of, standing
from regulars.engine.running import Running
from regulars.engine.tiers import ActivityPeriod, CalendarYear, Ever, MembershipYear, RollingPeriod, TierSet
from regulars.engine.windows import Counted, cycle_of, first_day_of, leaves_window
from regulars.engine.zones import local_date, midnight


class Part(Struct, frozen=True, kw_only=True):
    """One measure of a goal: what there is of it, what is needed, and what is missing."""

    measure: str
    have: int
    needed: int

    @property
    def missing(self) -> int:
        """How much more it takes."""
        return max(0, self.needed - self.have)


class Goal(Struct, frozen=True, kw_only=True):
    """What leads to a level, or keeps it: each of `all`, and one of `any`, before the instant `by` (null: any time).

    In what counts from one day to another, amounts of before `by` may have left it by then. Without parts it
    takes an activity, whatever it is worth.
    """

    level: str
    all: tuple[Part, ...] = ()
    any: tuple[Part, ...] = ()
    by: datetime | None = None


class Progress(Struct, frozen=True, kw_only=True):
    """Where a member stands in a set of tiers at an instant, and what may become of it.

    `until` is exclusive, null for ever; then the member stands at `falls_to`, which is empty below the first level,
    unless `keep` is met. `next` is null on top, `keep` where nothing has to be done, or where nothing can be.
    """

    tier_set: str
    level: str
    since: datetime
    until: datetime | None
    best: str
    falls_to: str | None
    next: Goal | None
    keep: Goal | None


def progress(running: Running, state: MemberState, at: datetime) -> tuple[Progress, ...]:
    """Return where a member stands in each set of tiers at an instant, and how far it is to other levels."""
    return tuple(_progress(running, state, tier_set, at) for tier_set in running.tiers)


def _progress(running: Running, state: MemberState, tier_set: TierSet, at: datetime) -> Progress:
    counted = counted_of(running, state, tier_set, at)
    step = standing(running, state, at)[tier_set.id]
    tier = state.tiers.get(tier_set.id)
    fallen = tier.at(step.until) if tier is not None and step.until is not None else None
    return Progress(
        tier_set=tier_set.id,
        level=step.level,
        since=step.since,
        until=step.until,
        best=tier.best if tier is not None else "",
        falls_to=fallen.level if fallen is not None else None,
        next=_next(counted, state, step.level, at),
        keep=_keep(counted, step.level, step.until, at) if step.until is not None else None,
    )


def _next(counted: Counted, state: MemberState, level: str, at: datetime) -> Goal | None:
    tier_set = counted.tier_set
    place = tier_set.place(level) + 1
    if place >= len(tier_set.levels):
        return None
    tier = state.tiers.get(tier_set.id)
    best = tier_set.place(tier.best) if tier is not None else -1
    target = tier_set.levels[place].id
    (needs, *_), _ = needs_of(tier_set, place, current=place - 1, best=best)
    today = local_date(at, counted.zone_name)
    match tier_set.period:
        case CalendarYear() | MembershipYear():
            cycle = cycle_of(counted, today)
            return _goal(counted, target, needs, cycle.first, cycle.end, by=midnight(cycle.end, counted.zone_name))
        case RollingPeriod():
            first = first_day_of(counted, today)
            counting = counted.days_from((*needs.all, *needs.any), first)
            by = midnight(leaves_window(counted, counting[0]), counted.zone_name) if counting else None
            return _goal(counted, target, needs, first, date.max, by=by)
        case ActivityPeriod() | Ever():
            known = tier.kept.get(target) if tier is not None else None
            return _goal(counted, target, needs, counted_from(counted, known, at), date.max, by=None)


def _keep(counted: Counted, level: str, until: datetime, at: datetime) -> Goal | None:
    tier_set = counted.tier_set
    one = tier_set.levels[tier_set.place(level)]
    needs = one.keep or one.enter
    match tier_set.period:
        case CalendarYear(until="this_year") | MembershipYear(until="this_year") | Ever():
            return None
        case CalendarYear() | MembershipYear():
            # The last year that this level is kept for is the one whose count keeps it.
            last = local_date(until, counted.zone_name) - timedelta(days=tier_set.grace_days + 1)
            cycle = cycle_of(counted, last)
            end = cycle.end + timedelta(days=tier_set.grace_days)
            return _goal(counted, level, needs, cycle.first, end, by=until)
        case RollingPeriod():
            missed = local_date(until, counted.zone_name) - timedelta(days=tier_set.grace_days)
            return _goal(counted, level, needs, first_day_of(counted, missed), date.max, by=until)
        case ActivityPeriod():
            return Goal(level=level, by=until)


def _goal(counted: Counted, level: str, needs: Needs, first: date, end: date, *, by: datetime | None) -> Goal:
    more = int(counted.exclusive)

    def parts(wanted: Mapping[str, int]) -> tuple[Part, ...]:
        return tuple(
            Part(measure=name, have=counted.total(name, first, end), needed=needed + more)
            for name, needed in wanted.items()
        )

    return Goal(level=level, all=parts(needs.all), any=parts(needs.any), by=by)
