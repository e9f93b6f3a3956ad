"""Whose points the clock alone has moved is found, once the instant is there, until it is settled."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from regulars.db import due, members
from regulars.db.due import DueMember
from regulars.db.pool import Pool
from regulars.engine.effects import (
    Effect,
    Enrolled,
    HoldClosed,
    HoldOpened,
    LotOpened,
    Posted,
    StayedActive,
    VoucherKept,
)
from regulars.engine.ids import derive
from regulars.engine.members import MemberState
from regulars.engine.points import Account, HeldPart, Lot, MovementKind, OpenHold
from regulars.engine.vouchers import Voucher
from tests.db.memories import NOON, PROGRAMME, change, decided, event, load, lot_of, member_id

ADA = member_id(1)
FIRST = event(ADA, 1)
LOT = lot_of(FIRST, 100)
DAY = timedelta(days=1)
HOLD = OpenHold(
    id=derive(FIRST.id, "hold"),
    wallet="points",
    parts=(HeldPart(lot_id=LOT.id, amount=100),),
    expires_at=NOON + 2 * DAY,
)

VOUCHER = Voucher(
    id=derive(FIRST.id, "voucher", 0),
    reward="mug",
    state="issued",
    event_id=FIRST.id,
    issued_at=NOON,
    valid_until=NOON + 4 * DAY,
)
RESERVED = replace(VOUCHER, state="reserved", reserved_until=NOON + DAY)


def moved(kind: MovementKind, source: Account, target: Account, amount: int = 100) -> Posted:
    return Posted(wallet="points", kind=kind, source=source, target=target, amount=amount, at=NOON, lot_id=LOT.id)


def opened(lot: Lot) -> list[Effect]:
    return [Enrolled(NOON), LotOpened(lot), moved("earn", "issued", "available" if lot.matured else "pending")]


PENDING = replace(LOT, matured=False, available_at=NOON + DAY)
PENDING_BUT_DYING = replace(PENDING, expires_at=NOON + DAY / 2)
FOR_EVER = replace(LOT, expires_at=None)


async def is_due(pool: Pool, *, at: datetime, inactive_since: datetime = NOON) -> bool:
    async with pool.connection() as connection:
        found = await due.due(connection, now=at, inactive_since=inactive_since, limit=10)
    assert found in ([], [DueMember(PROGRAMME, ADA)])
    return bool(found)


@pytest.mark.parametrize(
    ("effects", "at"),
    [
        (opened(LOT), LOT.expires_at),
        (opened(PENDING), NOON + DAY),
        (opened(PENDING_BUT_DYING), NOON + DAY / 2),
        ([*opened(FOR_EVER), moved("hold", "available", "held"), HoldOpened(HOLD)], NOON + 2 * DAY),
        ([*opened(FOR_EVER), StayedActive("points", NOON + 3 * DAY)], NOON + 3 * DAY),
        ([*opened(LOT), moved("spend", "available", "spent", 99)], LOT.expires_at),
        ([*opened(FOR_EVER), VoucherKept(VOUCHER)], NOON + 4 * DAY),
        ([*opened(FOR_EVER), VoucherKept(RESERVED)], NOON + DAY),
    ],
    ids=[
        *("expires", "matures", "dies pending", "hold lapses", "inactive", "the rest expires"),
        *("voucher expires", "reservation lapses"),
    ],
)
async def test_a_member_is_due_from_the_instant_on(pool: Pool, effects: Sequence[Effect], at: datetime) -> None:
    async with pool.connection() as connection:
        await members.apply(connection, [change(MemberState(member_id=ADA), decided(FIRST, effects))])

    assert not await is_due(pool, at=at - timedelta(microseconds=1))
    assert await is_due(pool, at=at)


@pytest.mark.parametrize(
    "effects",
    [
        opened(FOR_EVER),
        [*opened(LOT), moved("spend", "available", "spent")],
        [*opened(LOT), moved("hold", "available", "held"), HoldOpened(replace(HOLD, expires_at=NOON + 5000 * DAY))],
        [*opened(FOR_EVER), StayedActive("stamps", NOON + 3 * DAY)],
        [
            *opened(FOR_EVER),
            moved("hold", "available", "held"),
            HoldOpened(HOLD),
            moved("capture", "held", "spent"),
            HoldClosed(HOLD.id),
        ],
        [*opened(FOR_EVER), VoucherKept(replace(VOUCHER, valid_until=None))],
        [*opened(FOR_EVER), VoucherKept(VOUCHER), VoucherKept(replace(VOUCHER, state="redeemed"))],
    ],
    ids=["never expires", "all spent", "all held", "another wallet", "captured", "lasting voucher", "used voucher"],
)
async def test_a_member_with_nothing_to_settle_is_not_due(pool: Pool, effects: Sequence[Effect]) -> None:
    async with pool.connection() as connection:
        await members.apply(connection, [change(MemberState(member_id=ADA), decided(FIRST, effects))])

    assert not await is_due(pool, at=NOON + 1000 * DAY)


async def test_who_was_settled_is_not_due_any_more(pool: Pool) -> None:
    second = event(ADA, 2)

    async with pool.connection() as connection:
        await members.apply(connection, [change(MemberState(member_id=ADA), decided(FIRST, opened(LOT)))])
        before = (await load(connection, ADA)).state
        await members.apply(connection, [change(before, decided(second, [moved("expire", "available", "expired")]))])

    assert not await is_due(pool, at=NOON + 1000 * DAY)


async def test_inactivity_is_looked_at_since_the_last_sweep(pool: Pool) -> None:
    effects = [*opened(FOR_EVER), StayedActive("points", NOON + 3 * DAY)]

    async with pool.connection() as connection:
        await members.apply(connection, [change(MemberState(member_id=ADA), decided(FIRST, effects))])

    assert await is_due(pool, at=NOON + 9 * DAY, inactive_since=NOON + 2 * DAY)
    assert not await is_due(pool, at=NOON + 9 * DAY, inactive_since=NOON + 3 * DAY)


async def test_the_longest_overdue_come_first_when_there_are_many(pool: Pool) -> None:
    batch = []
    for number in range(1, 6):
        whose = member_id(number)
        first = event(whose, 1)
        lot = replace(lot_of(first, 100), expires_at=NOON + (6 - number) * DAY)
        filled = Posted(
            wallet="points", kind="earn", source="issued", target="available", amount=100, at=NOON, lot_id=lot.id
        )
        batch.append(change(MemberState(member_id=whose), decided(first, [Enrolled(NOON), LotOpened(lot), filled])))

    async with pool.connection() as connection:
        await members.apply(connection, batch)
        found = await due.due(connection, now=NOON + 9 * DAY, inactive_since=NOON, limit=2)

    assert [one.member_id for one in found] == [member_id(4), member_id(5)]
