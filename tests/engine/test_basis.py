"""The money that earns …"""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from regulars.engine.basis import basis_of
from regulars.engine.events import Order, Tender
from regulars.engine.programme import Basis
from tests.engine.making import line, order

SHIPPED = Basis(shipping="included")


MONEY = st.integers(0, 100_000)
TENDERS = st.builds(Tender, type=st.sampled_from(["card", "gift_card", "credit"]), amount_minor=MONEY)
LINES = st.lists(st.tuples(MONEY, MONEY, MONEY), min_size=1, max_size=6)


def _sale(*tenders: Tender) -> Order:
    """100.00 less 10.00 and 50.00, less 14.00 on the whole, with 20 % tax in the price, and 6.00 of shipping."""
    return order(
        line("shirt", 10_000, discount_minor=1_000, tax_minor=1_350),
        line("socks", 5_000, tax_minor=750),
        discount_minor=1_400,
        shipping_minor=600,
        shipping_tax_minor=100,
        tenders=tenders,
    )


def _net_sale(*tenders: Tender) -> Order:
    """The same in a country where prices go without tax."""
    return order(
        line("shirt", 10_000, discount_minor=1_000, tax_minor=1_620),
        line("socks", 5_000, tax_minor=900),
        discount_minor=1_400,
        shipping_minor=600,
        shipping_tax_minor=120,
        prices_include_tax=False,
        tenders=tenders,
    )


@pytest.mark.parametrize(
    ("basis", "shirt", "socks", "shipping"),
    [
        (Basis(), 8_100, 4_500, 0),
        (Basis(order_discount="ignored"), 9_000, 5_000, 0),
        (Basis(discounts="before"), 10_000, 5_000, 0),
        (Basis(discounts="before", order_discount="ignored"), 10_000, 5_000, 0),
        (Basis(tax="excluded"), 6_750, 3_750, 0),
        (Basis(tax="excluded", discounts="before"), 8_333, 4_167, 0),
        (Basis(tax="excluded", order_discount="ignored"), 7_500, 4_167, 0),
        (Basis(shipping="included"), 8_100, 4_500, 600),
        (Basis(shipping="included", tax="excluded"), 6_750, 3_750, 500),
    ],
)
def test_is_chosen_by_discount_tax_and_shipping(basis: Basis, shirt: int, socks: int, shipping: int) -> None:
    assert basis_of(_sale(), basis) == (shirt, socks, shipping)


@pytest.mark.parametrize(
    ("basis", "shirt", "socks", "shipping"),
    [
        (Basis(), 9_720, 5_400, 0),
        (Basis(tax="excluded"), 8_100, 4_500, 0),
        (Basis(tax="excluded", discounts="before"), 10_000, 5_000, 0),
        (Basis(discounts="before"), 12_000, 6_000, 0),
        (Basis(shipping="included"), 9_720, 5_400, 720),
        (Basis(shipping="included", tax="excluded"), 8_100, 4_500, 600),
    ],
)
def test_includes_a_tax_that_comes_on_top_where_it_is_to(basis: Basis, shirt: int, socks: int, shipping: int) -> None:
    assert basis_of(_net_sale(), basis) == (shirt, socks, shipping)


@pytest.mark.parametrize(
    ("sale", "basis", "shirt", "socks", "shipping"),
    [
        # A tenth of the 132.00 is paid by gift card, so a tenth of every line.
        (_sale(Tender(type="gift_card", amount_minor=1_320)), SHIPPED, 7_290, 4_050, 540),
        (_sale(Tender(type="gift_card", amount_minor=1_320)), Basis(tax="excluded"), 6_075, 3_375, 0),
        (_sale(Tender(type="gift_card", amount_minor=1_320)), Basis(discounts="before"), 9_000, 4_500, 0),
        (_sale(Tender(type="gift_card", amount_minor=1_320)), Basis(tenders_excluded=()), 8_100, 4_500, 0),
        (_sale(Tender(type="card", amount_minor=13_200)), SHIPPED, 8_100, 4_500, 600),
        (_sale(Tender(type="gift_card", amount_minor=13_200)), SHIPPED, 0, 0, 0),
        (_sale(Tender(type="gift_card", amount_minor=99_999)), SHIPPED, 0, 0, 0),
        # A tenth of the 158.40 with tax.
        (_net_sale(Tender(type="gift_card", amount_minor=1_584)), Basis(tax="excluded"), 7_290, 4_050, 0),
        (_net_sale(Tender(type="gift_card", amount_minor=1_584)), SHIPPED, 8_748, 4_860, 648),
    ],
)
def test_leaves_out_the_part_paid_by_means_that_do_not_earn(
    sale: Order, basis: Basis, shirt: int, socks: int, shipping: int
) -> None:
    assert basis_of(sale, basis) == (shirt, socks, shipping)


