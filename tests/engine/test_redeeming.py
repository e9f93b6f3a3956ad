"""A reward …"""

from collections import Counter
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.engine.decide import Decision
from regulars.engine.earning import Limit
from regulars.engine.events import Adjust, Body, Capture, Chosen, Issue, Purchase, Release, Reserve, Settle, Undo, Use
from regulars.engine.points import Balance
from regulars.engine.programme import Rolling, Wallet
from regulars.engine.reasons import Refused
from regulars.engine.rewards import PartPayment, Reward
from regulars.engine.schedules import Schedule
from regulars.engine.vouchers import Voucher
from regulars.rewards.amount_off import AmountOff
from regulars.rewards.donation import Donation
from regulars.rewards.event_seat import EventSeat
from regulars.rewards.free_product import FreeProduct
from regulars.rewards.gift_card import GiftCard
from regulars.rewards.partner_code import PartnerCode
from tests.engine.making import MONDAY_NOON, ONE_EACH, Story, bought, days, gave_back, order, running

FIVE = AmountOff(id="five", price=100, amount_minor=500)
MONTH = Rolling(days=30, round_to="none")


def story(*rewards: Reward, points: int = 250, wallets: dict[str, Wallet] | None = None) -> Story:
    """Somebody with points who can have rewards."""
    told = Story(running(ONE_EACH, rewards=rewards or (FIVE,), wallets=wallets))
    if points:
        told.tell(Adjust(wallet="points", amount=points, reason="to begin with"), MONDAY_NOON - days(1))
    return told


def issue(reward: str = "five", *, redeem: bool = False, amount: int | None = None) -> Issue:
    return Issue(chosen=Chosen(reward=reward, amount=amount), redeem=redeem)


def reserve(*rewards: str, order_id: str = "A1", until: datetime = MONDAY_NOON + timedelta(hours=1)) -> Reserve:
    return Reserve(order_id=order_id, until=until, chosen=tuple(Chosen(reward=reward) for reward in rewards))


def only(decision: Decision) -> Voucher:
    [voucher] = decision.result.vouchers
    return voucher


def reason(refused: Refused) -> object:
    return refused.detail.get("reason", refused.code)


def states(told: Story) -> Counter[str]:
    return Counter(one.state for one in told.state.vouchers.values())


def test_is_paid_when_it_is_issued_and_used_once() -> None:
    told = story()

    voucher = only(told.tell(issue()))

    assert (voucher.state, told.available()) == ("issued", 150)
    assert only(told.tell(Use(voucher_id=voucher.id), channel="shop")).state == "redeemed"
    refused = told.refuse(Use(voucher_id=voucher.id), channel="web")
    assert (refused.code, refused.detail["actual"]) == ("voucher-not-usable", "redeemed")


def test_is_issued_and_used_with_one_tap_and_undone_to_the_points() -> None:
    told = story()
    voucher = only(told.tell(issue(redeem=True)))
    assert voucher.state == "redeemed"

    undone = told.tell(Undo(voucher_id=voucher.id), MONDAY_NOON + timedelta(minutes=15))

    assert (only(undone).state, told.available()) == ("returned", 250)


def test_is_undone_later_only_by_somebody_with_the_right_to_reverse() -> None:
    told = story()
    voucher = only(told.tell(issue(redeem=True)))
    later = MONDAY_NOON + timedelta(minutes=15, seconds=1)

    assert reason(told.refuse(Undo(voucher_id=voucher.id), later)) == "too-late-to-undo"
    told.tell(Undo(voucher_id=voucher.id, reversal=True), later)

    assert told.available() == 250


def test_is_usable_again_when_its_use_was_a_mistake() -> None:
    told = story()
    voucher = only(told.tell(issue()))
    told.tell(Use(voucher_id=voucher.id))

    told.tell(Undo(voucher_id=voucher.id, to="voucher"))

    assert (states(told), told.available()) == ({"issued": 1}, 150)
    assert only(told.tell(Use(voucher_id=voucher.id))).state == "redeemed"


def test_is_out_of_reach_of_who_has_too_few_points() -> None:
    refused = story(points=99).refuse(issue())

    assert (refused.code, refused.detail["needed"], refused.detail["available"]) == ("insufficient-points", 100, 99)


