"""Points for money spent: so many for every so much."""

from collections.abc import Sequence
from typing import Annotated, Literal

from msgspec import Meta

from regulars.engine.doubting import Beside, Doubt
from regulars.engine.earning import WHOLE, Grant, Granted, Rule, below_minimum, earning_on
from regulars.engine.effects import Counted
from regulars.engine.facts import Facts
from regulars.engine.numbers import Rounding, divide, split
from regulars.engine.programme import Basis, Count, Policies, Scope
from regulars.engine.reasons import Reason


class Spend(Rule, frozen=True, kw_only=True, tag="spend"):
    """Give `points` (the wallet's smallest unit) for every `per_minor` of the money that earns.

    `basis` says which money earns and `scope` which lines; shipping, where it earns at all, follows them.
    `minimum_minor` is what they must come to. Rounded once for the order, or line by line. With `carry` the
    rest that rounding leaves counts towards the next purchase (only with rounding `floor` of the whole order).
    """

    points: Count
    per_minor: Count
    basis: Basis | None = None
    scope: Scope = Scope()
    minimum_minor: Annotated[int, Meta(ge=0)] = 0
    rounding: Rounding | None = None
    rounding_level: Literal["order", "line"] | None = None
    carry: bool = False

    def event_types(self) -> frozenset[str]:
        return frozenset({"purchase"})

    def lines(self) -> Scope | None:
        return self.scope

    def doubts(self, beside: Beside) -> Sequence[Doubt]:
        if not self.carry:
            return ()
        policies = beside.the(Policies)
        if (self.rounding_level or policies.rounding_level) == "line":
            message = "carry has no effect where points are rounded line by line"
            return (Doubt(code="carry-without-effect", message=message, path=("carry",)),)
        if (self.rounding or policies.rounding) != "floor":
            message = "with carry points are rounded down, whatever rounding says"
            return (Doubt(code="rounding-without-effect", message=message, path=("rounding",)),)
        return ()

    def grant(self, facts: Facts, so_far: Sequence[Granted]) -> Grant | Reason:
        policies = facts.policies
        earning = earning_on(facts, self.scope, self.basis)
        if isinstance(earning, Reason):
            return earning
        total = sum(earning.values())
        if total <= 0:
            return Reason(code="nothing-to-earn-on")
        if (below := below_minimum(facts, total, self.minimum_minor)) is not None:
            return below
        rounding = self.rounding or policies.rounding
        if (self.rounding_level or policies.rounding_level) == "line":
            by_line = {
                index: divide(amount * self.points, self.per_minor, rounding) for index, amount in earning.items()
            }
            return self._given(sum(by_line.values()), by_line, total)
        return self._for_the_order(facts, earning, total, rounding)

    def _for_the_order(self, facts: Facts, earning: dict[int, int], total: int, rounding: Rounding) -> Grant | Reason:
        counted: tuple[Counted, ...] = ()
        worth = total * self.points
        if self.carry:
            name = f"{self.id}/carry"
            before = facts.state.counters.get(name, 0)
            points, rest = divmod(worth + before, self.per_minor)
            counted = (Counted(name=name, by=rest - before),)
        else:
            points = divide(worth, self.per_minor, rounding)
        if points == 0 and counted:
            return Grant(0, WHOLE, counted, Reason(code="carried", required=self.per_minor, actual=total))
        shares = split(points, list(earning.values()))
        return self._given(points, dict(zip(earning, shares, strict=True)), total, counted)

    def _given(
        self, points: int, by_line: dict[int, int], total: int, counted: tuple[Counted, ...] = ()
    ) -> Grant | Reason:
        if points == 0:
            return Reason(code="rounds-to-zero", required=self.per_minor, actual=total)
        return Grant(points, by_line, counted)
