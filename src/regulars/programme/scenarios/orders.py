"""How a page writes an order: what was bought, piece by piece, as on a receipt."""

import re
from collections.abc import Iterator
from typing import Final
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from regulars.engine.events import Line, Order, Purchase, Return, ReturnedLine, Tender
from regulars.programme.scenarios.cells import NUMBER, Units, exactly
from regulars.programme.scenarios.markdown import Cell, Mistake
from regulars.programme.scenarios.vouchers import voucher

_NAME: Final = r"[A-Za-z][\w.'-]*(?: [A-Za-z][\w.'-]*)*"
_LINE: Final = re.compile(
    rf"(?:(?P<quantity>{NUMBER}) x )?(?P<product>{_NAME})(?: \((?P<groups>[^)]*)\))? (?P<amount>{NUMBER})"
    rf"(?: less (?P<discount>{NUMBER}))?(?: tax (?P<tax>{NUMBER}))?"
)
_DISCOUNT: Final = re.compile(rf"order discount ({NUMBER})")
_SHIPPING: Final = re.compile(rf"shipping ({NUMBER})(?: tax ({NUMBER}))?")
_TENDER: Final = re.compile(rf"paid ({NUMBER}) by ([a-z][a-z0-9_]*)")
_ORDER: Final = re.compile(r"order (\S+)")
_USING: Final = re.compile(r"using (.+)")
_CURRENCY: Final = re.compile(r"in ([A-Z]{3})")
_RETURN: Final = re.compile(r"of (\S+?)(?::\s*(.+))?")
_BACK: Final = re.compile(rf"(?:(?P<quantity>{NUMBER}) x )?(?P<line>{_NAME}(?:/\d+)?)")
_NOT_IN_A_NAME: Final = frozenset({"by", "discount", "less", "paid", "tax"})
_WITHOUT_TAX: Final = "prices without tax"
_LINE_HINT: Final = (
    "Write a line like 2 x shampoo (beauty, #new) 24.00 less 4.00 tax 3.33, where 24.00 is for both; "
    "else: order discount 5.00, shipping 4.90, paid 20.00 by gift_card, prices without tax, order A1, "
    "in USD, using of 3."
)


class _Said(Struct, frozen=True, kw_only=True):
    """What the pieces of the cell say, before any number in them is read."""

    lines: tuple[re.Match[str], ...]
    discount: str
    shipping: str
    shipping_tax: str
    tenders: tuple[tuple[str, str], ...]
    order_id: str
    currency: str
    prices_include_tax: bool
    vouchers: tuple[UUID, ...]


def purchase(cell: Cell, label: str, units: Units) -> Purchase:
    """Return the purchase that the cell writes down, separated by semicolons; the order is called as the event is."""
    said = _said(cell, label, units)
    if not said.lines:
        raise Mistake(cell, "nothing was bought", _LINE_HINT)

    def money(text: str) -> int:
        return units.money(cell, text, said.currency)

    order = Order(
        id=said.order_id,
        currency=said.currency,
        lines=tuple(_named_apart(_line(cell, piece, said.currency, units) for piece in said.lines)),
        prices_include_tax=said.prices_include_tax,
        discount_minor=money(said.discount),
        shipping_minor=money(said.shipping),
        shipping_tax_minor=money(said.shipping_tax),
        tenders=tuple(Tender(type=type, amount_minor=money(amount)) for amount, type in said.tenders),
    )
    return Purchase(order=order, vouchers=said.vouchers)


def _said(cell: Cell, label: str, units: Units) -> _Said:
    lines: list[re.Match[str]] = []
    tenders: list[tuple[str, str]] = []
    once: dict[str, str] = {}
    include_tax = True
    used: list[UUID] = []
    for piece in _pieces(cell.text):
        if found := _DISCOUNT.fullmatch(piece):
            once["discount"] = found[1]
        elif found := _SHIPPING.fullmatch(piece):
            once["shipping"], once["shipping_tax"] = found[1], found[2] or "0"
        elif found := _TENDER.fullmatch(piece):
            tenders.append((found[1], found[2]))
        elif found := _ORDER.fullmatch(piece):
            once["order"] = found[1]
        elif found := _USING.fullmatch(piece):
            used += [voucher(cell, one) for one in found[1].split(",")]
        elif found := _CURRENCY.fullmatch(piece):
            once["currency"] = found[1]
        elif piece == _WITHOUT_TAX:
            include_tax = False
        elif found := _LINE.fullmatch(piece):
            lines.append(found)
        else:
            raise Mistake(cell, f"{piece!r} is no part of an order", _LINE_HINT)
    return _Said(
        lines=tuple(lines),
        discount=once.get("discount", "0"),
        shipping=once.get("shipping", "0"),
        shipping_tax=once.get("shipping_tax", "0"),
        tenders=tuple(tenders),
        order_id=once.get("order", label),
        currency=once.get("currency", units.currency),
        prices_include_tax=include_tax,
        vouchers=tuple(used),
    )


def _pieces(text: str) -> list[str]:
    return [" ".join(piece.split()) for piece in text.split(";") if piece.strip()]


def _line(cell: Cell, found: re.Match[str], currency: str, units: Units) -> Line:
    if not _NOT_IN_A_NAME.isdisjoint(found["product"].split()):
        raise Mistake(cell, f"{found[0]!r} is no part of an order", _LINE_HINT)
    groups = [name.strip() for name in (found["groups"] or "").split(",") if name.strip()]
    return Line(
        id=found["product"],
        product=found["product"],
        amount_minor=units.money(cell, found["amount"], currency),
        quantity_milli=exactly(cell, found["quantity"] or "1", 3, "a quantity"),
        discount_minor=units.money(cell, found["discount"] or "0", currency),
        tax_minor=units.money(cell, found["tax"] or "0", currency),
        categories=tuple(name for name in groups if not name.startswith("#")),
        tags=tuple(name.removeprefix("#") for name in groups if name.startswith("#")),
    )


def _named_apart(lines: Iterator[Line]) -> Iterator[Line]:
    """Yield the lines with an id each: the product, and for its second line `product/2`."""
    seen: dict[str, int] = {}
    for line in lines:
        seen[line.product] = number = seen.get(line.product, 0) + 1
        yield line if number == 1 else replace(line, id=f"{line.product}/{number}")


def returned(cell: Cell) -> Return:
    """Return what the cell says came back: `of A1` for all of it, or `of A1: 1 x shampoo; soap`."""
    found = _RETURN.fullmatch(cell.text)
    if found is None:
        raise Mistake(cell, f"{cell.text!r} does not say what came back", "Write it like of A1: 1 x shampoo; soap.")
    return Return(order_id=found[1], lines=tuple(_back(cell, piece) for piece in _pieces(found[2] or "")))


def _back(cell: Cell, piece: str) -> ReturnedLine:
    found = _BACK.fullmatch(piece)
    if found is None:
        hint = "Write 1 x shampoo, or shampoo for all that is left of it; shampoo/2 is its second line."
        raise Mistake(cell, f"{piece!r} is not a line of an order", hint)
    quantity = None if found["quantity"] is None else exactly(cell, found["quantity"], 3, "a quantity")
    return ReturnedLine(id=found["line"], quantity_milli=quantity)
