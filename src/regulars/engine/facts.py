"""What a rule may ask about an event: worked out once, shared by all rules."""

from collections.abc import Collection, Container, Sequence
from datetime import date, datetime
from functools import cached_property

from regulars.engine.basis import basis_of
from regulars.engine.events import Action, Event, Line, Order, Purchase
from regulars.engine.members import MemberState
from regulars.engine.programme import Basis, Key, Policies, Scope
from regulars.engine.zones import Period, period_end, period_start, zone


class Facts:
    """An event beside the member's state, seen from the zone whose day counts."""

    def __init__(
        self, event: Event, state: MemberState, policies: Policies, zone_name: str, watched: Container[Key]
    ) -> None:
        self.event = event
        self.state = state
        self.policies = policies
        self.zone_name = zone_name
        body = event.body
        self.order: Order | None = body.order if type(body) is Purchase else None
        self.data = body.data if type(body) is Action else {}
        self.lines: tuple[Line, ...] = self.order.lines if self.order is not None else ()
        self.keys = _keys(self.lines, watched)
        self.excluded = self._excluded()
        self._bases: dict[Basis, tuple[int, ...]] = {}
        self._periods: dict[Period, date] = {}

    @cached_property
    def local(self) -> datetime:
        """When it happened, on the clock of the zone whose day counts."""
        return self.event.occurred_at.astimezone(zone(self.zone_name))

    def period(self, period: Period) -> date:
        """Return the first local day of the period that the event lies in."""
        if period not in self._periods:
            self._periods[period] = period_start(self.local.date(), period)
        return self._periods[period]

    def until(self, period: Period) -> date | None:
        """Return the first local day after that period; none for ever."""
        return None if period == "ever" else period_end(self.local.date(), period)

    def scoped(self, scope: Scope) -> Collection[int]:
        """Return the indexes of the lines in a rule's scope that the programme lets earn at all."""
        named = scope.named
        if len(named) == 1:
            meant: Collection[int] = self.keys.get(named[0], ())
        elif named:
            meant = {index for key in named for index in self.keys.get(key, ())}
        else:
            meant = range(len(self.lines))
        if not scope.excepted and not self.excluded:
            return meant
        excepted = {index for key in scope.excepted for index in self.keys.get(key, ())}
        return [index for index in meant if index not in excepted and index not in self.excluded]

    def _excluded(self) -> frozenset[int]:
        """The indexes of the lines that the programme lets no rule see: in its excluded scope."""
        excluded = self.policies.excluded
        if not excluded.named:
            return frozenset()
        meant = {index for key in excluded.named for index in self.keys.get(key, ())}
        return frozenset(meant.difference(*(self.keys.get(key, ()) for key in excluded.excepted)))

    def has_any(self, keys: Sequence[Key]) -> bool:
        """Return whether the order has a line with one of the keys; no keys ask for nothing."""
        return not keys or any(key in self.keys for key in keys)

    def basis(self, basis: Basis) -> tuple[int, ...]:
        """Return the money that earns, in minor units: one amount a line, then one for the shipping."""
        if basis not in self._bases:
            assert self.order is not None, "only an order has money that earns"
            self._bases[basis] = basis_of(self.order, basis)
        return self._bases[basis]


def _keys(lines: Sequence[Line], watched: Container[Key]) -> dict[Key, list[int]]:
    """The lines' indexes by the product, category or tag that they have, of those that some rule asks for."""
    keys: dict[Key, list[int]] = {}
    for index, line in enumerate(lines):
        names = [("product", line.product)]
        names += [("category", category) for category in line.categories]
        names += [("tag", tag) for tag in line.tags]
        for name in names:
            if name in watched:
                keys.setdefault(name, []).append(index)
    return keys
