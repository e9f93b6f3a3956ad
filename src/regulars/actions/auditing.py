"""Whoever changes something is written down, in the transaction that changes it."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from regulars.db import audit
from regulars.db.connection import Connection
from regulars.engine.events import Scalar
from regulars.engine.ids import at_time


async def noted(
    connection: Connection,
    programme_id: str,
    *,
    actor: str,
    action: str,
    subject: str,
    at: datetime,
    detail: Mapping[str, Scalar] | None = None,
) -> None:
    """Write down that `actor` did `action` to `subject`; `detail` holds ids and numbers, never personal data."""
    entry = audit.Entry(
        entry_id=at_time(at, "audit", programme_id, actor, action, subject, at.isoformat()),
        programme_id=programme_id,
        at=at,
        actor=actor,
        action=action,
        subject=subject,
        detail=msgspec.json.encode(detail or {}).decode(),
    )
    await audit.append(connection, entry)