def test_is_1500_of_2000_after_a_tenth_off_and_300_of_credit() -> None:
    baht = order(
        200_000,
        discount_minor=20_000,
        tenders=[Tender(type="credit", amount_minor=30_000), Tender(type="card", amount_minor=150_000)],
    )

    assert basis_of(baht, Basis(tenders_excluded=("credit", "gift_card"))) == (150_000, 0)


@pytest.mark.parametrize(
    ("inclusive", "tax", "shirt", "socks"),
    [
        (True, "included", 6_000, 1_200),
        (True, "excluded", 5_000, 1_000),
        (False, "excluded", 6_000, 1_200),
        (False, "included", 7_000, 1_400),
    ],
)
def test_of_a_sale_without_discounts_has_its_tax_moved_too(inclusive: bool, tax: str, shirt: int, socks: int) -> None:
    plain = order(line("1", 6_000, tax_minor=1_000), line("2", 1_200, tax_minor=200), prices_include_tax=inclusive)

    assert basis_of(plain, Basis(tax=tax)) == (shirt, socks, 0)  # type: ignore[arg-type]


@given(LINES, st.booleans(), st.sampled_from(["included", "excluded"]), st.sampled_from(["before", "after"]))
def test_does_not_depend_on_a_discount_of_nothing_or_a_tender_that_pays_nothing(
    lines: list[tuple[int, int, int]], inclusive: bool, tax: str, discounts: str
) -> None:
    made = [line(str(n), amount, tax_minor=min(tax, amount // 5)) for n, (amount, _, tax) in enumerate(lines)]
    plain = order(*made, prices_include_tax=inclusive)
    paid_by_nothing = replace(plain, tenders=(Tender(type="gift_card", amount_minor=0),))
    basis = Basis(tax=tax, discounts=discounts)  # type: ignore[arg-type]

    assert basis_of(plain, basis) == basis_of(paid_by_nothing, basis)


def test_is_never_less_than_nothing() -> None:
    given_away = order(line("free", 1_000, discount_minor=1_500), line("sold", 1_000), discount_minor=5_000)

    assert basis_of(given_away, Basis()) == (0, 0, 0)
    assert basis_of(given_away, Basis(order_discount="ignored")) == (0, 1_000, 0)
    assert basis_of(order(), Basis()) == (0,)


@given(LINES, MONEY, MONEY, st.lists(TENDERS, max_size=3))
def test_of_all_lines_is_what_was_paid_less_the_means_that_do_not_earn(
    lines: list[tuple[int, int, int]], discount: int, shipping: int, tenders: list[Tender]
) -> None:
    made = [line(str(n), amount, discount_minor=off, tax_minor=tax) for n, (amount, off, tax) in enumerate(lines)]
    sale = order(*made, discount_minor=discount, shipping_minor=shipping, tenders=tenders)

    paid = max(0, sum(max(0, amount - off) for amount, off, _ in lines) - discount) + shipping
    excluded = sum(tender.amount_minor for tender in tenders if tender.type == "gift_card")
    assert sum(basis_of(sale, SHIPPED)) == max(0, paid - excluded)


@given(
    LINES,
    MONEY,
    st.lists(TENDERS, max_size=3),
    st.booleans(),
    st.builds(
        Basis,
        discounts=st.sampled_from(["before", "after"]),
        order_discount=st.sampled_from(["pro_rata", "ignored"]),
        tax=st.sampled_from(["included", "excluded"]),
        shipping=st.sampled_from(["included", "excluded"]),
    ),
)
def test_is_an_amount_for_each_line_and_the_shipping(
    lines: list[tuple[int, int, int]], discount: int, tenders: list[Tender], inclusive: bool, basis: Basis
) -> None:
    made = [
        line(str(n), amount, discount_minor=off, tax_minor=min(tax, amount // 5))
        for n, (amount, off, tax) in enumerate(lines)
    ]
    sale = order(*made, discount_minor=discount, tenders=tenders, prices_include_tax=inclusive, shipping_minor=500)

    amounts = basis_of(sale, basis)

    assert len(amounts) == len(lines) + 1
    assert min(amounts) >= 0
    assert basis.shipping == "included" or amounts[-1] == 0
