"""Deciding …"""

from datetime import UTC, datetime, timedelta

import pytest

from regulars.engine.decide import Decision, decide
from regulars.engine.events import Adjust, Settle, Spend
from regulars.engine.members import MemberState
from regulars.engine.points import Balance
from regulars.engine.programme import LateEvents, Pending, Policies, Wallet
from regulars.rules import spend, visit
from tests.engine.making import ALICE, BOB, MONDAY_NOON, ONE_EACH, Story, bought, days, did, event, member, running


def test_answers_with_what_was_earned_by_which_rule_and_the_new_balance() -> None:
    story = Story(running(ONE_EACH, wallets={"points": Wallet(), "stamps": Wallet()}, version=3))

    decision = story.tell(bought(1_250))

    assert decision.programme_version == 3
    assert [(award.rule, award.wallet, award.points, award.lines) for award in decision.result.awards] == [
        ("one_each", "points", 12, {"1": 12})
    ]
    assert [(lot.wallet, lot.points) for lot in decision.result.lots] == [("points", 12)]
    assert decision.balances == {"points": Balance(available=12), "stamps": Balance()}


def test_puts_what_several_rules_give_into_one_lot_a_wallet() -> None:
    more = spend.Spend(id="more", points=2, per_minor=100)
    stamp = visit.Visit(id="stamp", nth=1, points=1, wallet="stamps")
    story = Story(running(ONE_EACH, more, stamp, wallets={"points": Wallet(), "stamps": Wallet()}))

    decision = story.tell(bought(1_000))

    assert sorted((lot.wallet, lot.points) for lot in decision.result.lots) == [("points", 30), ("stamps", 1)]
    assert {award.rule: award.points for award in decision.result.awards} == {"one_each": 10, "more": 20, "stamp": 1}


def test_takes_an_order_once_whoever_reports_it() -> None:
    story = Story(running(ONE_EACH))
    story.tell(bought(1_000, id="A1"))

    refused = story.refuse(bought(1_000, id="A1"), MONDAY_NOON + days(1))

    assert refused.code == "order-already-recorded"
    assert refused.detail == {"order": "A1"}


def test_takes_orders_in_the_programmes_currency_only() -> None:
    programme = running(ONE_EACH)
    programme.currency = "GBP"

    refused = Story(programme).refuse(bought(1_000))

    assert refused.code == "currency-mismatch"
    assert refused.detail == {"order": "EUR", "programme": "GBP"}


@pytest.mark.parametrize(("minutes", "accepted"), [(5, True), (5.001, False), (-60, True)])
def test_takes_events_of_a_clock_that_is_a_little_ahead(minutes: float, accepted: bool) -> None:
    story = Story(running(ONE_EACH))

    answer = story.ask(bought(1_000), MONDAY_NOON + timedelta(minutes=minutes), recorded_at=MONDAY_NOON)

    assert isinstance(answer, Decision) == accepted


@pytest.mark.parametrize(("lag", "accepted"), [(30, True), (30.0001, False)])
def test_refuses_events_that_come_after_the_window(lag: float, accepted: bool) -> None:
    story = Story(running(ONE_EACH))

    answer = story.ask(bought(1_000), MONDAY_NOON - days(lag), recorded_at=MONDAY_NOON)

    assert isinstance(answer, Decision) == accepted
    if not accepted:
        refused = story.refuse(bought(1_000), MONDAY_NOON - days(lag), recorded_at=MONDAY_NOON)
        assert refused.code == "event-too-late"
        assert refused.detail == {"window_days": 30}


def test_records_a_late_event_without_points_where_the_policy_says_so() -> None:
    policies = Policies(late_events=LateEvents(window_days=30, beyond="without_points"))
    story = Story(running(ONE_EACH, policies=policies))

    decision = story.tell(bought(1_000), MONDAY_NOON - days(31), recorded_at=MONDAY_NOON)

    assert decision.result.awards == ()
    assert decision.balances["points"] == Balance()
    assert story.state.counters["purchases"] == 1
    assert story.refuse(bought(1_000)).code == "order-already-recorded"


def test_takes_events_of_any_age_where_there_is_no_window() -> None:
    story = Story(running(ONE_EACH, policies=Policies(late_events=LateEvents(window_days=None))))

    assert story.tell(bought(1_000), datetime(1970, 1, 1, tzinfo=UTC), recorded_at=MONDAY_NOON).result.awards
    ancient = story.refuse(bought(1_000), datetime(1969, 12, 31, 23, 59, tzinfo=UTC), recorded_at=MONDAY_NOON)
    assert ancient.code == "event-before-1970"
    assert story.refuse(did(), datetime(1, 1, 1, tzinfo=UTC), recorded_at=MONDAY_NOON).code == "event-before-1970"


def test_goes_by_the_time_it_happened_and_answers_by_the_time_it_is_recorded() -> None:
    story = Story(running(ONE_EACH, wallet=Wallet(pending=Pending(days=2))))

    decision = story.tell(bought(1_000), MONDAY_NOON - days(3), recorded_at=MONDAY_NOON)

    [lot] = decision.result.lots
    assert lot.available_at == MONDAY_NOON - days(1)
    assert decision.balances["points"] == Balance(available=10)


def test_refuses_a_purchase_whose_points_no_reader_can_tell_exactly() -> None:
    generous = spend.Spend(id="generous", points=1_000_000_000, per_minor=1)

    refused = Story(running(generous)).refuse(bought(2**50))

    assert refused.code == "amount-too-large"


def test_refuses_a_balance_that_no_reader_can_tell_exactly() -> None:
    story = Story(running())
    story.tell(Adjust(wallet="points", amount=2**53 - 1, reason=""))

    assert story.refuse(Adjust(wallet="points", amount=1, reason="")).code == "amount-too-large"


def test_knows_nobody_who_has_not_begun() -> None:
    nobody = MemberState(member_id=BOB)

    refused = decide(running(), nobody, event(Spend(wallet="points", amount=1), member_id=BOB))

    assert not isinstance(refused, Decision)
    assert refused.code == "unknown-member"


def test_settles_by_an_event_of_its_own_that_moves_nothing_twice() -> None:
    story = Story(running(ONE_EACH, wallet=Wallet(pending=Pending(days=2))))
    story.tell(bought(1_000))

    assert len(story.tell(Settle(), MONDAY_NOON + days(2)).effects) == 1
    assert story.tell(Settle(), MONDAY_NOON + days(2)).effects == ()


def test_names_lots_after_their_event() -> None:
    first = decide(running(ONE_EACH), member(), event(bought(1_000), number=1))
    again = decide(running(ONE_EACH), member(), event(bought(1_000), number=1))
    other = decide(running(ONE_EACH), member(), event(bought(1_000), number=2))

    assert isinstance(first, Decision)
    assert isinstance(other, Decision)
    assert first == again
    assert first.result.lots[0].lot_id != other.result.lots[0].lot_id
    assert first.after.member_id == ALICE
