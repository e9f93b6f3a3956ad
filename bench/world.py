"""A made-up chain of shops to measure on: a programme of many campaigns, its members, and their baskets."""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

from regulars import programme
from regulars.engine.decide import Decision, decide
from regulars.engine.events import Event, Line, Order, Purchase
from regulars.engine.ids import at_time
from regulars.engine.members import MemberState
from regulars.engine.running import Running

Mix = Literal["dense", "sparse"]
"""How many of 200 campaigns an average basket meets: about 15, or about 3."""

PROGRAMME: Final = "chain"
NOON: Final = datetime(2026, 6, 3, 12, tzinfo=UTC)
LINES: Final = 10
PRODUCTS: Final = 2400
CATEGORIES: Final = 120
BRANDS: Final = 200
CHANNELS: Final = ("shop", "web", "app")

_BASE: Final = {"id": "base", "type": "spend", "points": 1, "per_minor": 100}
_CONDITIONS: Final = (
    "order.total_minor >= {threshold}",
    "local.weekday in ['mon', 'wed', 'fri'] && order.total_minor >= {threshold}",
    "order.lines.exists(line, line.product == 'p{product}') || order.subtotal_minor > {threshold}",
    "order.line_count >= 8 && order.categories.exists(name, name == 'c{category}')",
    "member.purchases_count > 2 && local.hour >= 9 && local.hour < 20",
    "order.discount_minor == 0 && order.tags.exists(name, name in ['b{brand}', 'b1', 'b2'])",
)


def document(rules: int, mix: Mix = "dense") -> str:
    """Return a programme with so many rules, the first of them a point for every euro, as JSON (which is YAML)."""
    draw = random.Random(f"campaigns {mix}")
    campaigns = [_campaign(number, draw, mix) for number in range(1, rules)]
    return json.dumps(
        {
            "id": PROGRAMME,
            "name": "A Chain of Shops",
            "timezone": "Europe/Paris",
            "currency": "EUR",
            "channels": {name: {} for name in CHANNELS},
            "wallets": {
                "points": {"expiry": {"kind": "rolling", "months": 12, "round_to": "month"}},
                "stamps": {"spendable": False},
            },
            "policies": {"late_events": {"window_days": None}},
            "rules": [_BASE, *campaigns],
        }
    )


def _campaign(number: int, draw: random.Random, mix: Mix) -> dict[str, Any]:
    """One campaign: most are about products, some about the basket, a few about something else altogether."""
    rule: dict[str, Any] = {"id": f"campaign_{number}"}
    kind = draw.random()
    if kind < 0.70:
        rule |= {"type": "product_bonus", "scope": _scope(draw, mix)}
        rule |= {"multiplier": "2"} if draw.random() < 0.4 else {"points_per_unit": draw.randint(1, 20)}
    elif kind < 0.75:
        rule |= {"type": "spend", "points": 1, "per_minor": 500, "scope": _scope(draw, mix)}
    elif kind < 0.92:
        rule |= {"type": "action", "event": "purchase", "points": draw.randint(5, 100), "when": _condition(draw, mix)}
    else:
        rule |= {"type": "action", "event": draw.choice(("review", "check_in")), "points": 10}
    if rule["type"] != "action" and draw.random() < 0.3:
        rule["when"] = f"order.total_minor >= {draw.randint(1, 12) * 1000}"
    if draw.random() < (0.3 if mix == "dense" else 0.5):
        rule["channels"] = draw.sample(CHANNELS, draw.randint(1, 2))
    if draw.random() < 0.4:
        rule |= _window(draw, mix)
    if draw.random() < 0.4:
        rule["limits"] = [draw.choice(_LIMITS)]
    if draw.random() < 0.1:
        rule["wallet"] = "stamps"
    return rule


_LIMITS: Final = (
    {"per": "day", "times": 3},
    {"per": "week", "points": 500},
    {"per": "month", "times": 10},
    {"per": "ever", "points": 20000},
)


def _scope(draw: random.Random, mix: Mix) -> dict[str, list[str]]:
    kind = draw.random()
    many = draw.randint(1, 3)
    if mix == "sparse" or kind < 0.35:
        return {"products": [f"p{draw.randrange(PRODUCTS)}" for _ in range(many)]}
    if kind < 0.7:
        return {"categories": [f"c{draw.randrange(CATEGORIES)}" for _ in range(draw.choice((1, 1, 2)))]}
    return {"tags": [f"b{draw.randrange(BRANDS)}"], "except_products": [f"p{draw.randrange(PRODUCTS)}"]}


