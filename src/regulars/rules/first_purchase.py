"""A welcome: points for the first purchase, in all or in each channel."""

from collections.abc import Sequence
from typing import Annotated, Literal

from msgspec import Meta

from regulars.engine.counting import PURCHASES, purchases_in
from regulars.engine.earning import Grant, Granted, Rule, below_minimum
from regulars.engine.facts import Facts
from regulars.engine.programme import Count
from regulars.engine.reasons import Reason


class FirstPurchase(Rule, frozen=True, kw_only=True, tag="first_purchase"):
    """Give fixed `points` for a member's first purchase, `overall` or in each `channel`.

    The first is the first that arrives. `minimum_minor` is what the order must come to, as paid.
    """

    points: Count
    of: Literal["overall", "channel"] = "overall"
    minimum_minor: Annotated[int, Meta(ge=0)] = 0

    def event_types(self) -> frozenset[str]:
        return frozenset({"purchase"})

    def grant(self, facts: Facts, so_far: Sequence[Granted]) -> Grant | Reason:
        channel = facts.event.channel
        counter = PURCHASES if self.of == "overall" else purchases_in(channel)
        before = facts.state.counters.get(counter, 0)
        if before:
            subject = None if self.of == "overall" else channel
            return Reason(code="already-first-purchase", subject=subject, required=0, actual=before)
        paid = sum(facts.basis(facts.policies.basis))
        return below_minimum(facts, paid, self.minimum_minor) or Grant(self.points)
