"""Applying effects …"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import get_args
from uuid import UUID

import pytest
from msgspec.structs import replace

from regulars.engine.effects import (
    Announced,
    Claimed,
    Counted,
    DayCounted,
    Described,
    Effect,
    Enrolled,
    HoldClosed,
    HoldOpened,
    Listed,
    LotOpened,
    MergedInto,
    OrderKept,
    Posted,
    Sent,
    SpendKept,
    StayedActive,
    TierKept,
    VoucherKept,
)
from regulars.engine.evolve import evolve
from regulars.engine.members import MemberState, OrderRecord, SpendRecord, WalletState
from regulars.engine.points import Account, HeldPart, Lot, MovementKind, OpenHold, SpentPart
from regulars.engine.standing import TierState
from regulars.engine.vouchers import Voucher
from tests.engine.making import ALICE, BOB, MONDAY_NOON, member

LOT_ID, HOLD_ID, SPEND_ID = UUID(int=1), UUID(int=2), UUID(int=3)
LATER = datetime(2026, 6, 1, tzinfo=UTC)

LOT = Lot(
    id=LOT_ID,
    origin_id=LOT_ID,
    event_id=ALICE,
    wallet="points",
    amount=100,
    remaining=80,
    held=30,
    matured=True,
    earned_at=MONDAY_NOON,
    available_at=MONDAY_NOON,
    expires_at=None,
)
HOLD = OpenHold(id=HOLD_ID, wallet="points", parts=(HeldPart(lot_id=LOT_ID, amount=30),), expires_at=LATER)
SPENT = SpentPart(
    lot_id=LOT_ID, amount=30, origin_id=LOT_ID, earned_at=MONDAY_NOON, available_at=MONDAY_NOON, expires_at=None
)
MONDAY = MONDAY_NOON.date()
SILVER = TierState(level="silver", since=MONDAY_NOON)
VOUCHER = Voucher(id=UUID(int=4), reward="mug", state="issued", event_id=ALICE, issued_at=MONDAY_NOON)
BEFORE = replace(
    member(),
    version=7,
    attributes={"city": "Lyon"},
    lots=(LOT,),
    holds=(HOLD,),
    wallets={"points": WalletState(debt=5, active_until=MONDAY_NOON)},
    counters={"purchases": 2},
    orders={"A1": OrderRecord(order_id="A1")},
    spends={SPEND_ID: SpendRecord(event_id=SPEND_ID, wallet="points", parts=(SPENT,))},
    days={MONDAY: {"purchases": 1}},
    lists=("pilots",),
    tiers={"status": SILVER},
    vouchers={VOUCHER.id: VOUCHER},
)
NEW_LOT = replace(LOT, id=UUID(int=9), amount=40, remaining=40, held=0)
NEW_HOLD = replace(HOLD, id=UUID(int=8))
RETURNED = OrderRecord(order_id="A1", returned_wholly=True)
RESTORED = replace(BEFORE.spends[SPEND_ID], restored=True)
USED = replace(VOUCHER, state="redeemed", redeemed_at=LATER)
DEBTLESS = WalletState(active_until=MONDAY_NOON)

Change = Callable[[MemberState], MemberState]

EXAMPLES: list[tuple[Effect, Change]] = [
    (LotOpened(NEW_LOT), lambda s: replace(s, lots=(LOT, replace(NEW_LOT, amount=0, remaining=0)))),
    (Counted(name="purchases", by=1), lambda s: replace(s, counters={"purchases": 3})),
    (Counted(name="new", by=-4, until=date(2026, 6, 1)), lambda s: replace(s, counters={"purchases": 2, "new": -4})),
    (HoldOpened(NEW_HOLD), lambda s: replace(s, holds=(HOLD, NEW_HOLD))),
    (HoldClosed(HOLD_ID), lambda s: replace(s, holds=())),
    (StayedActive("points", LATER), lambda s: replace(s, wallets={"points": WalletState(debt=5, active_until=LATER)})),
    (
        StayedActive("stamps", LATER),
        lambda s: replace(s, wallets=s.wallets | {"stamps": WalletState(active_until=LATER)}),
    ),
    (Described("size", 42), lambda s: replace(s, attributes={"city": "Lyon", "size": 42})),
    (Described("city", "Metz"), lambda s: replace(s, attributes={"city": "Metz"})),
    (Described("city", None), lambda s: replace(s, attributes={})),
    (Described("unheard_of", None), lambda s: s),
    (Enrolled(LATER), lambda s: replace(s, standing="active", enrolled_at=LATER)),
    (MergedInto(BOB), lambda s: replace(s, standing="merged", merged_into=BOB)),
    (OrderKept(RETURNED), lambda s: replace(s, orders={"A1": RETURNED})),
    (OrderKept(OrderRecord(order_id="A2")), lambda s: replace(s, orders=s.orders | {"A2": OrderRecord(order_id="A2")})),
    (SpendKept(RESTORED), lambda s: replace(s, spends={SPEND_ID: RESTORED})),
    (DayCounted(MONDAY, "purchases", 2), lambda s: replace(s, days={MONDAY: {"purchases": 3}})),
    (DayCounted(MONDAY, "visits", 1), lambda s: replace(s, days={MONDAY: {"purchases": 1, "visits": 1}})),
    (DayCounted(LATER.date(), "visits", 1), lambda s: replace(s, days=s.days | {LATER.date(): {"visits": 1}})),
    (TierKept("status", TierState(since=LATER)), lambda s: replace(s, tiers={"status": TierState(since=LATER)})),
    (TierKept("club", SILVER), lambda s: replace(s, tiers=s.tiers | {"club": SILVER})),
    (VoucherKept(USED), lambda s: replace(s, vouchers={VOUCHER.id: USED})),
    (Listed("early_birds", True), lambda s: replace(s, lists=("early_birds", "pilots"))),
    (Listed("pilots", True), lambda s: s),
    (Listed("pilots", False), lambda s: replace(s, lists=())),
    (Claimed(name="reward/mug/stock", by=1, most=50), lambda s: s),
    (Announced("points.spent", {"points": 1}), lambda s: s),
    (Sent(BOB, "points.received", b"{}"), lambda s: s),
    (
        Posted(wallet="points", kind="reverse", source="debt", target="issued", amount=9, at=LATER),
        lambda s: replace(s, wallets={"points": WalletState(debt=14, active_until=MONDAY_NOON)}),
    ),
    (
        Posted(wallet="stamps", kind="reverse", source="debt", target="issued", amount=9, at=LATER),
        lambda s: replace(s, wallets=s.wallets | {"stamps": WalletState(debt=9)}),
    ),
    (
        Posted(wallet="points", kind="transfer", source="transit", target="debt", amount=5, at=LATER),
        lambda s: replace(s, wallets={"points": DEBTLESS}),
    ),
    (
        Posted(wallet="points", kind="repay", source="available", target="debt", amount=5, at=LATER, lot_id=LOT_ID),
        lambda s: replace(s, lots=(replace(LOT, remaining=75),), wallets={"points": DEBTLESS}),
    ),
]


@pytest.mark.parametrize(("effect", "change"), EXAMPLES, ids=lambda value: type(value).__name__)
def test_changes_what_the_effect_says_and_nothing_else(effect: Effect, change: Change) -> None:
    assert evolve(BEFORE, [effect]) == replace(change(BEFORE), version=8)


@pytest.mark.parametrize(
    ("kind", "source", "target", "amount", "remaining", "held"),
    [
        ("earn", "issued", "available", 110, 90, 30),
        ("earn", "issued", "pending", 110, 90, 30),
        ("receive", "transit", "available", 110, 90, 30),
        ("adjust", "adjusted", "available", 110, 90, 30),
        ("adjust", "available", "adjusted", 100, 70, 30),
        ("mature", "pending", "available", 100, 80, 30),
        ("spend", "available", "spent", 100, 70, 30),
        ("restore", "spent", "available", 100, 90, 30),
        ("hold", "available", "held", 100, 80, 40),
        ("capture", "held", "spent", 100, 70, 20),
        ("release", "held", "available", 100, 80, 20),
        ("lapse", "held", "available", 100, 80, 20),
        ("reverse", "available", "issued", 100, 70, 30),
        ("reverse", "pending", "issued", 100, 70, 30),
        ("transfer", "available", "transit", 100, 70, 30),
        ("transfer", "pending", "transit", 100, 70, 30),
    ],
)
def test_moves_ten_points_between_a_lots_accounts(
    kind: MovementKind, source: Account, target: Account, amount: int, remaining: int, held: int
) -> None:
    posting = Posted(wallet="points", kind=kind, source=source, target=target, amount=10, at=LATER, lot_id=LOT_ID)

    assert evolve(BEFORE, [posting]).lots == (replace(LOT, amount=amount, remaining=remaining, held=held),)


def test_keeps_what_lapsed_and_when_the_lots_time_was_over() -> None:
    lapsed = replace(LOT, remaining=70, lapsed=10, lapsed_at=MONDAY_NOON)
    back = replace(BEFORE, lots=(lapsed,))

    assert evolve(BEFORE, [_moved("expire", "available", "expired")]).lots == (lapsed,)
    assert evolve(back, [_moved("revive", "expired", "available")]).lots == (LOT,)
    assert evolve(back, [_moved("reverse", "expired", "issued")]).lots == (replace(LOT, remaining=70),)
    assert evolve(back, [_moved("transfer", "expired", "transit")]).lots == (replace(LOT, remaining=70),)


def _moved(kind: MovementKind, source: Account, target: Account) -> Posted:
    return Posted(wallet="points", kind=kind, source=source, target=target, amount=10, at=LATER, lot_id=LOT_ID)


def test_matures_a_lot() -> None:
    pending = replace(BEFORE, lots=(replace(LOT, held=0, matured=False),))
    posting = Posted(
        wallet="points", kind="mature", source="pending", target="available", amount=80, at=LATER, lot_id=LOT_ID
    )

    assert evolve(pending, [posting]).lots == (replace(LOT, held=0),)


def test_has_an_example_for_every_effect_and_every_kind_of_movement() -> None:
    assert {type(effect) for effect, _ in EXAMPLES} == set(get_args(Effect))
    [moved] = [mark for mark in test_moves_ten_points_between_a_lots_accounts.pytestmark if mark.name == "parametrize"]  # type: ignore[attr-defined]
    kinds = (
        {"expire", "revive"}
        | {row[0] for row in moved.args[1]}
        | {effect.kind for effect, _ in EXAMPLES if isinstance(effect, Posted)}
    )
    assert kinds == set(get_args(MovementKind))


def test_of_nothing_is_the_same_member_one_version_later() -> None:
    assert evolve(BEFORE, []) == replace(BEFORE, version=8)


def test_leaves_the_state_before_as_it_was() -> None:
    text = repr(BEFORE)

    evolve(BEFORE, [effect for effect, _ in EXAMPLES])

    assert repr(BEFORE) == text
