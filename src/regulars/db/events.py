"""Everything that happened, with what was decided and answered: read by id, by member, or from end to end."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import msgspec
from msgspec import Struct

from regulars.db.connection import Connection, Row
from regulars.db.queries import queries
from regulars.db.rows import encoded
from regulars.engine import mail
from regulars.engine.events import Event
from regulars.engine.ids import BUCKETS, bucket_of

_QUERIES: Final = queries("events")


class RecordedEvent(Struct, frozen=True, kw_only=True):
    """An event and what became of it; `member_version` is the member's version after it.

    `seen` is what the decision saw of what members share, by name.
    """

    programme_id: str
    event: Event
    member_version: int
    programme_version: int
    answer: str
    seen: dict[str, int] = {}


class Place(Struct, frozen=True):
    """A place in a timeline; a page holds what comes before it in time."""

    occurred_at: datetime
    event_id: UUID


NEWEST: Final = Place(datetime(9999, 12, 31, tzinfo=UTC), UUID(int=2**128 - 1))


async def by_id(connection: Connection, programme_id: str, event_id: UUID) -> RecordedEvent | None:
    """Return one event of the programme."""
    row = await connection.row(_QUERIES["by_id"], BUCKETS, programme_id, event_id)
    return None if row is None else _recorded(row)


async def timeline(
    connection: Connection,
    programme_id: str,
    members: Sequence[UUID],
    *,
    before: Place = NEWEST,
    type: str | None = None,
    channel: str | None = None,
    limit: int,
) -> list[RecordedEvent]:
    """Return up to `limit` events of some members as one story, the latest first.

    `members` are a member and those merged into it (`members.merged_from`). The next page is the one before
    the last event's place. Only events of a `type` or by a `channel`, where they are named.
    """
    wanted = encoded([{"bucket": bucket_of(member), "member_id": member} for member in members])
    rows = await connection.rows(
        _QUERIES["timeline"], programme_id, wanted, before.occurred_at, before.event_id, limit, type, channel
    )
    return [_recorded(row) for row in rows]


async def of_member(
    connection: Connection, programme_id: str, member_id: UUID, *, below: int = 2**62
) -> list[RecordedEvent]:
    """Return a member's events before the one that made it the version `below`, as they were decided."""
    rows = await connection.rows(_QUERIES["of_member"], programme_id, bucket_of(member_id), member_id, below)
    return [_recorded(row) for row in rows]


async def stream(connection: Connection, programme_id: str) -> AsyncIterator[RecordedEvent]:
    """Yield every event, member by member, each member's in the order in which they were decided.

    In a transaction only (`Pool.snapshot`), so that what is recorded meanwhile stays out.
    """
    async for row in connection.stream(_QUERIES["stream"], programme_id):
        yield _recorded(row)


async def count(connection: Connection, programme_id: str) -> int:
    """Return how many events there are."""
    return int(await connection.value(_QUERIES["count"], programme_id))


def _recorded(row: Row) -> RecordedEvent:
    return RecordedEvent(
        programme_id=row["programme_id"],
        event=Event(
            id=row["event_id"],
            member_id=row["member_id"],
            type=row["type"],
            source=row["source"],
            source_id=row["source_id"],
            occurred_at=row["occurred_at"],
            recorded_at=row["recorded_at"],
            body=mail.read(row["body"]),
            channel=row["channel"],
            shop=row["shop"],
            associate=row["associate"],
        ),
        member_version=row["member_version"],
        programme_version=row["programme_version"],
        answer=row["answer"],
        seen=msgspec.json.decode(row["seen"], type=dict[str, int]) if row["seen"] else {},
    )
