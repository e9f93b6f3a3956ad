"""One day at a fictitious perfumery, told in the examples of the reference."""

from typing import Any, Final

from regulars.web.api.shapes import EXAMPLE_DECISION, EXAMPLE_EVENT, EXAMPLE_HOLD, EXAMPLE_LOT, EXAMPLE_MEMBER

PURCHASE: Final[dict[str, Any]] = {
    "type": "purchase",
    "source": "webshop",
    "source_id": "order-2027-0815",
    "member": {"email": "ada@example.com"},
    "occurred_at": "2027-02-03T16:20:00Z",
    "channel": "web",
    "order": {
        "id": "order-2027-0815",
        "currency": "EUR",
        "lines": [
            {"id": "1", "product": "rose-50ml", "amount_minor": 10000, "categories": ["perfume"]},
            {"id": "2", "product": "soap", "amount_minor": 1200, "quantity_milli": 2000, "categories": ["care"]},
        ],
        "discount_minor": 1200,
        "shipping_minor": 490,
        "tenders": [{"type": "card", "amount_minor": 10490}],
    },
}

DECISION: Final[dict[str, Any]] = {
    "decision": EXAMPLE_DECISION,
    "event": EXAMPLE_EVENT,
    "member": EXAMPLE_MEMBER,
    "type": "purchase",
    "occurred_at": "2027-02-03T16:20:00Z",
    "recorded_at": "2027-02-03T16:20:01.042Z",
    "programme_version": 3,
    "balances": {"points": {"available": 220, "pending": 100, "held": 0, "debt": 0}},
    "awards": [{"rule": "base", "wallet": "points", "value": 100, "desired_value": 100, "reasons": []}],
    "lots": [
        {
            "lot": EXAMPLE_LOT,
            "wallet": "points",
            "points": 100,
            "available_at": "2027-02-17T23:00:00Z",
            "expires_at": "2028-02-29T23:00:00Z",
        }
    ],
    "reversed": [],
    "taken": [],
}

SPENT: Final[dict[str, Any]] = {
    **DECISION,
    "type": "points.spent",
    "balances": {"points": {"available": 20, "pending": 100, "held": 0, "debt": 0}},
    "awards": [],
    "lots": [],
    "taken": [{"lot": EXAMPLE_LOT, "points": 200}],
}

HELD: Final[dict[str, Any]] = {**SPENT, "type": "points.held", "hold": EXAMPLE_HOLD}

RETURNED: Final[dict[str, Any]] = {
    **DECISION,
    "type": "return",
    "awards": [],
    "lots": [],
    "reversed": [{"rule": "base", "wallet": "points", "asked": 11, "taken": 11, "lapsed": 0, "owed": 0, "forgiven": 0}],
}


def told(type: str, **changes: Any) -> dict[str, Any]:
    """Return an example of an answer to an event of a type without awards."""
    return {**DECISION, "type": type, "awards": [], "lots": [], **changes}
