"""A segment …"""

from regulars.engine.decide import Decision, decide
from regulars.engine.effects import Announced, Listed
from regulars.engine.events import Describe, Settle
from regulars.engine.reasons import Refused
from tests.engine.campaigning import Crowd, club, outcomes
from tests.engine.campaigning import given as giving
from tests.engine.making import ALICE, MONDAY_NOON, bought, days, event, member

SPENDERS = {"spenders": {"when": "purchases.last_30_days.spend_minor >= 5000", "announce": True}}
RICH = {"rich": {"when": "member.balance.points >= 50", "announce": True}}


def told(decision: Decision) -> list[tuple[str, object]]:
    """Return what a decision announced of segments."""
    return [
        (one.topic, one.data["segment"])
        for one in decision.effects
        if isinstance(one, Announced) and one.topic.startswith("segment.")
    ]


def test_is_announced_once_when_the_member_enters_and_once_when_the_member_leaves() -> None:
    crowd = Crowd(club(segments=SPENDERS))

    decisions = [crowd.tell(bought(3000, id=f"A{day}"), at=MONDAY_NOON + days(day)) for day in (0, 1, 2, 60, 61)]

    assert [told(one) for one in decisions] == [
        [],
        [("segment.entered", "spenders")],
        [],
        [("segment.left", "spenders")],
        [("segment.entered", "spenders")],
    ]
    assert decisions[1].after.lists == ("segment:spenders",)
    assert decisions[3].after.lists == ()


def test_is_left_when_time_goes_by_and_somebody_looks() -> None:
    crowd = Crowd(club(segments=SPENDERS))
    crowd.tell(bought(6000))

    assert told(crowd.tell(Settle(), at=MONDAY_NOON + days(29))) == []
    assert told(crowd.tell(Settle(), at=MONDAY_NOON + days(30))) == [("segment.left", "spenders")]


def test_sees_what_the_event_itself_earned() -> None:
    crowd = Crowd(club(segments=RICH))

    assert told(crowd.tell(bought(4900, id="A1"))) == []
    assert told(crowd.tell(bought(100, id="A2"))) == [("segment.entered", "rich")]


def test_that_nobody_wants_to_hear_of_is_kept_quiet() -> None:
    crowd = Crowd(club(segments={"rich": {"when": "member.balance.points >= 50"}}))

    assert told(crowd.tell(bought(9000))) == []
    assert crowd.states[0].lists == ()


def test_is_no_static_list_to_conditions() -> None:
    audience = {"id": "all", "when": "size(member.lists) == 0", "effects": [giving(id="gift")]}
    crowd = Crowd(club(audience, segments=RICH, lists={"vip": {}}))
    crowd.tell(bought(9000, id="A1"))

    assert "gift" in outcomes(crowd.tell(bought(100, id="A2")))
    crowd.tell(Describe(attributes={}, lists={"vip": True}))
    assert "gift" not in outcomes(crowd.tell(bought(100, id="A3")))


def test_is_not_told_of_who_is_no_member() -> None:
    running = club(segments={"quiet": {"when": "member.purchases_count == 0", "announce": True}})
    decision = decide(running, member(), event(Settle(), MONDAY_NOON))

    assert isinstance(decision, Decision)
    assert told(decision) == [("segment.entered", "quiet")]


def test_of_lists_follows_what_somebody_put_the_member_on() -> None:
    crowd = Crowd(club(lists={"vip": {}, "press": {}}))

    crowd.tell(Describe(attributes={"city": "Lyon"}, lists={"vip": True, "press": False}))
    again = crowd.tell(Describe(attributes={}, lists={"vip": True}))
    off = crowd.tell(Describe(attributes={}, lists={"vip": False}))

    assert again.after.lists == ("vip",)
    assert not [one for one in again.effects if isinstance(one, Listed)]
    assert off.after.lists == ()
    assert crowd.states[0].member_id != ALICE


def test_of_lists_must_be_one_of_the_programmes() -> None:
    running = club(lists={"vip": {}})
    onto, off = ({"vpi": True, "vip": True}, {"vpi": False})

    refused = decide(running, member(), event(Describe(attributes={}, lists=onto)))
    left = decide(running, member(), event(Describe(attributes={}, lists=off)))

    assert isinstance(refused, Refused)
    assert (refused.code, refused.detail) == ("unknown-list", {"list": "vpi"})
    assert isinstance(left, Decision)
