"""A return …"""

from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from regulars.engine.decide import Decision
from regulars.engine.earning import Limit, Rule
from regulars.engine.effects import Posted, Sent
from regulars.engine.events import Body, Hold, Purchase, Return, ReturnedLine, Settle, Spend, Transfer
from regulars.engine.mail import read
from regulars.engine.points import Balance
from regulars.engine.programme import Debt, Pending, Policies, Scope, Wallet
from regulars.engine.reversing import Clawback
from regulars.rules import first_purchase, product_bonus, spend
from tests.engine.making import (
    BOB,
    MONDAY_NOON,
    ONE_EACH,
    Story,
    bought,
    days,
    gave_back,
    line,
    member,
    order,
    running,
)

FIVE_EACH = spend.Spend(id="base", points=5, per_minor=100)
TEN_EACH = spend.Spend(id="base", points=10, per_minor=100)
WELCOME = first_purchase.FirstPurchase(id="welcome", points=50)


def _clawed(decision: Decision) -> list[tuple[str, int, int, int, int]]:
    return [(c.rule, c.asked, c.taken, c.owed, c.forgiven) for c in decision.result.clawbacks]


def _story(*rules: Rule, wallet: Wallet | None = None, policies: Policies | None = None) -> Story:
    return Story(running(*(rules or (ONE_EACH,)), wallet=wallet, policies=policies))


def test_takes_back_what_was_given_then_whatever_the_rules_say_today() -> None:
    story = _story(FIVE_EACH)
    story.tell(bought(line("1", 4_000, quantity_milli=2_000)))
    assert story.available() == 200

    story.programme = running(TEN_EACH)
    assert _clawed(story.tell(gave_back(line_1=1_000))) == [("base", 100, 100, 0, 0)]
    story.programme = running()
    assert _clawed(story.tell(gave_back(line_1=1_000))) == [("base", 100, 100, 0, 0)]

    assert story.balance() == Balance()


def test_takes_back_points_of_a_wallet_that_is_no_more() -> None:
    story = Story(running(ONE_EACH, wallets={"points": Wallet(), "miles": Wallet()}))
    story.tell(bought(4_000))
    story.programme = running(wallets={"miles": Wallet()})

    assert _clawed(story.tell(gave_back())) == [("one_each", 40, 40, 0, 0)]


def test_of_some_lines_takes_back_what_those_lines_earned() -> None:
    story = _story()
    story.tell(bought(1_000, 2_500, 700))

    assert _clawed(story.tell(gave_back(line_2=1_000))) == [("one_each", 25, 25, 0, 0)]
    assert story.available() == 17


def test_leaves_the_other_lines_alone_to_the_last_point() -> None:
    story = _story()
    story.tell(bought(100, 900_000_000))

    assert _clawed(story.tell(gave_back(line_1=1_000))) == [("one_each", 1, 1, 0, 0)]


def test_leaves_what_was_given_for_no_quantity_until_everything_is_back() -> None:
    story = _story()
    story.tell(bought(1_000, line("deposit", 500, quantity_milli=0), line("3", 200, quantity_milli=2_000)))

    assert _clawed(story.tell(gave_back(line_1=1_000))) == [("one_each", 10, 10, 0, 0)]
    assert _clawed(story.tell(gave_back(line_3=1_000))) == [("one_each", 1, 1, 0, 0)]
    assert _clawed(story.tell(gave_back(line_3=1_000))) == [("one_each", 6, 6, 0, 0)]


def test_of_part_of_a_line_takes_back_its_part_rounded_down_and_the_rest_with_the_last_part() -> None:
    story = _story()
    story.tell(bought(line("1", 1_000, quantity_milli=3_000)))

    taken = [_clawed(story.tell(gave_back(line_1=1_000)))[0][1] for _ in range(3)]

    assert taken == [3, 3, 4]


def test_without_a_quantity_takes_all_of_the_line_that_is_left() -> None:
    story = _story()
    story.tell(bought(line("1", 1_000, quantity_milli=4_000), line("2", 500)))
    story.tell(gave_back(line_1=1_000))

    decision = story.tell(Return(order_id="A1", lines=(ReturnedLine(id="1"),)))

    assert _clawed(decision) == [("one_each", 8, 8, 0, 0)]
    assert story.available() == 5


