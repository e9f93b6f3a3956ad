"""Whose points and levels the clock alone has moved: what the sweeper settles, so that the ledger says it too."""

from datetime import datetime
from typing import Final
from uuid import UUID

from msgspec import Struct

from regulars.db.connection import Connection
from regulars.db.queries import queries

_QUERIES: Final = queries("due")


class DueMember(Struct, frozen=True, order=True):
    """A member with something to settle."""

    programme_id: str
    member_id: UUID


async def due(connection: Connection, *, now: datetime, inactive_since: datetime, limit: int) -> list[DueMember]:
    """Return members with something due up to and including `now`, at most `limit` for each reason.

    Once settled they are not returned any more. Wallets that expire by inactivity are looked at when the
    member's time ended after `inactive_since`: the sweeper passes the `now` of its last complete sweep.
    """
    rows = [
        *await connection.rows(_QUERIES["by_lots"], now, limit),
        *await connection.rows(_QUERIES["by_holds"], now, limit),
        *await connection.rows(_QUERIES["by_inactivity"], now, limit, inactive_since),
        *await connection.rows(_QUERIES["by_tiers"], now, limit),
        *await connection.rows(_QUERIES["by_vouchers"], now, limit),
    ]
    return sorted({DueMember(**row) for row in rows})