def _condition(draw: random.Random, mix: Mix) -> str:
    return draw.choice(_CONDITIONS).format(
        threshold=draw.randint(10, 24) * 1000 if mix == "dense" else draw.randint(24, 60) * 1000,
        product=draw.randrange(PRODUCTS),
        category=draw.randrange(CATEGORIES),
        brand=draw.randrange(BRANDS),
    )


def _window(draw: random.Random, mix: Mix) -> dict[str, str]:
    starts = NOON - timedelta(days=draw.randint(5, 200 if mix == "dense" else 60))
    ends = NOON + timedelta(days=draw.randint(*((5, 200) if mix == "dense" else (-40, 60))))
    return {"starts_at": starts.isoformat(), "ends_at": max(ends, starts + timedelta(days=1)).isoformat()}


def running(rules: int, mix: Mix = "dense") -> Running:
    """Return that programme, ready to decide."""
    source = programme.Source("bench", document(rules, mix))
    return programme.run(programme.read(source), 1)


def order(number: int, draw: random.Random, *, lines: int = LINES) -> Order:
    """Return a basket."""
    return Order(
        id=f"order-{number}",
        currency="EUR",
        lines=tuple(_line(place, draw) for place in range(1, lines + 1)),
    )


def _line(place: int, draw: random.Random) -> Line:
    product = draw.randrange(PRODUCTS)
    return Line(
        id=str(place),
        product=f"p{product}",
        amount_minor=draw.randint(99, 2499),
        quantity_milli=1000 * draw.choice((1, 1, 1, 2, 3)),
        categories=(f"c{product % CATEGORIES}",),
        tags=(f"b{product % BRANDS}",),
    )


def member_id(number: int) -> UUID:
    """Return the id of a member of the chain."""
    return at_time(NOON, "member", str(number))


def events(count: int, *, members: Sequence[int], seed: int = 1, first: int = 1) -> list[Event]:
    """Return purchases, one a minute, each by one of the members with these numbers."""
    draw = random.Random(seed)
    return [_event(first + number, draw, draw.choice(members)) for number in range(count)]


def first_purchases(members: Sequence[int]) -> list[Event]:
    """Return one purchase of each member, so that none of them is a stranger any more."""
    draw = random.Random(0)
    return [_event(10**9 + number, draw, number) for number in members]


def _event(number: int, draw: random.Random, member: int) -> Event:
    at = NOON + timedelta(minutes=number % 600)
    who = member_id(member)
    return Event(
        id=at_time(at, "event", who.hex, str(number)),
        member_id=who,
        type="purchase",
        source="till",
        source_id=f"order-{number}",
        occurred_at=at,
        recorded_at=at + timedelta(seconds=1),
        body=Purchase(order=order(number, draw)),
        channel=draw.choice(CHANNELS),
    )


def regulars(programme: Running, purchases: int = 5, members: int = 50) -> Mapping[UUID, MemberState]:
    """Return members who have bought a few times already, as memory would give them to the next decision."""
    states = {member_id(number): MemberState(member_id=member_id(number)) for number in range(members)}
    past = events(purchases * members, members=range(members), seed=2, first=1_000_000)
    for event in past:
        decision = decide(programme, states[event.member_id], event)
        assert isinstance(decision, Decision), decision
        states[event.member_id] = decision.after
    return {id: _as_loaded(state) for id, state in states.items()}


def _as_loaded(state: MemberState) -> MemberState:
    """Memory gives the open lots, and only the orders that the event in hand refers to."""
    return MemberState(
        member_id=state.member_id,
        version=state.version,
        standing=state.standing,
        enrolled_at=state.enrolled_at,
        lots=state.open_lots,
        wallets=state.wallets,
        counters=state.counters,
        days=state.days,
    )


def pairs(programme: Running, count: int, members: int = 50) -> Iterator[tuple[MemberState, Event]]:
    """Yield purchases beside the state of the member who makes them."""
    states = regulars(programme, members=members)
    for event in events(count, members=range(members)):
        yield states[event.member_id], event
