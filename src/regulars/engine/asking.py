"""How each field of the catalogue is read from an event: the engine's side of what a condition may ask."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

from regulars.engine import history
from regulars.engine.conditions.arithmetic import MISSING
from regulars.engine.counting import PURCHASES
from regulars.engine.events import Order
from regulars.engine.facts import Facts

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

Reader = Callable[[Facts], object]


def _subtotal(order: Order) -> int:
    return sum([line.amount_minor for line in order.lines])


def _discounts(order: Order) -> int:
    return order.discount_minor + sum([line.discount_minor for line in order.lines])


def _taxes(order: Order) -> int:
    return order.shipping_tax_minor + sum([line.tax_minor for line in order.lines])


def _total(order: Order) -> int:
    added = 0 if order.prices_include_tax else _taxes(order)
    return _subtotal(order) - _discounts(order) + order.shipping_minor + added


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


_ORDER: Final[dict[str, Callable[[Order], object]]] = {
    "order.id": lambda order: order.id,
    "order.currency": lambda order: order.currency,
    "order.total_minor": _total,
    "order.subtotal_minor": _subtotal,
    "order.discount_minor": _discounts,
    "order.shipping_minor": lambda order: order.shipping_minor,
    "order.tax_minor": _taxes,
    "order.line_count": lambda order: len(order.lines),
    "order.products": lambda order: _distinct([line.product for line in order.lines]),
    "order.categories": lambda order: _distinct([name for line in order.lines for name in line.categories]),
    "order.tags": lambda order: _distinct([name for line in order.lines for name in line.tags]),
    "order.lines": lambda order: order.lines,
    "order.tenders": lambda order: _distinct([tender.type for tender in order.tenders]),
}

_LOCAL: Final[dict[str, Callable[[datetime], object]]] = {
    "local.weekday": lambda local: WEEKDAYS[local.weekday()],
    "local.hour": lambda local: local.hour,
    "local.minutes": lambda local: local.hour * 60 + local.minute,
    "local.day": lambda local: local.day,
    "local.month": lambda local: local.month,
    "local.date": lambda local: local.date().isoformat(),
}


def _of_order(read: Callable[[Order], object]) -> Reader:
    def reader(facts: Facts) -> object:
        assert facts.order is not None, "the catalogue offers order fields to purchases only"
        return read(facts.order)

    return reader


def _of_local(read: Callable[[datetime], object]) -> Reader:
    return lambda facts: read(facts.local)


READERS: Final[dict[str, Reader]] = {
    "event.type": lambda facts: facts.event.type,
    "event.source": lambda facts: facts.event.source,
    "event.channel": lambda facts: facts.event.channel,
    "event.shop": lambda facts: facts.event.shop,
    "event.occurred_at": lambda facts: facts.event.occurred_at,
    "event.data": lambda facts: facts.data,
    "member.attributes": lambda facts: facts.state.attributes,
    "member.enrolled_at": lambda facts: facts.state.enrolled_at,
    "member.purchases_count": lambda facts: facts.state.counters.get(PURCHASES, 0),
    "member.age_days": lambda facts: MISSING if facts.member_age_days is None else facts.member_age_days,
    "member.lists": lambda facts: tuple(name for name in facts.state.lists if ":" not in name),
    "member.segments": lambda facts: facts.segments,
    **{name: _of_order(read) for name, read in _ORDER.items()},
    **{name: _of_local(read) for name, read in _LOCAL.items()},
}


def reader(field: str) -> Reader:
    """Return how to read a field; fields of a brand's own event types are names in the event's data."""
    if field in READERS:
        return READERS[field]
    counted = history.reader(field)
    if counted is not None:
        return counted
    for start, named in _BY_NAME.items():
        if field.startswith(start):
            return named(field.removeprefix(start))
    raise AssertionError(f"{field} is not in the catalogue")


def _of_data(name: str) -> Reader:
    return lambda facts: facts.data.get(name, MISSING)


def _of_tier(name: str) -> Reader:
    return lambda facts: facts.level(name)


def _of_balance(name: str) -> Reader:
    return lambda facts: facts.state.balance(name, facts.event.occurred_at).available


_BY_NAME: Final[dict[str, Callable[[str], Reader]]] = {
    "event.data.": _of_data,
    "member.tier.": _of_tier,
    "member.balance.": _of_balance,
}