def test_of_everything_but_the_shipping_takes_back_everything() -> None:
    shipping = spend.Spend(id="base", points=1, per_minor=100, basis=replace(Policies().basis, shipping="included"))
    story = _story(shipping)
    story.tell(bought(1_000, 2_000, shipping_minor=700))
    assert story.available() == 37

    assert _clawed(story.tell(gave_back(line_1=1_000))) == [("base", 10, 10, 0, 0)]
    assert _clawed(story.tell(gave_back(line_2=1_000))) == [("base", 27, 27, 0, 0)]


def test_of_everything_comes_once() -> None:
    story = _story()
    story.tell(bought(1_000, 2_000))
    story.tell(gave_back())

    assert _clawed(story.tell(gave_back())) == []
    assert story.refuse(gave_back(line_1=1_000)).code == "returned-more-than-bought"
    assert story.balance() == Balance()


@pytest.mark.parametrize(
    ("returned", "code"),
    [
        (ReturnedLine(id="1", quantity_milli=1_001), "returned-more-than-bought"),
        (ReturnedLine(id="9", quantity_milli=1_000), "unknown-line"),
        (ReturnedLine(id="1", quantity_milli=0), "quantity-not-positive"),
        (ReturnedLine(id="1", quantity_milli=-1_000), "quantity-not-positive"),
    ],
)
def test_of_what_was_not_bought_is_refused(returned: ReturnedLine, code: str) -> None:
    story = _story()
    story.tell(bought(1_000, 2_000))

    assert story.refuse(Return(order_id="A1", lines=(returned,))).code == code


def test_cannot_undo_a_return_before_its_order_either() -> None:
    story = _story()
    story.tell(gave_back(line_1=1_000))

    assert story.refuse(gave_back(line_1=-1_000)).code == "quantity-not-positive"
    assert story.refuse(Return(order_id="A1", lines=(ReturnedLine(id="1"),))).code == "return-needs-quantity"


def test_of_one_line_twice_in_one_return_counts_both() -> None:
    story = _story()
    story.tell(bought(line("1", 1_000, quantity_milli=4_000)))
    twice = (ReturnedLine(id="1", quantity_milli=1_000), ReturnedLine(id="1", quantity_milli=2_000))

    assert _clawed(story.tell(Return(order_id="A1", lines=twice))) == [("one_each", 7, 7, 0, 0)]


@pytest.mark.parametrize(
    ("policy", "after_one", "after_all"),
    [("when_all_returned", 0, 50), ("proportional", 12, 38), ("keep", 0, 0)],
)
def test_takes_back_what_the_whole_order_earned_by_policy(policy: str, after_one: int, after_all: int) -> None:
    story = _story(WELCOME, policies=Policies(whole_order_awards=policy))  # type: ignore[arg-type]
    story.tell(bought(1_000, line("2", 100, quantity_milli=3_000)))

    one = sum(asked for _, asked, *_ in _clawed(story.tell(gave_back(line_1=1_000))))
    rest = sum(asked for _, asked, *_ in _clawed(story.tell(gave_back(line_2=3_000))))

    assert (one, rest) == (after_one, after_all)


def test_takes_back_what_a_limit_left() -> None:
    capped = replace(ONE_EACH, limits=(Limit(per="day", points=15),))
    story = _story(capped)
    story.tell(bought(1_000, 2_000))
    assert story.available() == 15

    assert _clawed(story.tell(gave_back(line_2=1_000))) == [("one_each", 10, 10, 0, 0)]
    assert _clawed(story.tell(gave_back(line_1=1_000))) == [("one_each", 5, 5, 0, 0)]


def test_takes_back_each_rules_part() -> None:
    double = product_bonus.ProductBonus(id="double", scope=Scope(products=("product-2",)), multiplier=Decimal(2))
    story = _story(ONE_EACH, double, WELCOME)
    story.tell(bought(1_000, 2_000))
    assert story.available() == 100

    assert _clawed(story.tell(gave_back(line_2=1_000))) == [("one_each", 20, 20, 0, 0), ("double", 20, 20, 0, 0)]
    assert _clawed(story.tell(gave_back())) == [("one_each", 10, 10, 0, 0), ("welcome", 50, 50, 0, 0)]


