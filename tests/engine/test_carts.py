"""A cart …"""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from regulars.engine.carts import Priced, ordered, price
from regulars.engine.discounts import (
    AmountOff,
    BuyGet,
    Discount,
    ItemsOff,
    PercentOff,
    ShippingOff,
    Step,
    Stepped,
)
from regulars.engine.events import Line, Order
from regulars.engine.programme import Scope
from tests.engine.making import line, order

COFFEE = Scope(categories=("coffee",))


def coffee(id: str, amount: int, *, pieces: int = 1) -> Line:
    return line(id, amount, categories=("coffee",), quantity_milli=1000 * pieces)


def off(priced: Priced) -> list[int]:
    return [one.amount_minor for one in priced.applied]


def why(priced: Priced) -> list[str | None]:
    return [one.reason.code if one.reason is not None else None for one in priced.applied]


def test_shares_an_amount_over_its_lines_so_that_the_parts_sum_to_it() -> None:
    priced = price(order(1000, 1000, 1000), [AmountOff(source="five", amount_minor=500)])

    assert priced.applied[0].lines == {"1": 167, "2": 167, "3": 166}
    assert (priced.discount_minor, priced.total_minor) == (500, 2500)


def test_never_goes_below_zero() -> None:
    priced = price(order(300), [AmountOff(source="a", amount_minor=200), AmountOff(source="b", amount_minor=200)])

    assert off(priced) == [200, 100]
    assert priced.total_minor == 0


def test_takes_a_share_before_an_amount_whatever_comes_first() -> None:
    ten, five = PercentOff(source="ten", percent=Decimal(10)), AmountOff(source="five", amount_minor=500)

    priced = price(order(10_000), [five, ten])

    assert [(one.source, one.amount_minor) for one in priced.applied] == [("ten", 1000), ("five", 500)]


def test_takes_no_more_than_the_cap() -> None:
    priced = price(order(10_000, 5_000), [PercentOff(source="half", percent=Decimal(50), cap_minor=1000)])

    assert priced.applied[0].lines == {"1": 667, "2": 333}


def test_takes_only_from_lines_in_scope() -> None:
    priced = price(order(coffee("c", 400), line("t", 600)), [PercentOff(source="x", percent=Decimal(50), scope=COFFEE)])

    assert priced.applied[0].lines == {"c": 200}


def test_says_when_nothing_is_in_scope_or_too_little() -> None:
    few = PercentOff(source="x", percent=Decimal(50), minimum_minor=1001)
    priced = price(order(1000), [AmountOff(source="x", amount_minor=1, scope=COFFEE), few])

    assert sorted(map(str, why(priced))) == ["below-minimum", "no-matching-lines"]


def test_gives_the_cheapest_item_for_nothing_out_of_a_line_of_several() -> None:
    priced = price(order(coffee("c", 1000, pieces=3), coffee("d", 300)), [ItemsOff(source="x", items=2, scope=COFFEE)])

    assert priced.applied[0].lines == {"c": 333, "d": 300}


def test_takes_the_dearest_item_where_asked_to() -> None:
    half = ItemsOff(source="x", which="dearest", percent=Decimal(50))
    priced = price(order(coffee("c", 1000, pieces=3), coffee("d", 500)), [half])

    assert priced.applied[0].lines == {"d": 250}


def test_counts_what_is_weighed_as_one_item() -> None:
    priced = price(order(line("w", 777, quantity_milli=2345)), [ItemsOff(source="x", items=3)])

    assert priced.applied[0].lines == {"w": 777}


def test_gives_one_of_three_and_two_of_six_for_nothing() -> None:
    third = BuyGet(source="x", buy=2, get=1, scope=COFFEE)

    assert off(price(order(coffee("c", 900, pieces=3)), [third])) == [300]
    assert off(price(order(coffee("c", 1500, pieces=6)), [third])) == [500]
    assert why(price(order(coffee("c", 600, pieces=2)), [third])) == ["too-few-items"]
    assert off(price(order(coffee("c", 1500, pieces=6)), [BuyGet(source="x", buy=2, times=1)])) == [250]


