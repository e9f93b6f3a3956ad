"""A member with points …"""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from regulars.engine.decide import Decision
from regulars.engine.effects import Announced, Posted, Sent
from regulars.engine.events import Adjust, Body, Capture, Hold, Release, Restore, Settle, Spend, Transfer
from regulars.engine.ids import derive
from regulars.engine.points import Balance, HeldPart
from regulars.engine.programme import Inactivity, Pending, Rolling, Wallet
from regulars.engine.running import Running
from tests.engine.making import ALICE, BOB, MONDAY_NOON, ONE_EACH, Story, bought, days, gave_back, running
from tests.engine.worlds import Move, World, moves, programmes

TEN_DAYS = Wallet(expiry=Rolling(days=10, round_to="none"))


def _rich(wallet: Wallet | None = None) -> Story:
    """Somebody who bought for 100 and, a day later, for 50."""
    story = Story(running(ONE_EACH, wallet=wallet or TEN_DAYS))
    story.tell(bought(10_000, id="A1"))
    story.tell(bought(5_000, id="A2"), MONDAY_NOON + days(1))
    return story


def _remaining(story: Story) -> list[int]:
    return [lot.remaining for lot in sorted(story.state.lots, key=lambda lot: lot.earned_at)]


def _spend(amount: int) -> Spend:
    return Spend(wallet="points", amount=amount)


def _postings(decision: Decision) -> list[tuple[str, str, str, int]]:
    return [(p.kind, p.source, p.target, p.amount) for p in decision.effects if isinstance(p, Posted)]


def test_spends_the_soonest_to_expire_first_and_hears_which() -> None:
    story = _rich()
    first, second = sorted(story.state.lots, key=lambda lot: lot.earned_at)

    decision = story.tell(_spend(120), MONDAY_NOON + days(2))

    assert decision.result.taken == (HeldPart(lot_id=first.id, amount=100), HeldPart(lot_id=second.id, amount=20))
    assert decision.balances["points"] == Balance(available=30)
    assert Announced("points.spent", {"wallet": "points", "points": 120}) in decision.effects


def test_can_spend_all_and_not_a_point_more() -> None:
    story = _rich()

    refused = story.refuse(_spend(151), MONDAY_NOON + days(2))

    assert refused.code == "insufficient-points"
    assert refused.detail == {"wallet": "points", "needed": 151, "available": 150, "more": None, "more_at": None}
    assert story.tell(_spend(150), MONDAY_NOON + days(2)).balances["points"] == Balance()


def test_is_told_when_more_will_be_there_and_how_much() -> None:
    story = Story(running(ONE_EACH, wallet=Wallet(pending=Pending(days=2))))
    story.tell(bought(10_000))
    story.tell(bought(2_000, id="A2"))
    story.tell(bought(1_000, id="A3"), MONDAY_NOON + days(1))

    refused = story.refuse(_spend(40), MONDAY_NOON + days(1))

    assert refused.detail["available"] == 0
    assert refused.detail["more"] == 120
    assert refused.detail["more_at"] == (MONDAY_NOON + days(2)).isoformat()


@pytest.mark.parametrize("amount", [0, -1, -(10**20)])
@pytest.mark.parametrize("kind", ["spend", "hold", "transfer", "capture"])
def test_moves_nothing_by_amounts_that_are_none(kind: str, amount: int) -> None:
    story = _rich()
    held = story.tell(Hold(wallet="points", amount=10, expires_at=MONDAY_NOON + days(5))).result.hold_id
    assert held is not None
    bodies: dict[str, Body] = {
        "spend": _spend(amount),
        "hold": Hold(wallet="points", amount=amount, expires_at=MONDAY_NOON + days(5)),
        "transfer": Transfer(wallet="points", amount=amount, to_member=BOB),
        "capture": Capture(hold_id=held, amount=amount),
    }

    refused = story.refuse(bodies[kind], MONDAY_NOON + days(2))

    assert refused.code == "amount-not-positive"
    assert refused.detail == {"amount": amount}


def test_cannot_spend_from_a_wallet_that_is_not_for_spending_or_not_there() -> None:
    story = Story(running(ONE_EACH, wallet=Wallet(spendable=False)))
    story.tell(bought(10_000))

    assert story.refuse(_spend(1)).code == "wallet-not-spendable"
    assert story.refuse(Transfer(wallet="points", amount=1, to_member=BOB)).code == "wallet-not-spendable"
    assert story.refuse(Spend(wallet="miles", amount=1)).code == "unknown-wallet"
    assert story.refuse(Adjust(wallet="miles", amount=1, reason="")).code == "unknown-wallet"


def test_gets_a_spend_back_into_the_lots_it_came_from() -> None:
    story = _rich()
    before = story.state.lots
    spent = story.tell(_spend(120), MONDAY_NOON + days(2))

    story.tell(Restore(spend_id=spent.event_id), MONDAY_NOON + days(3))

    assert story.state.lots == before
    assert story.state.spends[spent.event_id].restored


