"""Who did what, and when: entries are only ever added, and a sealer chains them afterwards by their hashes."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Final
from uuid import UUID

from msgspec import Struct

from regulars.db.connection import Connection, Row
from regulars.db.queries import queries

_QUERIES: Final = queries("audit")
_ENTRY_FIELDS: Final = ("entry_id", "programme_id", "at", "actor", "action", "subject", "detail")
NEWEST: Final = UUID(int=2**128 - 1)


class Entry(Struct, frozen=True, kw_only=True):
    """One act: `actor` did `action` to `subject`; `detail` is JSON with ids and numbers, never personal data.

    The id is a UUIDv7, so that entries sort by time.
    """

    entry_id: UUID
    programme_id: str
    at: datetime
    actor: str
    action: str
    subject: str
    detail: str


class Seal(Struct, frozen=True, kw_only=True):
    """A link of the chain: `hash` is over `previous_hash` and the entry. The first one has the number 1."""

    number: int
    entry_id: UUID
    previous_hash: bytes
    hash: bytes
    sealed_at: datetime


async def append(connection: Connection, entry: Entry) -> None:
    """Write down an act, in the transaction that does it."""
    await connection.rows(_QUERIES["append"], *(getattr(entry, name) for name in _ENTRY_FIELDS))


async def page(connection: Connection, programme_id: str, *, before: UUID = NEWEST, limit: int) -> list[Entry]:
    """Return up to `limit` entries older than an entry, the latest first."""
    return [Entry(**row) for row in await connection.rows(_QUERIES["page"], programme_id, before, limit)]


async def unsealed(connection: Connection, *, limit: int) -> list[Entry]:
    """Return up to `limit` entries that are not in the chain yet, the oldest first."""
    return [Entry(**row) for row in await connection.rows(_QUERIES["unsealed"], limit)]


async def head(connection: Connection) -> Seal | None:
    """Return the last link of the chain."""
    row = await connection.row(_QUERIES["head"])
    return None if row is None else Seal(**row)


async def seal(connection: Connection, link: Seal) -> None:
    """Add a link to the chain.

    Raises: NotUniqueError, when another sealer added that link or sealed that entry.
    """
    await connection.rows(_QUERIES["seal"], link.number, link.entry_id, link.previous_hash, link.hash, link.sealed_at)


async def chain(connection: Connection) -> AsyncIterator[tuple[Seal, Entry]]:
    """Yield the chain from its first link on, each with its entry; in a transaction only."""
    async for row in connection.stream(_QUERIES["chain"]):
        yield _seal(row), Entry(**{name: row[name] for name in _ENTRY_FIELDS})


def _seal(row: Row) -> Seal:
    return Seal(
        number=row["number"],
        entry_id=row["entry_id"],
        previous_hash=row["previous_hash"],
        hash=row["hash"],
        sealed_at=row["sealed_at"],
    )
