"""What lets a system in: keys with scopes, known by the hash of their secret only."""

from datetime import datetime
from typing import Final
from uuid import UUID

from msgspec import Struct

from regulars.db.connection import Connection, Row
from regulars.db.queries import queries

_QUERIES: Final = queries("keys")


class ApiKey(Struct, frozen=True, kw_only=True):
    """A key without its secret; `prefix` is the beginning of it, by which people tell keys apart."""

    key_id: UUID
    programme_id: str
    name: str
    prefix: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None

    def opens(self, now: datetime) -> bool:
        """Return whether it lets in at an instant; `expires_at` and `revoked_at` are exclusive."""
        ends = [end for end in (self.expires_at, self.revoked_at) if end is not None]
        return all(now < end for end in ends)


async def add(connection: Connection, key: ApiKey, secret_hash: bytes) -> None:
    """Keep a new key.

    Raises: NotUniqueError, when there is a key of that secret.
    """
    await connection.row(
        _QUERIES["add"],
        key.key_id,
        key.programme_id,
        key.name,
        key.prefix,
        secret_hash,
        key.scopes,
        key.created_at,
        key.expires_at,
    )


async def find(connection: Connection, secret_hash: bytes) -> ApiKey | None:
    """Return the key of a secret, whether or not it still opens anything."""
    row = await connection.row(_QUERIES["find"], secret_hash)
    return None if row is None else _key(row)


async def of_programme(connection: Connection, programme_id: str) -> list[ApiKey]:
    """Return the keys of a programme in the order in which they were made."""
    return [_key(row) for row in await connection.rows(_QUERIES["of_programme"], programme_id)]


async def revoke(connection: Connection, programme_id: str, key_id: UUID, at: datetime) -> bool:
    """Let a key open nothing from an instant on; false, when there is none that did."""
    return await connection.value(_QUERIES["revoke"], programme_id, key_id, at) is not None


def _key(row: Row) -> ApiKey:
    return ApiKey(**{**row, "scopes": tuple(row["scopes"])})
