"""Every so many visits there are points: the stamp card's rule."""

from collections.abc import Sequence
from datetime import timedelta

from regulars.engine.earning import WHOLE, Grant, Granted, Rule
from regulars.engine.effects import Counted
from regulars.engine.facts import Facts
from regulars.engine.programme import Count
from regulars.engine.reasons import Reason


class Visit(Rule, frozen=True, kw_only=True, tag="visit"):
    """Give fixed `points` on the `nth` visit, and on every further `nth` one where it `repeats`.

    A visit is an event of one of the `events`; with `once_a_day` the first of a local day only.
    """

    nth: Count
    points: Count
    events: tuple[str, ...] = ("purchase",)
    repeats: bool = True
    once_a_day: bool = True

    def event_types(self) -> frozenset[str]:
        return frozenset(self.events)

    def grant(self, facts: Facts, so_far: Sequence[Granted]) -> Grant | Reason:
        counters = facts.state.counters
        today = f"{self.id}/visited/{facts.period('day')}"
        if self.once_a_day and counters.get(today, 0):
            return Reason(code="already-visited-today")
        visits = counters.get(f"{self.id}/visits", 0) + 1
        counted = [Counted(name=f"{self.id}/visits", by=1)]
        if self.once_a_day:
            counted.append(Counted(name=today, by=1, until=facts.period("day") + timedelta(days=1)))
        next_due = -(-visits // self.nth) * self.nth if self.repeats else self.nth
        if visits != next_due:
            reason = Reason(code="not-the-nth-visit", required=next_due, actual=visits)
            return Grant(0, WHOLE, tuple(counted), reason)
        return Grant(self.points, WHOLE, tuple(counted))
