"""What is to be sent is taken, delivered, tried again, and given up; nothing is lost when a taker dies."""

import asyncio
from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from regulars.db import members, outbox
from regulars.db.outbox import Message
from regulars.db.pool import Pool
from regulars.db.queries import Query
from regulars.engine.effects import Sent
from regulars.engine.ids import bucket_of
from regulars.engine.members import MemberState
from tests.db.memories import NOON, PROGRAMME, beginning, change, decided, event, joining, member_id

ADA, BEA = member_id(1), member_id(2)
NOW = NOON + timedelta(minutes=1)
LEASE = NOW + timedelta(minutes=5)


async def take(pool: Pool, *, now: Any = NOW, limit: int = 10, **more: Any) -> list[Message]:
    async with pool.connection() as connection:
        return await outbox.take(connection, now=now, lease_until=now + timedelta(minutes=5), limit=limit, **more)


async def remember(pool: Pool, *numbers: int) -> None:
    async with pool.connection() as connection:
        await members.apply(connection, [joining(number) for number in numbers])


async def test_a_message_says_what_the_decision_said(pool: Pool) -> None:
    first = event(ADA, 1)
    sent = Sent(BEA, "points.received", b'{"kind": "receive"}')

    async with pool.connection() as connection:
        await members.apply(connection, [change(MemberState(member_id=ADA), decided(first, [*beginning(first), sent]))])
    announced, mail = await take(pool)

    assert announced == Message(
        member_id=ADA,
        event_id=first.id,
        number=0,
        programme_id=PROGRAMME,
        topic="points.earned",
        body='{"points": 100}',
        to_member=None,
        occurred_at=first.occurred_at,
        created_at=first.recorded_at,
        attempts=1,
    )
    assert (mail.number, mail.topic, mail.body, mail.to_member) == (1, sent.type, sent.body.decode(), BEA)


async def test_what_is_taken_is_the_takers_until_the_lease_ends(pool: Pool) -> None:
    await remember(pool, 1)

    first = await take(pool)
    meanwhile = await take(pool, now=LEASE - timedelta(seconds=1))
    afterwards = await take(pool, now=LEASE)

    assert len(first) == 1
    assert meanwhile == []
    assert afterwards == [replace(first[0], attempts=2)]


async def test_what_was_delivered_is_not_taken_again(pool: Pool) -> None:
    await remember(pool, 1, 2)
    messages = await take(pool)

    async with pool.connection() as connection:
        await outbox.delivered(connection, messages[:1], NOW)
        waiting = await outbox.waiting(connection)

    assert await take(pool, now=LEASE) == [replace(messages[1], attempts=2)]
    assert waiting == outbox.Waiting(messages=1, oldest=messages[1].created_at)


async def test_what_failed_is_tried_again_when_its_time_has_come(pool: Pool) -> None:
    await remember(pool, 1)
    [message] = await take(pool)
    later = NOW + timedelta(hours=1)

    async with pool.connection() as connection:
        await outbox.failed(connection, message, next_attempt_at=later, error="refused")

    assert await take(pool, now=later - timedelta(seconds=1)) == []
    assert await take(pool, now=later) == [replace(message, attempts=2)]


async def test_what_was_given_up_is_not_tried_again(pool: Pool) -> None:
    await remember(pool, 1)
    [message] = await take(pool)

    async with pool.connection() as connection:
        await outbox.given_up(connection, message, at=NOW, error="gone")
        waiting = await outbox.waiting(connection)

    assert await take(pool, now=NOW + timedelta(days=9)) == []
    assert waiting == outbox.Waiting(messages=0, oldest=None)


async def test_takers_at_the_same_time_take_different_messages(pool: Pool) -> None:
    await remember(pool, *range(40))

    taken = await asyncio.gather(*(take(pool, limit=10) for _ in range(6)))

    names = [(one.member_id, one.number) for messages in taken for one in messages]
    assert len(names) == len(set(names)) == 40


async def test_a_taker_may_keep_to_a_bucket(pool: Pool) -> None:
    await remember(pool, 1, 2)

    messages = await take(pool, buckets=[bucket_of(BEA)])

    assert [one.member_id for one in messages] == [BEA]


async def test_what_was_delivered_long_ago_is_forgotten(pool: Pool) -> None:
    await remember(pool, 1)
    messages = await take(pool)
    count = Query("count", "Count messages.", "SELECT count(*) FROM outbox")

    async with pool.connection() as connection:
        await outbox.delivered(connection, messages, NOW)
        await outbox.forget(connection, bucket_of(ADA), before=NOW)
        kept = await connection.value(count)
        await outbox.forget(connection, bucket_of(ADA), before=NOW + timedelta(seconds=1))
        gone = await connection.value(count)

    assert (kept, gone) == (1, 0)
