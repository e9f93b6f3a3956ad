"""Who is meant: members of segments and lists, at a tier, new or long gone, or a share of all by the fall of a hash."""

from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from typing import Annotated, Final
from uuid import UUID

from msgspec import Meta, Struct

from regulars.engine.counting import PURCHASES
from regulars.engine.events import Scalar
from regulars.engine.facts import Facts
from regulars.engine.history import in_last
from regulars.engine.ids import hash_of
from regulars.engine.programme import Name, Text
from regulars.engine.reasons import Reason

TierLevel = Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,62}:[a-z][a-z0-9_]{0,62}[+]?$")]
"""A level of a set of tiers, `status:gold`; with a plus that level and those above it."""
SomeDays = Annotated[int, Meta(ge=1, le=3660)]
Percent = Annotated[int, Meta(ge=0, le=100)]

_WHOLE: Final = 2**64


class Segment(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Members of whom a condition holds, as they are when an event happens.

    `when` may ask all that is known of the member, what was counted of the last days among it, and nothing of the
    event. With `announce` the world hears of it when a member enters or leaves the segment by an event.
    """

    name: Text = ""
    when: Annotated[str, Meta(max_length=4000)]
    announce: bool = False


class StaticList(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Members whom somebody put on a list, one by one or from a file."""

    name: Text = ""


class Audience(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom a campaign is for: those of whom all of this is true, everybody where nothing is said.

    In one of the `segments`, and in none of the `except_segments`; on one of the `lists`, and on none of the
    `except_lists`; at one of the `tiers`, written `status:gold`, or `status:gold+` with those above it. Of each
    of the `attributes` the member has one of the values. Joined at most `new_within_days` ago; or bought before,
    but not in the last `lapsed_for_days`. Of these, `rollout_percent` in a hundred by the hash of campaign and
    member: more of them is the same members and others.
    """

    segments: tuple[Name, ...] = ()
    except_segments: tuple[Name, ...] = ()
    lists: tuple[Name, ...] = ()
    except_lists: tuple[Name, ...] = ()
    tiers: tuple[TierLevel, ...] = ()
    attributes: Mapping[Name, tuple[Scalar, ...]] = {}
    new_within_days: SomeDays | None = None
    lapsed_for_days: SomeDays | None = None
    rollout_percent: Percent = 100


Asked = Callable[[Facts], Reason | None]
"""One of an audience's demands: why the member does not meet it, if so."""


class Admission:
    """An audience, ready to be asked.

    `campaign` gives the rollout its own draw, and `levels` the levels of each set of tiers, from the lowest.
    """

    def __init__(self, audience: Audience, *, campaign: str, levels: Mapping[str, Sequence[str]]) -> None:
        asked: list[Asked] = []
        if audience.rollout_percent < 100:
            asked.append(_rollout(campaign, audience.rollout_percent))
        if audience.new_within_days is not None:
            asked.append(_new(audience.new_within_days))
        if audience.attributes:
            asked += [_attribute(name, values) for name, values in audience.attributes.items()]
        if audience.tiers:
            asked.append(_tiers(audience.tiers, levels))
        if audience.lists or audience.except_lists:
            asked.append(_lists(audience.lists, audience.except_lists))
        if audience.lapsed_for_days is not None:
            asked.append(_lapsed(audience.lapsed_for_days))
        if audience.segments or audience.except_segments:
            asked.append(_segments(audience.segments, audience.except_segments))
        self.asked = tuple(asked)

    def reasons(self, facts: Facts) -> list[Reason]:
        """Return every reason why the member of an event is not meant."""
        return [reason for ask in self.asked if (reason := ask(facts)) is not None]


def drawn(campaign: str, member_id: UUID) -> int:
    """Return a member's place in a campaign's rollout, from 0 to 9999: the first `percent * 100` places take part.

    The member's hash, by a multiplier of the campaign's own, so that the draws of two campaigns have nothing to
    do with each other and each costs one multiplication (multiply-shift hashing, Dietzfelbinger et al., 1997).
    """
    return _place(hash_of(member_id), _multiplier(campaign))


def _place(member_hash: int, multiplier: int) -> int:
    return ((member_hash * multiplier % _WHOLE >> 32) * 10_000) >> 32


def _multiplier(campaign: str) -> int:
    return int.from_bytes(blake2b(campaign.encode(), digest_size=8).digest(), "big") | 1


def _rollout(campaign: str, percent: int) -> Asked:
    multiplier, within = _multiplier(campaign), percent * 100
    outside = Reason(code="outside-rollout", required=percent)

    def ask(facts: Facts) -> Reason | None:
        return None if _place(facts.member_hash, multiplier) < within else outside

    return ask


def _new(days: int) -> Asked:
    def ask(facts: Facts) -> Reason | None:
        age = facts.member_age_days
        if age is not None and age <= days:
            return None
        return Reason(code="not-a-new-member", required=days, actual=age)

    return ask


def _attribute(name: str, values: tuple[Scalar, ...]) -> Asked:
    kinds = {(type(value), value) for value in values}
    required = tuple(_spelled(value) for value in values)

    def ask(facts: Facts) -> Reason | None:
        value = facts.state.attributes.get(name)
        if (type(value), value) in kinds:
            return None
        return Reason(code="another-attribute", subject=name, required=required, actual=value)

    return ask


def _spelled(value: Scalar) -> str:
    """Return a value as programmes write it."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case _:
            return str(value)


def _tiers(named: tuple[str, ...], levels: Mapping[str, Sequence[str]]) -> Asked:
    wanted = frozenset(pair for name in named for pair in expanded(name, levels))
    sets = sorted({tier_set for tier_set, _ in wanted})

    def ask(facts: Facts) -> Reason | None:
        stands = [(tier_set, facts.level(tier_set)) for tier_set in sets]
        if any(pair in wanted for pair in stands):
            return None
        return Reason(code="not-at-level", required=named, actual=tuple(level for _, level in stands if level))

    return ask


def expanded(name: str, levels: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    """Return the pairs of a set and a level that `status:gold` or `status:gold+` means."""
    tier_set, _, level = name.removesuffix("+").partition(":")
    known = list(levels.get(tier_set, ()))
    if not name.endswith("+") or level not in known:
        return [(tier_set, level)]
    return [(tier_set, above) for above in known[known.index(level) :]]


def _lists(named: tuple[str, ...], excepted: tuple[str, ...]) -> Asked:
    outside = Reason(code="not-in-list", required=named)

    def ask(facts: Facts) -> Reason | None:
        lists = facts.state.lists
        if named and not any(name in lists for name in named):
            return outside
        found = tuple(name for name in excepted if name in lists)
        return Reason(code="in-excepted-list", actual=found) if found else None

    return ask


def _segments(named: tuple[str, ...], excepted: tuple[str, ...]) -> Asked:
    outside = Reason(code="not-in-segment", required=named)

    def ask(facts: Facts) -> Reason | None:
        segments = facts.segments
        if named and not any(name in segments for name in named):
            return outside
        found = tuple(name for name in excepted if name in segments)
        return Reason(code="in-excepted-segment", actual=found) if found else None

    return ask


def _lapsed(days: int) -> Asked:
    def ask(facts: Facts) -> Reason | None:
        if not facts.state.counters.get(PURCHASES, 0):
            return Reason(code="never-bought", required=days)
        recent = in_last(facts, PURCHASES, days)
        return Reason(code="not-lapsed", required=days, actual=recent) if recent else None

    return ask
