"""Personal data, sealed: bytes in, bytes out. What opens them is not here."""

from datetime import datetime
from typing import Final
from uuid import UUID

from msgspec import Struct

from regulars.db.connection import Connection
from regulars.db.queries import queries
from regulars.engine.ids import bucket_of

_QUERIES: Final = queries("personal")


class Profile(Struct, frozen=True, kw_only=True):
    """The member's own key under the master key, and what it seals."""

    wrapped_key: bytes
    sealed: bytes | None
    updated_at: datetime


class Contact(Struct, frozen=True, kw_only=True):
    """An identity under the member's own key, beside the hash by which the member is found."""

    key_hash: bytes
    kind: str
    sealed: bytes
    created_at: datetime


async def profile(connection: Connection, programme_id: str, member_id: UUID) -> Profile | None:
    """Return the member's sealed profile."""
    row = await connection.row(_QUERIES["profile"], programme_id, bucket_of(member_id), member_id)
    return None if row is None else Profile(**row)


async def keep_profile(connection: Connection, programme_id: str, member_id: UUID, profile: Profile) -> None:
    """Write the member's sealed profile in place of the one before."""
    await connection.rows(
        _QUERIES["keep_profile"],
        programme_id,
        bucket_of(member_id),
        member_id,
        profile.wrapped_key,
        profile.sealed,
        profile.updated_at,
    )


async def contacts(connection: Connection, programme_id: str, member_id: UUID) -> list[Contact]:
    """Return the member's sealed identities, the oldest first."""
    rows = await connection.rows(_QUERIES["contacts"], programme_id, bucket_of(member_id), member_id)
    return [Contact(**row) for row in rows]


async def keep_contact(connection: Connection, programme_id: str, member_id: UUID, contact: Contact) -> None:
    """Write a sealed identity of the member."""
    await connection.rows(
        _QUERIES["keep_contact"],
        programme_id,
        bucket_of(member_id),
        member_id,
        contact.key_hash,
        contact.kind,
        contact.sealed,
        contact.created_at,
    )


async def drop_contact(connection: Connection, programme_id: str, member_id: UUID, key_hash: bytes) -> None:
    """Delete a sealed identity of the member."""
    await connection.rows(_QUERIES["drop_contact"], programme_id, bucket_of(member_id), member_id, key_hash)


async def erase(connection: Connection, programme_id: str, member_id: UUID) -> None:
    """Delete the member's personal data and its key, in a transaction of the caller's."""
    owner = (programme_id, bucket_of(member_id), member_id)
    await connection.rows(_QUERIES["erase_contacts"], *owner)
    await connection.rows(_QUERIES["erase_profile"], *owner)
