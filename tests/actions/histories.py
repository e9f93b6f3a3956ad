"""A day in which everything happens at least once: what verify and replay have to look at."""

from datetime import timedelta
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from regulars.actions import programmes
from regulars.actions.deliver import deliver
from regulars.actions.memory import Memory
from regulars.actions.merging import merge
from regulars.actions.sealing_audit import seal_audit
from regulars.actions.sweep import sweep
from regulars.connectors.incoming import MemberReference
from regulars.db import codes
from regulars.db.codes import PoolCode
from regulars.engine.events import (
    Body,
    Capture,
    Chosen,
    Describe,
    Hold,
    Issue,
    Reserve,
    Restore,
    Return,
    ReturnedLine,
    Spend,
    Transfer,
    Undo,
    Use,
)
from regulars.engine.ids import derive, external
from tests.actions.conftest import LONG_AGO, NOON, PROGRAMME
from tests.actions.tellings import accepted, purchase, tell, told

RICHER = (
    PROGRAMME.replace("points: 1, per_minor: 100}", "points: 2, per_minor: 100}").replace(
        "wallets:\n", "wallets:\n  stamps: {pending: {days: 14}, expiry: {kind: inactivity, months: 6}}\n"
    )
    + "  - {id: stamp, type: visit, nth: 1, points: 1, wallet: stamps, once_a_day: false}\n"
    + """
rewards:
  - {id: mug, type: free_product, price: 5, scope: {products: [mug]}, stock: 3}
  - {id: film, type: partner_code, price: 1, pool: cinema}
pools:
  cinema: {}
lists:
  press: {}
tiers:
  - id: friends
    measures: {points: {of: earned, wallet: points}}
    period: {kind: activity, days: 90}
    levels: [{id: friend, enter: {all: {points: 100}}}]
campaigns:
  - id: sale
    budget: {points: 12}
    effects:
      - {id: sale_bonus, type: action, event: review, points: 2}
"""
)


class History(Struct, frozen=True):
    """Who is who after that day: `ada` did a bit of everything, `old` absorbed another, `debtor` owes."""

    ada: UUID
    old: UUID
    debtor: UUID


async def busy_day(memory: Memory) -> History:
    """Let everything happen once, and leave something open of each kind: a hold, a debt, a message, a key."""
    await _two_versions(memory)
    ada, bob, old, young, debtor = await _purchases(memory)
    await _returns_and_spends(memory, ada, bob)
    await _rewards(memory, ada, young)
    await merge(memory, "corner", old, young, source="test", source_id="m1", now=NOON + timedelta(hours=2))
    await _returned_after_spending(memory)
    while (await sweep(memory, now=NOON + timedelta(days=20), inactive_since=LONG_AGO)).settled:
        pass
    await of(memory, bob, "points.transferred", "t2", Transfer(wallet="points", amount=3, to_member=ada))
    while await seal_audit(memory, now=NOON):
        pass
    return History(ada, old, debtor)


async def of(memory: Memory, member_id: UUID, type: str, source_id: str, body: Body) -> UUID:
    """Tell something of a member known by id, and return the event's id."""
    member = MemberReference(id=external("mem", member_id))
    event = replace(told(type, source_id, body, at=NOON + timedelta(hours=1)), member=member)
    (outcome,) = await tell(memory, event, now=NOON + timedelta(hours=1))
    return accepted(outcome).event_id


async def _two_versions(memory: Memory) -> None:
    async with memory.pool.transaction() as connection:
        await programmes.apply(memory, connection, PROGRAMME, by="test", starts_at=LONG_AGO, now=LONG_AGO)
        await programmes.apply(
            memory, connection, RICHER, by="test", starts_at=NOON - timedelta(minutes=30), now=LONG_AGO
        )
    memory.forget("corner")


async def _purchases(memory: Memory) -> list[UUID]:
    """Five people buy; the earlier in the list, the older the membership."""
    names = ("ada", "bob", "old", "young", "debtor")
    events = [
        purchase(f"{name}-1", 5000, email=f"{name}@example.com", at=NOON - timedelta(hours=1, minutes=10 - number))
        for number, name in enumerate(names)
    ]
    events += [purchase(f"{name}-2", 3000, email=f"{name}@example.com", key=f"key-{name}", at=NOON) for name in names]
    events.append(told("review", "v1", at=NOON))
    outcomes = await tell(memory, *events)
    return [accepted(outcome).member_id for outcome in outcomes[:5]]


async def _returns_and_spends(memory: Memory, ada: UUID, bob: UUID) -> None:
    half = Return(order_id="ada-1", lines=(ReturnedLine(id="1", quantity_milli=500),))
    await of(memory, ada, "return", "back-1", half)
    spent = await of(memory, ada, "points.spent", "s1", Spend(wallet="points", amount=20))
    await of(memory, ada, "points.restored", "u1", Restore(spend_id=spent))
    await of(memory, ada, "points.spent", "s2", Spend(wallet="points", amount=15))
    until = NOON + timedelta(days=90)
    for name, amount in (("h1", 10), ("h2", 12)):
        held = await of(memory, ada, "points.held", name, Hold(wallet="points", amount=amount, expires_at=until))
        if name == "h1":
            await of(memory, ada, "hold.captured", "c1", Capture(hold_id=derive(held, "hold"), amount=6))
    await of(memory, ada, "member.described", "d1", Describe(attributes={"likes": "tea"}))
    await of(memory, ada, "points.transferred", "t1", Transfer(wallet="points", amount=7, to_member=bob))
    await deliver(memory, now=NOON + timedelta(hours=1))


async def _rewards(memory: Memory, ada: UUID, young: UUID) -> None:
    """Rewards are taken, used, undone, reserved, and moved along by a merge; the next code of a pool is given out."""
    async with memory.pool.connection() as connection:
        cinema = [PoolCode(bytes([number] * 32), b"sealed") for number in range(3)]
        await codes.fill(connection, "corner", "cinema", cinema)
    memory.sharing.ask_again("corner")
    for name, reward in (("r1", "mug"), ("r2", "mug"), ("r3", "film")):
        issued = await of(memory, ada, "reward.issued", name, Issue(chosen=Chosen(reward=reward)))
        if name == "r1":
            await of(memory, ada, "reward.returned", "r4", Undo(voucher_id=derive(issued, "voucher", 0)))
        elif name == "r2":
            await of(memory, ada, "reward.redeemed", "r5", Use(voucher_id=derive(issued, "voucher", 0)))
    await of(memory, young, "reward.issued", "r6", Issue(chosen=Chosen(reward="mug")))
    until = NOON + timedelta(days=90)
    wanted = Reserve(order_id="ada-9", until=until, chosen=(Chosen(reward="mug"),))
    await of(memory, ada, "checkout.reserved", "r7", wanted)
    await of(memory, ada, "member.described", "d2", Describe(attributes={}, lists={"press": True}))


async def _returned_after_spending(memory: Memory) -> None:
    email = "debtor@example.com"
    at = NOON + timedelta(hours=3)
    await tell(
        memory,
        told("points.spent", "s9", Spend(wallet="points", amount=150), email=email, at=at),
        told("return", "back-9", Return(order_id="debtor-1"), email=email, at=at + timedelta(minutes=1)),
        now=at + timedelta(hours=1),
    )
