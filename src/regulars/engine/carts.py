"""A cart is priced: what is taken off, in which order and from which lines, and what is left to pay, to the unit."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Final

from msgspec import Meta, Struct
from msgspec.structs import replace

from regulars.engine.discounts import Discount, Left, Off
from regulars.engine.events import Line, Order
from regulars.engine.numbers import divide, split
from regulars.engine.reasons import Reason

_NO_TAX: Final = Decimal(0)
Percent = Annotated[Decimal, Meta(ge=0, le=1000)]


class Applied(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one discount took off the cart, by line id, or the reason why it took nothing."""

    source: str
    amount_minor: int = 0
    lines: dict[str, int] = {}
    shipping_minor: int = 0
    reason: Reason | None = None


class PricedLine(Struct, frozen=True, kw_only=True):
    """A line as it is paid: before and after all discounts, and the tax within or on top of what is paid."""

    id: str
    amount_minor: int
    discount_minor: int
    paid_minor: int
    tax_minor: int


class Tax(Struct, frozen=True, kw_only=True):
    """What is paid at one rate, shipping included, and the tax on it; the lines' parts sum to it."""

    percent: Decimal
    paid_minor: int
    tax_minor: int


class Priced(Struct, frozen=True, kw_only=True):
    """A cart with its discounts, in the order in which they were applied; `total_minor` is what is paid in all.

    `discount_minor` is everything that came off, the shop's own discounts too.
    """

    lines: tuple[PricedLine, ...]
    applied: tuple[Applied, ...]
    shipping_minor: int
    shipping_tax_minor: int
    discount_minor: int
    total_minor: int
    taxes: tuple[Tax, ...]


def price(
    order: Order, discounts: Iterable[Discount] = (), *, taxes: Mapping[str, Decimal] | None = None,
    shipping_tax: Decimal = _NO_TAX,
) -> Priced:  # fmt: skip
    """Return the cart with the discounts taken off: lower stages first, within a stage in the order given.

    The shop's own discounts, of lines and of the whole, have come off before. Each discount works on what the
    ones before it left, and nothing goes below zero. `taxes` are rates in percent by line id; a line without one
    is taxed at 0. Tax is worked out by rate and shared over its lines, so that both sums agree.
    """
    rates = [(taxes or {}).get(line.id, _NO_TAX) for line in order.lines]
    left = _begun(order, rates)
    applied: list[Applied] = []
    for discount in sorted(discounts, key=lambda one: one.stage):
        found = discount.off(left)
        if isinstance(found, Reason):
            applied.append(Applied(source=discount.source, reason=found))
            continue
        left = _without(left, found)
        applied.append(_applied(order, discount, found))
    return _priced(order, left, applied, [*rates, shipping_tax])


def ordered(order: Order, priced: Priced) -> Order:
    """Return the order as it is paid: every discount in its line, the tax as worked out."""
    lines = tuple(
        replace(line, discount_minor=line.amount_minor - one.paid_minor, tax_minor=one.tax_minor)
        for line, one in zip(order.lines, priced.lines, strict=True)
    )
    return replace(
        order,
        lines=lines,
        discount_minor=0,
        shipping_minor=priced.shipping_minor,
        shipping_tax_minor=priced.shipping_tax_minor,
    )


def _begun(order: Order, rates: Sequence[Decimal]) -> Left:
    """What is to be paid after the shop's own discounts."""
    nets = [max(0, line.amount_minor - line.discount_minor) for line in order.lines]
    shares = split(min(order.discount_minor, sum(nets)), nets)
    amounts = [net - share for net, share in zip(nets, shares, strict=True)]
    return Left(
        lines=order.lines,
        started=amounts,
        amounts=amounts,
        units=[_units(line) for line in order.lines],
        shipping=order.shipping_minor,
        taxes=rates,
        prices_include_tax=order.prices_include_tax,
    )


def _units(line: Line) -> int:
    """How many items a line has; what is sold by weight or length is one."""
    whole, rest = divmod(line.quantity_milli, 1000)
    return 1 if rest or not whole else whole


def _without(left: Left, off: Off) -> Left:
    amounts = [amount - off.lines.get(place, 0) for place, amount in enumerate(left.amounts)]
    assert min(amounts, default=0) >= 0, "no line goes below zero"
    assert off.shipping <= left.shipping, "nor does the shipping"
    return replace(left, amounts=amounts, shipping=left.shipping - off.shipping)


def _applied(order: Order, discount: Discount, off: Off) -> Applied:
    return Applied(
        source=discount.source,
        amount_minor=off.amount,
        lines={order.lines[place].id: amount for place, amount in off.lines.items() if amount},
        shipping_minor=off.shipping,
    )


def _priced(order: Order, left: Left, applied: Sequence[Applied], rates: Sequence[Decimal]) -> Priced:
    paid = [*left.amounts, left.shipping]
    parts, taxes = _taxed(paid, rates, inside=order.prices_include_tax)
    lines = tuple(
        PricedLine(id=line.id, amount_minor=line.amount_minor, discount_minor=line.amount_minor - amount,
                   paid_minor=amount, tax_minor=tax)
        for line, amount, tax in zip(order.lines, left.amounts, parts, strict=False)
    )  # fmt: skip
    return Priced(
        lines=lines,
        applied=tuple(applied),
        shipping_minor=left.shipping,
        shipping_tax_minor=parts[-1],
        discount_minor=sum(line.discount_minor for line in lines) + order.shipping_minor - left.shipping,
        total_minor=sum(paid) + (0 if order.prices_include_tax else sum(parts)),
        taxes=tuple(taxes),
    )


def _taxed(paid: Sequence[int], rates: Sequence[Decimal], *, inside: bool) -> tuple[list[int], list[Tax]]:
    """Return the tax on each amount, and that of each rate: worked out by rate, shared by largest remainder."""
    parts = [0] * len(paid)
    taxes: list[Tax] = []
    for rate in sorted(set(rates)):
        places = [place for place, other in enumerate(rates) if other == rate]
        amounts = [paid[place] for place in places]
        numerator, denominator = rate.as_integer_ratio()
        whole = 100 * denominator + (numerator if inside else 0)
        tax = divide(sum(amounts) * numerator, whole, "half_up")
        for place, part in zip(places, split(tax, amounts), strict=True):
            parts[place] = part
        if rate or tax:
            taxes.append(Tax(percent=rate, paid_minor=sum(amounts), tax_minor=tax))
    return parts, taxes
