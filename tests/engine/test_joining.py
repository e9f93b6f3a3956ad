"""Joining and merging …"""

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from regulars.engine.decide import Decision
from regulars.engine.effects import Announced, Counted, Sent
from regulars.engine.events import (
    Absorb,
    Adjust,
    Chosen,
    Describe,
    Enrol,
    Hold,
    Issue,
    Merge,
    Purchase,
    Receive,
    Reserve,
    Return,
    Settle,
    Spend,
    Undo,
    Use,
)
from regulars.engine.mail import read
from regulars.engine.members import MemberState
from regulars.engine.points import Balance
from regulars.engine.programme import Inactivity, Pending, Policies, Rolling, Wallet
from regulars.engine.rewards import Reward
from regulars.engine.running import Running
from regulars.engine.vouchers import Voucher
from regulars.rewards.amount_off import AmountOff
from regulars.rewards.gift_card import GiftCard
from regulars.rules import action, first_purchase, visit
from tests.engine.making import (
    ALICE,
    BOB,
    CAROL,
    MONDAY_NOON,
    ONE_EACH,
    Story,
    bought,
    days,
    gave_back,
    member,
    order,
    running,
)

NEWCOMER = MemberState(member_id=ALICE)


def _pair(programme: Running) -> tuple[Story, Story]:
    alice, bob = Story(programme), Story(programme, member(BOB))
    bob.number = 500
    return alice, bob


def _merge(left: Story, right: Story, at: datetime = MONDAY_NOON) -> tuple[Decision, Decision]:
    """Merge the left member into the right one."""
    closed = left.tell(Merge(into_member=right.state.member_id), at)
    [sent] = [effect for effect in closed.effects if isinstance(effect, Sent)]
    assert sent.member_id == right.state.member_id
    return closed, right.tell(read(sent.body), at)


def _taking_rewards(*rewards: Reward, **wallets: Wallet) -> tuple[Story, Story]:
    """Return two people with 250 points each, who can have rewards."""
    alice, bob = _pair(running(ONE_EACH, rewards=rewards, wallets={"points": Wallet(), **wallets}))
    for story in (alice, bob):
        story.tell(Adjust(wallet="points", amount=250, reason="to begin with"), MONDAY_NOON - days(1))
    return alice, bob


def _take(story: Story, reward: str) -> Voucher:
    [voucher] = story.tell(Issue(chosen=Chosen(reward=reward))).result.vouchers
    return voucher


def test_makes_a_member_with_attributes() -> None:
    story = Story(running(), NEWCOMER)

    decision = story.tell(Enrol(attributes={"city": "Lyon", "vegan": True}))

    assert story.state.standing == "active"
    assert story.state.enrolled_at == MONDAY_NOON
    assert story.state.attributes == {"city": "Lyon", "vegan": True}
    assert Announced("member.created", {"channel": "web"}) in decision.effects


def test_twice_is_refused() -> None:
    assert Story(running()).refuse(Enrol()).code == "already-a-member"


@pytest.mark.parametrize("body", [bought(1_000), gave_back("A9")])
def test_happens_by_itself_at_the_first_purchase_or_return_unless_the_brand_refuses(body: Return) -> None:
    assert Story(running(ONE_EACH), NEWCOMER).tell(body).after.standing == "active"
    strict = running(ONE_EACH, policies=Policies(unknown_member="refuse"))
    assert Story(strict, NEWCOMER).refuse(body).code == "unknown-member"


def test_does_not_happen_by_spending() -> None:
    story = Story(running(), NEWCOMER)

    assert story.refuse(Spend(wallet="points", amount=1)).code == "unknown-member"
    assert story.refuse(Settle()).code == "unknown-member"
    assert story.refuse(Adjust(wallet="points", amount=1, reason="")).code == "unknown-member"


def test_may_earn_a_welcome_like_any_other_event() -> None:
    story = Story(running(action.Action(id="welcome", event="member.enrolled", points=100)), NEWCOMER)

    decision = story.tell(Enrol())

    assert decision.balances["points"] == Balance(available=100)
    assert [outcome.rule for outcome in decision.result.outcomes] == ["welcome"]


