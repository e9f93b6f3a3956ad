"""The explanation …"""

from decimal import Decimal

from regulars.engine.decide import Decision, decide
from regulars.engine.earning import Limit
from regulars.engine.events import Enrol, Settle
from regulars.engine.explain import explain
from regulars.engine.members import MemberState
from regulars.engine.programme import LateEvents, Policies, Scope, Wallet
from regulars.engine.reasons import Outcome
from regulars.rules.action import Action
from regulars.rules.product_bonus import ProductBonus
from regulars.rules.spend import Spend
from tests.engine.making import ALICE, MONDAY_NOON, ONE_EACH, Story, bought, days, event, line, member, running

DOUBLE_WINE = ProductBonus(id="double_wine", scope=Scope(categories=("wine",)), multiplier=Decimal(2))
BIG_BASKET = Action(id="big_basket", event="purchase", points=40, when="order.total_minor >= 5000")
LAST_YEAR = Action(id="last_year", event="purchase", points=9, ends_at=MONDAY_NOON)
CAPPED = Spend(id="capped", points=1, per_minor=100, limits=(Limit(per="day", points=8),))


def _told(outcome: Outcome) -> list[tuple[str, object, object]]:
    return [(reason.code, reason.required, reason.actual) for reason in outcome.reasons]


def test_has_every_rule_of_the_version_in_the_order_in_which_they_are_decided() -> None:
    programme = running(DOUBLE_WINE, ONE_EACH, BIG_BASKET, LAST_YEAR, CAPPED)

    outcomes = explain(programme, member(), event(bought(1_000)))

    assert [outcome.rule for outcome in outcomes] == ["one_each", "big_basket", "last_year", "capped", "double_wine"]


def test_says_of_each_what_it_gave_or_what_stopped_it() -> None:
    programme = running(DOUBLE_WINE, ONE_EACH, BIG_BASKET, LAST_YEAR, CAPPED)

    one_each, big_basket, last_year, capped, double_wine = explain(programme, member(), event(bought(1_000)))

    assert (one_each.applied, one_each.value, one_each.desired_value, one_each.reasons) == (True, 10, 10, ())
    assert (capped.applied, capped.value, capped.desired_value) == (True, 8, 10)
    assert _told(capped) == [("limit-points", 8, 0)]
    assert _told(last_year) == [("over", MONDAY_NOON.isoformat(), MONDAY_NOON.isoformat())]
    assert _told(double_wine) == [("no-matching-lines", ("wine",), None)]
    [condition] = big_basket.reasons
    assert (condition.code, condition.required, condition.actual) == ("condition", 5_000, 1_000)
    assert condition.subject == "order.total_minor >= 5000"


def test_has_the_very_numbers_of_the_decision() -> None:
    programme = running(DOUBLE_WINE, ONE_EACH, BIG_BASKET, CAPPED)
    story = Story(programme)
    story.tell(bought(500, id="A0"))
    purchase = event(bought(line("1", 6_000, categories=("wine",))), number=9)

    decision = decide(programme, story.state, purchase)

    assert isinstance(decision, Decision)
    given = [outcome for outcome in explain(programme, story.state, purchase) if outcome.desired_value]
    assert given == list(decision.result.outcomes)
    assert {outcome.rule: outcome.value for outcome in given} == {
        "one_each": 60,
        "big_basket": 40,
        "capped": 3,
        "double_wine": 63,
    }


def test_of_an_event_that_came_too_late_says_so() -> None:
    late = Policies(late_events=LateEvents(window_days=3, beyond="without_points"))
    programme = running(ONE_EACH, policies=late)

    [outcome] = explain(programme, member(), event(bought(1_000), recorded_at=MONDAY_NOON + days(5)))

    assert not outcome.applied
    assert _told(outcome) == [("too-late", 3, 5)]


def test_of_any_other_event_says_what_the_rule_waits_for() -> None:
    [outcome] = explain(running(ONE_EACH), member(), event(Settle()))

    assert _told(outcome) == [("another-event", ("purchase",), "member.settled")]


def test_sees_a_newcomer_as_the_rules_did() -> None:
    local = Action(id="local", event="member.enrolled", points=5, when='member.attributes.city == "Lyon"')
    programme = running(local, wallet=Wallet())
    joined = event(Enrol(attributes={"city": "Lyon"}))

    [outcome] = explain(programme, MemberState(member_id=ALICE), joined)

    assert (outcome.applied, outcome.value) == (True, 5)
