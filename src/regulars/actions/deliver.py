"""What one member's event means for another travels through the outbox, and arrives exactly once."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from regulars.actions.ingest import ingest
from regulars.actions.memory import Memory
from regulars.actions.telling import Told
from regulars.connectors.incoming import MemberReference
from regulars.db import outbox
from regulars.db.outbox import Message
from regulars.engine import mail
from regulars.engine.ids import BUCKETS, bucket_of, external
from regulars.engine.reasons import Refused

_LEASE = timedelta(seconds=60)
_PAUSE_LONGEST = timedelta(hours=1)


class Delivered(Struct, frozen=True, kw_only=True):
    """What one round of deliveries came to: messages taken, and those that must be tried again."""

    taken: int
    failed: int


async def deliver(memory: Memory, *, now: datetime, limit: int = 500) -> Delivered:
    """Deliver messages that are due: events for other members, and announcements to whoever subscribed.

    An event for a member carries a business key of its own, so that a second delivery is no second event. A
    message that fails is tried again, later and later, for as long as it takes: points are under way in it.
    """
    return await _deliver(memory, await _take(memory, now, limit), now)


async def deliver_of(memory: Memory, member_id: UUID, event_id: UUID, *, now: datetime) -> Delivered:
    """Deliver at once what one event of a member sent, unless somebody else has taken it already."""
    async with memory.pool.connection() as connection:
        messages = await outbox.take_of(connection, member_id, event_id, now=now, lease_until=now + _LEASE)
    return await _deliver(memory, messages, now)


async def _take(memory: Memory, now: datetime, limit: int) -> list[Message]:
    """Take up to `limit` messages that are due: in one statement, or bucket by bucket where PostgreSQL is Citus."""
    asked: Sequence[Sequence[int]] = [[bucket] for bucket in BUCKETS] if memory.one_bucket else [BUCKETS]
    taken: list[Message] = []
    async with memory.pool.connection() as connection:
        for buckets in asked:
            left = limit - len(taken)
            if left > 0:
                taken += await outbox.take(connection, now=now, lease_until=now + _LEASE, limit=left, buckets=buckets)
    return taken


async def _deliver(memory: Memory, messages: Sequence[Message], now: datetime) -> Delivered:
    done = [message for message in messages if message.to_member is None]
    refused: list[tuple[Message, Refused]] = []
    for programme_id in sorted({message.programme_id for message in messages}):
        errands = [one for one in messages if one.to_member is not None and one.programme_id == programme_id]
        outcomes = await ingest(memory, programme_id, [_told(one) for one in errands], now=now)
        for message, outcome in zip(errands, outcomes, strict=True):
            if isinstance(outcome, Refused):
                refused.append((message, outcome))
            else:
                done.append(message)
    await _note(memory, done, refused, now)
    return Delivered(taken=len(messages), failed=len(refused))


async def _note(
    memory: Memory, done: Sequence[Message], refused: Sequence[tuple[Message, Refused]], now: datetime
) -> None:
    async with memory.pool.connection() as connection:
        for messages in _transactions(memory, done):
            await outbox.delivered(connection, messages, now)
        for message, refusal in refused:
            pause = min(_PAUSE_LONGEST, timedelta(seconds=2 ** min(message.attempts, 12)))
            await outbox.failed(connection, message, next_attempt_at=now + pause, error=refusal.code)


def _transactions(memory: Memory, messages: Sequence[Message]) -> list[list[Message]]:
    """Return messages as they may be written together: all, or those of each bucket where PostgreSQL is Citus."""
    together: dict[int, list[Message]] = {}
    for message in messages:
        together.setdefault(bucket_of(message.member_id) if memory.one_bucket else 0, []).append(message)
    return list(together.values())


def _told(message: Message) -> Told:
    assert message.to_member is not None, "announcements are no events"
    return Told(
        type=message.topic,
        source="regulars",
        source_id=f"{message.event_id.hex}/{message.number}",
        body=mail.read(message.body),
        member=MemberReference(id=external("mem", message.to_member)),
        occurred_at=message.occurred_at,
    )