def test_does_not_charge_a_second_one_to_points_that_a_first_holds() -> None:
    told = story(points=150)
    told.tell(reserve("five"))

    assert told.refuse(issue()).code == "insufficient-points"
    assert told.balance() == Balance(available=50, held=100)


def test_is_reserved_for_a_checkout_and_spent_with_its_order() -> None:
    told = story()
    told.tell(reserve("five", "five"))
    assert told.balance() == Balance(available=50, held=200)

    committed = told.tell(bought(10_000, id="A1"), MONDAY_NOON + timedelta(minutes=5))

    assert [one.state for one in committed.result.vouchers] == ["redeemed", "redeemed"]
    assert told.balance(MONDAY_NOON + timedelta(minutes=5)) == Balance(available=150)


def test_is_free_again_when_the_checkout_is_given_up() -> None:
    told = story()
    told.tell(reserve("five"))

    told.tell(Undo(order_id="A1"))

    assert (states(told), told.balance()) == ({"cancelled": 1}, Balance(available=250))
    assert told.refuse(Undo(order_id="A1")).code == "nothing-reserved"


def test_lapses_when_nobody_comes_back_to_the_checkout() -> None:
    told = story(AmountOff(id="five", price=100, amount_minor=500, stock=1))
    told.tell(reserve("five"))
    assert told.shared == {"reward/five/stock": 1}

    told.tell(bought(1000, id="B2"), MONDAY_NOON + timedelta(hours=1))

    assert (states(told), told.shared) == ({"cancelled": 1}, {"reward/five/stock": 0})
    assert told.available(MONDAY_NOON + timedelta(hours=1)) == 260


def test_is_reserved_anew_in_place_of_what_the_checkout_held_before() -> None:
    told = story(points=100)
    told.tell(reserve("five"))

    told.tell(reserve("five", until=MONDAY_NOON + timedelta(hours=2)))

    assert (states(told), told.balance().held) == ({"cancelled": 1, "reserved": 1}, 100)


def test_cannot_be_used_elsewhere_while_a_checkout_has_it() -> None:
    told = story()
    voucher = only(told.tell(issue()))
    told.tell(Reserve(order_id="A1", until=MONDAY_NOON + timedelta(hours=1), vouchers=(voucher.id,)))

    assert reason(told.refuse(Use(voucher_id=voucher.id))) == "voucher-reserved"
    told.tell(Settle(), MONDAY_NOON + timedelta(hours=1))
    assert only(told.tell(Use(voucher_id=voucher.id), MONDAY_NOON + timedelta(hours=1))).state == "redeemed"


def test_holds_its_points_against_a_release_by_hand() -> None:
    told = story()
    held = only(told.tell(reserve("five"))).hold_id
    assert held is not None

    assert told.refuse(Release(hold_id=held)).code == "hold-of-a-voucher"
    assert told.refuse(Capture(hold_id=held)).code == "hold-of-a-voucher"


def test_expires_at_its_instant_and_not_before() -> None:
    told = story(AmountOff(id="five", price=100, amount_minor=500, valid=MONTH))
    voucher = only(told.tell(issue()))
    end = MONDAY_NOON + days(30)
    assert voucher.valid_until == end

    refused = told.refuse(Use(voucher_id=voucher.id), end)
    told.tell(Use(voucher_id=voucher.id), end - timedelta(microseconds=1))

    assert (refused.detail["actual"], states(told)) == ("expired", {"redeemed": 1})


def test_is_used_by_a_late_event_although_it_has_expired_meanwhile() -> None:
    told = story(AmountOff(id="five", price=100, amount_minor=500, valid=MONTH))
    voucher = only(told.tell(issue()))
    end = MONDAY_NOON + days(30)
    told.tell(Settle(), end)
    assert states(told) == {"expired": 1}

    told.tell(Use(voucher_id=voucher.id), end - timedelta(hours=1), recorded_at=end + timedelta(hours=1))

    assert states(told) == {"redeemed": 1}


def test_is_there_as_often_as_its_stock_says() -> None:
    told = story(AmountOff(id="five", price=10, amount_minor=500, stock=2))
    told.tell(issue())
    voucher = only(told.tell(issue()))

    assert told.refuse(issue()).code == "out-of-stock"
    told.tell(Undo(voucher_id=voucher.id))
    told.tell(issue())


