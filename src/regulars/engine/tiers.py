"""Levels that members reach: by what is counted, for a time, with benefits while they stand there."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Literal

from msgspec import Meta, Struct

from regulars.engine.counting import PURCHASES
from regulars.engine.days import events
from regulars.engine.doubting import Beside, Doubt
from regulars.engine.measures import Measure, Needs
from regulars.engine.programme import Days, Fixed, Months, Name, Never, Rolling, Text


class CalendarYear(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="calendar_year"
):
    """What is counted in a year that starts on the same day for everybody.

    A level lasts for the rest of the year in which it was reached, and `until: next_year` for the next one too.
    """

    month: Annotated[int, Meta(ge=1, le=12)] = 1
    day: Annotated[int, Meta(ge=1, le=31)] = 1
    until: Literal["this_year", "next_year"] = "next_year"


class MembershipYear(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="membership_year"
):
    """What is counted from one anniversary of the enrolment to the next.

    A level lasts for the rest of the year in which it was reached, and `until: next_year` for the next one too.
    """

    until: Literal["this_year", "next_year"] = "next_year"


class RollingPeriod(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="rolling"):
    """What is counted in the last months or days, today with them; a level lasts for as long as that is enough."""

    months: Months | None = None
    days: Annotated[int, Meta(ge=1, le=36_600)] | None = None


class ActivityPeriod(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="activity"):
    """What was ever counted; a level lasts until the end of the day so long after the last activity.

    Who lost a level starts from nothing to reach it again.
    """

    months: Months | None = None
    days: Annotated[int, Meta(ge=1, le=36_600)] | None = None
    activities: Annotated[tuple[str, ...], Meta(min_length=1)] = ("purchase",)

    def names(self) -> Sequence[str]:
        """Return the names under which activity is counted by the day."""
        return tuple(PURCHASES if type == "purchase" else events(type) for type in self.activities)


class Ever(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="ever"):
    """What was ever counted; a level lasts for ever."""


TierPeriod = CalendarYear | MembershipYear | RollingPeriod | ActivityPeriod | Ever


class Benefits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a level brings.

    `earn`: how many times as many points purchases earn, by wallet. `rewards`: given once, when the level is first
    reached. `services`: what members are told that they may have. `expiry`: how the points that are earned at
    this level expire, by wallet, instead of as the wallet says; what never does is safe from inactivity too.
    """

    earn: Mapping[Name, Decimal] = {}
    rewards: tuple[Name, ...] = ()
    services: tuple[Text, ...] = ()
    expiry: Mapping[Name, Never | Fixed | Rolling] = {}

    def __post_init__(self) -> None:
        if not all(factor.is_finite() and 1 < factor <= 1000 for factor in self.earn.values()):
            raise ValueError("an earn factor must be over 1 and at most 1000")