def test_voids_its_part_of_points_that_are_still_pending() -> None:
    story = _story(wallet=Wallet(pending=Pending(days=14)))
    story.tell(bought(10_000, 5_000))

    returned = story.tell(gave_back(line_2=1_000), MONDAY_NOON + days(5))

    assert [(p.source, p.target, p.amount) for p in returned.effects if isinstance(p, Posted)] == [
        ("pending", "issued", 50)
    ]
    assert story.balance(MONDAY_NOON + days(5)) == Balance(pending=100)
    assert story.balance(MONDAY_NOON + days(14)) == Balance(available=100)


def test_leaves_a_debt_where_the_points_are_spent_and_the_next_earn_repays_it() -> None:
    story = _story()
    story.tell(bought(10_000, id="A1"))
    story.tell(Spend(wallet="points", amount=80))

    assert _clawed(story.tell(gave_back("A1"))) == [("one_each", 100, 20, 80, 0)]
    assert story.balance() == Balance(available=-80, debt=80)

    assert story.tell(bought(10_000, id="A2")).balances["points"] == Balance(available=20)


@pytest.mark.parametrize(
    ("debt", "owed", "forgiven"),
    [(Debt(), 80, 0), (Debt(limit=30), 30, 50), (Debt(limit=0), 0, 80), (Debt(policy="clamp"), 0, 80)],
)
def test_leaves_no_more_debt_than_the_wallet_allows(debt: Debt, owed: int, forgiven: int) -> None:
    story = _story(wallet=Wallet(debt=debt))
    story.tell(bought(10_000))
    story.tell(Spend(wallet="points", amount=80))

    assert _clawed(story.tell(gave_back())) == [("one_each", 100, 20, owed, forgiven)]
    assert story.balance() == Balance(available=-owed, debt=owed)


def test_counts_the_debt_that_is_there_against_the_limit() -> None:
    story = _story(wallet=Wallet(debt=Debt(limit=30)))
    story.tell(bought(10_000, 10_000))
    story.tell(Spend(wallet="points", amount=180))
    story.tell(gave_back(line_1=1_000))
    assert story.balance().debt == 30

    assert _clawed(story.tell(gave_back(line_2=1_000))) == [("one_each", 100, 0, 0, 100)]


def test_takes_from_the_orders_own_lot_first_then_from_the_soonest_to_expire() -> None:
    story = _story(wallet=Wallet())
    story.tell(bought(3_000, id="A1"))
    story.tell(bought(5_000, id="A2"), MONDAY_NOON + days(1))
    story.tell(Spend(wallet="points", amount=10), MONDAY_NOON + days(2))

    story.tell(gave_back("A2"), MONDAY_NOON + days(2))
    assert sorted(lot.remaining for lot in story.state.lots) == [0, 20]

    story.tell(bought(5_000, id="A3"), MONDAY_NOON + days(3))
    assert _clawed(story.tell(gave_back("A1"), MONDAY_NOON + days(3))) == [("one_each", 30, 30, 0, 0)]
    assert sorted(lot.remaining for lot in story.state.lots) == [0, 0, 40]


def test_touches_nothing_that_is_held() -> None:
    story = _story()
    story.tell(bought(10_000))
    story.tell(Hold(wallet="points", amount=100, expires_at=MONDAY_NOON + days(1)))

    assert _clawed(story.tell(gave_back())) == [("one_each", 100, 0, 100, 0)]
    assert story.balance() == Balance(available=-100, held=100, debt=100)


def test_makes_the_giver_owe_what_was_given_away() -> None:
    story = _story()
    story.tell(bought(10_000))
    story.tell(Transfer(wallet="points", amount=100, to_member=BOB))

    assert _clawed(story.tell(gave_back())) == [("one_each", 100, 0, 100, 0)]


def test_knows_its_own_points_again_when_they_come_home() -> None:
    alice, bob = _story(), Story(running(ONE_EACH), member(BOB))
    alice.tell(bought(10_000))
    bob.number = 100
    for giver, taker, to in ((alice, bob, BOB), (bob, alice, alice.state.member_id)):
        decision = giver.tell(Transfer(wallet="points", amount=100, to_member=to))
        [sent] = [effect for effect in decision.effects if isinstance(effect, Sent)]
        taker.tell(read(sent.body))
    alice.tell(bought(10_000, id="A2"))

    alice.tell(gave_back("A1"))

    [left] = [lot for lot in alice.state.lots if lot.remaining]
    assert left.origin_id == left.id


