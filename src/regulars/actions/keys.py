"""API keys: made once, shown once, known afterwards by the hash of their secret only."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from regulars.actions.auditing import noted
from regulars.db import keys
from regulars.db.connection import Connection
from regulars.db.sealing import new_secret, secret_hash
from regulars.engine.ids import at_time


class NewKey(Struct, frozen=True, kw_only=True):
    """A key as it is shown to whoever made it, this once."""

    key: keys.ApiKey
    secret: str


async def create(
    connection: Connection,
    programme_id: str,
    *,
    name: str,
    scopes: Sequence[str],
    by: str,
    expires_at: datetime | None = None,
    now: datetime,
) -> NewKey:
    """Make a key within a transaction and return it with its secret, which is not kept."""
    prefix, secret = new_secret("rk")
    key = keys.ApiKey(
        key_id=at_time(now, "key", programme_id, prefix),
        programme_id=programme_id,
        name=name,
        prefix=prefix,
        scopes=tuple(scopes),
        created_at=now,
        expires_at=expires_at,
        revoked_at=None,
    )
    await keys.add(connection, key, secret_hash(secret))
    await noted(connection, programme_id, actor=by, action="key.created", subject=str(key.key_id), at=now)
    return NewKey(key=key, secret=secret)


async def revoke(connection: Connection, programme_id: str, key_id: UUID, *, by: str, now: datetime) -> bool:
    """Revoke a key within a transaction; false, when there is none such that is not revoked already."""
    revoked = await keys.revoke(connection, programme_id, key_id, now)
    if revoked:
        await noted(connection, programme_id, actor=by, action="key.revoked", subject=str(key_id), at=now)
    return revoked
