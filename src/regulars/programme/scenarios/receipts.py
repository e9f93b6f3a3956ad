"""How a page writes receipts: the till and the number; shop, date and total are those of the row."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Final

from msgspec.structs import replace

from regulars.engine.events import Body, Line, Order, Purchase
from regulars.engine.receipts import Receipt
from regulars.programme.scenarios.cells import NUMBER, Units
from regulars.programme.scenarios.markdown import Cell, Mistake
from regulars.programme.scenarios.orders import purchase

_SENT_IN: Final = re.compile(rf"([^\s/]+)/([^\s/:]+): ({NUMBER})")
_PRINTED: Final = re.compile(r"(?:^|;)\s*receipt ([^\s/]+)/([^\s/;]+)\s*(?=;|$)")
_OF_ROW: Final = re.compile(r"of receipt ([^\s:]+)(.*)")
_LINE: Final = "total"


def sent_in(cell: Cell, units: Units, shop: str, day: date) -> Purchase:
    """Return the purchase that a member tells of by its receipt: `3/0042: 40.00`, the till, the number, the total."""
    found = _SENT_IN.fullmatch(cell.text)
    if found is None:
        raise Mistake(cell, f"{cell.text!r} is no receipt", "Write the till, the number and the total: 3/0042: 40.00.")
    total = units.money(cell, found[3], units.currency)
    receipt = Receipt(shop=shop, till=found[1], number=found[2], day=day, total_minor=total)
    line = Line(id=_LINE, product=_LINE, amount_minor=total)
    return Purchase(order=Order(id=receipt.order_id(), currency=units.currency, lines=(line,)), sent_in=True)


def printed(cell: Cell, label: str, units: Units, shop: str, day: date) -> Purchase:
    """Return the purchase that the cell writes down, which is the order of a receipt where it names one.

    The receipt's total is what the lines come to, less their discounts.
    """
    found = _PRINTED.search(cell.text)
    if found is None:
        return purchase(cell, label, units)
    bought = purchase(replace(cell, text=cell.text[: found.start()] + cell.text[found.end() :]), label, units)
    total = sum(line.amount_minor - line.discount_minor for line in bought.order.lines)
    receipt = Receipt(shop=shop, till=found[1], number=found[2], day=day, total_minor=total)
    return replace(bought, order=replace(bought.order, id=receipt.order_id()))


def named_by_row(cell: Cell, told: Mapping[str, Body]) -> Cell:
    """Return what came back with the order's id in the place of `receipt 2`, the row that tells of the receipt."""
    found = _OF_ROW.fullmatch(cell.text)
    if found is None:
        return cell
    body = told.get(found[1])
    if not isinstance(body, Purchase):
        raise Mistake(cell, f"no row above called {found[1]!r} is a purchase", "Refer to a row by its #.")
    return replace(cell, text=f"of {body.order.id}{found[2]}")
