"""A return may take a level along that would not have been reached without what came back."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from msgspec.structs import replace

from regulars.engine.levels import later
from regulars.engine.measures import Needs
from regulars.engine.members import MemberState
from regulars.engine.standing import LevelKept
from regulars.engine.tiers import Level, RollingPeriod
from regulars.engine.windows import Counted, Reached, cycle_of, end_of_level, first_day_of, reached
from regulars.engine.zones import local_date, midnight


def left_by_return(
    counted: Counted, kept: dict[str, LevelKept], state: MemberState, order_id: str, at: datetime
) -> dict[str, LevelKept]:
    """Return the levels that a return of an order leaves, by the policy of the set."""
    record = state.orders.get(order_id)
    if counted.tier_set.returns == "keep" or record is None or record.day is None:
        return kept
    left = {id: _left(counted, id, one, record.day, at) for id, one in kept.items()}
    return {id: one for id, one in left.items() if one is not None}


def _left(counted: Counted, id: str, known: LevelKept, day: date, at: datetime) -> LevelKept | None:
    """What is left of a level after a return of an order of a day; nothing where it would not have been reached."""
    tier_set = counted.tier_set
    level = tier_set.levels[tier_set.place(id)]
    if known.by == "landing" or level.never_down or not later(known.until, at):
        return known
    needs = {"enter": level.enter, "reenter": level.reenter or level.enter, "keep": level.keep or level.enter}[known.by]
    either = (needs, level.enter)
    if tier_set.cyclic:
        return _in_cycle(counted, either, known, day, at)
    found = _again(counted, level, either, known, at)
    if found is None:
        return None
    return known if later(found.until, known.until) else replace(known, until=found.until)


def _in_cycle(counted: Counted, either: Sequence[Needs], known: LevelKept, day: date, at: datetime) -> LevelKept | None:
    """A level that the year of the order kept goes back to the end that the year before had brought."""
    cycle = cycle_of(counted, day)
    if known.until != end_of_level(counted, cycle) or counted.met(either, cycle.first, cycle.end):
        return known
    if known.since >= midnight(cycle.first, counted.zone_name):
        return None
    before = end_of_level(counted, cycle_of(counted, cycle.first - timedelta(days=1)))
    return replace(known, until=max(at, before))


def _again(counted: Counted, level: Level, either: Sequence[Needs], known: LevelKept, at: datetime) -> Reached | None:
    """How the level is reached by what is left, from the day on which it was, or later; none where it is not."""
    keep = (level.keep or level.enter, level.enter)
    today, since = local_date(at, counted.zone_name), local_date(known.since, counted.zone_name)
    if not isinstance(counted.tier_set.period, RollingPeriod):
        return reached(counted, either, keep, today)
    if since < first_day_of(counted, today):
        return reached(counted, keep, keep, today)
    found = reached(counted, either, keep, since)
    while found is not None and not later(found.until, at):
        assert found.until is not None, "what never ends is later than any instant"
        found = reached(counted, either, keep, local_date(found.until, counted.zone_name))
    return found
