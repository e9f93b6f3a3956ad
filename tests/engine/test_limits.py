"""A limit …"""

from datetime import UTC, datetime

import pytest

from regulars.engine.earning import Limit
from regulars.engine.programme import Policies, Shop
from regulars.engine.zones import Period
from regulars.rules.action import Action
from regulars.rules.spend import Spend
from tests.engine.making import MONDAY_NOON, ONE_EACH, Story, bought, days, did, gave_back, running

SHARE = Action(id="share", event="checked_in", points=25)


def _share(*limits: Limit) -> Action:
    return Action(id="share", event="checked_in", points=25, limits=limits)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("per", "last", "next_period"),
    [
        ("day", "2026-05-04T23:59:59+02:00", "2026-05-05T00:00:00+02:00"),
        ("week", "2026-05-10T23:59:59+02:00", "2026-05-11T00:00:00+02:00"),
        ("month", "2026-05-31T23:59:59+02:00", "2026-06-01T00:00:00+02:00"),
        ("year", "2026-12-31T23:59:59+01:00", "2027-01-01T00:00:00+01:00"),
    ],
)
def test_of_times_holds_until_the_period_is_over_on_the_brands_clock(per: Period, last: str, next_period: str) -> None:
    story = Story(running(_share(Limit(per=per, times=2)), timezone="Europe/Paris"))
    for _ in range(2):
        story.tell(did(), _at("2026-05-04T00:00:00+02:00"))

    stopped = story.tell(did(), _at(last))
    again = story.tell(did(), _at(next_period))

    [outcome] = stopped.result.outcomes
    assert (outcome.applied, outcome.value, outcome.desired_value) == (False, 0, 25)
    [reason] = outcome.reasons
    assert (reason.code, reason.subject, reason.required, reason.actual) == ("limit-times", per, 2, 2)
    assert again.balances["points"].available == 75


def test_for_ever_is_for_ever() -> None:
    story = Story(running(_share(Limit(per="ever", times=1))))
    story.tell(did())

    assert story.tell(did(), MONDAY_NOON + days(10_000)).balances["points"].available == 25


def test_of_points_gives_what_is_left_of_it() -> None:
    check_in = Action(id="visit", event="visited", points=90)
    story = Story(
        running(check_in, Action(id="refer", event="referred", points=25, limits=(Limit(per="year", points=10),)))
    )
    story.tell(did(), type="visited")

    [outcome] = story.tell(did(), type="referred").result.outcomes

    assert (outcome.applied, outcome.value, outcome.desired_value) == (True, 10, 25)
    [reason] = outcome.reasons
    assert (reason.code, reason.subject, reason.required, reason.actual) == ("limit-points", "year", 10, 0)
    assert story.available() == 100


def test_of_points_counts_what_was_given_and_not_what_was_wanted() -> None:
    story = Story(running(_share(Limit(per="day", points=60))))

    assert [story.tell(did()).balances["points"].available for _ in range(4)] == [25, 50, 60, 60]


def test_bites_where_it_is_tightest_of_several() -> None:
    limits = (Limit(per="day", points=30), Limit(per="month", points=70), Limit(per="ever", times=4))
    story = Story(running(_share(*limits)))

    instants = [MONDAY_NOON + days(day) for day in (0, 0, 1, 1, 2, 3)]
    totals = [story.tell(did(), at).balances["points"].available for at in instants]

    # 25, then 5 of the day's 30; 25 and 5 the next day; 10 of the month's 70 would be left, but four times were had.
    assert totals == [25, 30, 55, 60, 60, 60]


def test_is_not_used_up_by_what_another_limit_stopped() -> None:
    story = Story(running(_share(Limit(per="day", times=1), Limit(per="ever", points=50))))
    story.tell(did())
    story.tell(did())

    assert story.tell(did(), MONDAY_NOON + days(1)).balances["points"].available == 50
    assert story.state.counters["share/points/ever"] == 50


def test_is_each_rules_own() -> None:
    other = Action(id="other", event="checked_in", points=1)
    story = Story(running(_share(Limit(per="ever", times=1)), other))

    assert [story.tell(did()).balances["points"].available for _ in range(2)] == [26, 27]


def test_goes_by_the_day_in_the_shop_where_the_policy_says_so() -> None:
    shops = {"tokyo": Shop(timezone="Asia/Tokyo"), "here": Shop()}
    daily = _share(Limit(per="day", times=1))
    morning = _at("2026-05-04T23:30:00+09:00")
    by_shop = Story(running(daily, timezone="Europe/Paris", shops=shops, policies=Policies(day_of="shop")))
    by_brand = Story(running(daily, timezone="Europe/Paris", shops=shops))

    for story, total in ((by_shop, 50), (by_brand, 25)):
        story.tell(did(), morning, shop="tokyo")
        after_midnight_there = story.tell(did(), _at("2026-05-05T00:30:00+09:00"), shop="tokyo")
        assert after_midnight_there.balances["points"].available == total


def test_counts_a_late_event_in_the_period_in_which_it_happened() -> None:
    story = Story(running(_share(Limit(per="day", times=1))))
    story.tell(did(), MONDAY_NOON)

    late = story.tell(did(), MONDAY_NOON - days(1), recorded_at=MONDAY_NOON)

    assert late.balances["points"].available == 50


def test_cuts_the_lines_of_an_order_in_proportion() -> None:
    capped = Spend(id="base", points=1, per_minor=100, limits=(Limit(per="day", points=20),))
    story = Story(running(capped))

    [award] = story.tell(bought(3_000, 1_000)).result.awards

    assert award.lines == {"1": 15, "2": 5}
    assert story.tell(gave_back(line_2=1_000)).balances["points"].available == 15


def test_is_not_given_back_by_a_return() -> None:
    capped = Spend(id="base", points=1, per_minor=100, limits=(Limit(per="day", points=20),))
    story = Story(running(capped))
    story.tell(bought(3_000, id="A1"))
    story.tell(gave_back("A1"))

    assert story.tell(bought(3_000, id="A2")).balances["points"].available == 0


def test_leaves_a_rule_without_one_alone() -> None:
    story = Story(running(ONE_EACH, SHARE))

    assert [story.tell(did()).balances["points"].available for _ in range(3)] == [25, 50, 75]
