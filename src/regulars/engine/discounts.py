"""What can be taken off a cart: a share or an amount, some items, every third one free, the shipping."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, ClassVar, Literal

from msgspec import Meta, Struct

from regulars.engine.events import Line
from regulars.engine.numbers import divide, split
from regulars.engine.programme import Count, Scope
from regulars.engine.reasons import Reason

Which = Literal["cheapest", "dearest"]
TaxOf = Literal["as_priced", "included", "excluded"]


class Left(Struct, frozen=True, kw_only=True):
    """What is left to pay, in minor units, when a discount comes to the cart: by line, and for the shipping.

    `units` is how many items a line has: its whole quantity, or 1 for what is sold by weight. `started` is what
    was to be paid for each line before the first discount. `taxes` are the lines' rates in percent.
    """

    lines: Sequence[Line]
    started: Sequence[int]
    amounts: Sequence[int]
    units: Sequence[int]
    shipping: int
    taxes: Sequence[Decimal]
    prices_include_tax: bool

    def within(self, scope: Scope) -> list[int]:
        """Return the places of the lines in a scope."""
        return [place for place, line in enumerate(self.lines) if in_scope(line, scope)]


class Off(Struct, frozen=True):
    """What a discount takes off: by the place of a line, and of the shipping."""

    lines: Mapping[int, int] = {}
    shipping: int = 0

    @property
    def amount(self) -> int:
        """Everything it takes off."""
        return sum(self.lines.values()) + self.shipping


class Discount(Struct, frozen=True, kw_only=True):
    """What all discounts have in common.

    `source` says whose it is: a voucher, a reward, a promotion. Only lines in `scope` count; they must come to
    `minimum_minor` before any discount. It takes off no more than `cap_minor`.
    """

    source: str
    scope: Scope = Scope()
    minimum_minor: int = 0
    cap_minor: int | None = None

    stage: ClassVar[int] = 0
    """Discounts of a lower stage come first: items, then shares, then amounts, then the shipping."""

    def off(self, left: Left) -> Off | Reason:
        """Return what it takes off, never more than is left, or why it takes nothing."""
        places = left.within(self.scope)
        if not places:
            return Reason(code="no-matching-lines", required=_named(self.scope))
        whole = sum(left.started[place] for place in places)
        if whole < self.minimum_minor:
            return Reason(code="below-minimum", required=self.minimum_minor, actual=whole)
        found = self._wanted(left, places)
        if isinstance(found, Reason):
            return found
        if not found.amount:
            return Reason(code="nothing-left-to-take-off")
        return self._capped(found)

    def _wanted(self, left: Left, places: Sequence[int]) -> Off | Reason:
        """Return what it would take off without its cap."""
        raise NotImplementedError

    def _capped(self, found: Off) -> Off:
        if self.cap_minor is None or found.amount <= self.cap_minor:
            return found
        if found.shipping:
            return Off({}, self.cap_minor)
        return Off(dict(zip(found.lines, split(self.cap_minor, list(found.lines.values())), strict=True)))


class ItemsOff(Discount, frozen=True, kw_only=True):
    """So many items, the cheapest or the dearest in scope, for `percent` less."""

    items: Count = 1
    which: Which = "cheapest"
    percent: Decimal = Decimal(100)

    def _wanted(self, left: Left, places: Sequence[int]) -> Off:
        return Off(_items_off(left, places, self.items, self.which, self.percent))


class BuyGet(Discount, frozen=True, kw_only=True):
    """Of every `buy` + `get` items in scope the cheapest `get` are `percent` less, at most so many `times`."""

    buy: Count
    get: Count = 1
    percent: Decimal = Decimal(100)
    times: Count | None = None

    def _wanted(self, left: Left, places: Sequence[int]) -> Off | Reason:
        units = sum(left.units[place] for place in places)
        times = units // (self.buy + self.get)
        if not times:
            return Reason(code="too-few-items", required=self.buy + self.get, actual=units)
        items = self.get * (times if self.times is None else min(times, self.times))
        return Off(_items_off(left, places, items, "cheapest", self.percent))


class PercentOff(Discount, frozen=True, kw_only=True):
    """A share of what is left to pay for the lines in scope."""

    percent: Decimal

    stage: ClassVar[int] = 1

    def _wanted(self, left: Left, places: Sequence[int]) -> Off:
        return Off(_shared_off(left, places, _percent(sum(left.amounts[place] for place in places), self.percent)))


class Step(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From so much on (inclusive) there is so much off: `percent` or `amount_minor`, one of the two."""

    from_minor: Annotated[int, Meta(ge=0)]
    percent: Decimal | None = None
    amount_minor: Count | None = None

    def __post_init__(self) -> None:
        if (self.percent is None) == (self.amount_minor is None):
            raise ValueError("give percent or amount_minor, one of the two")
        if self.percent is not None and not 0 < self.percent <= 100:
            raise ValueError("percent must be over 0 and at most 100")