def test_describing_oneself_may_earn_too_by_what_one_says_of_oneself_now() -> None:
    profile = action.Action(
        id="profile",
        event="member.described",
        points=50,
        when='has(member.attributes.city) && member.attributes.city != ""',
    )
    story = Story(running(profile))

    assert story.tell(Describe(attributes={"vegan": True})).balances["points"] == Balance()
    assert story.tell(Describe(attributes={"city": "Lyon"})).balances["points"] == Balance(available=50)


def test_describing_changes_adds_and_takes_away() -> None:
    story = Story(running())
    story.tell(Describe(attributes={"city": "Lyon", "size": 42}))

    story.tell(Describe(attributes={"city": "Metz", "size": None, "vegan": False}))

    assert story.state.attributes == {"city": "Metz", "vegan": False}


def test_merging_moves_every_lot_with_its_dates() -> None:
    wallet = Wallet(pending=Pending(days=2), expiry=Rolling(days=10, round_to="none"))
    alice, bob = _pair(running(ONE_EACH, wallet=wallet))
    alice.tell(bought(10_000, id="A1"))
    alice.tell(bought(5_000, id="A2"), MONDAY_NOON + days(2))
    bob.tell(bought(700, id="B1"), MONDAY_NOON + days(1))

    closed, absorbed = _merge(alice, bob, MONDAY_NOON + days(3))

    assert alice.state.standing == "merged"
    assert alice.state.merged_into == BOB
    assert closed.balances["points"] == Balance()
    assert absorbed.balances["points"] == Balance(available=107, pending=50)
    dates = {(lot.amount, lot.earned_at, lot.available_at, lot.expires_at) for lot in bob.state.lots}
    for lot in alice.state.lots:
        assert (lot.amount, lot.earned_at, lot.available_at, lot.expires_at) in dates


def test_merging_three_members_makes_one() -> None:
    programme = running(ONE_EACH)
    stories = [Story(programme, member(id)) for id in (ALICE, BOB, CAROL)]
    for number, (story, cents) in enumerate(zip(stories, (1_250, 425, 825), strict=True)):
        story.number = number * 100
        story.tell(Adjust(wallet="points", amount=cents, reason="card"))
    alice, bob, carol = stories

    _merge(alice, bob)
    _merge(bob, carol)

    assert carol.balance() == Balance(available=2_500)
    assert {lot.origin_id for lot in carol.state.lots if lot.remaining} >= {lot.id for lot in alice.state.lots}


def test_merging_takes_debts_along_which_the_other_ones_points_pay() -> None:
    alice, bob = _pair(running(ONE_EACH))
    alice.tell(bought(10_000))
    alice.tell(Spend(wallet="points", amount=100))
    alice.tell(gave_back())
    bob.tell(bought(3_000, id="B1"))

    closed, absorbed = _merge(alice, bob)

    assert closed.balances["points"] == Balance()
    assert absorbed.balances["points"] == Balance(available=-70, debt=70)
    assert bob.tell(bought(10_000, id="B2")).balances["points"] == Balance(available=30)


def test_merging_takes_along_the_debt_of_a_wallet_that_is_no_more() -> None:
    alice, bob = _pair(running(ONE_EACH, wallets={"points": Wallet(), "miles": Wallet()}))
    alice.tell(bought(10_000))
    alice.tell(Spend(wallet="points", amount=100))
    alice.tell(gave_back())
    alice.programme = bob.programme = running(wallets={"miles": Wallet()})

    _merge(alice, bob)

    assert alice.state.wallet("points").debt == 0
    assert bob.state.wallet("points").debt == 100


def test_merging_pays_a_debt_with_the_points_that_come() -> None:
    alice, bob = _pair(running(ONE_EACH))
    alice.tell(bought(3_000, id="A1"))
    bob.tell(bought(10_000, id="B1"))
    bob.tell(Spend(wallet="points", amount=100))
    bob.tell(gave_back("B1"))

    assert _merge(alice, bob)[1].balances["points"] == Balance(available=-70, debt=70)


