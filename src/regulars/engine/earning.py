"""A rule says when points are given, and how many; its limits say how often."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, ClassVar, Final

from msgspec import Meta, Struct

from regulars.engine.doubting import Beside, Doubt
from regulars.engine.effects import Counted
from regulars.engine.events import Scalar
from regulars.engine.facts import Facts
from regulars.engine.numbers import split
from regulars.engine.programme import Basis, Count, Name, Scope, Text
from regulars.engine.reasons import Reason
from regulars.engine.zones import Period

SHIPPING: Final = "$shipping"
WHOLE: Final[Mapping[int, int]] = {}
NONE: Final[Mapping[str, Scalar]] = {}


class Limit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """At most so many `times`, or so many `points` (smallest unit), per period of the zone whose day counts."""

    per: Period
    times: Count | None = None
    points: Count | None = None

    def counter(self, rule_id: str, facts: Facts) -> str:
        """Return the name of the counter that this limit reads at an event."""
        kind = "times" if self.times is not None else "points"
        if self.per == "ever":
            return f"{rule_id}/{kind}/ever"
        return f"{rule_id}/{kind}/{self.per}/{facts.period_text(self.per)}"


class Grant(Struct, frozen=True):
    """What a rule would give: `points` in all, of which `by_line` by the index of a line (one past the last: shipping).

    An empty `by_line` means that the points belong to the event as a whole. `counted` is what the rule
    remembers for next time, and `reason` why it gives nothing although it remembers something. Beside points it may
    give `rewards`, by their ids, and set `attributes` of the member.
    """

    points: int
    by_line: Mapping[int, int] = WHOLE
    counted: tuple[Counted, ...] = ()
    reason: Reason | None = None
    rewards: tuple[str, ...] = ()
    attributes: Mapping[str, Scalar] = NONE

    @property
    def gives(self) -> bool:
        """Whether anything is given at all."""
        return bool(self.points or self.rewards or self.attributes)


class Rule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type"):
    """What all rules have in common.

    `when` is a condition in CEL. `channels` and `shops` restrict where the rule counts: everywhere where they
    are empty; `reason` tells those who run the programme why only there. In force in `[starts_at, ends_at)` by
    the time the event happened.
    """

    id: Name
    name: Text = ""
    wallet: Name = "points"
    when: Annotated[str, Meta(max_length=4000)] | None = None
    channels: tuple[str, ...] = ()
    shops: tuple[str, ...] = ()
    reason: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    limits: tuple[Limit, ...] = ()

    stage: ClassVar[int] = 0
    """Rules of a lower stage are decided first, so that those of a higher one can build on their grants."""
    gives_points: ClassVar[bool] = True
    """Whether points are what the rule gives, so that its wallet matters."""

    def event_types(self) -> frozenset[str]:
        """Return the types of the events that the rule looks at."""
        raise NotImplementedError

    def lines(self) -> Scope | None:
        """Return the scope of which the order must have a line, where the rule has one."""
        return None

    def doubts(self, beside: Beside) -> Sequence[Doubt]:
        """Return what its author should look at again, beside the other parts of the programme."""
        return ()

    def grant(self, facts: Facts, so_far: Sequence["Granted"]) -> Grant | Reason:
        """Return what the rule gives before its limits, or the reason why it gives nothing."""
        raise NotImplementedError


class Granted(Struct, frozen=True):
    """What a rule gave after all that limits it; `desired` is what it would have given without that."""

    rule: Rule
    points: int
    desired: int
    by_line: Mapping[int, int]
    counted: tuple[Counted, ...]
    reasons: tuple[Reason, ...] = ()
    rewards: tuple[str, ...] = ()
    attributes: Mapping[str, Scalar] = NONE

    @property
    def gives(self) -> bool:
        """Whether anything was given at all."""
        return bool(self.points or self.rewards or self.attributes)


def below_minimum(facts: Facts, amount_minor: int, minimum_minor: int) -> Reason | None:
    """Return why an amount does not reach a minimum, by the programme's policy on thresholds, if it does not."""
    exclusive = facts.policies.thresholds == "exclusive" and minimum_minor > 0
    if amount_minor > minimum_minor or (amount_minor == minimum_minor and not exclusive):
        return None
    return Reason(code="below-minimum", required=minimum_minor, actual=amount_minor)


def earning_on(facts: Facts, scope: Scope, basis: Basis | None) -> dict[int, int] | Reason:
    """Return the money that earns on the lines in scope, by their index, the shipping last; or why there are none.

    The basis is the programme's where the rule has none of its own.
    """
    amounts = facts.basis(basis or facts.policies.basis)
    earning = {index: amounts[index] for index in facts.scoped(scope)}
    if not earning:
        return Reason(code="no-matching-lines" if scope.named else "nothing-to-earn-on")
    if amounts[-1]:
        earning[len(amounts) - 1] = amounts[-1]
    return earning


def limited(rule: Rule, grant: Grant, facts: Facts) -> Granted:
    """Return the grant as the rule's limits leave it, with the counters that it moves.

    Where several limits bite the tightest counts. A limit of points gives what is left of it.
    """
    reasons: tuple[Reason, ...] = () if grant.reason is None else (grant.reason,)
    if not rule.limits or not (grant.points or grant.rewards or grant.attributes):
        return Granted(
            rule, grant.points, grant.points, grant.by_line, grant.counted, reasons, grant.rewards, grant.attributes
        )
    names = [limit.counter(rule.id, facts) for limit in rule.limits]
    counters = facts.state.counters
    points, rewards, attributes = grant.points, grant.rewards, grant.attributes
    for limit, name in zip(rule.limits, names, strict=True):
        used = counters.get(name, 0)
        if limit.times is not None and used >= limit.times:
            points, rewards, attributes = 0, (), NONE
            reasons += (Reason(code="limit-times", subject=limit.per, required=limit.times, actual=used),)
        if limit.points is not None and used + points > limit.points:
            points = max(0, limit.points - used)
            reasons += (Reason(code="limit-points", subject=limit.per, required=limit.points, actual=used),)
    counted = grant.counted
    if points or rewards or attributes:
        counted += tuple(
            [
                Counted(name=name, by=1 if limit.times is not None else points, until=facts.until(limit.per))
                for limit, name in zip(rule.limits, names, strict=True)
            ]
        )
    by_line = grant.by_line if points == grant.points else cut(grant.by_line, of=grant.points, to=points)
    return Granted(rule, points, grant.points, by_line, counted, reasons, rewards, attributes)


def cut(by_line: Mapping[int, int], *, of: int, to: int) -> Mapping[int, int]:
    """Share what is left of points over the lines as the whole was shared."""
    if to == of or not by_line:
        return by_line
    return dict(zip(by_line, split(to, list(by_line.values())), strict=True))
