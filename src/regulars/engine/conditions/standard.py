"""The fields that every installation offers, before a brand declares its own."""

from typing import Final

from regulars.engine.conditions.catalogue import Catalogue, Field
from regulars.engine.conditions.kinds import Basic, Kind, ListOf, Record, RecordField

PURCHASE: Final = frozenset({"purchase"})

LINE: Final = Record(
    "line",
    (
        RecordField("product", Basic.STRING, "The product's id."),
        RecordField("categories", ListOf(Basic.STRING), "The categories that the product is in."),
        RecordField("tags", ListOf(Basic.STRING), "The tags that the line carries."),
        RecordField("quantity_milli", Basic.INT, "How many, in thousandths: 2 pieces are 2000."),
        RecordField("amount_minor", Basic.INT, "The line's amount before discounts, in minor units."),
        RecordField("discount_minor", Basic.INT, "The line's own discounts, in minor units."),
        RecordField("tax_minor", Basic.INT, "The line's tax, in minor units."),
    ),
)


def _any(name: str, kind: Kind, description: str) -> Field:
    return Field(name=name, kind=kind, description=description)


def _order(name: str, kind: Kind, description: str) -> Field:
    return Field(name=name, kind=kind, description=description, event_types=PURCHASE)


_EVENT: Final = (
    _any("event.type", Basic.STRING, "The event's type, such as purchase or review."),
    _any("event.source", Basic.STRING, "The system that reported the event."),
    _any("event.channel", Basic.STRING, "Where it happened: a channel of the programme."),
    _any("event.shop", Basic.STRING, "The shop it happened in; empty outside shops."),
    _any("event.occurred_at", Basic.TIMESTAMP, "When it happened."),
    _any("event.data", Basic.VALUES, "The event's own data by name: text, whole numbers, bools, null."),
)

_ORDER: Final = (
    _order("order.id", Basic.STRING, "The order's id."),
    _order("order.currency", Basic.STRING, "The order's currency (ISO 4217): EUR, TRY, JPY."),
    _order("order.total_minor", Basic.INT, "What was paid, in minor units of the currency."),
    _order("order.subtotal_minor", Basic.INT, "The lines before discounts, in minor units."),
    _order("order.discount_minor", Basic.INT, "All discounts of the order and its lines, in minor units."),
    _order("order.shipping_minor", Basic.INT, "Shipping charged, in minor units."),
    _order("order.tax_minor", Basic.INT, "All tax, in minor units."),
    _order("order.line_count", Basic.INT, "How many lines the order has."),
    _order("order.products", ListOf(Basic.STRING), "The product ids of the lines, each once."),
    _order("order.categories", ListOf(Basic.STRING), "The categories of the lines, each once."),
    _order("order.tags", ListOf(Basic.STRING), "The tags of the lines, each once."),
    _order("order.lines", ListOf(LINE), "The lines themselves."),
    _order("order.tenders", ListOf(Basic.STRING), "The kinds of tender it was paid with, each once: cash, gift_card."),
)

_MEMBER: Final = (
    _any("member.attributes", Basic.VALUES, "What the brand knows of the member, by name."),
    Field(
        name="member.enrolled_at",
        kind=Basic.TIMESTAMP,
        description="When the member joined; there is none before that.",
        required=False,
    ),
    Field(
        name="member.age_days",
        kind=Basic.INT,
        description="Days since the member joined, 0 on the day itself; there is none before that.",
        required=False,
    ),
    _any("member.purchases_count", Basic.INT, "Purchases before this event."),
    _any("member.lists", ListOf(Basic.STRING), "The static lists that the member is on."),
    _any("member.segments", ListOf(Basic.STRING), "The segments that the member is in when the event happens."),
)

_LOCAL: Final = (
    _any("local.weekday", Basic.STRING, "The day of the week: mon, tue, wed, thu, fri, sat, sun."),
    _any("local.hour", Basic.INT, "The hour, 0 to 23."),
    _any("local.minutes", Basic.INT, "Minutes since midnight on the clock, 0 to 1439: 17:30 is 1050."),
    _any("local.day", Basic.INT, "The day of the month, 1 to 31."),
    _any("local.month", Basic.INT, "The month, 1 to 12."),
    _any("local.date", Basic.STRING, "The date as YYYY-MM-DD; such texts compare as dates do."),
)

STANDARD: Final = Catalogue(_EVENT + _ORDER + _MEMBER + _LOCAL)
