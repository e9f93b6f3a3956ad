"""When a batch cannot be written, each change that is in the way is named, with who was first."""

from uuid import UUID

from msgspec.structs import replace

from regulars.db import members
from regulars.db.changes import Fault, IdentityClaim, UsedKey
from regulars.db.pool import Pool
from regulars.db.queries import Query
from regulars.engine.members import MemberState
from tests.db.memories import beginning, change, decided, event, joining, load, member_id

# Of the same last byte, so of the same bucket.
ADA, BEA = member_id(1), member_id(1 + 256)
HASH = bytes(range(32))
CLIENT = UUID(int=7)
_ALL_MESSAGES = Query("messages", "Read all messages.", "SELECT member_id FROM outbox")


async def test_an_event_that_is_recorded_already(pool: Pool) -> None:
    first = event(ADA, 1)
    again = replace(first, id=UUID(int=99))

    async with pool.connection() as connection:
        await members.apply(connection, [joining(1)])
        state = (await load(connection, ADA)).state
        applied = await members.apply(connection, [change(state, decided(again, []))])

    assert applied.faults == (Fault(place=0, kind="event-told", decided=0, member_id=ADA, event_id=first.id),)


async def test_what_one_source_tells_of_two_members_is_two_events(pool: Pool) -> None:
    again = replace(event(ADA, 1), id=UUID(int=99), member_id=BEA)

    async with pool.connection() as connection:
        await members.apply(connection, [joining(1)])
        applied = await members.apply(
            connection, [change(MemberState(member_id=BEA), decided(again, beginning(again)))]
        )

    assert applied.faults == ()


async def test_an_order_that_belongs_to_somebody_else(pool: Pool) -> None:
    async with pool.connection() as connection:
        await members.apply(connection, [joining(1, order_hash=HASH)])
        applied = await members.apply(connection, [joining(3), joining(2, order_hash=HASH)])

    owner = event(ADA, 1).id
    assert applied.faults == (Fault(place=1, kind="order-taken", decided=0, member_id=ADA, event_id=owner),)


async def test_an_identity_that_belongs_to_somebody_else(pool: Pool) -> None:
    claim = IdentityClaim(key_hash=HASH, kind="email")

    async with pool.connection() as connection:
        await members.apply(connection, [joining(1, identities=(claim,))])
        applied = await members.apply(connection, [joining(2, identities=(claim,))])

    owner = event(ADA, 1).id
    assert applied.faults == (Fault(place=0, kind="identity-taken", decided=0, member_id=ADA, event_id=owner),)


async def test_a_key_that_the_client_used_before(pool: Pool) -> None:
    used = UsedKey(client=CLIENT, key="abc", fingerprint=b"f")

    async with pool.connection() as connection:
        await members.apply(connection, [joining(1, used_key=used)])
        applied = await members.apply(connection, [joining(2, used_key=used)])
        another = await members.apply(connection, [joining(2, used_key=replace(used, client=UUID(int=8)))])

    assert applied.faults == (Fault(place=0, kind="key-used", decided=0, event_id=event(ADA, 1).id),)
    assert another.faults == ()


async def test_what_two_changes_of_one_batch_want_goes_to_the_first(pool: Pool) -> None:
    claim = IdentityClaim(key_hash=HASH, kind="email")

    async with pool.connection() as connection:
        applied = await members.apply(connection, [joining(n, identities=(claim,)) for n in (1, 2, 3)])

    owner = event(ADA, 1).id
    assert [(fault.place, fault.kind, fault.event_id) for fault in applied.faults] == [
        (1, "identity-taken", owner),
        (2, "identity-taken", owner),
    ]


async def test_nothing_of_a_batch_with_a_fault_is_written(pool: Pool) -> None:
    async with pool.connection() as connection:
        await members.apply(connection, [joining(1, order_hash=HASH)])
        await members.apply(connection, [joining(5), joining(2, order_hash=HASH)])
        untouched = [await load(connection, member_id(number)) for number in (2, 5)]
        messages = await connection.rows(_ALL_MESSAGES)

    assert [one.state.version for one in untouched] == [0, 0]
    assert [row["member_id"] for row in messages] == [ADA]


async def test_every_fault_of_a_change_is_named(pool: Pool) -> None:
    claim = IdentityClaim(key_hash=HASH, kind="email")

    async with pool.connection() as connection:
        await members.apply(connection, [joining(1, order_hash=HASH, identities=(claim,))])
        applied = await members.apply(connection, [joining(1, order_hash=HASH, identities=(claim,))])

    assert {fault.kind for fault in applied.faults} == {"stale", "event-told", "order-taken", "identity-taken"}