def test_gets_a_spend_back_once_only() -> None:
    story = _rich()
    spent = story.tell(_spend(120), MONDAY_NOON + days(2))
    story.tell(Restore(spend_id=spent.event_id), MONDAY_NOON + days(3))

    assert story.refuse(Restore(spend_id=spent.event_id), MONDAY_NOON + days(3)).code == "spend-already-restored"
    assert story.refuse(Restore(spend_id=BOB), MONDAY_NOON + days(3)).code == "unknown-spend"


def test_loses_what_would_have_expired_while_it_was_spent() -> None:
    story = _rich()
    spent = story.tell(_spend(120), MONDAY_NOON + days(2))

    restored = story.tell(Restore(spend_id=spent.event_id), MONDAY_NOON + days(10.5))

    assert restored.balances["points"] == Balance(available=50)
    assert _postings(restored) == [
        ("restore", "spent", "available", 100),
        ("expire", "available", "expired", 100),
        ("restore", "spent", "available", 20),
    ]


def test_pays_a_debt_with_what_is_restored() -> None:
    story = _rich()
    spent = story.tell(_spend(150), MONDAY_NOON + days(2))
    story.tell(gave_back("A1"), MONDAY_NOON + days(3))

    restored = story.tell(Restore(spend_id=spent.event_id), MONDAY_NOON + days(4))

    assert restored.balances["points"] == Balance(available=50)


def test_holds_points_and_spends_all_of_them_later() -> None:
    story = _rich()
    hold = story.tell(Hold(wallet="points", amount=120, expires_at=MONDAY_NOON + days(9)), MONDAY_NOON + days(2))
    assert hold.result.hold_id == derive(hold.event_id, "hold")
    assert hold.balances["points"] == Balance(available=30, held=120)
    assert story.refuse(_spend(31), MONDAY_NOON + days(3)).code == "insufficient-points"

    captured = story.tell(Capture(hold_id=hold.result.hold_id), MONDAY_NOON + days(4))

    assert captured.balances["points"] == Balance(available=30)
    assert captured.result.taken == hold.result.taken
    assert story.state.holds == ()


def test_gets_free_again_what_is_not_captured_the_soonest_to_expire_being_used_first() -> None:
    story = _rich()
    hold = story.tell(Hold(wallet="points", amount=120, expires_at=MONDAY_NOON + days(9)), MONDAY_NOON + days(2))
    assert hold.result.hold_id is not None

    captured = story.tell(Capture(hold_id=hold.result.hold_id, amount=70), MONDAY_NOON + days(4))

    assert captured.balances["points"] == Balance(available=80)
    assert _remaining(story) == [30, 50]
    restored = story.tell(Restore(spend_id=captured.event_id), MONDAY_NOON + days(5))
    assert restored.balances["points"] == Balance(available=150)


def test_cannot_capture_more_than_is_held_nor_what_is_not() -> None:
    story = _rich()
    hold = story.tell(Hold(wallet="points", amount=120, expires_at=MONDAY_NOON + days(9)), MONDAY_NOON + days(2))
    assert hold.result.hold_id is not None

    more = story.refuse(Capture(hold_id=hold.result.hold_id, amount=121), MONDAY_NOON + days(3))
    assert more.code == "captured-more-than-held"
    assert more.detail == {"held": 120, "asked": 121}

    story.tell(Release(hold_id=hold.result.hold_id), MONDAY_NOON + days(3))
    assert story.refuse(Capture(hold_id=hold.result.hold_id), MONDAY_NOON + days(3)).code == "hold-not-open"
    assert story.refuse(Release(hold_id=hold.result.hold_id), MONDAY_NOON + days(3)).code == "hold-not-open"


def test_cannot_capture_a_hold_from_the_instant_at_which_it_lapses() -> None:
    story = _rich()
    hold = story.tell(Hold(wallet="points", amount=120, expires_at=MONDAY_NOON + days(9)), MONDAY_NOON + days(2))
    assert hold.result.hold_id is not None

    assert isinstance(story.ask(Capture(hold_id=hold.result.hold_id), MONDAY_NOON + days(8.99999)), Decision)
    assert story.refuse(Capture(hold_id=hold.result.hold_id), MONDAY_NOON + days(9)).code == "hold-not-open"


def test_cannot_hold_until_a_time_that_is_past() -> None:
    at = MONDAY_NOON + days(2)

    assert _rich().refuse(Hold(wallet="points", amount=1, expires_at=at), at).code == "hold-already-over"


def test_may_capture_points_whose_lot_expired_while_they_were_held() -> None:
    story = _rich()
    hold = story.tell(Hold(wallet="points", amount=120, expires_at=MONDAY_NOON + days(20)), MONDAY_NOON + days(2))
    assert hold.result.hold_id is not None

    captured = story.tell(Capture(hold_id=hold.result.hold_id, amount=70), MONDAY_NOON + days(10.5))

    # 70 of the first lot are spent; its other 30 come back dead, the second lot's 20 alive.
    assert captured.balances["points"] == Balance(available=50)
    assert _postings(captured) == [
        ("capture", "held", "spent", 70),
        ("release", "held", "available", 30),
        ("expire", "available", "expired", 30),
        ("release", "held", "available", 20),
    ]


