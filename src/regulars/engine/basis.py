"""Which part of what was paid earns points: the choices of `Basis`, worked out to the minor unit."""

from regulars.engine.events import Order
from regulars.engine.numbers import divide, split
from regulars.engine.programme import Basis


def basis_of(order: Order, basis: Basis) -> tuple[int, ...]:
    """Return the money that earns, in minor units: one amount a line, then one for the shipping.

    Never negative. An order-wide discount, and the tenders that do not earn, are shared over the lines in
    proportion to what is paid for them (largest remainder), so that the shares sum to the whole.
    """
    if _plain(order, basis):
        return (*[line.amount_minor for line in order.lines], 0)
    paid = _paid(order)
    amounts = _priced(order, paid, basis)
    taxed = [_with_tax(order, amount, net, tax, basis) for amount, net, tax in amounts]
    earning = _without_tenders(order, paid, taxed, basis)
    if basis.shipping == "excluded":
        earning[-1] = 0
    return tuple(max(0, amount) for amount in earning)


def _plain(order: Order, basis: Basis) -> bool:
    """Whether there is nothing to choose: no shipping counts, no discount, no tax to move, no other tender."""
    if order.discount_minor or basis.shipping == "included" or order.prices_include_tax != (basis.tax == "included"):
        return False
    for line in order.lines:
        if line.discount_minor:
            return False
    return not any(tender.type in basis.tenders_excluded for tender in order.tenders)


def _paid(order: Order) -> list[int]:
    """What is paid for each line after all discounts, then for the shipping; tax as the prices have it."""
    nets = [max(0, line.amount_minor - line.discount_minor) for line in order.lines]
    shares = split(min(order.discount_minor, sum(nets)), nets)
    return [*(net - share for net, share in zip(nets, shares, strict=True)), order.shipping_minor]


def _priced(order: Order, paid: list[int], basis: Basis) -> list[tuple[int, int, int]]:
    """The amount that counts, beside what is paid and the tax on what is paid, of each line and the shipping."""
    rows: list[tuple[int, int, int]] = []
    for line, net in zip(order.lines, paid, strict=False):
        if basis.discounts == "before":
            amount = line.amount_minor
        elif basis.order_discount == "ignored":
            amount = line.amount_minor - line.discount_minor
        else:
            amount = net
        rows.append((amount, net, line.tax_minor))
    return [*rows, (order.shipping_minor, order.shipping_minor, order.shipping_tax_minor)]


def _with_tax(order: Order, amount: int, net: int, tax: int, basis: Basis) -> int:
    if order.prices_include_tax == (basis.tax == "included") or not tax or not net:
        return amount
    share = divide(tax * amount, net, "half_even")
    return amount - share if order.prices_include_tax else amount + share


def _without_tenders(order: Order, paid: list[int], amounts: list[int], basis: Basis) -> list[int]:
    excluded = sum(t.amount_minor for t in order.tenders if t.type in basis.tenders_excluded)
    if not excluded:
        return amounts
    taxes = [*(line.tax_minor for line in order.lines), order.shipping_tax_minor]
    due = paid if order.prices_include_tax else [net + tax for net, tax in zip(paid, taxes, strict=True)]
    shares = split(min(excluded, sum(due)), due)
    return [
        amount - divide(amount * share, whole, "half_even") if whole else amount
        for amount, share, whole in zip(amounts, shares, due, strict=True)
    ]
