"""An identity leads to one member: an e-mail address, a phone number, a card, an id of another system.

They are claimed together with the event that brings them (`changes.Decided.identities`).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from msgspec import Struct

from regulars.db.connection import Connection
from regulars.db.queries import queries
from regulars.db.rows import encoded, hexadecimal
from regulars.engine.ids import bucket_of_key

_QUERIES: Final = queries("identities")


class Identity(Struct, frozen=True, kw_only=True):
    """A keyed hash of an identity, and to whom it leads."""

    key_hash: bytes
    kind: str
    member_id: UUID
    event_id: UUID
    created_at: datetime


async def of_member(connection: Connection, programme_id: str, member_id: UUID) -> list[Identity]:
    """Return the identities that lead to a member, the oldest first."""
    return [Identity(**row) for row in await connection.rows(_QUERIES["of_member"], programme_id, member_id)]


async def owners(connection: Connection, programme_id: str, keys: Sequence[bytes]) -> dict[bytes, Identity]:
    """Return those of the identities that belong to somebody, by their hashes."""
    wanted = [{"bucket": bucket_of_key(key), "key_hash": hexadecimal(key)} for key in keys]
    rows = await connection.rows(_QUERIES["owners"], programme_id, encoded(wanted))
    return {row["key_hash"]: Identity(**row) for row in rows}


async def release(connection: Connection, programme_id: str, key_hash: bytes, member_id: UUID) -> bool:
    """Let an identity belong to nobody; false, when it was not the member's."""
    bucket = bucket_of_key(key_hash)
    return await connection.value(_QUERIES["release"], bucket, programme_id, key_hash, member_id) is not None