def test_merging_adds_up_what_was_counted_so_that_nobody_is_welcomed_twice() -> None:
    welcome = first_purchase.FirstPurchase(id="welcome", points=50)
    every_fourth = visit.Visit(id="stamp", nth=4, points=9, once_a_day=False)
    alice, bob = _pair(running(welcome, every_fourth))
    alice.tell(bought(1_000, id="A1"))
    alice.tell(bought(1_000, id="A2"))
    bob.tell(bought(1_000, id="B1"))

    _merge(alice, bob)
    fourth = bob.tell(bought(1_000, id="B2"))

    assert [(outcome.rule, outcome.value) for outcome in fourth.result.outcomes] == [("stamp", 9)]
    assert bob.state.counters["purchases"] == 4


def test_merging_keeps_until_when_each_counter_is_asked_for() -> None:
    alice, bob = _pair(running(visit.Visit(id="stamp", nth=4, points=9)))
    alice.tell(bought(1_000))

    _, absorbed = _merge(alice, bob)

    until = {effect.name: effect.until for effect in absorbed.effects if isinstance(effect, Counted)}
    assert until["stamp/visited/2026-05-04"] == datetime(2026, 5, 5, tzinfo=UTC).date()
    assert until["stamp/visits"] is None


def test_merging_keeps_the_earlier_start_and_what_is_known_already() -> None:
    alice, bob = _pair(running())
    alice.state = MemberState(
        member_id=ALICE,
        standing="active",
        enrolled_at=datetime(2020, 1, 1, tzinfo=UTC),
        attributes={"city": "Lyon", "size": 42},
    )
    bob.tell(Describe(attributes={"city": "Metz"}))

    _merge(alice, bob)

    assert bob.state.enrolled_at == datetime(2020, 1, 1, tzinfo=UTC)
    assert bob.state.attributes == {"city": "Metz", "size": 42}


def test_merging_into_somebody_unknown_carries_the_membership_over() -> None:
    alice = Story(running(ONE_EACH))
    alice.tell(bought(10_000))
    bob = Story(running(ONE_EACH), MemberState(member_id=BOB))
    bob.number = 500

    _merge(alice, bob)

    assert bob.state.standing == "active"
    assert bob.state.enrolled_at == datetime(2026, 1, 1, tzinfo=UTC)
    assert bob.available() == 100


def test_merging_waits_for_open_holds_but_not_for_those_that_lapsed() -> None:
    alice = Story(running(ONE_EACH))
    alice.tell(bought(10_000))
    alice.tell(Hold(wallet="points", amount=10, expires_at=MONDAY_NOON + days(1)))

    refused = alice.refuse(Merge(into_member=BOB))

    assert refused.code == "merge-with-open-holds"
    assert refused.detail == {"holds": 1}
    assert isinstance(alice.ask(Merge(into_member=BOB), MONDAY_NOON + days(1)), Decision)


def test_merging_with_oneself_is_refused() -> None:
    assert Story(running()).refuse(Merge(into_member=ALICE)).code == "merge-into-itself"


def test_merging_ends_a_membership_whatever_is_tried() -> None:
    alice, bob = _pair(running(ONE_EACH))
    _merge(alice, bob)

    for body in (bought(1_000), Settle(), Enrol(), Merge(into_member=CAROL), Receive(from_member=CAROL, parcels=())):
        refused = alice.refuse(body)
        assert refused.code == "member-merged"
        assert refused.detail == {"into": str(BOB)}


@pytest.mark.parametrize(("alices", "bobs", "together"), [(0, 20, 20), (20, 0, 20)])
def test_merging_goes_on_from_the_later_activity(alices: int, bobs: int, together: int) -> None:
    alice, bob = _pair(running(ONE_EACH, wallet=Wallet(expiry=Inactivity(days=30, round_to="none"))))
    alice.tell(bought(10_000, id="A1"), MONDAY_NOON + days(alices))
    bob.tell(bought(5_000, id="B1"), MONDAY_NOON + days(bobs))

    _merge(alice, bob, MONDAY_NOON + days(21))

    assert bob.available(MONDAY_NOON + days(together + 29.99999)) == 150
    assert bob.available(MONDAY_NOON + days(together + 30)) == 0


def test_merging_lets_what_lapsed_on_the_way_expire_on_arrival() -> None:
    alice, bob = _pair(running(ONE_EACH, wallet=Wallet(expiry=Rolling(days=10, round_to="none"))))
    alice.tell(bought(10_000))
    closed = alice.tell(Merge(into_member=BOB), MONDAY_NOON + days(9))
    [sent] = [effect for effect in closed.effects if isinstance(effect, Sent)]

    absorbed = bob.tell(read(sent.body), MONDAY_NOON + days(11))

    assert absorbed.balances["points"] == Balance()
    assert [lot.remaining for lot in bob.state.lots] == [0]