def test_pays_a_debt_with_what_is_released() -> None:
    story = _rich()
    hold = story.tell(Hold(wallet="points", amount=150, expires_at=MONDAY_NOON + days(9)), MONDAY_NOON + days(2))
    assert hold.result.hold_id is not None
    story.tell(gave_back("A1"), MONDAY_NOON + days(3))
    assert story.balance(MONDAY_NOON + days(3)) == Balance(available=-100, held=150, debt=100)

    released = story.tell(Release(hold_id=hold.result.hold_id), MONDAY_NOON + days(4))

    assert released.balances["points"] == Balance(available=50)


def test_is_given_points_with_a_reason_and_the_wallets_dates_but_without_waiting() -> None:
    story = Story(running(wallet=Wallet(pending=Pending(days=14), expiry=Rolling(days=10, round_to="none"))))

    decision = story.tell(Adjust(wallet="points", amount=25, reason="late parcel"))

    [lot] = story.state.lots
    assert (lot.amount, lot.available_at, lot.expires_at) == (25, MONDAY_NOON, MONDAY_NOON + days(10))
    assert decision.result.note == "late parcel"
    assert decision.balances["points"] == Balance(available=25)


def test_is_not_adjusted_below_nothing() -> None:
    story = _rich()

    assert story.refuse(Adjust(wallet="points", amount=-151, reason="theft"), MONDAY_NOON + days(2)).code == (
        "insufficient-points"
    )
    assert story.refuse(Adjust(wallet="points", amount=0, reason=""), MONDAY_NOON + days(2)).code == "nothing-to-adjust"
    story.tell(Adjust(wallet="points", amount=-150, reason="theft"), MONDAY_NOON + days(2))
    assert _remaining(story) == [0, 0]


def test_gives_points_away_with_their_dates() -> None:
    story = _rich()

    decision = story.tell(Transfer(wallet="points", amount=120, to_member=BOB), MONDAY_NOON + days(2))

    [sent] = [effect for effect in decision.effects if isinstance(effect, Sent)]
    assert (sent.member_id, sent.type) == (BOB, "points.received")
    assert decision.balances["points"] == Balance(available=30)
    assert _remaining(story) == [0, 30]


def test_cannot_give_to_oneself_nor_what_is_held_or_owed() -> None:
    story = _rich()
    story.tell(Hold(wallet="points", amount=100, expires_at=MONDAY_NOON + days(9)), MONDAY_NOON + days(2))

    assert story.refuse(Transfer(wallet="points", amount=1, to_member=ALICE)).code == "transfer-to-oneself"
    refused = story.refuse(Transfer(wallet="points", amount=51, to_member=BOB), MONDAY_NOON + days(2))
    assert refused.code == "insufficient-points"
    assert refused.detail["available"] == 50


def test_never_lives_longer_on_somebody_elses_activity() -> None:
    giver = Story(running(ONE_EACH, wallet=Wallet(expiry=Inactivity(days=30, round_to="none"))))
    giver.tell(bought(10_000))
    decision = giver.tell(Transfer(wallet="points", amount=40, to_member=BOB), MONDAY_NOON + days(1))
    [sent] = [effect for effect in decision.effects if isinstance(effect, Sent)]

    assert f'"expires_at":"{(MONDAY_NOON + days(30)).isoformat().replace("+00:00", "Z")}"' in sent.body.decode()


def test_is_refused_what_no_till_can_tell_exactly() -> None:
    story = Story(running())
    largest = 2**53 - 1

    assert story.refuse(Adjust(wallet="points", amount=largest + 1, reason="")).code == "amount-too-large"
    story.tell(Adjust(wallet="points", amount=largest, reason=""))
    refused = story.refuse(Adjust(wallet="points", amount=1, reason=""))
    assert refused.code == "amount-too-large"
    assert refused.detail == {"largest": largest}
    assert isinstance(story.ask(Settle()), Decision)


@given(programmes(), moves("buy", "adjust", "hold", "spend", people=1), st.integers(1, 200))
def test_has_the_very_same_lots_after_a_spend_is_undone(programme: Running, life: list[Move], amount: int) -> None:
    world = World(programme)
    world.live(life)
    story = Story(programme, world.states[ALICE])
    story.number = 1_000
    story.tell(Settle(), world.now)
    before = story.state
    spent = story.ask(_spend(amount), world.now)
    if isinstance(spent, Decision):
        story.state = spent.after

        story.tell(Restore(spend_id=spent.event_id), world.now)

        assert story.state.lots == before.lots
        assert story.state.wallets == before.wallets
        record = replace(spent.after.spends[spent.event_id], restored=True)
        assert story.state.spends == before.spends | {spent.event_id: record}
