"""A batch of members is read in one statement and written in one statement, all of it or nothing."""

import asyncio
from datetime import date, timedelta
from uuid import UUID

import pytest
from msgspec.structs import replace

from regulars.db import members
from regulars.db.changes import IdentityClaim, MovedIdentities, SealedProfile
from regulars.db.connection import Connection
from regulars.db.members import BusinessKey, Wanted
from regulars.db.pool import Pool
from regulars.engine.effects import (
    Counted,
    Described,
    Effect,
    HoldClosed,
    HoldOpened,
    MergedInto,
    OrderKept,
    Posted,
    Sent,
    SpendKept,
    StayedActive,
)
from regulars.engine.events import Absorb, Merge, Restore
from regulars.engine.evolve import evolve
from regulars.engine.ids import derive
from regulars.engine.members import MemberState, OrderRecord, SpendRecord
from regulars.engine.points import HeldPart, Lot, OpenHold, SpentPart
from tests.db.memories import (
    NOON,
    PROGRAMME,
    beginning,
    change,
    decided,
    earning,
    event,
    joining,
    load,
    lot_of,
    member_id,
)

ADA, BEA, CLEO = member_id(1), member_id(2), member_id(3)
MAIL_HASH = bytes(range(32))


async def test_nobody_is_known_at_first(pool: Pool) -> None:
    async with pool.connection() as connection:
        loaded = await load(connection, ADA)

    assert loaded.state == MemberState(member_id=ADA)
    assert loaded.recorded == ()


async def test_what_was_written_is_loaded_to_the_microsecond(pool: Pool) -> None:
    first = event(ADA, 1)
    effects = [*beginning(first), Described("likes", "tea"), StayedActive("points", NOON + timedelta(days=90))]

    async with pool.connection() as connection:
        applied = await members.apply(connection, [change(MemberState(member_id=ADA), decided(first, effects))])
        loaded = await load(connection, ADA)

    assert applied.faults == ()
    assert loaded.state == evolve(MemberState(member_id=ADA), effects)
    assert loaded.state.lots[0].earned_at.microsecond == 123456


async def test_several_decisions_on_one_member_are_written_with_what_they_lead_to(pool: Pool) -> None:
    first, second, third = (event(ADA, number) for number in (1, 2, 3))
    lot = lot_of(first, 100)
    spent = Posted(wallet="points", kind="spend", source="available", target="spent", amount=40, at=NOON, lot_id=lot.id)
    held = Posted(wallet="points", kind="hold", source="available", target="held", amount=60, at=NOON, lot_id=lot.id)
    hold = OpenHold(
        id=derive(third.id, "hold"), wallet="points", parts=(HeldPart(lot_id=lot.id, amount=60),), expires_at=NOON
    )
    steps: list[list[Effect]] = [beginning(first), [spent, Counted(name="visits", by=2)], [held, HoldOpened(hold)]]
    states = [MemberState(member_id=ADA)]
    for effects in steps:
        states.append(evolve(states[-1], effects))

    async with pool.connection() as connection:
        batch = [decided(one, effects) for one, effects in zip((first, second, third), steps, strict=True)]
        await members.apply(connection, [change(states[0], *batch)])
        loaded = await load(connection, ADA)

    assert loaded.state == states[-1]
    assert loaded.state.version == 3
    assert [(one.remaining, one.held) for one in loaded.state.lots] == [(60, 60)]
    assert loaded.state.counters == {"visits": 3}


async def test_what_opens_and_ends_within_a_batch_is_written_as_over(pool: Pool) -> None:
    first, second = event(ADA, 1), event(ADA, 2)
    lot = lot_of(first, 100)
    hold = OpenHold(
        id=derive(first.id, "hold"), wallet="points", parts=(HeldPart(lot_id=lot.id, amount=100),), expires_at=NOON
    )
    held = Posted(wallet="points", kind="hold", source="available", target="held", amount=100, at=NOON, lot_id=lot.id)
    captured = Posted(
        wallet="points", kind="capture", source="held", target="spent", amount=100, at=NOON, lot_id=lot.id
    )

    async with pool.connection() as connection:
        opening = decided(first, [*beginning(first), held, HoldOpened(hold)])
        await members.apply(
            connection,
            [change(MemberState(member_id=ADA), opening, decided(second, [captured, HoldClosed(hold.id)]))],
        )
        loaded = await load(connection, ADA)

    assert loaded.state.lots == ()
    assert loaded.state.holds == ()
    assert loaded.state.version == 2


def _spent(lot: Lot) -> SpentPart:
    return SpentPart(
        lot_id=lot.id,
        amount=100,
        origin_id=lot.origin_id,
        earned_at=lot.earned_at,
        available_at=lot.available_at,
        expires_at=lot.expires_at,
    )


