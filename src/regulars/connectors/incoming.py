"""What a source tells us, before we know which member it is about: the same form by API, file and webhook."""

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Annotated

from msgspec import Meta, Struct, field
from msgspec.structs import replace

from regulars.engine.events import Action, Line, Order, Purchase, Return, ReturnedLine, Scalar
from regulars.engine.receipts import Receipt

Text = Annotated[str, Meta(min_length=1, max_length=200)]
Word = Annotated[str, Meta(max_length=100)]
NUL = "a text holds the character U+0000"
EventType = Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,62}$")]


class MemberReference(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who it is about: our id or any identifier; several must belong to one member.

    `id` is ours (`mem_…`), `external_id` the brand's own, `phone` is best given in E.164.
    """

    id: Annotated[str, Meta(max_length=40)] | None = None
    email: Annotated[str, Meta(max_length=320)] | None = None
    phone: Annotated[str, Meta(max_length=40)] | None = None
    card: Annotated[str, Meta(max_length=40)] | None = None
    external_id: Text | None = None


class IncomingReceipt(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is printed on a receipt: shop, till, number, date and total say together which order it is.

    `date` is the shop's local day, as printed. `currency` (without it, that of the `order` beside it, which must
    then be there) and `lines` are for receipts that members send in; without lines the total is the only one.
    """

    shop: Text
    till: Annotated[str, Meta(max_length=100)]
    number: Text
    day: date = field(name="date")
    total_minor: Annotated[int, Meta(ge=0, lt=2**53)]
    currency: str = ""
    lines: tuple[Line, ...] = ()

    def order_id(self) -> str:
        """Return the id of the order that the receipt stands for."""
        return Receipt(
            shop=self.shop, till=self.till, number=self.number, day=self.day, total_minor=self.total_minor
        ).order_id()

    def order(self) -> Order:
        """Return the order as far as the receipt tells of it.

        Raises: Malformed, when it has no currency, or its lines do not come to its total.
        """
        if not self.currency:
            raise Malformed("a receipt that is sent in has the currency of its total")
        lines = self.lines or (Line(id=RECEIPT_LINE, product=RECEIPT_LINE, amount_minor=self.total_minor),)
        if sum(line.amount_minor - line.discount_minor for line in lines) != self.total_minor:
            raise Malformed("the lines of a receipt, less their discounts, come to its total")
        return Order(id=self.order_id(), currency=self.currency, lines=lines)


class IncomingReturn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What came back of an order, named by its id or by its receipt; without lines, all that had not come back yet."""

    order_id: Text | None = None
    receipt: IncomingReceipt | None = None
    lines: tuple[ReturnedLine, ...] = ()

    def body(self) -> Return:
        """Return the event's body.

        Raises: Malformed, when it names no order, or two, or none that there can be.
        """
        match self.order_id, self.receipt:
            case str() as order_id, None:
                return returned(order_id, self.lines)
            case None, IncomingReceipt() as receipt:
                return returned(receipt.order_id(), self.lines)
            case _:
                raise Malformed("a return names its order by either order_id or receipt")


class Incoming(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One event as a source tells it.

    (`source`, `source_id`, `type`) is its business key: told again, it is the same event. A `purchase` has an
    `order`, a `return` has a `return`; every other type may have `data`. Without `occurred_at` it happened now.
    A `return` without `member` goes to the member whose order it is. A `receipt` is a purchase that a member sends
    in: it has a `receipt`, and `occurred_at` is when it was paid. A purchase that says which `receipt` was printed
    is the same order as that one; its returns name the receipt, too.
    """

    type: EventType
    source: Text
    source_id: Text
    member: MemberReference | None = None
    occurred_at: datetime | None = None
    channel: Word = ""
    shop: Word = ""
    associate: Word = ""
    order: Order | None = None
    returned: IncomingReturn | None = field(default=None, name="return")
    receipt: IncomingReceipt | None = None
    data: dict[str, Scalar] | None = None

    @property
    def event_type(self) -> str:
        """The type under which the event is kept: a receipt that is sent in is a purchase like any."""
        return "purchase" if self.type == "receipt" else self.type

    def body(self) -> Purchase | Return | Action:
        """Return the event's body.

        Raises: Malformed, when what the type needs is missing, or something is there that it has no use for.
        """
        if self.receipt is not None:
            return self._of_receipt(self.receipt)
        match self.type, self.order, self.returned, self.data:
            case "purchase", Order() as order, None, None:
                return Purchase(order=_sound(order))
            case "return", None, IncomingReturn() as given, None:
                return given.body()
            case "purchase" | "return" | "receipt" as type, _, _, _:
                needed = {"purchase": "order"}.get(type, type)
                raise Malformed(f"an event of type {type} has exactly one of order, return, receipt and data: {needed}")
            case _, None, None, data:
                return Action(data=data or {})
            case _:
                raise Malformed(f"an event of type {self.type} may have data, but neither order nor return")

    def _of_receipt(self, receipt: IncomingReceipt) -> Purchase:
        _printed_when(receipt, self.occurred_at)
        match self.type, self.order, self.returned, self.data:
            case "receipt", None, None, None:
                return Purchase(order=_sound(receipt.order()), sent_in=True)
            case "purchase", Order() as order, None, None:
                return Purchase(order=_sound(replace(order, id=receipt.order_id())))
            case _:
                raise Malformed("a receipt comes by itself, with the type receipt, or beside the order of a purchase")


def returned(order_id: str, lines: tuple[ReturnedLine, ...]) -> Return:
    """Return what came back of an order as an event's body.

    Raises: Malformed, when there can be no such order, or no such line of one.
    """
    _named(order_id, *(line.id for line in lines))
    if "\x00" in order_id:
        raise Malformed(NUL)
    _unreserved(line.id for line in lines)
    return Return(order_id=order_id, lines=lines)


def holds_nul(json: bytes) -> bool:
    """Return whether a text in JSON holds the character U+0000, which PostgreSQL does not store."""
    return b"\\u0000" in json and _NUL.search(json) is not None


class Malformed(ValueError):
    """What a source told does not make sense by itself."""


RECEIPT_LINE = "total"
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_LARGEST = 2**53
_NAME_LONGEST = 200


def _sound(order: Order) -> Order:
    """Return the order, if its money and its lines make sense."""
    names = [line.id for line in order.lines]
    _named(order.id, *names, *(line.product for line in order.lines))
    _unreserved(names)
    if len(set(names)) != len(names):
        raise Malformed(f"two lines of order {order.id} have the same id; give each line its own")
    if not 1 <= len(names) <= 1000:
        raise Malformed(f"order {order.id} has {len(names)} lines; it must have from 1 to 1000")
    amounts = [order.discount_minor, order.shipping_minor, order.shipping_tax_minor]
    amounts += [tender.amount_minor for tender in order.tenders]
    for line in order.lines:
        amounts += [line.amount_minor, line.discount_minor, line.tax_minor, line.quantity_milli]
    if min(amounts) < 0:
        raise Malformed(f"order {order.id} has a negative amount or quantity; tell what came back as a return")
    if sum(amounts) >= _LARGEST:
        raise Malformed(f"the amounts of order {order.id} come to more than 2^53")
    return order


def _printed_when(receipt: IncomingReceipt, at: datetime | None) -> None:
    """Raises: Malformed, when it was not paid on the day on the receipt, wherever on Earth the shop is."""
    if at is None:
        raise Malformed("with a receipt, occurred_at is needed: when it was paid")
    if abs(at.date() - receipt.day) > timedelta(days=1):
        raise Malformed(f"the receipt is of {receipt.day}, and occurred_at is another day")
    if any("\x00" in text for text in (receipt.shop, receipt.till, receipt.number)):
        raise Malformed(NUL)


def _named(*names: str) -> None:
    """Raises: Malformed, when a name is empty or too long to be found by."""
    if not all(1 <= len(name) <= _NAME_LONGEST for name in names):
        raise Malformed(f"ids of orders, lines and products have from 1 to {_NAME_LONGEST} characters")


def _unreserved(names: Iterable[str]) -> None:
    """Raises: Malformed, when a line is called as we call what is no line, such as $shipping."""
    for name in names:
        if name.startswith("$"):
            raise Malformed(f"the line id {name} begins with $, which is reserved; give the line another id")
