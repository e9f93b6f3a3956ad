"""The random conditions of the grammar as a segment may ask them: of what is known of members, and of no event."""

import re
from typing import Final

from tests.engine.conditions_grammar import Texts, conditions

# What a condition on a purchase asks, and what of the same kind a segment can ask instead.
_INSTEAD: Final = {
    "event.data.pages": "purchases.last_30_days.days_since",
    "event.data": "member.attributes",
    "event.channel": "member.tier.status",
    "event.shop": "member.tier.plan",
    "event.occurred_at": "member.enrolled_at",
    "member.last_at": "member.enrolled_at",
    "member.gift": "(member.balance.points > 0)",
    "member.scores": "[member.age_days, earned.points.last_7_days.points, 3, purchases.last_30_days.days_since]",
    "order.total_minor": "purchases.last_30_days.spend_minor",
    "local.hour": "member.purchases_count",
    "order.tags": "member.lists",
    "order.categories": "member.lists",
    "order.lines": "member.lists",
    "line.product": "line",
    "line.tags": "[line, 'x']",
    "line.categories": "['web', line]",
    "line.amount_minor": "size(line)",
    "line.quantity_milli": "(member.balance.points - size(line))",
}
_ASKED: Final = re.compile("|".join(map(re.escape, sorted(_INSTEAD, key=len, reverse=True))))


def segments() -> Texts:
    """Return conditions that a segment may have."""
    return conditions().map(as_segment)


def as_segment(condition: str) -> str:
    """Return the condition with every question about an event turned into one about a member."""
    return _ASKED.sub(lambda found: _INSTEAD[found[0]], condition)
