"""Points for something that the member did: any event that the brand gives a name to."""

from collections.abc import Sequence

from regulars.engine.earning import Grant, Granted, Rule
from regulars.engine.facts import Facts
from regulars.engine.programme import Count
from regulars.engine.reasons import Reason


class Action(Rule, frozen=True, kw_only=True, tag="action"):
    """Give fixed `points` for each event of the named type, `purchase` among them."""

    event: str
    points: Count

    def event_types(self) -> frozenset[str]:
        return frozenset({self.event})

    def grant(self, facts: Facts, so_far: Sequence[Granted]) -> Grant | Reason:
        return Grant(self.points)
