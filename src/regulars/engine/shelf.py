"""The rewards of a programme as they stand on the shelf: what each costs a member, and why somebody cannot have it."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

from msgspec import Struct

from regulars.engine.audiences import Admission
from regulars.engine.campaigns import Surroundings
from regulars.engine.events import Chosen, Event
from regulars.engine.facts import Facts
from regulars.engine.reasons import Reason
from regulars.engine.rewards import Reward
from regulars.engine.schedules import Timetable, zones_of
from regulars.engine.zones import zone

Used = Callable[[str], int]


class Cost(Struct, frozen=True, kw_only=True):
    """What a reward costs as it was chosen: points of its wallet, and what it then stands for in minor units."""

    points: int
    value_minor: int | None = None


class Shelf:
    """Every reward by its id, ready to be asked for."""

    def __init__(self, rewards: Sequence[Reward], around: Surroundings) -> None:
        self.rewards: Mapping[str, Reward] = {reward.id: reward for reward in rewards}
        self._around = around
        self._sizes = {reward.id: size for reward in rewards if (size := _size_of(reward)) is not None}

    @property
    def days_back(self) -> int:
        """For how many days back the audiences ask what was counted by the day."""
        return max((reward.audience.lapsed_for_days or 0 for reward in self.rewards.values()), default=0)

    def stopped(self, reward: Reward, facts: Facts, used: Used, points: int) -> list[Reason]:
        """Return everything that keeps a member from having a reward for so many points, if there are as many."""
        reasons = [] if not reward.given_only else [Reason(code="given-only")]
        reasons += misplaced(reward, facts.event)
        reasons += _untimely(reward, facts)
        if (timetable := self._timetables.get(reward.id)) is not None:
            reasons += timetable.reasons(facts)
        reasons += self._admissions[reward.id].reasons(facts)
        return [*reasons, *_limited(reward, facts, points), *self.sold_out(reward, used)]

    def sold_out(self, reward: Reward, used: Used) -> list[Reason]:
        """Return why there is none left, where there is none."""
        reasons = []
        for name, most in self.claims(reward, used).items():
            if used(name) >= most:
                reasons.append(Reason(code="out-of-stock", subject=name, required=most, actual=used(name)))
        return reasons or self._numbered_out(reward, used)

    def _numbered_out(self, reward: Reward, used: Used) -> list[Reason]:
        """Return that the codes have come to their end, which they may a little early where some were lost."""
        if reward.id not in self._sizes:
            return []
        pool = self._sizes[reward.id]
        size = used(f"{pool}/size")
        return [Reason(code="out-of-stock", subject=pool, required=size, actual=size)] if used(pool) >= size else []

    def claims(self, reward: Reward, used: Used) -> Mapping[str, int]:
        """Return the shared things of which a voucher takes one, by name, with how many there are of each."""
        claims = dict(reward.claims())
        if reward.id in self._sizes:
            pool = self._sizes[reward.id]
            claims[f"{pool}/taken"] = used(f"{pool}/size")
        return claims

    @cached_property
    def _timetables(self) -> Mapping[str, Timetable]:
        around = self._around
        shops = {name: shop.timezone for name, shop in around.shops.items() if shop.timezone is not None}
        return {
            reward.id: Timetable(
                reward.drops,
                starts_at=None if reward.starts_at is None else reward.starts_at.astimezone(zone(around.timezone)),
                zones=zones_of(reward.drops, programme=around.timezone, shops=shops),
            )
            for reward in self.rewards.values()
            if reward.drops is not None
        }

    @cached_property
    def _admissions(self) -> Mapping[str, Admission]:
        levels = self._around.levels
        return {
            id: Admission(reward.audience, campaign=f"reward/{id}", levels=levels)
            for id, reward in self.rewards.items()
        }


def cost(reward: Reward, chosen: Chosen) -> Cost | Reason:
    """Return what a reward costs as it was chosen, or why it cannot be chosen so."""
    for name, offered in reward.choices().items():
        if chosen.options.get(name) not in offered:
            return Reason(code="choice-missing", subject=name, required=tuple(offered), actual=chosen.options.get(name))
    if unknown := sorted(chosen.options.keys() - reward.choices().keys()):
        return Reason(code="choice-unknown", actual=tuple(unknown))
    if reward.part_payment is None:
        if chosen.amount not in (None, reward.price):
            return Reason(code="amount-fixed", required=reward.price, actual=chosen.amount)
        return Cost(points=reward.price)
    if chosen.amount is None:
        return Reason(code="amount-missing", required=reward.part_payment.bounds[0])
    value = reward.part_payment.value(chosen.amount)
    return value if isinstance(value, Reason) else Cost(points=chosen.amount, value_minor=value)


def cheapest(reward: Reward) -> int:
    """Return the fewest points for which a member can have a reward."""
    return reward.price if reward.part_payment is None else reward.part_payment.bounds[0]


def misplaced(reward: Reward, event: Event) -> list[Reason]:
    """Return why a reward cannot be had or used where an event happens."""
    reasons = []
    if reward.channels and event.channel not in reward.channels:
        reasons.append(Reason(code="another-channel", required=reward.channels, actual=event.channel))
    if reward.shops and event.shop not in reward.shops:
        reasons.append(Reason(code="another-shop", required=reward.shops, actual=event.shop))
    return reasons


def _untimely(reward: Reward, facts: Facts) -> list[Reason]:
    at = facts.event.occurred_at
    if reward.starts_at is not None and at < reward.starts_at:
        return [Reason(code="not-started", required=reward.starts_at.isoformat(), actual=at.isoformat())]
    for end in (reward.ends_at, reward.end(at, facts.zone_name)):
        if end is not None and at >= end:
            return [Reason(code="over", required=end.isoformat(), actual=at.isoformat())]
    return []


def _limited(reward: Reward, facts: Facts, points: int) -> list[Reason]:
    """Return which of a reward's limits leave no room for another one for so many points."""
    counters, reasons = facts.state.counters, []
    for limit in reward.limits:
        used = counters.get(limit.counter(f"reward/{reward.id}", facts), 0)
        if limit.times is not None and used >= limit.times:
            reasons.append(Reason(code="limit-times", subject=limit.per, required=limit.times, actual=used))
        if limit.points is not None and used + points > limit.points:
            reasons.append(Reason(code="limit-points", subject=limit.per, required=limit.points, actual=used))
    return reasons


def _size_of(reward: Reward) -> str | None:
    pool = reward.drawn_from()
    return None if pool is None else f"pool/{pool}"