def test_is_there_as_often_as_its_limits_allow_and_again_when_it_goes_back() -> None:
    told = story(AmountOff(id="five", price=10, amount_minor=500, limits=(Limit(per="day", times=1),)))
    voucher = only(told.tell(issue()))

    assert reason(told.refuse(issue())) == "limit-times"
    told.tell(Undo(voucher_id=voucher.id))
    told.tell(issue())
    told.tell(issue(), MONDAY_NOON + days(1))


@pytest.mark.parametrize(
    ("reward", "expected"),
    [
        (AmountOff(id="five", amount_minor=500, channels=("app",)), "another-channel"),
        (AmountOff(id="five", amount_minor=500, shops=("lyon",)), "another-shop"),
        (AmountOff(id="five", amount_minor=500, starts_at=MONDAY_NOON + days(1)), "not-started"),
        (AmountOff(id="five", amount_minor=500, ends_at=MONDAY_NOON), "over"),
        (AmountOff(id="five", amount_minor=500, valid_until=MONDAY_NOON), "over"),
        (AmountOff(id="five", amount_minor=500, drops=Schedule(weekdays=("tue", "thu"))), "outside-hours"),
        (AmountOff(id="five", amount_minor=500, given_only=True), "given-only"),
    ],
)
def test_is_there_only_where_and_when_it_is_offered(reward: Reward, expected: str) -> None:
    assert reason(story(reward).refuse(issue())) == expected


def test_is_paid_in_part_by_whole_steps_within_bounds() -> None:
    told = story(AmountOff(id="five", part_payment=PartPayment(points=10, amount_minor=100, least=50, most=200)))

    assert reason(told.refuse(issue())) == "amount-missing"
    assert reason(told.refuse(issue(amount=40))) == "amount-too-small"
    assert reason(told.refuse(issue(amount=210))) == "amount-too-high"
    assert reason(told.refuse(issue(amount=55))) == "amount-not-a-multiple"
    assert only(told.tell(issue(amount=70))).value_minor == 700
    assert told.available() == 180


def test_of_a_choice_is_had_only_with_the_choice() -> None:
    shirt = FreeProduct(id="shirt", scope={"products": ("shirt",)}, options={"size": ("s", "m")})  # type: ignore[arg-type]
    told = story(shirt)

    assert reason(told.refuse(issue("shirt"))) == "choice-missing"
    for options, code in (({"size": "xl"}, "choice-missing"), ({"size": "s", "hue": "red"}, "choice-unknown")):
        assert reason(told.refuse(Issue(chosen=Chosen(reward="shirt", options=options)))) == code
    assert only(told.tell(Issue(chosen=Chosen(reward="shirt", options={"size": "m"})))).options == {"size": "m"}


def test_of_store_credit_fills_its_wallet_and_goes_back_only_whole() -> None:
    card = GiftCard(id="card", price=100, into="credit", amount_minor=1000)
    told = story(card, wallets={"points": Wallet(), "credit": Wallet(decimals=2)})
    first, second = only(told.tell(issue("card"))), only(told.tell(issue("card")))
    assert (told.available(wallet="credit"), told.available()) == (2000, 50)

    told.tell(Undo(voucher_id=first.id))
    told.tell(Adjust(wallet="credit", amount=-1, reason="spent"))

    assert (told.available(wallet="credit"), told.available()) == (999, 150)
    assert reason(told.refuse(Undo(voucher_id=second.id))) == "credit-spent"


def test_of_a_seat_is_used_at_the_door_and_goes_back_in_time() -> None:
    doors = MONDAY_NOON + days(7)
    told = story(EventSeat(id="seat", seats=1, doors_at=doors, over_at=doors + timedelta(hours=3)))
    first = only(told.tell(issue("seat")))
    assert told.refuse(issue("seat")).code == "out-of-stock"
    told.tell(Undo(voucher_id=first.id), doors - timedelta(hours=25))
    second = only(told.tell(issue("seat"), doors - timedelta(hours=25)))

    assert reason(told.refuse(Undo(voucher_id=second.id), doors - timedelta(hours=24))) == "too-late-to-cancel"
    assert reason(told.refuse(Use(voucher_id=second.id), doors - timedelta(seconds=1))) == "doors-not-open"
    told.tell(Use(voucher_id=second.id), doors)
    assert told.shared["reward/seat/seats"] == 1


