"""What the transaction that decided also wrote down to be sent: taken, delivered, tried again."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from msgspec import Struct

from regulars.db.connection import Connection
from regulars.db.queries import queries
from regulars.db.rows import encoded
from regulars.engine.ids import BUCKETS, bucket_of

_QUERIES: Final = queries("outbox")


class Message(Struct, frozen=True, kw_only=True):
    """A message of a member's event, for the world under a topic, or for `to_member` as an event of that type.

    (member, event, number) names it for ever; `body` is JSON; `attempts` counts this one.
    """

    member_id: UUID
    event_id: UUID
    number: int
    programme_id: str
    topic: str
    body: str
    to_member: UUID | None
    occurred_at: datetime
    created_at: datetime
    attempts: int


class Waiting(Struct, frozen=True, kw_only=True):
    """How many messages wait, and since when the oldest one does."""

    messages: int
    oldest: datetime | None


async def take(
    connection: Connection, *, now: datetime, lease_until: datetime, limit: int, buckets: Sequence[int] = BUCKETS
) -> list[Message]:
    """Take up to `limit` messages that are due, the longest waiting first.

    They are the taker's until `lease_until`: whoever takes then gets those that were neither delivered nor
    put off. So every message is delivered at least once, and a receiver tells a second one by its name.
    """
    rows = await connection.rows(_QUERIES["take"], buckets, now, lease_until, limit)
    messages = [Message(**row) for row in rows]
    return sorted(messages, key=lambda message: (message.created_at, message.event_id, message.number))


async def take_of(
    connection: Connection, member_id: UUID, event_id: UUID, *, now: datetime, lease_until: datetime
) -> list[Message]:
    """Take the messages of one event that are due, in the order in which it sent them; see `take`."""
    rows = await connection.rows(_QUERIES["take_of"], bucket_of(member_id), member_id, event_id, now, lease_until)
    return sorted((Message(**row) for row in rows), key=lambda message: message.number)


async def delivered(connection: Connection, messages: Sequence[Message], at: datetime) -> None:
    """Note that messages arrived."""
    names = sorted((bucket_of(one.member_id), one.member_id, one.event_id, one.number) for one in messages)
    sent = [dict(zip(("bucket", "member_id", "event_id", "number"), name, strict=True)) for name in names]
    await connection.rows(_QUERIES["delivered"], encoded(sent), at)


async def failed(connection: Connection, message: Message, *, next_attempt_at: datetime, error: str) -> None:
    """Note why a message did not arrive, and when to try again."""
    await connection.rows(_QUERIES["failed"], *_name(message), next_attempt_at, error)


async def given_up(connection: Connection, message: Message, *, at: datetime, error: str) -> None:
    """Note why a message will not be tried again."""
    await connection.rows(_QUERIES["given_up"], *_name(message), at, error)


async def waiting(connection: Connection) -> Waiting:
    """Return how many messages wait."""
    row = await connection.row(_QUERIES["waiting"])
    assert row is not None, "an aggregate has a row"
    return Waiting(**row)


async def forget(connection: Connection, bucket: int, *, before: datetime) -> None:
    """Delete the messages of a bucket that were delivered before an instant."""
    await connection.rows(_QUERIES["forget"], bucket, before)


def _name(message: Message) -> tuple[int, UUID, UUID, int]:
    return bucket_of(message.member_id), message.member_id, message.event_id, message.number
