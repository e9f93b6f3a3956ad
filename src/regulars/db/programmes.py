"""The programmes that run here, and every version of their documents."""

from datetime import datetime
from typing import Final

from msgspec import Struct

from regulars.db.connection import Connection
from regulars.db.queries import queries

_QUERIES: Final = queries("programmes")


class Programme(Struct, frozen=True, kw_only=True):
    """What a brand runs."""

    programme_id: str
    name: str
    created_at: datetime


class Version(Struct, frozen=True, kw_only=True):
    """A document as it was applied; in force for what happened from `starts_at` on, until a later one."""

    programme_id: str
    version: int
    document: str
    starts_at: datetime
    applied_at: datetime
    applied_by: str
    sha256: bytes


async def add(connection: Connection, programme: Programme) -> None:
    """Make a programme; one that is there stays as it is."""
    await connection.row(_QUERIES["add"], programme.programme_id, programme.name, programme.created_at)


async def every(connection: Connection) -> list[Programme]:
    """Return the programmes by their ids."""
    return [Programme(**row) for row in await connection.rows(_QUERIES["every"])]


async def add_version(connection: Connection, version: Version) -> bool:
    """Add a version; false, when its number is taken: somebody else applied one meanwhile."""
    added = await connection.value(
        _QUERIES["add_version"],
        version.programme_id,
        version.version,
        version.document,
        version.starts_at,
        version.applied_at,
        version.applied_by,
        version.sha256,
    )
    return added is not None


async def in_force(connection: Connection, programme_id: str, at: datetime) -> Version | None:
    """Return the version that counts for what happens at an instant: the last to start; of those, the newest."""
    row = await connection.row(_QUERIES["in_force"], programme_id, at)
    return None if row is None else Version(**row)


async def next_to_start(connection: Connection, programme_id: str, after: datetime) -> Version | None:
    """Return the first version that comes into force after an instant; of several at once, the newest."""
    row = await connection.row(_QUERIES["next_to_start"], programme_id, after)
    return None if row is None else Version(**row)


async def newest(connection: Connection, programme_id: str) -> int:
    """Return the number of the newest version; 0 where there is none."""
    number = await connection.value(_QUERIES["newest"], programme_id)
    return int(number) if isinstance(number, int) else 0


async def version(connection: Connection, programme_id: str, number: int) -> Version | None:
    """Return a version by its number."""
    row = await connection.row(_QUERIES["version"], programme_id, number)
    return None if row is None else Version(**row)


async def history(connection: Connection, programme_id: str) -> list[Version]:
    """Return all versions, the newest first."""
    return [Version(**row) for row in await connection.rows(_QUERIES["history"], programme_id)]
