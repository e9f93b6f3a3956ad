"""Points by how much is bought: a table of amounts, each with its points."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Annotated, Literal

from msgspec import Meta, Struct

from regulars.engine.earning import Grant, Granted, Rule, below_minimum, earning_on
from regulars.engine.facts import Facts
from regulars.engine.numbers import Rounding, divide, split
from regulars.engine.programme import Basis, Count, Scope
from regulars.engine.reasons import Reason


class Step(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From an amount on: fixed `points`, or with `per_minor` so many for every so much."""

    from_minor: Annotated[int, Meta(ge=0)]
    points: Count
    per_minor: Count | None = None


class Steps(Rule, frozen=True, kw_only=True, tag="steps"):
    """Give points by the step of a table that the money that earns on the order reaches.

    Of the `whole` amount the highest step reached decides alone. In `marginal` each step counts for its own part of
    the amount, from where it begins to where the next one does, and what the steps give adds up. `basis` says which
    money earns and `scope` which lines; rounded once, and shared over the lines.
    """

    steps: Annotated[tuple[Step, ...], Meta(min_length=1)]
    of: Literal["whole", "marginal"] = "whole"
    basis: Basis | None = None
    scope: Scope = Scope()
    rounding: Rounding | None = None

    def __post_init__(self) -> None:
        amounts = [step.from_minor for step in self.steps]
        if amounts != sorted(set(amounts)):
            raise ValueError("steps must begin at amounts that rise")

    def event_types(self) -> frozenset[str]:
        return frozenset({"purchase"})

    def lines(self) -> Scope | None:
        return self.scope

    def grant(self, facts: Facts, so_far: Sequence[Granted]) -> Grant | Reason:
        earning = earning_on(facts, self.scope, self.basis)
        if isinstance(earning, Reason):
            return earning
        total = sum(earning.values())
        if total <= 0:
            return Reason(code="nothing-to-earn-on")
        reached = [step for step in self.steps if below_minimum(facts, total, step.from_minor) is None]
        if not reached:
            return Reason(code="below-minimum", required=self.steps[0].from_minor, actual=total)
        exact = self._marginal(reached, total) if self.of == "marginal" else _on(reached[-1], total)
        points = divide(exact.numerator, exact.denominator, self.rounding or facts.policies.rounding)
        if points == 0:
            return Reason(code="rounds-to-zero", required=reached[-1].per_minor, actual=total)
        return Grant(points, dict(zip(earning, split(points, list(earning.values())), strict=True)))

    def _marginal(self, reached: Sequence[Step], total: int) -> Fraction:
        ends = [*(step.from_minor for step in reached[1:]), total]
        parts = (_on(step, end - step.from_minor) for step, end in zip(reached, ends, strict=True))
        return sum(parts, start=Fraction())


def _on(step: Step, amount_minor: int) -> Fraction:
    """What a step gives on an amount, before rounding."""
    return Fraction(step.points) if step.per_minor is None else Fraction(amount_minor * step.points, step.per_minor)
