"""Where a member stands follows from what happened, and from nothing else …"""

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from regulars.engine.decide import Decision, decide
from regulars.engine.events import Event, Settle
from regulars.engine.measures import Needs, Spent
from regulars.engine.members import MemberState
from regulars.engine.qualifying import standing
from regulars.engine.running import Running
from regulars.engine.standing import TierState
from regulars.engine.tiers import (
    ActivityPeriod,
    CalendarYear,
    Level,
    MembershipYear,
    RollingPeriod,
    TierPeriod,
    TierSet,
)
from tests.engine.making import ONE_EACH, Story, bought, event, gave_back, member, running

ENTER = {"silver": 100, "gold": 300}
KEEP = {"silver": 60, "gold": 200}
LEVELS = ("", "silver", "gold")
START = date(2024, 2, 27)
ENROLLED = date(2024, 2, 29)


class Bought(Struct, frozen=True):
    """So many euros on a day, by the sequence of events."""

    day: date
    euros: int


def ladder(period: TierPeriod, **more: object) -> Running:
    """Make a programme with silver and gold by what is spent."""
    levels = tuple(
        Level(
            id=id,
            enter=Needs(all={"spend": ENTER[id] * 100}),
            keep=Needs(all={"spend": KEEP[id] * 100}),
        )
        for id in LEVELS[1:]
    )
    tiers = (TierSet(id="status", measures={"spend": Spent()}, period=period, levels=levels, **more),)  # type: ignore[arg-type]
    return running(ONE_EACH, tiers=tiers)


def story(programme: Running) -> Story:
    """Begin the story of somebody who joined on a leap day."""
    return Story(programme, replace(member(), enrolled_at=noon(ENROLLED)))


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


# What an oracle that remembers nothing says: it looks at the whole log anew, for every instant and every event.


def stood_at(period: TierPeriod, log: tuple[Bought, ...], day: date) -> str:
    """Return the level at the end of a day, after all of the log; the log is in the order of the days."""
    return max(_held(period, log, day), key=LEVELS.index, default="")


@lru_cache(maxsize=100_000)
def _held(period: TierPeriod, log: tuple[Bought, ...], day: date) -> frozenset[str]:
    held = set()
    for number, one in enumerate(log, start=1):
        if one.day <= day:
            before = stood_at(period, log[: number - 1], one.day)
            for level in LEVELS[1:]:
                if _reached(period, log[:number], one.day, level, before) and _lasts(period, log, one.day, day, level):
                    held.add(level)
    return frozenset(held)


def _reached(period: TierPeriod, log: tuple[Bought, ...], day: date, level: str, before: str) -> bool:
    needed = KEEP[level] if LEVELS.index(before) >= LEVELS.index(level) else ENTER[level]
    return _sum(log, _first(period, day), day) >= needed


def _lasts(period: TierPeriod, log: tuple[Bought, ...], since: date, day: date, level: str) -> bool:
    if isinstance(period, RollingPeriod):
        days = [since + timedelta(days=n) for n in range((day - since).days + 1)]
        enough = min(KEEP[level], ENTER[level])
        return all(_sum(log, _first(period, d), d) >= enough for d in days[1:])
    ends = _year_start(period, since, years=1 + (period.until == "next_year"))  # type: ignore[union-attr]
    return day < ends


def _sum(log: Sequence[Bought], first: date, last: date) -> int:
    return sum(one.euros for one in log if first <= one.day <= last)


def _first(period: TierPeriod, day: date) -> date:
    if isinstance(period, RollingPeriod):
        assert period.days is not None
        return day - timedelta(days=period.days - 1)
    return _year_start(period, day)


def _year_start(period: TierPeriod, day: date, *, years: int = 0) -> date:
    """The last start of a year of counting up to a day, and so many years on."""
    if isinstance(period, CalendarYear):
        starts = [date(year, period.month, period.day) for year in range(2020, 2040)]
    else:
        starts = [date(year, 2, 29 if year % 4 == 0 else 28) for year in range(2020, 2040)]
    return starts[max(i for i, start in enumerate(starts) if start <= day) + years]


periods = st.sampled_from(
    [
        CalendarYear(),
        CalendarYear(month=7, until="this_year"),
        MembershipYear(),
        MembershipYear(until="this_year"),
        RollingPeriod(days=30),
        RollingPeriod(days=365),
    ]
)
steps = st.lists(st.tuples(st.integers(0, 200), st.sampled_from([5, 40, 60, 100, 140, 300])), min_size=1, max_size=8)


def log_of(drawn: Sequence[tuple[int, int]]) -> tuple[Bought, ...]:
    """Make a log in the order of the days, from gaps in days and amounts."""
    log, day = [], START
    for gap, euros in drawn:
        day += timedelta(days=gap)
        log.append(Bought(day, euros))
    return tuple(log)


@settings(max_examples=150, deadline=None)
@given(period=periods, drawn=steps, later=st.integers(0, 900))
def test_as_an_oracle_sees_it_that_remembers_nothing(
    period: TierPeriod, drawn: list[tuple[int, int]], later: int
) -> None:
    log, programme = log_of(drawn), ladder(period)
    told = story(programme)
    for number, one in enumerate(log):
        told.tell(bought(one.euros * 100, id=str(number)), noon(one.day) + timedelta(minutes=number))
        assert level(told, noon(one.day) + timedelta(hours=6)) == stood_at(period, log[: number + 1], one.day)

    day = log[-1].day + timedelta(days=later)

    assert level(told, noon(day) + timedelta(hours=6)) == stood_at(period, log, day)


