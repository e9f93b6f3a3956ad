"""Which level a member stands at, and which ones time will bring if nothing else happens."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from regulars.engine.standing import LevelKept, TierStep
from regulars.engine.tiers import TierSet
from regulars.engine.windows import Counted, end_of_landing
from regulars.engine.zones import local_date

# What lies further back than so many changes of level no late event asks for.
_PAST_MAX: Final = 8


def later(one: datetime | None, other: datetime | None) -> bool:
    """Return whether an end is later than another; never is later than any."""
    return other is not None and (one is None or one > other)


def steps(
    counted: Counted, kept: Mapping[str, LevelKept], before: Sequence[TierStep], at: datetime
) -> tuple[TierStep, ...]:
    """Return the levels one after the other: those before `at` as they were, the others by what is kept.

    The last one has no end. Of what is kept the highest level counts; where it ends and the set lets members land
    level by level, the next one below follows for another period.
    """
    past = [_until(step, at) for step in before if step.since < at]
    found: list[TierStep] = []
    kept = dict(kept)
    since: datetime | None = at
    while since is not None:
        step = _step(counted, kept, since)
        found.append(step)
        if step.until is not None:
            _land(counted, kept, step)
        since = step.until
    return _joined([*past[-_PAST_MAX:], *found])


def _until(step: TierStep, at: datetime) -> TierStep:
    return replace(step, until=at, warn_at=None) if later(step.until, at) else step


def _step(counted: Counted, kept: Mapping[str, LevelKept], at: datetime) -> TierStep:
    """The level at an instant, and until when it is that one."""
    tier_set = counted.tier_set
    place, level, until = -1, tier_set.base, None
    for id, one in kept.items():
        if one.since <= at and later(one.until, at) and tier_set.place(id) > place:
            place, level, until = tier_set.place(id), id, one.until
    for id, one in kept.items():
        if one.since > at and later(until, one.since) and tier_set.place(id) > place:
            until = one.since
    return TierStep(level=level, since=at, until=until, warn_at=_warning(tier_set, until))


def _warning(tier_set: TierSet, until: datetime | None) -> datetime | None:
    return until - timedelta(days=tier_set.warn_days) if until is not None and tier_set.warn_days else None


def _land(counted: Counted, kept: dict[str, LevelKept], step: TierStep) -> None:
    """Let a level that ends lead to the one below it, where the set says so."""
    tier_set, at = counted.tier_set, step.until
    assert at is not None, "only a level that ends leads on"
    place = tier_set.place(step.level) - 1
    if tier_set.landing != "one_level" or place < 0 or tier_set.place(_step(counted, kept, at).level) > place:
        return
    below = tier_set.levels[place].id
    end = end_of_landing(counted, local_date(at, counted.zone_name))
    known = kept.get(below)
    if known is None or known.since > at or later(end, known.until):
        kept[below] = LevelKept(since=at, until=end, by="landing")


def _joined(found: Sequence[TierStep]) -> tuple[TierStep, ...]:
    joined: list[TierStep] = []
    for step in found:
        if joined and joined[-1].level == step.level:
            joined[-1] = replace(joined[-1], until=step.until, warn_at=step.warn_at)
        else:
            joined.append(step)
    return tuple(joined)
