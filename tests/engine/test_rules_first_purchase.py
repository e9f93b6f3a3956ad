"""A welcome …"""

import pytest

from regulars.engine.events import Tender
from regulars.engine.explain import explain
from regulars.engine.points import Balance
from regulars.engine.programme import Policies
from regulars.rules.first_purchase import FirstPurchase
from tests.engine.making import MONDAY_NOON, Story, bought, days, event, gave_back, running

OVERALL = FirstPurchase(id="welcome", points=50)
BY_CHANNEL = FirstPurchase(id="welcome", points=50, of="channel")


def test_comes_with_the_first_purchase_in_whichever_channel() -> None:
    story = Story(running(OVERALL))

    assert story.tell(bought(4_000, id="A1"), channel="web").balances["points"] == Balance(available=50)
    assert story.tell(bought(4_000, id="A2"), channel="shop").balances["points"] == Balance(available=50)


def test_comes_in_each_channel_where_it_is_for_channels() -> None:
    story = Story(running(BY_CHANNEL))
    totals = [
        story.tell(bought(4_000, id=f"A{n}"), channel=channel).balances["points"].available
        for n, channel in enumerate(("web", "web", "shop", "", "app", "shop"))
    ]

    assert totals == [50, 50, 100, 150, 200, 200]


def test_says_why_it_does_not_come_again() -> None:
    programme = running(OVERALL, BY_CHANNEL.__class__(id="each", points=1, of="channel"))
    story = Story(programme)
    story.tell(bought(4_000, id="A1"), channel="web")

    overall, each = explain(programme, story.state, event(bought(4_000, id="A2"), channel="web"))

    assert [(r.code, r.subject, r.required, r.actual) for r in overall.reasons] == [
        ("already-first-purchase", None, 0, 1)
    ]
    assert [(r.code, r.subject, r.required, r.actual) for r in each.reasons] == [
        ("already-first-purchase", "web", 0, 1)
    ]


@pytest.mark.parametrize(
    ("thresholds", "paid", "earned"), [("inclusive", 3_999, 0), ("inclusive", 4_000, 50), ("exclusive", 4_000, 0)]
)
def test_may_ask_for_a_minimum_of_what_is_paid(thresholds: str, paid: int, earned: int) -> None:
    rule = FirstPurchase(id="welcome", points=50, minimum_minor=4_000)
    story = Story(running(rule, policies=Policies(thresholds=thresholds)))  # type: ignore[arg-type]

    assert story.tell(bought(paid)).balances["points"].available == earned


def test_asks_for_money_that_earns() -> None:
    rule = FirstPurchase(id="welcome", points=50, minimum_minor=4_000)
    story = Story(running(rule))

    by_gift_card = story.tell(bought(5_000, tenders=[Tender(type="gift_card", amount_minor=2_000)]))

    assert by_gift_card.balances["points"].available == 0


def test_goes_by_the_first_that_arrives() -> None:
    story = Story(running(OVERALL))
    story.tell(bought(4_000, id="A2"), MONDAY_NOON)

    late = story.tell(bought(4_000, id="A1"), MONDAY_NOON - days(1), recorded_at=MONDAY_NOON)

    assert late.balances["points"].available == 50


def test_is_had_once_even_if_the_goods_come_back() -> None:
    story = Story(running(OVERALL))
    story.tell(bought(4_000, id="A1"))

    assert story.tell(gave_back("A1")).balances["points"].available == 0
    assert story.tell(bought(4_000, id="A2")).balances["points"].available == 0