def test_takes_off_the_highest_step_that_it_reaches() -> None:
    steps = (Step(from_minor=5000, amount_minor=500), Step(from_minor=10_000, percent=Decimal(10)))

    assert off(price(order(4999), [Stepped(source="x", steps=steps)])) == [0]
    assert off(price(order(5000), [Stepped(source="x", steps=steps)])) == [500]
    assert off(price(order(12_000), [Stepped(source="x", steps=steps)])) == [1200]


def test_sends_the_parcel_for_nothing_up_to_a_cap() -> None:
    cart = order(5000, shipping_minor=790)

    assert price(cart, [ShippingOff(source="x")]).total_minor == 5000
    assert price(cart, [ShippingOff(source="x", cap_minor=500)]).shipping_minor == 290
    assert why(price(order(5000), [ShippingOff(source="x")])) == ["no-shipping-to-pay"]


def test_comes_after_the_discounts_of_the_shop_itself() -> None:
    cart = order(line("1", 1000, discount_minor=200), line("2", 1000), discount_minor=180)

    priced = price(cart, [PercentOff(source="ten", percent=Decimal(10))])

    assert off(priced) == [162]
    assert (priced.discount_minor, priced.total_minor) == (542, 1458)


def test_works_tax_out_by_rate_and_shares_it_over_the_lines() -> None:
    rates = {"1": Decimal(20), "2": Decimal(20), "3": Decimal("5.5")}

    priced = price(order(1000, 1001, 500), [AmountOff(source="x", amount_minor=100)], taxes=rates)

    assert [(str(tax.percent), tax.paid_minor, tax.tax_minor) for tax in priced.taxes] == [
        ("5.5", 480, 25),
        ("20", 1921, 320),
    ]
    assert [one.tax_minor for one in priced.lines] == [160, 160, 25]


def test_turns_an_amount_with_tax_into_prices_without() -> None:
    cart = order(1000, prices_include_tax=False)

    priced = price(cart, [AmountOff(source="x", amount_minor=600, tax="included")], taxes={"1": Decimal(20)})

    assert off(priced) == [500]
    assert (priced.taxes[0].tax_minor, priced.total_minor) == (100, 600)


def test_turns_an_amount_without_tax_into_prices_with() -> None:
    priced = price(order(1200), [AmountOff(source="x", amount_minor=500, tax="excluded")], taxes={"1": Decimal(20)})

    assert (off(priced), priced.total_minor) == ([600], 600)


def test_becomes_an_order_as_it_is_paid() -> None:
    cart = order(line("1", 1000, discount_minor=100), 500, discount_minor=140, shipping_minor=300)

    paid = ordered(cart, price(cart, [AmountOff(source="x", amount_minor=260), ShippingOff(source="y")]))

    assert sum(one.amount_minor - one.discount_minor for one in paid.lines) == 1000
    assert (paid.discount_minor, paid.shipping_minor) == (0, 0)


@st.composite
def carts(draw: st.DrawFn) -> tuple[Order, dict[str, Decimal]]:
    lines = []
    for number in range(draw(st.integers(1, 6))):
        amount = draw(st.integers(0, 20_000))
        lines.append(
            line(
                str(number),
                amount,
                quantity_milli=draw(st.sampled_from([1000, 2000, 3000, 7000, 1250])),
                discount_minor=draw(st.integers(0, amount)),
                categories=draw(st.sampled_from([(), ("coffee",)])),
            )
        )
    rates = {one.id: Decimal(draw(st.sampled_from(["0", "5.5", "8.875", "20"]))) for one in lines}
    cart = order(
        *lines,
        discount_minor=draw(st.integers(0, 10_000)),
        shipping_minor=draw(st.integers(0, 1000)),
        prices_include_tax=draw(st.booleans()),
    )
    return cart, rates


