"""Points for money spent …"""

import pytest
from msgspec.structs import replace

from regulars.engine.events import Line, Tender
from regulars.engine.explain import explain
from regulars.engine.numbers import Rounding
from regulars.engine.programme import Basis, Policies, Scope
from regulars.rules.spend import Spend
from tests.engine.making import MONDAY_NOON, Story, bought, event, gave_back, line, member, running

FIVE_A_EURO = Spend(id="five", points=5, per_minor=100)


def _earned(rule: Spend, *lines: Line | int, policies: Policies | None = None, **more: object) -> int:
    return Story(running(rule, policies=policies)).tell(bought(*lines, **more)).balances["points"].available  # type: ignore[arg-type]


def _by_line(rule: Spend, *lines: Line | int, **more: object) -> dict[str, int]:
    [award] = Story(running(rule)).tell(bought(*lines, **more)).result.awards  # type: ignore[arg-type]
    return award.lines


@pytest.mark.parametrize(
    ("points", "per_minor", "paid", "earned"),
    [
        (10, 100, 1_240, 124),
        (1, 1_000, 10_500, 10),
        (5, 100, 10_000, 500),
        (1, 100, 99, 0),
        (1, 100, 100, 1),
        (3, 700, 1_400, 6),
    ],
)
def test_are_so_many_for_every_so_much(points: int, per_minor: int, paid: int, earned: int) -> None:
    assert _earned(Spend(id="base", points=points, per_minor=per_minor), paid) == earned


def test_are_75_of_2000_baht_after_a_tenth_off_and_300_of_credit_at_five_percent() -> None:
    perks = Spend(id="perks", points=5, per_minor=10_000, basis=Basis(tenders_excluded=("credit",)))

    earned = _earned(perks, 200_000, discount_minor=20_000, tenders=[Tender(type="credit", amount_minor=30_000)])

    assert earned == 75


@pytest.mark.parametrize(
    ("rounding", "by_order", "by_line"), [("floor", 4, 3), ("ceiling", 5, 6), ("half_up", 5, 6), ("half_even", 4, 6)]
)
def test_are_rounded_once_for_the_order_or_line_by_line(rounding: Rounding, by_order: int, by_line: int) -> None:
    # Three lines of 1.50 at a point a euro: 4.5 in all, 1.5 each.
    base = Spend(id="base", points=1, per_minor=100, rounding=rounding, rounding_level="order")

    assert _earned(base, 150, 150, 150) == by_order
    assert _earned(replace(base, rounding_level="line"), 150, 150, 150) == by_line


def test_are_rounded_as_the_policies_say_where_the_rule_says_nothing() -> None:
    base = Spend(id="base", points=1, per_minor=100)
    up_by_line = Policies(rounding="ceiling", rounding_level="line")

    assert _earned(base, 150, 150, 150) == 4
    assert _earned(base, 150, 150, 150, policies=up_by_line) == 6
    assert _earned(replace(base, rounding="floor"), 150, 150, 150, policies=up_by_line) == 3


def test_are_shared_over_the_lines_so_that_the_parts_come_to_the_whole() -> None:
    assert _by_line(Spend(id="base", points=1, per_minor=100), 150, 150, 150) == {"1": 2, "2": 1, "3": 1}
    assert _by_line(FIVE_A_EURO, 1_000, 1, 2_000) == {"1": 50, "3": 100}


def test_count_shipping_as_a_part_of_its_own() -> None:
    shipped = replace(FIVE_A_EURO, basis=Basis(shipping="included"))

    assert _by_line(shipped, 1_000, shipping_minor=600) == {"1": 50, "$shipping": 30}


TROUSERS = line("1", 5_000, categories=("clothes", "trousers"), tags=("new",))
SHIRT = line("2", 3_000, categories=("clothes",))
GIFT_CARD = line("3", 2_000, categories=("gift_cards",))


@pytest.mark.parametrize(
    ("scope", "earned"),
    [
        (Scope(), 100),
        (Scope(products=("product-2",)), 30),
        (Scope(products=("product-2", "product-3")), 50),
        (Scope(categories=("clothes",)), 80),
        (Scope(categories=("clothes", "gift_cards")), 100),
        (Scope(tags=("new",)), 50),
        (Scope(tags=("new",), products=("product-3",)), 70),
        (Scope(except_categories=("gift_cards",)), 80),
        (Scope(categories=("clothes",), except_tags=("new",)), 30),
        (Scope(categories=("clothes",), except_products=("product-1",)), 30),
        (Scope(categories=("clothes",), except_categories=("clothes",)), 0),
        (Scope(categories=("shoes",)), 0),
    ],
)
def test_count_the_lines_in_scope(scope: Scope, earned: int) -> None:
    rule = Spend(id="base", points=1, per_minor=100, scope=scope)

    assert _earned(rule, TROUSERS, SHIRT, GIFT_CARD) == earned


