"""The rows that tell of one event are put together: what they say once, and the lines that they add."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from regulars.connectors.incoming import NUL, Incoming, Malformed, holds_nul
from regulars.connectors.sources.files.amounts import minor
from regulars.connectors.sources.files.cells import Value
from regulars.connectors.sources.files.plan import Parsed, Plan
from regulars.connectors.sources.files.rows import Unfit

Values = Mapping[str, Value]
_TOP = ("type", "source", "source_id", "occurred_at", "channel", "shop", "associate")
_OF_ORDERS = ("order", "tender", "return")
# The name of the product, where only the total of an order is told.
_UNSPECIFIED = "unspecified"


def key_of(row: Parsed, plan: Plan) -> tuple[str, str, str] | None:
    """Return the business key that a row belongs to, None if it does not say."""
    if row.event is None:
        return None
    told = {**plan.constants, **row.event}
    type_ = told.get("type")
    source_id = told.get("source_id") or (told.get("order.id") if type_ == "purchase" else None)
    key = (told.get("source"), source_id, type_)
    return (str(key[0]), str(key[1]), str(key[2])) if all(key) else None


def assemble(rows: Sequence[Parsed], plan: Plan) -> Incoming:
    """Return the event that these readable rows, at least one, tell of.

    Raises: Unfit, msgspec.ValidationError, Malformed.
    """
    agreed = _agreed([row.event or {} for row in rows])
    lines = [row.line for row in rows]
    type_ = agreed.get("type") or plan.constants.get("type")
    told: Values = {**_of_use(plan.constants, type_), **agreed}
    event: dict[str, object] = {name: told[name] for name in _TOP if name in told}
    for name in ("member", "data", "receipt"):
        if section := told.get(name) or _section(told, f"{name}."):
            event[name] = section
    if type_ == "purchase":
        event["order"] = told.get("order") or _order(told, [{**plan.line_constants, **line} for line in lines if line])
        event.setdefault("source_id", told.get("order.id"))
    elif type_ == "return":
        event["return"] = told.get("return") or _return(told, lines)
    else:
        _refuse_order(type_, agreed, lines)
    if "occurred_at" not in event:
        raise Unfit("occurred_at is empty: say when it happened")
    incoming = msgspec.convert(event, Incoming)
    incoming.body()
    if holds_nul(msgspec.json.encode(incoming)):
        raise Malformed(NUL)
    return incoming


def _agreed(events: Sequence[Values]) -> dict[str, Value]:
    """Return what the rows say of the event as a whole; empty cells say nothing."""
    agreed = dict(events[0])
    for event in events[1:]:
        if event != agreed:
            for name, value in event.items():
                if agreed.setdefault(name, value) != value:
                    raise Unfit(f"the rows disagree about {name}: {agreed[name]!r} and {value!r}")
    return agreed


def _of_use(constants: Values, type_: object) -> Values:
    """Return the constants that this type of event has a use for: a visit has no currency."""
    unused = {"purchase": ("return", "data"), "return": ("data",)}.get(str(type_), _OF_ORDERS)
    return {name: value for name, value in constants.items() if name.partition(".")[0] not in unused}


def _order(told: Values, lines: Sequence[Values]) -> dict[str, object]:
    order = _section(told, "order.")
    currency = order.get("currency")
    _count_in_minor(order, ("total", "discount", "shipping", "shipping_tax"), currency)
    total = order.pop("total_minor", None)
    told_lines = [_line(line, currency) for line in lines]
    if total is not None:
        told_lines = [{"product": _UNSPECIFIED, "amount_minor": total}]
    if not told_lines:
        raise Unfit("an order needs a line (line.product, line.amount), or an order.total")
    order["lines"] = [{"id": str(place), **line} for place, line in enumerate(told_lines, start=1)]
    order["tenders"] = _tenders(_section(told, "tender."), currency)
    return order


def _line(values: Values, currency: object) -> dict[str, object]:
    line: dict[str, object] = {**values}
    _count_in_minor(line, ("amount", "discount", "tax"), currency)
    if "quantity" in line:
        line["quantity_milli"] = line.pop("quantity")
    return line


def _tenders(paid: dict[str, object], currency: object) -> list[dict[str, object]]:
    _count_in_minor(paid, [name for name in paid if not name.endswith("_minor")], currency)
    return [{"type": name.removesuffix("_minor"), "amount_minor": amount} for name, amount in paid.items() if amount]


def _return(told: Values, lines: Sequence[Values]) -> dict[str, object]:
    order_id = told.get("return.order_id") or told.get("order.id")
    if order_id is None:
        raise Unfit("return.order_id is empty: say which order goods came back of")
    named = [line for line in lines if "id" in line]
    if len(named) < len(lines) and (len(lines) > 1 or {"quantity", "quantity_milli"} & lines[0].keys()):
        raise Unfit("line.id is empty: say which line of the order came back")
    return {"order_id": order_id, "lines": [_returned_line(line) for line in named]}


def _returned_line(line: Values) -> dict[str, object]:
    quantity = line.get("quantity_milli", line.get("quantity"))
    return {"id": line["id"]} if quantity is None else {"id": line["id"], "quantity_milli": quantity}


def _refuse_order(type_: object, told: Values, lines: Sequence[Values]) -> None:
    useless = [name for name in told if name.partition(".")[0] in _OF_ORDERS]
    useless += [f"line.{name}" for line in lines for name in line]
    if useless:
        raise Unfit(f"an event of type {type_} has no use for {useless[0]}")


def _section(values: Values, prefix: str) -> dict[str, object]:
    return {name.removeprefix(prefix): value for name, value in values.items() if name.startswith(prefix)}


def _count_in_minor(section: dict[str, object], names: Sequence[str], currency: object) -> None:
    """Replace these amounts by their minor units: `amount` by `amount_minor`."""
    for name in names:
        if name in section:
            section[f"{name}_minor"] = minor(str(section.pop(name)), currency=currency)
