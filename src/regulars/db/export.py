"""Everything from end to end, for whoever takes it elsewhere: rows as they are, what is sealed still sealed.

To be read within one snapshot (`Pool.snapshot`), so that all parts are of the same moment.
"""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec
from msgspec import Struct

from regulars.db.connection import Connection
from regulars.db.queries import queries

_QUERIES: Final = queries("export")


class IdentityRow(Struct, frozen=True, kw_only=True):
    """A keyed hash of an identity, and to whom it leads."""

    key_hash: bytes
    kind: str
    member_id: UUID
    event_id: UUID
    created_at: datetime


class ProfileRow(Struct, frozen=True, kw_only=True):
    """A member's own key under the master key, and what it seals."""

    member_id: UUID
    wrapped_key: bytes
    sealed: bytes | None
    updated_at: datetime


class ContactRow(Struct, frozen=True, kw_only=True):
    """An identity under the member's own key."""

    member_id: UUID
    key_hash: bytes
    kind: str
    sealed: bytes
    created_at: datetime


class CodeRow(Struct, frozen=True, kw_only=True):
    """A keyed hash of a code, and the voucher to which it leads, with the member to whom that was issued."""

    key_hash: bytes
    member_id: UUID
    voucher_id: UUID
    created_at: datetime


class PoolCodeRow(Struct, frozen=True, kw_only=True):
    """A code of a pool, sealed, and its number."""

    pool: str
    number: int
    key_hash: bytes
    sealed: bytes


class AuditRow(Struct, frozen=True, kw_only=True):
    """Who did what; the last four are None while the entry is not in the chain."""

    entry_id: UUID
    at: datetime
    actor: str
    action: str
    subject: str
    detail: msgspec.Raw
    number: int | None
    previous_hash: bytes | None
    hash: bytes | None
    sealed_at: datetime | None


async def identities(connection: Connection, programme_id: str) -> AsyncIterator[IdentityRow]:
    """Yield every identity."""
    async for row in connection.stream(_QUERIES["identities"], programme_id):
        yield IdentityRow(**row)


async def profiles(connection: Connection, programme_id: str) -> AsyncIterator[ProfileRow]:
    """Yield every member's wrapped key and sealed profile."""
    async for row in connection.stream(_QUERIES["profiles"], programme_id):
        yield ProfileRow(**row)


async def contacts(connection: Connection, programme_id: str) -> AsyncIterator[ContactRow]:
    """Yield every sealed identity."""
    async for row in connection.stream(_QUERIES["contacts"], programme_id):
        yield ContactRow(**row)


async def codes(connection: Connection, programme_id: str) -> AsyncIterator[CodeRow]:
    """Yield every code that leads to a voucher."""
    async for row in connection.stream(_QUERIES["codes"], programme_id):
        yield CodeRow(**row)


async def pool_codes(connection: Connection, programme_id: str) -> AsyncIterator[PoolCodeRow]:
    """Yield every code of every pool."""
    async for row in connection.stream(_QUERIES["pool_codes"], programme_id):
        yield PoolCodeRow(**row)


async def audit(connection: Connection, programme_id: str) -> AsyncIterator[AuditRow]:
    """Yield who did what, the oldest first."""
    async for row in connection.stream(_QUERIES["audit"], programme_id):
        yield AuditRow(**{**row, "detail": msgspec.Raw(row["detail"].encode())})
