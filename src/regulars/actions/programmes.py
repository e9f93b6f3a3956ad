"""A programme is applied as a new version that never changes again; what happened before keeps its own."""

from datetime import datetime
from hashlib import sha256

from msgspec import Struct

from regulars import programme
from regulars.actions.auditing import noted
from regulars.actions.memory import Memory
from regulars.db import programmes
from regulars.db.connection import Connection
from regulars.engine.reasons import Refused


class AppliedVersion(Struct, frozen=True, kw_only=True):
    """A version of a programme: in force for what happens from `starts_at` on, until another one is."""

    programme_id: str
    version: int
    starts_at: datetime
    applied_at: datetime
    applied_by: str
    changed: bool


async def apply(
    memory: Memory,
    connection: Connection,
    text: str,
    *,
    programme_id: str | None = None,
    by: str,
    starts_at: datetime | None = None,
    now: datetime,
) -> AppliedVersion | Refused:
    """Apply a document within a transaction, and return the version that it is now.

    A document like the newest version's is that version; nothing is written. Where `programme_id` is given
    the document has to be of that programme. The caller calls `memory.forget` once the transaction is over.

    Raises: BadProgrammeError, with all that is wrong with the document.
    """
    document = programme.read(text)
    programme.run(document, 1)
    if programme_id is not None and document.id != programme_id:
        return Refused(code="another-programme", detail={"document": document.id, "key": programme_id})
    await programmes.add(connection, programmes.Programme(programme_id=document.id, name=document.name, created_at=now))
    history = await programmes.history(connection, document.id)
    digest = sha256(text.encode()).digest()
    if history and history[0].sha256 == digest and starts_at in (None, history[0].starts_at):
        return _applied(history[0], changed=False)
    version = programmes.Version(
        programme_id=document.id,
        version=history[0].version + 1 if history else 1,
        document=text,
        starts_at=starts_at or now,
        applied_at=now,
        applied_by=by,
        sha256=digest,
    )
    if not await programmes.add_version(connection, version):
        return Refused(code="programme-changed-meanwhile", detail={"version": version.version})
    await noted(connection, document.id, actor=by, action="programme.applied", subject=str(version.version), at=now)
    return _applied(version, changed=True)


def _applied(version: programmes.Version, *, changed: bool) -> AppliedVersion:
    return AppliedVersion(
        programme_id=version.programme_id,
        version=version.version,
        starts_at=version.starts_at,
        applied_at=version.applied_at,
        applied_by=version.applied_by,
        changed=changed,
    )