PERCENTS = st.sampled_from([Decimal(1), Decimal("12.5"), Decimal("33.3"), Decimal(100)])
SCOPES = st.sampled_from([Scope(), COFFEE])
MINIMA = st.sampled_from([0, 3000])
CAPS = st.none() | st.integers(1, 3000)


@st.composite
def discounts(draw: st.DrawFn) -> Discount:
    scope, minimum, cap = draw(SCOPES), draw(MINIMA), draw(CAPS)
    kind = draw(st.integers(0, 5))
    if kind == 0:
        return PercentOff(source="a", scope=scope, minimum_minor=minimum, cap_minor=cap, percent=draw(PERCENTS))
    if kind == 1:
        return AmountOff(
            source="b", scope=scope, minimum_minor=minimum, cap_minor=cap,
            amount_minor=draw(st.integers(1, 9000)), tax=draw(st.sampled_from(["as_priced", "included", "excluded"])),
        )  # fmt: skip
    if kind == 2:
        return ItemsOff(
            source="c", scope=scope, cap_minor=cap, items=draw(st.integers(1, 4)), percent=draw(PERCENTS),
            which=draw(st.sampled_from(["cheapest", "dearest"])),
        )  # fmt: skip
    if kind == 3:
        return BuyGet(source="d", scope=scope, cap_minor=cap, buy=draw(st.integers(1, 3)), get=draw(st.integers(1, 2)))
    if kind == 4:
        steps = (Step(from_minor=0, amount_minor=100), Step(from_minor=2000, percent=draw(PERCENTS)))
        return Stepped(source="e", scope=scope, minimum_minor=minimum, cap_minor=cap, steps=steps)
    return ShippingOff(source="f", scope=scope, minimum_minor=minimum, cap_minor=cap)


@given(carts(), st.lists(discounts(), max_size=5))
def test_is_priced_to_the_unit_whatever_is_taken_off(
    made: tuple[Order, dict[str, Decimal]], off: list[Discount]
) -> None:
    cart, rates = made
    before = price(cart, taxes=rates)

    after = price(cart, off, taxes=rates, shipping_tax=Decimal(20))

    assert all(0 <= one.paid_minor <= was.paid_minor for one, was in zip(after.lines, before.lines, strict=True))
    assert 0 <= after.shipping_minor <= cart.shipping_minor
    taken = sum(one.amount_minor for one in after.applied)
    assert sum(one.paid_minor for one in after.lines) + after.shipping_minor + taken == (
        sum(one.paid_minor for one in before.lines) + cart.shipping_minor
    )
    for one in after.applied:
        assert one.amount_minor == sum(one.lines.values()) + one.shipping_minor
        assert (one.amount_minor == 0) == (one.reason is not None)
    assert sum(tax.tax_minor for tax in after.taxes) == (
        sum(one.tax_minor for one in after.lines) + after.shipping_tax_minor
    )
    added = 0 if cart.prices_include_tax else sum(tax.tax_minor for tax in after.taxes)
    assert after.total_minor == sum(one.paid_minor for one in after.lines) + after.shipping_minor + added


@given(carts(), st.lists(discounts(), max_size=4))
def test_is_taxed_nothing_where_nothing_is_paid(made: tuple[Order, dict[str, Decimal]], off: list[Discount]) -> None:
    cart, rates = made

    after = price(cart, off, taxes=rates)

    assert all(one.tax_minor == 0 for one in after.lines if one.paid_minor == 0)
    assert all(0 <= one.tax_minor <= one.paid_minor for one in after.lines)


@given(carts(), discounts())
def test_takes_no_more_than_the_cap_in_any_case(made: tuple[Order, dict[str, Decimal]], off: Discount) -> None:
    cart, rates = made

    [applied] = price(cart, [off], taxes=rates).applied

    assert off.cap_minor is None or applied.amount_minor <= off.cap_minor
