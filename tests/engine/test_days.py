"""What a member did is counted by local day …"""

from datetime import UTC, date, datetime

from regulars.engine import days
from regulars.engine.programme import Policies, Scope, Shop
from tests.engine.making import ONE_EACH, Story, bought, did, gave_back, line, order, running

MONDAY = date(2026, 5, 4)
TUESDAY = date(2026, 5, 5)
LATE_EVENING = datetime(2026, 5, 4, 22, 30, tzinfo=UTC)


def counted(story: Story, day: date = MONDAY) -> dict[str, int]:
    return story.state.days.get(day, {})


def test_a_purchase_by_its_channel_its_money_and_its_points() -> None:
    story = Story(running(ONE_EACH))

    story.tell(bought(1_050, 2_000))

    assert counted(story) == {"purchases": 1, "purchases@web": 1, "spend_minor": 3_050, "earned:points": 30}


def test_anything_else_by_its_type() -> None:
    story = Story(running(ONE_EACH))

    story.tell(did(), type="review")
    story.tell(did(), type="review")

    assert counted(story) == {"event:review": 2}


def test_in_the_zone_whose_day_counts() -> None:
    paris = running(ONE_EACH, timezone="Europe/Paris")
    shops = {"7": Shop(timezone="America/New_York")}
    by_shop = running(ONE_EACH, timezone="Europe/Paris", shops=shops, policies=Policies(day_of="shop"))
    here, there = Story(paris), Story(by_shop)

    here.tell(bought(100), LATE_EVENING)
    there.tell(bought(100), LATE_EVENING, shop="7")

    assert set(here.state.days) == {TUESDAY}
    assert set(there.state.days) == {MONDAY}


def test_without_the_lines_that_the_programme_excludes() -> None:
    policies = Policies(excluded=Scope(products=("product-2",)))
    story = Story(running(ONE_EACH, policies=policies))

    story.tell(bought(line("1", 1_000), line("2", 5_000)))

    assert counted(story)["spend_minor"] == 1_000


def test_a_return_takes_back_on_the_day_of_the_order() -> None:
    story = Story(running(ONE_EACH))
    story.tell(bought(1_000, 2_500))

    story.tell(gave_back(line_2=500), LATE_EVENING.replace(day=9))
    half = dict(counted(story))
    story.tell(gave_back(), LATE_EVENING.replace(day=10))

    assert half == {"purchases": 1, "purchases@web": 1, "spend_minor": 2_250, "earned:points": 23}
    assert counted(story) == {"purchases": 1, "purchases@web": 1, "spend_minor": 0, "earned:points": 0}
    assert set(story.state.days) == {MONDAY}


def test_a_return_that_comes_before_its_order_counts_when_the_order_does() -> None:
    story = Story(running(ONE_EACH))

    story.tell(gave_back(line_1=1_000))
    story.tell(bought(1_000, 2_500))

    assert counted(story)["spend_minor"] == 2_500
    assert counted(story)["earned:points"] == 25


def test_totals_hold_the_first_day_and_not_the_last() -> None:
    story = Story(running(ONE_EACH))
    for number, day in enumerate((3, 4, 5), start=1):
        story.tell(bought(order(100 * number).lines[0], id=str(number)), LATE_EVENING.replace(day=day))

    assert days.total(story.state, "spend_minor", MONDAY, TUESDAY) == 200
    assert days.total(story.state, "spend_minor", date(2026, 5, 3), date(2026, 5, 6)) == 600