def test_of_a_partner_hands_out_every_code_once_and_takes_none_back() -> None:
    told = story(PartnerCode(id="film", price=10, pool="cinema"))
    told.shared["pool/cinema/size"] = 2
    first, second = only(told.tell(issue("film"))), only(told.tell(issue("film")))

    assert (first.number, second.number) == (0, 1)
    assert told.refuse(issue("film")).code == "out-of-stock"
    assert reason(told.refuse(Undo(voucher_id=first.id))) == "code-already-shown"
    told.tell(Undo(voucher_id=first.id, reversal=True))
    assert told.refuse(issue("film")).code == "out-of-stock"


def test_of_a_partner_takes_its_code_only_when_the_checkout_is_over() -> None:
    told = story(PartnerCode(id="film", price=10, pool="cinema"))
    told.shared["pool/cinema/size"] = 1
    assert only(told.tell(reserve("film"))).number is None
    assert told.refuse(issue("film")).code == "out-of-stock"
    told.tell(Undo(order_id="A1"))
    told.tell(reserve("film"))

    [voucher] = told.tell(bought(1000, id="A1")).result.vouchers

    assert (voucher.state, voucher.number) == ("issued", 0)


def test_of_a_good_cause_is_used_up_at_once() -> None:
    told = story(Donation(id="trees", price=50, cause="Trees", amount_minor=100))
    voucher = only(told.tell(issue("trees")))

    assert voucher.state == "redeemed"
    assert reason(told.refuse(Undo(voucher_id=voucher.id, to="voucher"))) == "used-up-at-once"
    told.tell(Undo(voucher_id=voucher.id))
    assert told.available() == 250


@pytest.mark.parametrize(
    ("policy", "state", "available"),
    [("voucher", "issued", 150), ("points", "returned", 250), ("keep", "redeemed", 150)],
)
def test_comes_back_with_its_order_as_it_says(policy: str, state: str, available: int) -> None:
    told = story(AmountOff(id="five", price=100, amount_minor=500, on_return=policy))  # type: ignore[arg-type]
    voucher = only(told.tell(issue()))
    told.tell(Purchase(order=order(0, 0, id="A1"), vouchers=(voucher.id,)))

    told.tell(gave_back("A1", line_1=1000))
    assert states(told) == {"redeemed": 1}
    told.tell(gave_back("A1", line_2=1000))

    assert (states(told), told.available()) == ({state: 1}, available)


def test_is_not_used_by_an_order_that_names_it_too_late() -> None:
    told = story(AmountOff(id="five", price=100, amount_minor=500, valid=MONTH))
    voucher = only(told.tell(issue()))

    refused = told.refuse(Purchase(order=order(1000), vouchers=(voucher.id,)), MONDAY_NOON + days(30))

    assert refused.code == "voucher-not-usable"


def test_has_no_refund_where_it_says_so() -> None:
    told = story(AmountOff(id="five", price=100, amount_minor=500, refund="never"))
    voucher = only(told.tell(issue()))

    assert reason(told.refuse(Undo(voucher_id=voucher.id))) == "no-refund"
    told.tell(Undo(voucher_id=voucher.id, reversal=True))
    assert told.available() == 250


def test_that_nobody_offers_or_has_is_refused() -> None:
    told = story()
    nobody = UUID(int=1)

    assert told.refuse(issue("six")).code == "unknown-reward"
    assert told.refuse(Use(voucher_id=nobody)).code == "unknown-voucher"
    assert told.refuse(Undo(voucher_id=nobody)).code == "unknown-voucher"
    assert told.refuse(Reserve(order_id="A1", until=MONDAY_NOON + days(1))).code == "nothing-to-reserve"
    assert told.refuse(reserve("five", until=MONDAY_NOON)).code == "hold-already-over"


