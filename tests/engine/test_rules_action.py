"""Points for something done …"""

import pytest

from regulars.engine.earning import Limit
from regulars.engine.explain import explain
from regulars.engine.points import Balance
from regulars.rules.action import Action
from regulars.rules.spend import Spend
from tests.engine.making import MONDAY_NOON, Story, bought, days, did, event, member, running


def test_are_fixed_and_come_with_each_event_of_the_type() -> None:
    story = Story(running(Action(id="review", event="review_written", points=100)))

    assert [story.tell(did(), type="review_written").balances["points"].available for _ in range(2)] == [100, 200]
    assert story.tell(did(), type="review_read").balances["points"].available == 200


def test_come_with_purchases_too() -> None:
    per_order = Action(id="per_order", event="purchase", points=7)

    assert Story(running(per_order)).tell(bought(1)).balances["points"] == Balance(available=7)


def test_come_under_a_condition_on_the_events_data() -> None:
    long_review = Action(id="long", event="review_written", points=100, when="event.data.words >= 50")
    story = Story(running(long_review))

    assert story.tell(did(words=49), type="review_written").result.outcomes == ()
    assert story.tell(did(), type="review_written").result.outcomes == ()
    assert story.tell(did(words=50), type="review_written").balances["points"].available == 100


@pytest.mark.parametrize(
    ("channel", "shop", "day", "earned"),
    [
        ("web", "1", 0, 9),
        ("app", "1", 0, 9),
        ("till", "1", 0, 0),
        ("web", "2", 0, 0),
        ("web", "1", -0.001, 0),
        ("web", "1", 7, 0),
        ("web", "1", 6.99, 9),
    ],
)
def test_come_in_the_channels_the_shops_and_the_window_of_the_rule(
    channel: str, shop: str, day: float, earned: int
) -> None:
    rule = Action(
        id="promo",
        event="checked_in",
        points=9,
        channels=("web", "app"),
        shops=("1",),
        starts_at=MONDAY_NOON,
        ends_at=MONDAY_NOON + days(7),
    )
    story = Story(running(rule))

    decision = story.tell(did(), MONDAY_NOON + days(day), channel=channel, shop=shop)

    assert decision.balances["points"].available == earned


def test_add_up_for_axes_of_a_programme() -> None:
    # Account 100, profile 50, three launches a day of which one counts 5, photo 50, a point a euro on 80.
    story = Story(
        running(
            Action(id="account", event="account_created", points=100, limits=(Limit(per="ever", times=1),)),
            Action(id="profile", event="profile_completed", points=50, limits=(Limit(per="ever", times=1),)),
            Action(id="launch", event="app_launched", points=5, limits=(Limit(per="day", times=1),)),
            Action(id="photo", event="photo_approved", points=50),
            Spend(id="purchase", points=1, per_minor=100),
        )
    )
    for type in (
        "account_created",
        "profile_completed",
        "app_launched",
        "app_launched",
        "app_launched",
        "photo_approved",
    ):
        story.tell(did(), type=type)

    assert story.tell(bought(8_000), channel="shop").balances["points"] == Balance(available=285)


def test_that_did_not_come_are_explained_to_the_last_reason() -> None:
    rule = Action(
        id="promo",
        event="checked_in",
        points=9,
        channels=("app",),
        shops=("1",),
        starts_at=MONDAY_NOON + days(1),
        when='event.channel == "app"',
    )
    programme = running(rule, Action(id="other", event="review_written", points=1))

    promo, other = explain(programme, member(), event(did(), shop="2"))

    assert [(reason.code, reason.required, reason.actual) for reason in promo.reasons][:3] == [
        ("another-channel", ("app",), "web"),
        ("another-shop", ("1",), "2"),
        ("not-started", (MONDAY_NOON + days(1)).isoformat(), MONDAY_NOON.isoformat()),
    ]
    assert promo.reasons[3].code == "condition"
    assert [(reason.code, reason.required, reason.actual) for reason in other.reasons] == [
        ("another-event", ("review_written",), "checked_in")
    ]
