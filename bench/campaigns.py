"""The same chain of shops with campaigns that are all live at once: audiences, hours, limits, budgets and rivals."""

import json
import random
from typing import Any, Final

from bench import world
from regulars import programme
from regulars.engine.running import Running

COUNT: Final = 200
_SEGMENTS: Final = {
    "frequent": {"when": "purchases.last_30_days.count >= 3"},
    "big_baskets": {"when": "purchases.last_90_days.spend_minor > 20000"},
    "savers": {"when": "member.balance.points >= 500"},
    "newcomers": {"when": "member.age_days < 60"},
}
_GROUPS: Final = {
    "beside": {"mode": "all"},
    "best_of": {"mode": "best"},
    "best_by_line": {"mode": "best", "scope": "line"},
    "first_of": {"mode": "first"},
}
_LIMITS: Final = (
    {"per": "day", "times": 3},
    {"per": "week", "points": 500},
    {"per": "month", "times": 10},
    {"per": "ever", "points": 20000},
)


def document(count: int = COUNT) -> str:
    """Return a programme with a point for every euro and so many live campaigns, as JSON (which is YAML)."""
    draw = random.Random("live campaigns")
    whole = json.loads(world.document(1))
    whole["wallets"]["points"]["worth"] = {"points": 100, "amount_minor": 100}
    campaigns = [_campaign(number, draw) for number in range(count)]
    return json.dumps({**whole, "segments": _SEGMENTS, "groups": _GROUPS, "campaigns": campaigns})


def running(count: int = COUNT) -> Running:
    """Return that programme, ready to decide."""
    return programme.run(programme.read(programme.Source("bench", document(count))), 1)


def _campaign(number: int, draw: random.Random) -> dict[str, Any]:
    campaign: dict[str, Any] = {
        "id": f"live_{number}",
        "starts_at": "2026-01-01",
        "ends_at": "2027-01-01",
        "audience": _audience(draw),
        "budget": draw.choice(({"points": 10**9}, {"times": 10**8}, {"amount_minor": 10**9})),
        "limits": [draw.choice(_LIMITS)],
        "group": draw.choices(("beside", "best_of", "best_by_line", "first_of"), (7, 1, 1, 1))[0],
        "priority": draw.randint(0, 3),
        "effects": [_effect(number, draw)],
    }
    if draw.random() < 0.3:
        campaign["channels"] = draw.sample(world.CHANNELS, 2)
    if draw.random() < 0.4:
        campaign["schedule"] = draw.choice(
            (
                {"weekdays": ["mon", "wed", "fri"]},
                {"hours": [{"from": "08:00", "to": "20:00"}]},
                {"recurrence": {"rule": "FREQ=WEEKLY;BYDAY=WE,SA", "duration_minutes": 1440}},
            )
        )
    if draw.random() < 0.3:
        campaign["when"] = f"order.total_minor >= {draw.randint(1, 12) * 1000}"
    return campaign


def _audience(draw: random.Random) -> dict[str, Any]:
    return draw.choice(
        (
            {"rollout_percent": draw.randint(10, 90)},
            {"segments": [draw.choice(list(_SEGMENTS))]},
            {"new_within_days": 30, "rollout_percent": 50},
            {"lapsed_for_days": 60},
            {"attributes": {"city": ["Paris", "Lyon"]}},
        )
    )


def _effect(number: int, draw: random.Random) -> dict[str, Any]:
    """Two in three are about products, as most campaigns are."""
    rule: dict[str, Any] = {"id": f"gives_{number}"}
    if draw.random() < 0.66:
        scope = {"categories": [f"c{draw.randrange(world.CATEGORIES)}"]}
        return rule | {"type": "product_bonus", "scope": scope, "points_per_unit": draw.randint(1, 20)}
    return rule | {"type": "action", "event": "purchase", "points": draw.randint(5, 100)}
