"""More points for some products …"""

from decimal import Decimal

import pytest

from regulars.engine.earning import Limit
from regulars.engine.events import Line
from regulars.engine.programme import Policies, Scope
from regulars.rules.product_bonus import ProductBonus
from regulars.rules.spend import Spend
from tests.engine.making import ONE_EACH, Story, bought, gave_back, line, running

PASTA = line("1", 2_000, categories=("pasta",), quantity_milli=3_000)
WINE = line("2", 5_000, categories=("wine",))
ON_PASTA = Scope(categories=("pasta",))


def _earned(rule: ProductBonus, *lines: Line, base: Spend = ONE_EACH) -> int:
    return Story(running(base, rule)).tell(bought(*lines)).balances["points"].available


@pytest.mark.parametrize(("quantity_milli", "bonus"), [(1_000, 5), (3_000, 15), (2_500, 12), (199, 0), (200, 1)])
def test_are_so_many_a_piece(quantity_milli: int, bonus: int) -> None:
    rule = ProductBonus(id="five", scope=ON_PASTA, points_per_unit=5)

    assert _earned(rule, line("1", 0, categories=("pasta",), quantity_milli=quantity_milli)) == bonus


def test_are_so_many_a_piece_of_a_product_and_so_many_for_the_money_on_others() -> None:
    # A is worth 10 a piece; B earns 2 a euro: two A and 30 euros of B.
    scale_b = Spend(id="b", points=2, per_minor=100, scope=Scope(products=("product-b",)))
    scale_a = ProductBonus(id="a", scope=Scope(products=("product-a",)), points_per_unit=10)

    assert _earned(scale_a, line("a", 9_900, quantity_milli=2_000), line("b", 3_000), base=scale_b) == 80


@pytest.mark.parametrize(
    ("multiplier", "total"),
    [("2", 20 * 2 + 50), ("3", 20 * 3 + 50), ("1.5", 20 + 10 + 50), ("1.25", 20 + 5 + 50), ("1.01", 70)],
)
def test_multiply_what_the_lines_in_scope_earned(multiplier: str, total: int) -> None:
    assert _earned(ProductBonus(id="more", scope=ON_PASTA, multiplier=Decimal(multiplier)), PASTA, WINE) == total


def test_multiply_what_a_limit_left() -> None:
    capped = Spend(id="base", points=1, per_minor=100, limits=(Limit(per="day", points=14),))
    double = ProductBonus(id="double", scope=ON_PASTA, multiplier=Decimal(2))

    # 14 of 70 are left: 4 on the pasta, 10 on the wine.
    assert _earned(double, PASTA, WINE, base=capped) == 14 + 4


def test_do_not_multiply_one_another() -> None:
    double = ProductBonus(id="double", scope=ON_PASTA, multiplier=Decimal(2))
    triple = ProductBonus(id="triple", scope=ON_PASTA, multiplier=Decimal(3))

    story = Story(running(double, triple, ONE_EACH))

    assert story.tell(bought(PASTA)).balances["points"].available == 20 + 20 + 40


def test_follow_the_wallet() -> None:
    elsewhere = ProductBonus(id="double", scope=ON_PASTA, multiplier=Decimal(2), wallet="stamps")

    story = Story(running(ONE_EACH, elsewhere, wallets={"points": ONE_WALLET, "stamps": ONE_WALLET}))

    assert story.tell(bought(PASTA)).balances["stamps"].available == 0


ONE_WALLET = running().wallets["points"]


def test_spare_what_the_programme_excludes() -> None:
    policies = Policies(excluded=Scope(categories=("pasta",)))
    rule = ProductBonus(id="five", scope=Scope(), points_per_unit=5)

    assert Story(running(rule, policies=policies)).tell(bought(PASTA, WINE)).balances["points"].available == 5


def test_come_off_with_their_line() -> None:
    story = Story(running(ONE_EACH, ProductBonus(id="double", scope=ON_PASTA, multiplier=Decimal(2))))
    story.tell(bought(PASTA, WINE))

    assert story.tell(gave_back(line_1=1_000)).balances["points"].available == 90 - 6 - 6
    assert story.tell(gave_back(line_1=2_000)).balances["points"].available == 50


@pytest.mark.parametrize("multiplier", ["1", "0.5", "-2", "1000.01", "NaN", "Infinity"])
def test_need_a_multiplier_that_adds_something(multiplier: str) -> None:
    with pytest.raises(ValueError, match="multiplier must be over 1 and at most 1000"):
        ProductBonus(id="double", scope=ON_PASTA, multiplier=Decimal(multiplier))


def test_are_by_the_piece_or_a_multiple_and_not_both() -> None:
    for both in ({}, {"points_per_unit": 5, "multiplier": Decimal(2)}):
        with pytest.raises(ValueError, match="one of the two"):
            ProductBonus(id="double", scope=ON_PASTA, **both)  # type: ignore[arg-type]