async def test_the_lots_of_a_spend_are_loaded_though_they_are_used_up(pool: Pool) -> None:
    first, second = event(ADA, 1), event(ADA, 2)
    lot = lot_of(first, 100)
    record = SpendRecord(event_id=second.id, wallet="points", parts=(_spent(lot),))
    spent = Posted(
        wallet="points", kind="spend", source="available", target="spent", amount=100, at=NOON, lot_id=lot.id
    )

    async with pool.connection() as connection:
        spending = decided(second, [spent, SpendKept(record)])
        await members.apply(
            connection, [change(MemberState(member_id=ADA), decided(first, beginning(first)), spending)]
        )
        without = await load(connection, ADA)
        with_spend = await load(connection, ADA, spends=[second.id])

    assert without.state.lots == ()
    assert [(one.id, one.remaining) for one in with_spend.state.lots] == [(lot.id, 0)]
    assert with_spend.state.spends == {second.id: record}


async def test_counters_that_ended_long_ago_are_left_out(pool: Pool) -> None:
    first = event(ADA, 1)
    effects = [
        *beginning(first),
        Counted(name="day", by=1, until=date(2026, 1, 1)),
        Counted(name="week", by=1, until=date(2026, 1, 2)),
        Counted(name="ever", by=1),
    ]

    async with pool.connection() as connection:
        await members.apply(connection, [change(MemberState(member_id=ADA), decided(first, effects))])
        loaded = await load(connection, ADA)

    assert loaded.state.counters == {"ever": 1, "visits": 1, "week": 1}


async def test_an_event_told_again_comes_with_its_answer(pool: Pool) -> None:
    told = BusinessKey("till", f"{ADA.hex}/1", "visit")

    async with pool.connection() as connection:
        await members.apply(connection, [joining(1)])
        loaded = await load(connection, ADA, keys=[told, BusinessKey("till", "another", "visit")])

    assert [one.key for one in loaded.recorded] == [told]
    assert loaded.recorded[0].event_id == event(ADA, 1).id
    assert loaded.recorded[0].answer == joining(1).decided[0].answer


async def test_an_answer_is_kept_byte_for_byte(pool: Pool) -> None:
    answer = '{"b" :1,  "a":"é\\u00e9 \\\\ \\" \u2028", "b":2}'
    first = event(ADA, 1)

    async with pool.connection() as connection:
        writing = replace(decided(first, beginning(first)), answer=answer)
        await members.apply(connection, [change(MemberState(member_id=ADA), writing)])
        loaded = await load(connection, ADA, keys=[BusinessKey("till", first.source_id, "visit")])

    assert loaded.recorded[0].answer == answer


async def test_a_member_of_another_programme_is_not_found(pool: Pool) -> None:
    async with pool.connection() as connection:
        await members.apply(connection, [joining(1)])
        loaded = await members.load(connection, "other", [Wanted(member_id=ADA, since=NOON.date())])

    assert loaded[ADA].state == MemberState(member_id=ADA)


async def test_identities_lead_to_their_member(pool: Pool) -> None:
    claim = IdentityClaim(key_hash=MAIL_HASH, kind="email", sealed=b"sealed")

    async with pool.connection() as connection:
        await members.apply(connection, [joining(1, identities=(claim,), profile=SealedProfile(wrapped_key=b"key"))])
        found = await members.resolve(connection, PROGRAMME, [MAIL_HASH, bytes(32)])
        elsewhere = await members.resolve(connection, "other", [MAIL_HASH])

    assert found == {MAIL_HASH: ADA}
    assert elsewhere == {}


async def test_a_merge_leads_identities_and_orders_to_the_survivor(pool: Pool) -> None:
    claim = IdentityClaim(key_hash=MAIL_HASH, kind="email")
    order = OrderRecord(order_id="1001", event_id=event(ADA, 1).id)

    async with pool.connection() as connection:
        await members.apply(connection, [joining(1, identities=(claim,)), joining(2), joining(3)])
        await _keep_order(connection, order)
        await _merge(connection, ADA, BEA, identities_moved=(MAIL_HASH,))
        await _merge(connection, BEA, CLEO)
        found = await members.resolve(connection, PROGRAMME, [MAIL_HASH])
        survivor = await members.survivor(connection, PROGRAMME, ADA)
        before = await members.merged_from(connection, PROGRAMME, CLEO)
        loaded = await load(connection, CLEO, orders=["1001", "unknown"])
        merged = await load(connection, ADA)

    assert found == {MAIL_HASH: BEA}
    assert survivor == CLEO
    assert before == [BEA, ADA]
    assert loaded.state.orders == {"1001": order}
    assert (merged.state.standing, merged.state.merged_into) == ("merged", BEA)


async def _keep_order(connection: Connection, order: OrderRecord) -> None:
    state = (await load(connection, ADA)).state
    await members.apply(connection, [change(state, decided(event(ADA, 2), [OrderKept(order)]))])


async def _merge(connection: Connection, who: UUID, into: UUID, identities_moved: tuple[bytes, ...] = ()) -> None:
    """Close one membership, and let the other one take it over."""
    states = [(await load(connection, one)).state for one in (who, into)]
    absorb = Absorb(
        from_member=who, parcels=(), debts={}, counters={}, attributes={}, enrolled_at=NOON, active_until={}
    )
    closing = decided(
        event(who, 8, Merge(into_member=into)),
        [MergedInto(into), Sent(into, "member.absorbed", b'{"kind":"absorb"}')],
    )
    moved = MovedIdentities(key_hashes=identities_moved, closed=(who,))
    taking_over = decided(event(into, 9, absorb), [], identities_moved=moved)
    applied = await members.apply(connection, [change(states[0], closing), change(states[1], taking_over)])
    assert applied.faults == ()