class Stepped(Discount, frozen=True, kw_only=True):
    """The more there is in scope before any discount, the more comes off: the highest step reached counts."""

    steps: tuple[Step, ...]

    stage: ClassVar[int] = 1

    def _wanted(self, left: Left, places: Sequence[int]) -> Off | Reason:
        whole = sum(left.started[place] for place in places)
        reached = [step for step in self.steps if step.from_minor <= whole]
        if not reached:
            first = min(step.from_minor for step in self.steps)
            return Reason(code="below-minimum", required=first, actual=whole)
        step = max(reached, key=lambda step: step.from_minor)
        amount = step.amount_minor
        if amount is None:
            assert step.percent is not None, "a step has one of the two"
            amount = _percent(sum(left.amounts[place] for place in places), step.percent)
        return Off(_shared_off(left, places, amount))


class AmountOff(Discount, frozen=True, kw_only=True):
    """An amount off what is left to pay for the lines in scope, shared over them in proportion.

    `tax` says whether the amount is meant with tax; it is turned into the kind of price that the cart has.
    """

    amount_minor: Count
    tax: TaxOf = "as_priced"

    stage: ClassVar[int] = 2

    def _wanted(self, left: Left, places: Sequence[int]) -> Off:
        if self.tax == "as_priced" or (self.tax == "included") == left.prices_include_tax:
            return Off(_shared_off(left, places, self.amount_minor))
        return Off(self._converted(left, places))

    def _converted(self, left: Left, places: Sequence[int]) -> dict[int, int]:
        """Share the amount over the lines' prices of the other kind, and turn each share back."""
        adding = not left.prices_include_tax
        other = [_turned(left.amounts[place], left.taxes[place], adding=adding) for place in places]
        shares = split(min(self.amount_minor, sum(other)), other)
        return {
            place: left.amounts[place]
            if share == whole
            else min(left.amounts[place], _turned(share, left.taxes[place], adding=not adding))
            for place, whole, share in zip(places, other, shares, strict=True)
        }


class ShippingOff(Discount, frozen=True, kw_only=True):
    """The shipping costs nothing, where the lines in scope come to the minimum."""

    stage: ClassVar[int] = 3

    def _wanted(self, left: Left, places: Sequence[int]) -> Off | Reason:
        return Off({}, left.shipping) if left.shipping else Reason(code="no-shipping-to-pay")


def in_scope(line: Line, scope: Scope) -> bool:
    """Return whether a scope means a line: any of the named, none of the excepted."""
    keys = {("product", line.product)}
    keys.update(("category", name) for name in line.categories)
    keys.update(("tag", name) for name in line.tags)
    return (not scope.named or not keys.isdisjoint(scope.named)) and keys.isdisjoint(scope.excepted)


def _named(scope: Scope) -> tuple[str, ...]:
    return (*scope.products, *scope.categories, *scope.tags)


def _percent(amount: int, percent: Decimal) -> int:
    numerator, denominator = percent.as_integer_ratio()
    return divide(amount * numerator, 100 * denominator, "half_up")


def _turned(amount: int, percent: Decimal, *, adding: bool) -> int:
    """Return an amount with its tax added to it, or taken out of it."""
    numerator, denominator = percent.as_integer_ratio()
    net, gross = 100 * denominator, 100 * denominator + numerator
    return divide(amount * gross, net, "half_even") if adding else divide(amount * net, gross, "half_even")


def _shared_off(left: Left, places: Sequence[int], amount: int) -> dict[int, int]:
    amounts = [left.amounts[place] for place in places]
    return dict(zip(places, split(min(amount, sum(amounts)), amounts), strict=True))


def _items_off(left: Left, places: Sequence[int], items: int, which: Which, percent: Decimal) -> dict[int, int]:
    """Take so many items' prices, or a share of them, off their lines; equal prices go in the cart's order."""
    ranked = sorted(
        places, key=lambda place: Fraction(left.amounts[place], left.units[place]), reverse=which == "dearest"
    )
    off: dict[int, int] = {}
    for place in ranked:
        taken = min(items, left.units[place])
        if taken:
            off[place] = _percent(_price_of(left.amounts[place], left.units[place], taken, which), percent)
            items -= taken
    return off


def _price_of(amount: int, units: int, taken: int, which: Which) -> int:
    """Return what some of a line's items cost, whose prices differ by one minor unit where they must."""
    each, dearer = divmod(amount, units)
    count = min(taken, dearer) if which == "dearest" else max(0, taken - (units - dearer))
    return each * taken + count