class Level(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A level of a set: what it takes to `enter` it, to `keep` it, and to `reenter` it after it was lost.

    What is not said is as it is for entering. `never_down`: once reached, the level is kept for ever.
    """

    id: Name
    name: Text = ""
    enter: Needs
    keep: Needs | None = None
    reenter: Needs | None = None
    never_down: bool = False
    benefits: Benefits = Benefits()

    @property
    def needs(self) -> tuple[Needs, ...]:
        """All that it asks for, at one time or another."""
        return tuple(needs for needs in (self.enter, self.keep, self.reenter) if needs is not None)


class TierSet(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """A ladder of levels, the lowest first.

    `measures` name what counts, `period` says over which days and for how long a level lasts. A level is reached
    at once and lost at the end of its time, `grace_days` later; a yearly count may still be completed in those.
    `landing: one_level` lets members fall by one level at a time, each lasting for another period. `returns` says
    what happens when goods come back without which a level would not have been reached: `keep` it until its end,
    or lose it `at_once`. Members are warned `warn_days` before they fall.
    """

    id: Name
    name: Text = ""
    measures: Mapping[Name, Measure]
    period: TierPeriod
    levels: Annotated[tuple[Level, ...], Meta(min_length=1)]
    grace_days: Days = 0
    landing: Literal["merited", "one_level"] = "merited"
    returns: Literal["keep", "at_once"] = "keep"
    warn_days: Days = 30

    @cached_property
    def by_id(self) -> Mapping[str, int]:
        """The place of each level, the lowest being 0."""
        return {level.id: place for place, level in enumerate(self.levels)}

    @cached_property
    def base(self) -> str:
        """The level of whoever has reached none: the first one where it asks for nothing."""
        return self.levels[0].id if self.levels[0].enter.nothing else ""

    def place(self, level: str) -> int:
        """Return the place of a level; -1 below the first, and of a level that is no more."""
        return self.by_id.get(level, -1)

    @property
    def cyclic(self) -> bool:
        """Whether it counts from one fixed day to the next."""
        return isinstance(self.period, CalendarYear | MembershipYear)

    @property
    def days_back(self) -> int:
        """For how many days back from an event it asks what was counted."""
        match self.period:
            case CalendarYear() | MembershipYear():
                return 2 * _YEAR_DAYS + self.grace_days
            case RollingPeriod(months=months, days=days):
                window = (months or 0) * _MONTH_DAYS + (days or 0) + 1
                # A return at once asks whether what is left was enough on the day on which a level was reached.
                return 2 * window if self.returns == "at_once" else window
            case ActivityPeriod() | Ever():
                return ALL_DAYS

    def doubts(self, beside: Beside) -> Sequence[Doubt]:
        """Return what its author should look at again, beside the other parts of the programme."""
        found = [doubt for place in range(len(self.levels)) for doubt in self._of_level(place)]
        if self.landing == "one_level" and len(self.levels) - bool(self.base) == 1:
            message = "there is only one level to fall from"
            found.append(Doubt(code="landing-without-effect", message=message, path=("landing",)))
        if isinstance(self.period, Ever) and self.grace_days:
            message = "what is reached lasts for ever, so that no grace is needed"
            found.append(Doubt(code="grace-without-effect", message=message, path=("grace_days",)))
        used = {name for level in self.levels for needs in level.needs for name in (*needs.all, *needs.any)}
        for name in self.measures:
            if name not in used:
                message = f"no level asks for {name}"
                found.append(Doubt(code="measure-not-used", message=message, path=("measures", name), at_name=True))
        return found

    def _of_level(self, place: int) -> list[Doubt]:
        level, path = self.levels[place], ("levels", place)
        found = []
        if level.keep is not None and _harder(level.keep, level.enter):
            message = f"it takes more to keep {level.id} than to reach it"
            found.append(Doubt(code="keep-harder-than-enter", message=message, path=(*path, "keep")))
        if level.keep is not None and (level.never_down or self._ends_with_its_year):
            message = "the threshold has no effect: the level is never lost, or always ends with its year"
            found.append(Doubt(code="keep-without-effect", message=message, path=(*path, "keep")))
        if place > 0 and _harder(self.levels[place - 1].enter, level.enter):
            message = f"{level.id} asks for less of something than {self.levels[place - 1].id}, the level below"
            found.append(Doubt(code="level-asks-for-less", message=message, path=(*path, "enter")))
        return found

    @property
    def _ends_with_its_year(self) -> bool:
        return isinstance(self.period, CalendarYear | MembershipYear) and self.period.until == "this_year"


def _harder(one: Needs, other: Needs) -> bool:
    """Whether the one asks for more of some measure of which both ask."""
    return any(needed > other.all.get(name, needed) for name, needed in one.all.items())


ALL_DAYS = 36_600
"""As many days back as anybody may have counted."""
_YEAR_DAYS = 366
_MONTH_DAYS = 31


def days_back(tier_sets: Iterable[TierSet]) -> int:
    """Return for how many days back the sets ask what was counted."""
    return max((tier_set.days_back for tier_set in tier_sets), default=0)
