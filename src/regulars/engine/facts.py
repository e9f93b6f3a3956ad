"""What a rule may ask about an event: worked out once, shared by all rules."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import cached_property
from typing import Final

from regulars.engine.basis import basis_of
from regulars.engine.events import Action, Event, Line, Order, Purchase
from regulars.engine.members import MemberState
from regulars.engine.programme import Basis, Policies, Scope
from regulars.engine.zones import Period, period_end, period_start, zone


class Facts:
    """An event beside the member's state, seen from the zone whose day counts."""

    def __init__(self, event: Event, state: MemberState, policies: Policies, zone_name: str) -> None:
        self.event = event
        self.state = state
        self.policies = policies
        self.zone_name = zone_name
        body = event.body
        self.order: Order | None = body.order if type(body) is Purchase else None
        self.data = body.data if type(body) is Action else {}
        self.keys = _keys(self.order.lines) if self.order is not None else {}
        self._bases: dict[Basis, tuple[int, ...]] = {}
        self._periods: dict[Period, date] = {}

    @cached_property
    def local(self) -> datetime:
        """When it happened, on the clock of the zone whose day counts."""
        return self.event.occurred_at.astimezone(zone(self.zone_name))

    @cached_property
    def every_line(self) -> tuple[int, ...]:
        """The indexes of the lines that the programme lets earn at all."""
        return _within(self.keys, len(self.lines), self.policies.excluded)

    @property
    def lines(self) -> tuple[Line, ...]:
        """The order's lines; none where the event is not a purchase."""
        return self.order.lines if self.order is not None else ()

    def period(self, period: Period) -> date:
        """Return the first local day of the period that the event lies in."""
        if period not in self._periods:
            self._periods[period] = period_start(self.local.date(), period)
        return self._periods[period]

    def until(self, period: Period) -> date | None:
        """Return the first local day after that period; none for ever."""
        return None if period == "ever" else period_end(self.local.date(), period)

    def scoped(self, scope: Scope) -> Sequence[int]:
        """Return the indexes of the lines in a rule's scope, in the order's order."""
        if scope == _EVERYTHING:
            return self.every_line
        inside = set(self.every_line)
        return [index for index in _within(self.keys, len(self.lines), scope) if index in inside]

    def has_any(self, keys: Sequence[str]) -> bool:
        """Return whether the order has a line with one of the keys; no keys ask for nothing."""
        return not keys or any(key in self.keys for key in keys)

    def basis(self, basis: Basis) -> tuple[int, ...]:
        """Return the money that earns, in minor units: one amount a line, then one for the shipping."""
        if basis not in self._bases:
            assert self.order is not None, "only an order has money that earns"
            self._bases[basis] = basis_of(self.order, basis)
        return self._bases[basis]


_EVERYTHING: Final = Scope()


def _keys(lines: Sequence[Line]) -> dict[str, list[int]]:
    keys: dict[str, list[int]] = {}
    for index, line in enumerate(lines):
        keys.setdefault("p:" + line.product, []).append(index)
        for category in line.categories:
            keys.setdefault("c:" + category, []).append(index)
        for tag in line.tags:
            keys.setdefault("t:" + tag, []).append(index)
    return keys


def scope_keys(scope: Scope) -> tuple[str, ...]:
    """Return the keys of which an order must have one to lie in the scope; none means any order does."""
    return _prefixed(scope.products, scope.categories, scope.tags)


def _prefixed(products: Sequence[str], categories: Sequence[str], tags: Sequence[str]) -> tuple[str, ...]:
    return (
        *("p:" + name for name in products),
        *("c:" + name for name in categories),
        *("t:" + name for name in tags),
    )


def _within(keys: dict[str, list[int]], count: int, scope: Scope) -> tuple[int, ...]:
    named = scope_keys(scope)
    meant = {i for key in named for i in keys.get(key, ())} if named else set(range(count))
    excepted = _prefixed(scope.except_products, scope.except_categories, scope.except_tags)
    for key in excepted:
        meant.difference_update(keys.get(key, ()))
    return tuple(sorted(meant))