def test_that_arrives_late_is_paid_by_what_came_since() -> None:
    story = _story()
    story.tell(bought(10_000, id="A1"))
    story.tell(Spend(wallet="points", amount=100))
    story.tell(bought(13_000, id="A2"), MONDAY_NOON + days(2))

    late = story.tell(gave_back("A1"), MONDAY_NOON + days(1), recorded_at=MONDAY_NOON + days(3))

    assert _clawed(late) == [("one_each", 100, 0, 100, 0)]
    assert late.balances["points"] == Balance(available=30)
    [repaid] = [effect for effect in late.effects if isinstance(effect, Posted) and effect.kind == "repay"]
    assert repaid.at == MONDAY_NOON + days(2)


def test_may_come_before_its_order() -> None:
    story = _story()
    early = story.tell(gave_back(line_1=1_000))
    assert early.result.note == "waits-for-its-order"
    assert early.result.clawbacks == ()

    bought_it = story.tell(bought(1_000, 2_000), MONDAY_NOON + days(1))

    assert _clawed(bought_it) == [("one_each", 10, 10, 0, 0)]
    assert bought_it.balances["points"] == Balance(available=20)
    assert story.refuse(gave_back(line_1=1_000)).code == "returned-more-than-bought"


def test_of_everything_may_come_before_its_order_too() -> None:
    story = _story(ONE_EACH, WELCOME)
    story.tell(gave_back())

    assert story.tell(bought(1_000)).balances["points"] == Balance()


def test_is_told_in_the_trace() -> None:
    story = _story()
    story.tell(bought(1_000))

    assert story.tell(gave_back()).result.clawbacks == (
        Clawback(rule="one_each", wallet="points", asked=10, taken=10, lapsed=0, owed=0, forgiven=0),
    )


ORDERS = st.lists(st.tuples(st.integers(0, 3_000), st.integers(1, 4)), min_size=1, max_size=3)


@given(ORDERS, st.data(), st.sampled_from(["when_all_returned", "proportional", "keep"]), st.integers(0, 4))
def test_in_any_steps_and_any_order_before_or_after_takes_back_the_same(
    items: list[tuple[int, int]], data: st.DataObject, policy: str, before: int
) -> None:
    bonus = product_bonus.ProductBonus(id="each", scope=Scope(products=("product-1",)), points_per_unit=3)
    programme = running(ONE_EACH, bonus, WELCOME, policies=Policies(whole_order_awards=policy))  # type: ignore[arg-type]
    lines = [line(str(n), amount, quantity_milli=1000 * quantity) for n, (amount, quantity) in enumerate(items, 1)]
    pieces = [str(n) for n, (_, quantity) in enumerate(items, 1) for _ in range(quantity)]
    back = data.draw(st.permutations(pieces).map(lambda all: all[: data.draw(st.integers(0, len(all)))]))
    steps = [Return(order_id="A1", lines=(ReturnedLine(id=id, quantity_milli=1000),)) for id in back]
    at_once = Return(order_id="A1", lines=tuple(returned for step in steps for returned in step.lines))

    stepwise, whole = Story(programme), Story(programme)
    bodies: list[Body] = [*steps[:before], Purchase(order=order(*lines)), *steps[before:]]
    for body in bodies:
        stepwise.tell(body)
    whole.tell(Purchase(order=order(*lines)))
    if steps:
        whole.tell(at_once)

    assert stepwise.balance() == whole.balance()
    record = stepwise.state.orders["A1"]
    assert record.reversed == whole.state.orders["A1"].reversed
    for award in record.awards:
        assert 0 <= record.reversed.get(award.rule, 0) <= award.points
        if len(back) == len(pieces) and not (policy == "keep" and award.rule == "welcome"):
            assert record.reversed.get(award.rule, 0) == award.points


def test_of_three_pieces_comes_to_the_same_in_all_six_orders() -> None:
    pieces = [gave_back(line_1=1_000), gave_back(line_1=2_000), gave_back(line_2=1_000)]
    ends = set()
    for turn in permutations(pieces):
        story = _story(ONE_EACH, WELCOME)
        story.tell(bought(line("1", 1_000, quantity_milli=3_000), 777))
        for body in turn:
            story.tell(body)
        story.tell(Settle(), MONDAY_NOON + days(1))
        ends.add(story.balance())

    assert ends == {Balance()}
