"""What a rule may ask about an event: worked out once, shared by all rules."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Final

from regulars.engine.basis import basis_of
from regulars.engine.events import Action, Event, Line, Order, Purchase
from regulars.engine.ids import hash_of
from regulars.engine.members import MemberState
from regulars.engine.programme import Basis, Key, Policies, Scope
from regulars.engine.zones import Period, period_end, period_start, zone

Watched = Mapping[str, Mapping[str, Key]]
"""What some rule asks for, by kind of key and by name: nothing else needs to be looked for in a basket."""
Segmenting = Callable[["Facts"], tuple[str, ...]]
"""How to find the segments that a member is in."""


def watched(scopes: Iterable[Scope]) -> Watched:
    """Return the products, categories and tags that scopes name or except."""
    found: dict[str, dict[str, Key]] = {"product": {}, "category": {}, "tag": {}}
    for scope in scopes:
        for key in (*scope.named, *scope.excepted):
            found[key[0]][key[1]] = key
    return found


_NO_LEVELS: Final[Mapping[str, str]] = {}


class Facts:
    """An event beside the member's state, seen from the zone whose day counts."""

    __slots__ = (
        "_base_levels", "_bases", "_clocks", "_hash", "_local", "_periods", "_segmenting", "_segments", "data",
        "event", "excluded", "keys", "lines", "order", "policies", "state", "zone_name",
    )  # fmt: skip

    def __init__(
        self,
        event: Event,
        state: MemberState,
        policies: Policies,
        zone_name: str,
        watched: Watched,
        segmenting: Segmenting | None = None,
        base_levels: Mapping[str, str] = _NO_LEVELS,
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
        self.excluded = self._excluded() if policies.excluded.named else _NONE
        self._local: datetime | None = None
        self._clocks: dict[str, datetime] = {}
        self._hash: int | None = None
        self._base_levels = base_levels
        self._segmenting = segmenting
        self._segments: tuple[str, ...] | None = None
        self._bases: dict[int, tuple[int, ...]] = {}
        self._periods: dict[Period, tuple[date, str, date | None]] = {}

    @property
    def local(self) -> datetime:
        """When it happened, on the clock of the zone whose day counts."""
        local = self._local
        if local is None:
            local = self._local = self.event.occurred_at.astimezone(zone(self.zone_name))
        return local

    def local_in(self, zone_name: str) -> datetime:
        """Return when it happened as a clock on the wall shows it in a zone: without the zone."""
        local = self._clocks.get(zone_name)
        if local is None:
            local = self.event.occurred_at.astimezone(zone(zone_name)).replace(tzinfo=None)
            self._clocks[zone_name] = local
        return local

    def level(self, tier_set: str) -> str:
        """Return the level at which the event finds the member in a set of tiers; empty below the first."""
        tier = self.state.tiers.get(tier_set)
        step = None if tier is None else tier.at(self.event.occurred_at)
        return self._base_levels.get(tier_set, "") if step is None else step.level

    @property
    def segments(self) -> tuple[str, ...]:
        """The segments of the programme that the member is in, as the event finds it."""
        if self._segments is None:
            self._segments = () if self._segmenting is None else self._segmenting(self)
        return self._segments

    @property
    def member_hash(self) -> int:
        """The bits that stand for the member where chance decides."""
        if self._hash is None:
            self._hash = hash_of(self.event.member_id)
        return self._hash

    @property
    def member_age_days(self) -> int | None:
        """Since how many local days the member has been one, 0 on the day of joining; none before that."""
        enrolled_at = self.state.enrolled_at
        if enrolled_at is None:
            return None
        return max(0, (self.local.date() - enrolled_at.astimezone(zone(self.zone_name)).date()).days)

    def period(self, period: Period) -> date:
        """Return the first local day of the period that the event lies in."""
        return self._period(period)[0]

    def period_text(self, period: Period) -> str:
        """Return that day as text: 2026-05-01."""
        return self._period(period)[1]

    def until(self, period: Period) -> date | None:
        """Return the first local day after that period; none for ever."""
        return self._period(period)[2]

    def scoped(self, scope: Scope) -> Collection[int]:
        """Return the indexes of the lines in a rule's scope that the programme lets earn at all."""
        named = scope.named
        if len(named) == 1:
            meant: Collection[int] = self.keys.get(named[0], ())
        elif named:
            meant = sorted({index for key in named for index in self.keys.get(key, ())})
        else:
            meant = range(len(self.lines))
        if not scope.excepted and not self.excluded:
            return meant
        excepted = {index for key in scope.excepted for index in self.keys.get(key, ())}
        return [index for index in meant if index not in excepted and index not in self.excluded]

    def has_any(self, keys: Sequence[Key]) -> bool:
        """Return whether the order has a line with one of the keys; no keys ask for nothing."""
        return not keys or any(key in self.keys for key in keys)

    def basis(self, basis: Basis) -> tuple[int, ...]:
        """Return the money that earns, in minor units: one amount a line, then one for the shipping."""
        # By its identity: the programme holds it for longer than these facts live, and hashing it costs more.
        amounts = self._bases.get(id(basis))
        if amounts is None:
            assert self.order is not None, "only an order has money that earns"
            amounts = self._bases[id(basis)] = basis_of(self.order, basis)
        return amounts

    def _period(self, period: Period) -> tuple[date, str, date | None]:
        found = self._periods.get(period)
        if found is None:
            found = self._periods[period] = _span(self.local.date(), period)
        return found

    def _excluded(self) -> frozenset[int]:
        """The indexes of the lines that the programme lets no rule see: in its excluded scope."""
        excluded = self.policies.excluded
        meant = {index for key in excluded.named for index in self.keys.get(key, ())}
        return frozenset(meant.difference(*(self.keys.get(key, ()) for key in excluded.excepted)))


_NONE: frozenset[int] = frozenset()


@lru_cache(maxsize=1024)
def _span(day: date, period: Period) -> tuple[date, str, date | None]:
    """The first day of the period around a day, also as text, and the first day after it."""
    first = period_start(day, period)
    return first, first.isoformat(), None if period == "ever" else period_end(day, period)


def _keys(lines: Sequence[Line], watched: Watched) -> dict[Key, list[int]]:
    """The lines' indexes by the product, category or tag that they have, of those that some rule asks for."""
    keys: dict[Key, list[int]] = {}
    products, categories, tags = watched["product"], watched["category"], watched["tag"]
    if not products and not categories and not tags:
        return keys
    for index, line in enumerate(lines):
        if line.product in products:
            _add(keys, products[line.product], index)
        for name in line.categories:
            if name in categories:
                _add(keys, categories[name], index)
        for name in line.tags:
            if name in tags:
                _add(keys, tags[name], index)
    return keys


def _add(keys: dict[Key, list[int]], key: Key, index: int) -> None:
    if key in keys:
        keys[key].append(index)
    else:
        keys[key] = [index]
