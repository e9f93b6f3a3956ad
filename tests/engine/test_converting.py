"""Points that are converted …"""

from datetime import timedelta

from regulars.engine.effects import Posted
from regulars.engine.events import Convert, Restore, Settle
from regulars.engine.points import Balance
from regulars.engine.programme import Conversion, Rolling, Wallet
from tests.engine.making import MONDAY_NOON, ONE_EACH, Story, bought, days, running

TERMS = Conversion(take=3, give=2, undo_minutes=60)
WALLETS = {
    "points": Wallet(expiry=Rolling(days=10, round_to="none"), converts={"miles": TERMS}),
    "miles": Wallet(expiry=Rolling(days=20, round_to="none")),
}


def _converted() -> tuple[Story, Restore]:
    """Somebody who bought for 100 and converted 90, and what undoes that."""
    story = Story(running(ONE_EACH, wallets=WALLETS))
    story.tell(bought(10_000))
    decision = story.tell(Convert(wallet="points", amount=90, into="miles"), MONDAY_NOON + days(1))
    return story, Restore(spend_id=decision.event_id)


def test_leave_one_wallet_as_spent_and_come_into_the_other_as_issued() -> None:
    story = Story(running(ONE_EACH, wallets=WALLETS))
    story.tell(bought(10_000))

    decision = story.tell(Convert(wallet="points", amount=90, into="miles"), MONDAY_NOON + days(1))

    postings = [(one.wallet, one.source, one.target, one.amount) for one in decision.effects if isinstance(one, Posted)]
    assert postings == [("points", "available", "spent", 90), ("miles", "issued", "available", 60)]
    assert decision.balances == {"points": Balance(available=10), "miles": Balance(available=60)}
    assert [lot.expires_at for lot in decision.result.lots] == [MONDAY_NOON + days(21)]


def test_come_back_to_their_lots_and_what_had_expired_meanwhile_expires() -> None:
    story = Story(running(ONE_EACH, wallets=WALLETS | {"points": _lasting_days(undo_minutes=1440)}))
    story.tell(bought(10_000))
    converted = story.tell(Convert(wallet="points", amount=90, into="miles"), MONDAY_NOON + days(1.75))

    decision = story.tell(Restore(spend_id=converted.event_id), MONDAY_NOON + days(2.25))

    assert decision.balances == {"points": Balance(), "miles": Balance()}


def test_are_undone_to_the_last_minute_and_once() -> None:
    story, undo = _converted()

    assert story.refuse(undo, MONDAY_NOON + days(1) + timedelta(hours=1, seconds=1)).code == "conversion-final"
    decision = story.tell(undo, MONDAY_NOON + days(1) + timedelta(hours=1))

    assert decision.balances == {"points": Balance(available=100), "miles": Balance()}
    assert story.refuse(undo, MONDAY_NOON + days(1) + timedelta(hours=1)).code == "spend-already-restored"


def test_can_be_converted_anew_on_the_day_on_which_a_conversion_was_undone() -> None:
    story, undo = _converted()
    [name] = [name for name in story.state.counters if name.startswith("converted/")]
    assert (name, story.state.counters[name]) == ("converted/points/miles/day/2026-05-05", 90)

    story.tell(undo, MONDAY_NOON + days(1))

    assert story.state.counters.get(name, 0) == 0


def test_stay_converted_once_they_have_expired() -> None:
    story, undo = _converted()
    story.tell(Settle(), MONDAY_NOON + days(30))

    assert story.refuse(undo, MONDAY_NOON + days(1)).code in ("conversion-used", "conversion-final")


def _lasting_days(*, undo_minutes: int) -> Wallet:
    terms = Conversion(take=3, give=2, undo_minutes=undo_minutes)
    return Wallet(expiry=Rolling(days=2, round_to="none"), converts={"miles": terms})