def test_what_is_on_its_way_arrives_however_long_it_takes() -> None:
    alice, bob = _pair(running(ONE_EACH))
    alice.tell(bought(10_000))
    closed = alice.tell(Merge(into_member=BOB))
    [sent] = [effect for effect in closed.effects if isinstance(effect, Sent)]
    body = read(sent.body)
    assert isinstance(body, Absorb)

    assert isinstance(bob.ask(body, MONDAY_NOON, recorded_at=MONDAY_NOON + days(400)), Decision)
    assert bob.refuse(bought(1), MONDAY_NOON, recorded_at=MONDAY_NOON + days(400)).code == "event-too-late"


def test_merging_takes_vouchers_along_which_can_be_used_once() -> None:
    alice, bob = _taking_rewards(AmountOff(id="five", price=100, amount_minor=500))
    voucher = _take(alice, "five")

    _merge(alice, bob)
    bob.tell(Use(voucher_id=voucher.id))

    assert alice.state.vouchers[voucher.id].state == "moved"
    assert bob.state.vouchers[voucher.id].state == "redeemed"
    assert bob.refuse(Use(voucher_id=voucher.id)).code == "voucher-not-usable"


def test_what_was_paid_for_a_voucher_comes_back_after_a_merge_with_its_dates() -> None:
    dying = Wallet(expiry=Rolling(days=30, round_to="none"))
    alice, bob = _taking_rewards(AmountOff(id="five", price=250, amount_minor=500), points=dying)
    voucher = _take(alice, "five")

    _merge(alice, bob)
    back = bob.tell(Undo(voucher_id=voucher.id))

    assert bob.available() == 500
    assert bob.available(MONDAY_NOON + days(29)) == 0
    assert sum(part.amount for part in back.result.taken) == 250
    assert bob.state.vouchers[voucher.id].state == "returned"


def test_a_used_voucher_comes_back_with_its_order_after_a_merge() -> None:
    alice, bob = _taking_rewards(AmountOff(id="five", price=100, amount_minor=500, on_return="points"))
    voucher = _take(alice, "five")
    alice.tell(Purchase(order=order(1_000), vouchers=(voucher.id,)))

    _merge(alice, bob)
    bob.state = replace(bob.state, orders=bob.state.orders | alice.state.orders)
    bob.tell(gave_back())

    assert bob.available() == 500
    assert bob.state.vouchers[voucher.id].state == "returned"


@pytest.mark.parametrize(("spent", "undone"), [(0, True), (1, False)])
def test_store_credit_goes_along_and_can_be_undone_while_it_is_whole(spent: int, undone: bool) -> None:
    card = GiftCard(id="card", price=100, amount_minor=500, into="credit")
    alice, bob = _taking_rewards(card, credit=Wallet())
    voucher = _take(alice, "card")
    if spent:
        alice.tell(Spend(wallet="credit", amount=spent))

    _merge(alice, bob)
    asked = bob.ask(Undo(voucher_id=voucher.id))

    assert isinstance(asked, Decision) == undone
    assert bob.available(wallet="credit") == 500 - spent


def test_nobody_is_merged_who_has_something_reserved() -> None:
    alice, _ = _taking_rewards(AmountOff(id="gift", amount_minor=500))
    alice.tell(Reserve(order_id="A1", until=MONDAY_NOON + days(1), chosen=(Chosen(reward="gift"),)))

    refused = alice.refuse(Merge(into_member=BOB))

    assert (refused.code, refused.detail) == ("merge-with-open-holds", {"holds": 1})
    assert alice.tell(Merge(into_member=BOB), MONDAY_NOON + days(2)).after.standing == "merged"


def test_merging_puts_the_member_on_the_lists_of_both() -> None:
    alice, bob = _pair(running(lists=("press", "staff", "test")))
    alice.tell(Describe(attributes={}, lists={"staff": True, "press": True}))
    bob.tell(Describe(attributes={}, lists={"press": True, "test": True}))

    _merge(alice, bob)

    assert bob.state.lists == ("press", "staff", "test")
