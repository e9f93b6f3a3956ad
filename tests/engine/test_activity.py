"""Where points lapse with inactivity …"""

from regulars.engine.events import Adjust, Settle, Spend
from regulars.engine.members import MemberState
from regulars.engine.points import Balance
from regulars.engine.programme import Inactivity, Wallet
from regulars.rules import action
from tests.engine.making import ALICE, MONDAY_NOON, ONE_EACH, Story, bought, days, did, running

THIRTY_DAYS = Wallet(expiry=Inactivity(days=30, round_to="none"))
CHECK_IN = action.Action(id="check_in", event="checked_in", points=5)


def _story() -> Story:
    return Story(running(ONE_EACH, CHECK_IN, wallet=THIRTY_DAYS))


def test_each_purchase_moves_the_day_on() -> None:
    story = _story()
    for day in (0, 29, 58):
        story.tell(bought(10_000, id=f"A{day}"), MONDAY_NOON + days(day))

    assert story.available(MONDAY_NOON + days(87.99999)) == 300
    assert story.available(MONDAY_NOON + days(88)) == 0


def test_points_alone_are_no_activity() -> None:
    story = _story()
    story.tell(bought(10_000))
    story.tell(did(), MONDAY_NOON + days(20))
    story.tell(Adjust(wallet="points", amount=7, reason="goodwill"), MONDAY_NOON + days(25))
    story.tell(Spend(wallet="points", amount=1), MONDAY_NOON + days(28))

    assert story.available(MONDAY_NOON + days(29.99999)) == 111
    assert story.available(MONDAY_NOON + days(30)) == 0


def test_the_first_points_start_the_clock_before_there_is_any_activity() -> None:
    story = _story()
    story.tell(did())

    assert story.available(MONDAY_NOON + days(29.99999)) == 5
    assert story.available(MONDAY_NOON + days(30)) == 0


def test_points_that_come_after_all_has_lapsed_live_for_the_whole_span() -> None:
    story = _story()
    story.tell(bought(10_000))

    given = story.tell(Adjust(wallet="points", amount=7, reason="we miss you"), MONDAY_NOON + days(100))

    assert given.balances["points"] == Balance(available=7)
    assert story.available(MONDAY_NOON + days(129.99999)) == 7
    assert story.available(MONDAY_NOON + days(130)) == 0


def test_points_that_come_at_the_instant_of_lapsing_live_too() -> None:
    story = _story()
    story.tell(bought(10_000))

    given = story.tell(Adjust(wallet="points", amount=7, reason="we miss you"), MONDAY_NOON + days(30))

    assert given.balances["points"] == Balance(available=7)


def test_a_purchase_after_all_has_lapsed_earns_points_that_live() -> None:
    story = _story()
    story.tell(bought(10_000, id="A1"))

    back = story.tell(bought(5_000, id="A2"), MONDAY_NOON + days(100))

    assert back.balances["points"] == Balance(available=50)
    [dates] = back.result.lots
    assert dates.expires_at == MONDAY_NOON + days(130)


def test_a_late_purchase_never_moves_the_day_back() -> None:
    story = _story()
    story.tell(bought(10_000, id="A1"), MONDAY_NOON + days(10))

    story.tell(bought(5_000, id="A2"), MONDAY_NOON, recorded_at=MONDAY_NOON + days(11))

    assert story.available(MONDAY_NOON + days(39.99999)) == 150


def test_a_purchase_without_points_keeps_the_others_alive() -> None:
    story = _story()
    story.tell(bought(10_000, id="A1"))
    story.tell(bought(1, id="A2"), MONDAY_NOON + days(20))

    assert story.available(MONDAY_NOON + days(49.99999)) == 100


def test_a_member_without_points_has_nothing_that_could_lapse() -> None:
    story = Story(running(wallet=THIRTY_DAYS), MemberState(member_id=ALICE))
    story.tell(did())
    story.tell(Settle(), MONDAY_NOON + days(1))

    assert story.state.wallets == {}