def test_count_no_line_that_the_programme_excludes() -> None:
    without_gift_cards = Policies(excluded=Scope(categories=("gift_cards",)))
    base = Spend(id="base", points=1, per_minor=100)

    assert _earned(base, TROUSERS, SHIRT, GIFT_CARD, policies=without_gift_cards) == 80
    named = replace(base, scope=Scope(products=("product-2", "product-3")))
    assert _earned(named, TROUSERS, SHIRT, GIFT_CARD, policies=without_gift_cards) == 30


def test_share_an_order_wide_discount_before_they_look_at_the_scope() -> None:
    clothes = Spend(id="base", points=1, per_minor=100, scope=Scope(categories=("clothes",)))

    assert _earned(clothes, TROUSERS, SHIRT, GIFT_CARD, discount_minor=1_000) == 72
    ignored = replace(clothes, basis=Basis(order_discount="ignored"))
    assert _earned(ignored, TROUSERS, SHIRT, GIFT_CARD, discount_minor=1_000) == 80


@pytest.mark.parametrize(
    ("thresholds", "paid", "earned"),
    [("inclusive", 4_999, 0), ("inclusive", 5_000, 50), ("exclusive", 5_000, 0), ("exclusive", 5_001, 50)],
)
def test_begin_at_the_minimum_or_above_it(thresholds: str, paid: int, earned: int) -> None:
    policies = Policies(thresholds=thresholds)  # type: ignore[arg-type]
    rule = Spend(id="base", points=1, per_minor=100, minimum_minor=5_000)

    assert _earned(rule, paid, policies=policies) == earned


def test_compare_the_minimum_with_what_earns() -> None:
    rule = Spend(id="base", points=1, per_minor=100, minimum_minor=5_000, scope=Scope(categories=("clothes",)))

    assert _earned(rule, SHIRT, GIFT_CARD) == 0
    assert _earned(rule, TROUSERS, GIFT_CARD) == 50
    assert _earned(rule, TROUSERS, GIFT_CARD, discount_minor=7) == 0


def test_carry_the_rest_over_to_the_next_purchase() -> None:
    star = Spend(id="star", points=1, per_minor=5_000, carry=True)
    story = Story(running(star))

    assert story.tell(bought(3_000, id="A1")).balances["points"].available == 0
    assert story.tell(bought(2_000, id="A2")).balances["points"].available == 1
    assert story.state.counters["star/carry"] == 0
    assert story.tell(bought(12_600, id="A3")).balances["points"].available == 3
    assert story.tell(bought(2_399, id="A4")).balances["points"].available == 3
    assert story.tell(bought(1, id="A5")).balances["points"].available == 4


def test_once_carried_come_off_with_the_order_that_completed_them() -> None:
    star = Spend(id="star", points=1, per_minor=5_000, carry=True)
    story = Story(running(star))
    story.tell(bought(3_000, id="A1"))
    story.tell(bought(2_000, id="A2"))

    assert story.tell(gave_back("A1")).balances["points"].available == 1
    assert story.tell(gave_back("A2")).balances["points"].available == 0


@pytest.mark.parametrize(
    ("rule", "paid", "code", "required", "actual"),
    [
        (Spend(id="base", points=1, per_minor=100, minimum_minor=500), 499, "below-minimum", 500, 499),
        (Spend(id="base", points=1, per_minor=100), 99, "rounds-to-zero", 100, 99),
        (Spend(id="base", points=1, per_minor=100), 0, "nothing-to-earn-on", None, None),
        (Spend(id="base", points=1, per_minor=100, carry=True), 99, "carried", 100, 99),
    ],
)
def test_that_are_none_have_a_reason(rule: Spend, paid: int, code: str, required: int, actual: int) -> None:
    [outcome] = explain(running(rule), member(), event(bought(paid), MONDAY_NOON))

    [reason] = outcome.reasons
    assert not outcome.applied
    assert (reason.code, reason.required, reason.actual) == (code, required, actual)
