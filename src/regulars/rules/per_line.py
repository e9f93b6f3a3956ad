"""Points for every line of an order: each different thing in the basket counts once."""

from collections.abc import Sequence

from regulars.engine.earning import Grant, Granted, Rule
from regulars.engine.facts import Facts
from regulars.engine.programme import Count, Scope
from regulars.engine.reasons import Reason


class PerLine(Rule, frozen=True, kw_only=True, tag="per_line"):
    """Give fixed `points` for each line of the order in scope, whatever its quantity and price.

    With `lines_max` for no more lines than that, those that come first.
    """

    points: Count
    scope: Scope = Scope()
    lines_max: Count | None = None

    def event_types(self) -> frozenset[str]:
        return frozenset({"purchase"})

    def lines(self) -> Scope | None:
        return self.scope

    def grant(self, facts: Facts, so_far: Sequence[Granted]) -> Grant | Reason:
        inside = list(facts.scoped(self.scope))[: self.lines_max]
        if not inside:
            return Reason(code="no-matching-lines" if self.scope.named else "nothing-to-earn-on")
        return Grant(self.points * len(inside), dict.fromkeys(inside, self.points))