async def test_two_decisions_on_one_state_are_not_both_written(pool: Pool) -> None:
    async with pool.connection() as connection:
        await members.apply(connection, [joining(1)])
        state = (await load(connection, ADA)).state
        attempts = [[change(state, decided(event(ADA, n), earning(event(ADA, n), 10)))] for n in (2, 3)]
        first, second = [await members.apply(connection, attempt) for attempt in attempts]
        loaded = await load(connection, ADA)

    assert first.faults == ()
    assert [(fault.place, fault.kind) for fault in second.faults] == [(0, "stale")]
    assert loaded.state.version == 2


async def test_a_stale_change_keeps_its_neighbours_from_being_written_until_it_is_left_out(pool: Pool) -> None:
    async with pool.connection() as connection:
        await members.apply(connection, [joining(2)])
        together = await members.apply(connection, [joining(1), joining(2), joining(3)])
        nothing = await load(connection, ADA)
        without = await members.apply(connection, [joining(1), joining(3)])
        written = await load(connection, ADA)

    assert [(fault.place, fault.kind) for fault in together.faults if fault.kind == "stale"] == [(1, "stale")]
    assert nothing.state.version == 0
    assert without.faults == ()
    assert written.state.version == 1


@pytest.mark.parametrize("racers", [8])
async def test_of_many_first_events_of_one_person_one_is_written(pool: Pool, racers: int) -> None:
    claim = IdentityClaim(key_hash=MAIL_HASH, kind="email")

    async def enrol(number: int) -> members.Applied:
        async with pool.connection() as connection:
            return await members.apply(connection, [joining(number, identities=(claim,))])

    outcomes = await asyncio.gather(*(enrol(number) for number in range(10, 10 + racers)))
    async with pool.connection() as connection:
        found = await members.resolve(connection, PROGRAMME, [MAIL_HASH])

    winners = [number for number, one in enumerate(outcomes, start=10) if not one.faults]
    assert len(winners) == 1
    assert found == {MAIL_HASH: member_id(winners[0])}
    assert {fault.kind for one in outcomes for fault in one.faults} == {"identity-taken"}
    assert {fault.member_id for one in outcomes for fault in one.faults} == {member_id(winners[0])}


async def test_batches_that_share_members_in_any_order_neither_lock_each_other_out_nor_lose_anything(
    pool: Pool,
) -> None:
    async with pool.connection() as connection:
        await members.apply(connection, [joining(number) for number in range(20)])

    async def earn(worker: int) -> None:
        """Give each member ten points, in an order of one's own, again until it succeeds."""
        numbers = sorted(range(20), key=lambda number: (number * (2 * worker + 1)) % 20)
        while numbers:
            async with pool.connection() as connection:
                wanted = [Wanted(member_id=member_id(number), since=NOON.date()) for number in numbers]
                loaded = await members.load(connection, PROGRAMME, wanted)
                happened = [event(member_id(number), 100 + worker) for number in numbers]
                batch = [change(loaded[one.member_id].state, decided(one, earning(one, 10))) for one in happened]
                applied = await members.apply(connection, batch)
                late = {fault.place for fault in applied.faults}
                rest = [one for place, one in enumerate(batch) if place not in late]
                again = await members.apply(connection, rest) if late else None
            if again is None or again.faults:
                numbers = numbers if applied.faults else []
            else:
                numbers = [numbers[place] for place in sorted(late)]

    await asyncio.gather(*(earn(worker) for worker in range(6)))
    async with pool.connection() as connection:
        loaded = await members.load(
            connection, PROGRAMME, [Wanted(member_id=member_id(number), since=NOON.date()) for number in range(20)]
        )

    assert {one.state.version for one in loaded.values()} == {7}
    assert {sum(lot.remaining for lot in one.state.lots) for one in loaded.values()} == {160}


async def test_a_write_within_a_transaction_goes_with_it(pool: Pool) -> None:
    class ChangedMyMindError(Exception):
        pass

    async def write_and_leave() -> None:
        async with pool.transaction() as connection:
            await members.write(connection, [joining(1)])
            raise ChangedMyMindError

    with pytest.raises(ChangedMyMindError):
        await write_and_leave()

    async with pool.connection() as connection:
        assert (await load(connection, ADA)).state.version == 0


async def test_an_event_may_change_nothing_but_the_version(pool: Pool) -> None:
    async with pool.connection() as connection:
        await members.apply(connection, [joining(1)])
        before = (await load(connection, ADA)).state
        empty = event(ADA, 2, Restore(spend_id=ADA), type="points.restored")
        applied = await members.apply(connection, [change(before, decided(empty, []))])
        after = (await load(connection, ADA)).state

    assert applied.faults == ()
    assert after == replace(before, version=2)


async def test_nothing_to_write_is_nothing_to_do(pool: Pool) -> None:
    async with pool.connection() as connection:
        assert (await members.apply(connection, [])).faults == ()
