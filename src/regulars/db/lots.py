"""A member's lots, and the statement: every movement of its points."""

from datetime import datetime
from typing import Final
from uuid import UUID

from msgspec import Struct

from regulars.db.connection import Connection
from regulars.db.queries import queries
from regulars.engine.ids import bucket_of
from regulars.engine.points import Lot

_QUERIES: Final = queries("lots")


class Movement(Struct, frozen=True, kw_only=True):
    """One posting as a statement shows it; `type` is that of the event which caused it."""

    member_version: int
    number: int
    event_id: UUID
    type: str
    wallet: str
    kind: str
    source: str
    target: str
    amount: int
    lot_id: UUID | None
    at: datetime
    recorded_at: datetime


class StatementPlace(Struct, frozen=True, kw_only=True):
    """A place in a statement; a page holds what was decided before it."""

    member_version: int
    number: int


NEWEST: Final = StatementPlace(member_version=2**62, number=0)


async def of_member(connection: Connection, programme_id: str, member_id: UUID) -> list[Lot]:
    """Return the member's lots with anything remaining, the soonest to expire first."""
    rows = await connection.rows(_QUERIES["of_member"], programme_id, bucket_of(member_id), member_id)
    return [Lot(**row) for row in rows]


async def all_of_member(connection: Connection, programme_id: str, member_id: UUID) -> list[Lot]:
    """Return all lots that the member ever had, the oldest first."""
    rows = await connection.rows(_QUERIES["all_of_member"], programme_id, bucket_of(member_id), member_id)
    return [Lot(**row) for row in rows]


async def statement(
    connection: Connection, programme_id: str, member_id: UUID, *, before: StatementPlace = NEWEST, limit: int
) -> list[Movement]:
    """Return up to `limit` movements of the member's points, the latest decision first."""
    rows = await connection.rows(
        _QUERIES["statement"],
        programme_id,
        bucket_of(member_id),
        member_id,
        before.member_version,
        before.number,
        limit,
    )
    return [Movement(**row) for row in rows]
