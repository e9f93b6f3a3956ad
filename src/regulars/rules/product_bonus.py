"""More points for some products: so many a piece, or a multiple of what the purchase earned on them."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import cached_property
from typing import ClassVar

from regulars.engine.doubting import Beside, Doubt
from regulars.engine.earning import Grant, Granted, Rule
from regulars.engine.facts import Facts
from regulars.engine.numbers import Rounding, divide
from regulars.engine.programme import Count, Scope
from regulars.engine.reasons import Reason


class ProductBonus(Rule, frozen=True, kw_only=True, tag="product_bonus", dict=True):
    """Give `points_per_unit` for each unit in scope, or make its points `multiplier` times as many.

    Exactly one of the two. A unit is a quantity of one; part units are rounded. The multiplier counts on what
    the spend rules of the same wallet gave for the lines in scope, and adds what is missing to the multiple:
    2 adds as much again.
    """

    scope: Scope
    points_per_unit: Count | None = None
    multiplier: Decimal | None = None
    rounding: Rounding | None = None

    stage: ClassVar[int] = 1

    def __post_init__(self) -> None:
        if (self.points_per_unit is None) == (self.multiplier is None):
            raise ValueError("give points_per_unit or multiplier, one of the two")
        if self.multiplier is not None and not (self.multiplier.is_finite() and 1 < self.multiplier <= 1000):
            raise ValueError("multiplier must be over 1 and at most 1000")

    def event_types(self) -> frozenset[str]:
        return frozenset({"purchase"})

    def lines(self) -> Scope | None:
        return self.scope

    def doubts(self, beside: Beside) -> Sequence[Doubt]:
        if self.multiplier is None:
            return ()
        others = [rule for rule in beside.of(Rule) if rule.wallet == self.wallet and rule.stage < self.stage]
        if any(rule.lines() is not None for rule in others):
            return ()
        message = f"there is nothing to multiply: no other rule earns {self.wallet} on lines"
        return (Doubt(code="nothing-to-multiply", message=message, path=("multiplier",)),)

    def grant(self, facts: Facts, so_far: Sequence[Granted]) -> Grant | Reason:
        inside = facts.scoped(self.scope)
        rounding = self.rounding or facts.policies.rounding
        if self.points_per_unit is not None:
            each, lines = self.points_per_unit, facts.lines
            by_line = {index: divide(each * lines[index].quantity_milli, 1000, rounding) for index in inside}
        else:
            more, whole = self._more
            earned = self._earned(so_far, inside)
            by_line = {index: divide(points * more, whole, rounding) for index, points in earned.items()}
        points = sum(by_line.values())
        if points == 0:
            return Reason(code="nothing-to-earn-on" if inside else "no-matching-lines")
        return Grant(points, by_line)

    @cached_property
    def _more(self) -> tuple[int, int]:
        """What the multiplier adds to the points of a line, as a fraction."""
        assert self.multiplier is not None, "one of the two is given"
        return (self.multiplier - 1).as_integer_ratio()

    def _earned(self, so_far: Sequence[Granted], inside: Iterable[int]) -> dict[int, int]:
        """What the rules of earlier stages gave for the lines."""
        earned = dict.fromkeys(inside, 0)
        for granted in so_far:
            if granted.by_line and granted.rule.wallet == self.wallet and granted.rule.stage < self.stage:
                for index in earned:
                    earned[index] += granted.by_line.get(index, 0)
        return earned