def level(told: Story, at: datetime) -> str:
    return standing(told.programme, told.state, at)["status"].level


every_period = periods | st.sampled_from([ActivityPeriod(days=40), ActivityPeriod(months=3)])
many_more = st.fixed_dictionaries(
    {
        "landing": st.sampled_from(["merited", "one_level"]),
        "returns": st.sampled_from(["keep", "at_once"]),
        "grace_days": st.sampled_from([0, 10]),
        "warn_days": st.sampled_from([0, 30]),
    }
)
Deed = tuple[int, int, int, bool]
deeds = st.lists(
    st.tuples(st.integers(0, 150), st.sampled_from([5, 60, 140, 300]), st.integers(0, 25), st.booleans()),
    min_size=1,
    max_size=8,
)


@settings(max_examples=150, deadline=None)
@given(period=every_period, more=many_more, drawn=deeds, sweeps=st.sets(st.integers(0, 8)))
def test_whether_or_not_a_sweeper_has_run(
    period: TierPeriod, more: dict[str, object], drawn: list[Deed], sweeps: set[int]
) -> None:
    programme = ladder(period, **more)

    alone, now = told_to(programme, drawn)
    swept, _ = told_to(programme, drawn, sweeps=sweeps)

    assert planned(swept) == planned(alone)
    for days in range(0, 1500, 90):
        at = now + timedelta(days=days)
        assert standing(programme, swept, at) == standing(programme, alone, at)
        assert settled(programme, swept, at) == settled(programme, alone, at)


@settings(max_examples=150, deadline=None)
@given(period=every_period, more=many_more, drawn=deeds)
def test_of_no_more_days_than_the_programme_asks_for(
    period: TierPeriod, more: dict[str, object], drawn: list[Deed]
) -> None:
    programme = ladder(period, **more)

    whole, _ = told_to(programme, drawn)
    partly, _ = told_to(programme, drawn, forgetful=True)

    assert partly.tiers == whole.tiers


@settings(max_examples=100, deadline=None)
@given(period=periods, drawn=steps, euros=st.sampled_from([60, 100, 300]), later=st.integers(0, 900))
def test_as_before_an_order_that_came_back_where_returns_count_at_once(
    period: TierPeriod, drawn: list[tuple[int, int]], euros: int, later: int
) -> None:
    log = log_of(drawn)
    told = story(ladder(period, returns="at_once"))
    for number, one in enumerate(log):
        told.tell(bought(one.euros * 100, id=str(number)), noon(one.day) + timedelta(minutes=number))
    before = told.state
    now = noon(log[-1].day) + timedelta(hours=1)

    told.tell(bought(euros * 100, id="back"), now)
    told.tell(gave_back("back"), now + timedelta(hours=1))

    for days in (0, later):
        at = now + timedelta(days=days, hours=2)
        assert level(told, at) == standing(told.programme, before, at)["status"].level


def told_to(
    programme: Running, drawn: Sequence[Deed], *, sweeps: Collection[int] = (), forgetful: bool = False
) -> tuple[MemberState, datetime]:
    """Return a member to whom deeds happened, some of them heard of late and some sent back, and the time."""
    state, now = replace(member(), enrolled_at=noon(ENROLLED)), noon(START)
    for number, (gap, euros, late, back) in enumerate(drawn):
        now += timedelta(days=gap, hours=1)
        if number in sweeps:
            state = happens(programme, state, event(Settle(), now, number=1000 + number))
        happened = now - timedelta(days=late)
        body = bought(euros * 100, id=str(number))
        state = happens(
            programme, state, event(body, happened, recorded_at=now, number=1 + number), forgetful=forgetful
        )
        if back:
            now += timedelta(days=1)
            made = event(gave_back(str(number)), now, number=500 + number)
            state = happens(programme, state, made, forgetful=forgetful)
    return state, now


def happens(programme: Running, state: MemberState, made: Event, *, forgetful: bool = False) -> MemberState:
    """Return the member after an event; forgetful memory knows only the days that the programme asks for."""
    known = state
    if forgetful:
        first = made.occurred_at.date() - timedelta(days=programme.days_back)
        known = replace(state, days={day: facts for day, facts in state.days.items() if day >= first})
    decision = decide(programme, known, made)
    assert isinstance(decision, Decision), decision
    forgotten = {day: facts for day, facts in state.days.items() if day not in known.days}
    return replace(decision.after, days=forgotten | decision.after.days)


def planned(state: MemberState) -> dict[str, object]:
    """Return what events led to, without what the clock has told of it."""
    return {name: (tier.best, tier.steps, tier.kept) for name, tier in state.tiers.items()}


def settled(programme: Running, state: MemberState, at: datetime) -> dict[str, TierState]:
    """Return what the clock has told when it is told everything up to an instant."""
    return happens(programme, state, event(Settle(), at, number=2000)).tiers
