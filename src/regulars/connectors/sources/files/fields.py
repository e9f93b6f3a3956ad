"""The flat form: an event as one row of a table, or an order as one row for each of its lines."""

from difflib import get_close_matches
from typing import Literal

Kind = Literal["text", "whole", "money", "quantity", "flag", "time", "list", "scalar", "nested"]

_NAMED: dict[str, Kind] = {
    "type": "text",
    "source": "text",
    "source_id": "text",
    "occurred_at": "time",
    "channel": "text",
    "shop": "text",
    "associate": "text",
    "member": "nested",
    "member.id": "text",
    "member.email": "text",
    "member.phone": "text",
    "member.card": "text",
    "member.external_id": "text",
    "order": "nested",
    "order.id": "text",
    "order.currency": "text",
    "order.prices_include_tax": "flag",
    "order.total": "money",
    "order.total_minor": "whole",
    "order.discount": "money",
    "order.discount_minor": "whole",
    "order.shipping": "money",
    "order.shipping_minor": "whole",
    "order.shipping_tax": "money",
    "order.shipping_tax_minor": "whole",
    "line.id": "text",
    "line.product": "text",
    "line.amount": "money",
    "line.amount_minor": "whole",
    "line.quantity": "quantity",
    "line.quantity_milli": "whole",
    "line.discount": "money",
    "line.discount_minor": "whole",
    "line.tax": "money",
    "line.tax_minor": "whole",
    "line.categories": "list",
    "line.tags": "list",
    "return": "nested",
    "receipt": "nested",
    "return.order_id": "text",
    "data": "nested",
}
FIELDS = (*_NAMED, "tender.<type>", "tender.<type>_minor", "data.<name>")
LINE = "line."


def kind_of(name: str) -> Kind | None:
    """Return what a field holds, or None for what is none of ours."""
    if name.startswith("tender.") and len(name) > len("tender."):
        return "whole" if name.endswith("_minor") else "money"
    if name.startswith("data.") and len(name) > len("data."):
        return "scalar"
    return _NAMED.get(name)


def rival_of(name: str) -> str | None:
    """Return the field that says the same in another unit: `line.amount` for `line.amount_minor`."""
    kind = kind_of(name)
    if kind == "money":
        return f"{name}_minor"
    return f"{name}_milli" if kind == "quantity" else None


def closest(name: str) -> str | None:
    """Return the field that was probably meant."""
    found = get_close_matches(name.strip().lower().replace(" ", "_"), _NAMED, n=1, cutoff=0.75)
    return found[0] if found else None
