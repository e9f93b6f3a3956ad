"""When the clock moves on …"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from regulars.engine.decide import Decision
from regulars.engine.effects import Posted
from regulars.engine.events import Adjust, Hold, Settle, Spend
from regulars.engine.points import Balance
from regulars.engine.programme import Debt, Inactivity, Pending, Rolling, Wallet
from tests.engine.books import check_sweeper_unneeded
from tests.engine.making import MONDAY_NOON, ONE_EACH, Story, bought, days, gave_back, running

TWO_DAYS_PENDING = Pending(days=2)
TEN_DAYS = Rolling(days=10, round_to="none")


def _postings(decision: Decision) -> list[tuple[str, int, datetime]]:
    return [(effect.kind, effect.amount, effect.at) for effect in decision.effects if isinstance(effect, Posted)]


def test_pending_points_become_available_at_their_instant() -> None:
    story = Story(running(ONE_EACH, wallet=Wallet(pending=TWO_DAYS_PENDING)))
    story.tell(bought(10_000))

    assert story.balance(MONDAY_NOON + days(1.99999)) == Balance(pending=100)
    assert story.balance(MONDAY_NOON + days(2)) == Balance(available=100)
    assert _postings(story.tell(Settle(), MONDAY_NOON + days(3))) == [("mature", 100, MONDAY_NOON + days(2))]


def test_points_are_dead_at_the_instant_they_expire_and_not_before() -> None:
    story = Story(running(ONE_EACH, wallet=Wallet(expiry=TEN_DAYS)))
    story.tell(bought(10_000))

    assert story.available(MONDAY_NOON + days(9.99999)) == 100
    assert story.available(MONDAY_NOON + days(10)) == 0
    assert _postings(story.tell(Settle(), MONDAY_NOON + days(30))) == [("expire", 100, MONDAY_NOON + days(10))]


@pytest.mark.parametrize("zone", ["Europe/Paris", "America/New_York", "Asia/Kathmandu"])
@pytest.mark.parametrize("day", ["2026-03-28", "2026-10-24", "2028-02-28", "2026-03-07"])
def test_points_live_through_their_last_day_on_the_brands_clock(zone: str, day: str) -> None:
    first = date.fromisoformat(day)
    noon = datetime.combine(first, time(), ZoneInfo(zone)).replace(hour=12)
    end = datetime.combine(first + timedelta(days=2), time(), ZoneInfo(zone))
    story = Story(running(ONE_EACH, wallet=Wallet(expiry=Rolling(days=1)), timezone=zone))

    story.tell(bought(10_000), noon)

    assert story.available(end - timedelta(microseconds=1)) == 100
    assert story.available(end) == 0


def test_a_hold_that_lapses_gives_back_what_it_reserved() -> None:
    story = Story(running(ONE_EACH))
    story.tell(bought(10_000))
    story.tell(Hold(wallet="points", amount=60, expires_at=MONDAY_NOON + days(1)))

    assert story.balance(MONDAY_NOON + days(0.99999)) == Balance(available=40, held=60)
    assert story.balance(MONDAY_NOON + days(1)) == Balance(available=100)
    assert _postings(story.tell(Settle(), MONDAY_NOON + days(2))) == [("lapse", 60, MONDAY_NOON + days(1))]


def test_held_points_outlive_their_lot_and_expire_when_they_come_back() -> None:
    story = Story(running(ONE_EACH, wallet=Wallet(expiry=TEN_DAYS)))
    story.tell(bought(10_000))
    story.tell(Hold(wallet="points", amount=60, expires_at=MONDAY_NOON + days(12)))

    assert story.balance(MONDAY_NOON + days(11)) == Balance(held=60)
    assert story.balance(MONDAY_NOON + days(12)) == Balance()
    assert _postings(story.tell(Settle(), MONDAY_NOON + days(15))) == [
        ("expire", 40, MONDAY_NOON + days(10)),
        ("lapse", 60, MONDAY_NOON + days(12)),
        ("expire", 60, MONDAY_NOON + days(12)),
    ]


def test_points_that_end_as_their_hold_does_are_gone() -> None:
    story = Story(running(ONE_EACH, wallet=Wallet(expiry=TEN_DAYS)))
    story.tell(bought(10_000))
    story.tell(Hold(wallet="points", amount=60, expires_at=MONDAY_NOON + days(10)))

    assert story.balance(MONDAY_NOON + days(10)) == Balance()
    check_sweeper_unneeded(story.state, ["points"], MONDAY_NOON + days(10))


def _owing_story() -> Story:
    """Somebody who bought for 100, used the points and brought everything back: 100 owed."""
    story = Story(running(ONE_EACH, wallet=Wallet(pending=TWO_DAYS_PENDING, expiry=TEN_DAYS, debt=Debt())))
    story.tell(bought(10_000, id="A1"))
    story.tell(Spend(wallet="points", amount=100), MONDAY_NOON + days(2))
    story.tell(gave_back("A1"), MONDAY_NOON + days(2))
    assert story.balance(MONDAY_NOON + days(2)) == Balance(available=-100, debt=100)
    return story


def test_debt_takes_points_as_they_mature() -> None:
    story = _owing_story()
    story.tell(bought(13_000, id="A2"), MONDAY_NOON + days(3))

    assert story.balance(MONDAY_NOON + days(4)) == Balance(available=-100, pending=130, debt=100)
    assert story.balance(MONDAY_NOON + days(5)) == Balance(available=30)
    assert _postings(story.tell(Settle(), MONDAY_NOON + days(5))) == [
        ("mature", 130, MONDAY_NOON + days(5)),
        ("repay", 100, MONDAY_NOON + days(5)),
    ]


def test_points_pay_the_debt_before_they_expire_even_if_nobody_settled_in_between() -> None:
    story = _owing_story()
    story.tell(bought(13_000, id="A2"), MONDAY_NOON + days(3))

    assert story.balance(MONDAY_NOON + days(40)) == Balance()
    check_sweeper_unneeded(story.state, ["points"], MONDAY_NOON + days(40))


def test_debt_takes_what_a_lapsed_hold_gives_back() -> None:
    story = Story(running(ONE_EACH, wallet=Wallet(expiry=TEN_DAYS)))
    story.tell(bought(10_000, id="A1"))
    story.tell(Hold(wallet="points", amount=100, expires_at=MONDAY_NOON + days(3)))
    story.tell(gave_back("A1"), MONDAY_NOON + days(1))
    assert story.balance(MONDAY_NOON + days(1)) == Balance(available=-100, held=100, debt=100)

    assert story.balance(MONDAY_NOON + days(3)) == Balance()
    assert story.balance(MONDAY_NOON + days(11)) == Balance()
    check_sweeper_unneeded(story.state, ["points"], MONDAY_NOON + days(11))


def test_all_points_of_a_quiet_member_lapse_together() -> None:
    story = Story(running(ONE_EACH, wallet=Wallet(expiry=Inactivity(days=30, round_to="none"))))
    story.tell(bought(10_000, id="A1"))
    story.tell(bought(5_000, id="A2"), MONDAY_NOON + days(29))

    assert story.available(MONDAY_NOON + days(58.99999)) == 150
    assert story.available(MONDAY_NOON + days(59)) == 0


def test_a_late_event_lets_nothing_expire_that_was_alive_when_it_happened() -> None:
    story = Story(running(ONE_EACH, wallet=Wallet(expiry=TEN_DAYS)))
    story.tell(bought(10_000))

    late = story.tell(Spend(wallet="points", amount=30), MONDAY_NOON + days(9), recorded_at=MONDAY_NOON + days(12))

    assert _postings(late) == [("spend", 30, MONDAY_NOON + days(9))]
    assert late.balances["points"] == Balance()
    assert _postings(story.tell(Settle(), MONDAY_NOON + days(12))) == [("expire", 70, MONDAY_NOON + days(10))]


def test_a_late_spend_finds_what_was_swept_away_since() -> None:
    story = Story(running(ONE_EACH, wallet=Wallet(expiry=TEN_DAYS)))
    story.tell(bought(10_000))
    story.tell(Settle(), MONDAY_NOON + days(12))

    late = story.tell(Spend(wallet="points", amount=30), MONDAY_NOON + days(9), recorded_at=MONDAY_NOON + days(13))

    assert _postings(late) == [
        ("revive", 30, MONDAY_NOON + days(10)),
        ("spend", 30, MONDAY_NOON + days(9)),
    ]
    assert late.balances["points"] == Balance()
    [lot] = story.state.lots
    assert (lot.remaining, lot.lapsed, lot.lapsed_at) == (0, 70, MONDAY_NOON + days(10))


def test_a_late_spend_finds_nothing_that_had_lapsed_or_was_not_yet_there() -> None:
    story = Story(running(ONE_EACH, wallet=Wallet(expiry=TEN_DAYS)))
    story.tell(bought(10_000))
    story.tell(Settle(), MONDAY_NOON + days(12))
    story.tell(Adjust(wallet="points", amount=50, reason="goodwill"), MONDAY_NOON + days(12))

    swept = story.refuse(Spend(wallet="points", amount=1), MONDAY_NOON + days(10), recorded_at=MONDAY_NOON + days(13))

    assert swept.code == "insufficient-points"
    assert swept.detail["available"] == 0
    assert swept.detail["more_at"] == (MONDAY_NOON + days(12)).isoformat()