SHELF = (
    AmountOff(id="five", price=100, amount_minor=500, stock=3, valid=MONTH, limits=(Limit(per="ever", times=6),)),
    AmountOff(id="part", part_payment=PartPayment(points=10, amount_minor=100), stock=2, refund="always"),
    FreeProduct(id="free", price=30, scope={"products": ("product-1",)}, on_return="points"),  # type: ignore[arg-type]
    GiftCard(id="card", price=40, into="credit", amount_minor=400),
    PartnerCode(id="film", price=20, pool="cinema"),
)
MOVES = st.tuples(
    st.sampled_from(["issue", "tap", "reserve", "lock", "use", "undo", "back", "reverse", "cancel", "buy", "return"]),
    st.integers(0, 30),
    st.sampled_from([0, 0, 1, 20, 90, 60 * 24, 60 * 24 * 20]),
)


def _body(told: Story, what: str, pick: int, number: int, at: datetime) -> Body:
    """Return what happens next; whatever a pick leads to is some voucher, order or reward."""
    vouchers = sorted(told.state.vouchers) or [UUID(int=9)]
    voucher, order_id = vouchers[pick % len(vouchers)], f"A{pick % 3}"
    reward = SHELF[pick % len(SHELF)]
    chosen = Chosen(reward=reward.id, amount=10 * (1 + pick % 4) if reward.part_payment is not None else None)
    match what:
        case "issue" | "tap":
            return Issue(chosen=chosen, redeem=what == "tap")
        case "reserve":
            return Reserve(order_id=order_id, until=at + timedelta(minutes=30), chosen=(chosen,) * (1 + pick % 2))
        case "lock":
            return Reserve(order_id=order_id, until=at + timedelta(minutes=30), vouchers=(voucher,))
        case "use":
            return Use(voucher_id=voucher)
        case "undo" | "reverse":
            return Undo(voucher_id=voucher, reversal=what == "reverse")
        case "back":
            return Undo(voucher_id=voucher, to="voucher")
        case "cancel":
            return Undo(order_id=order_id)
        case "buy":
            return bought(0, id=order_id)
        case _:
            return gave_back(order_id)


@given(st.lists(MOVES, max_size=25))
def test_conserves_points_and_stock_whatever_happens_to_it(moves: list[tuple[str, int, int]]) -> None:
    told = story(*SHELF, points=300, wallets={"points": Wallet(), "credit": Wallet(decimals=2)})
    told.shared["pool/cinema/size"] = 4
    at, numbers = MONDAY_NOON, dict[UUID, int]()
    for number, (what, pick, minutes) in enumerate(moves):
        at += timedelta(minutes=minutes)
        decision = told.ask(_body(told, what, pick, number, at), at)
        if isinstance(decision, Refused):
            continue
        told.number -= 1
        told.tell(_body(told, what, pick, number, at), at)
        _is_conserved(told, at)
        numbers |= {one.id: one.number for one in decision.result.vouchers if one.number is not None}
    assert len(numbers) == len(set(numbers.values()))


def _is_conserved(told: Story, at: datetime) -> None:
    """Points are where a voucher says that they are, and what is taken of stock is what vouchers took."""
    vouchers = told.state.vouchers.values()
    balance = told.balance(at)
    held = sum(part.amount for one in vouchers if one.hold_id is not None for part in one.parts)
    gone = ("cancelled", "returned")
    paid = sum(part.amount for one in vouchers if one.state not in gone for part in one.parts) - held
    assert balance.available + balance.held + paid == 300
    assert balance.held == held
    taken: Counter[str] = Counter()
    for one in vouchers:
        if one.state not in ("cancelled", "returned"):
            taken.update(one.claims)
        elif one.number is not None:
            taken["pool/cinema/taken"] += 1
    for name in ("reward/five/stock", "reward/part/stock", "pool/cinema/taken"):
        assert told.shared.get(name, 0) == taken[name]
    assert taken["reward/five/stock"] <= 3
    assert taken["reward/part/stock"] <= 2
    assert taken["pool/cinema/taken"] <= 4
    counted = sum(by for one in vouchers for by in one.counted.values())
    assert told.state.counters.get("reward/five/times/ever", 0) == counted
    credit = sum(400 for one in vouchers if one.reward == "card" and one.state == "redeemed")
    assert told.available(at, "credit") == credit
