"""A programme is planned against what runs, then applied as a new version that never changes again.

What happened before a version keeps its own. Of two who apply at once, one wins and the other is told.
"""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from msgspec import Struct

from regulars import programme
from regulars.actions.auditing import noted
from regulars.actions.memory import Memory
from regulars.db import programmes
from regulars.db.connection import Connection
from regulars.db.programmes import Version
from regulars.engine.reasons import Refused
from regulars.programme import Change, Document


class AppliedVersion(Struct, frozen=True, kw_only=True):
    """A version of a programme: in force for what happens from `starts_at` on, until another one is."""

    programme_id: str
    version: int
    starts_at: datetime
    applied_at: datetime
    applied_by: str
    changed: bool


class Base(Struct, frozen=True, kw_only=True):
    """What a change was made against: the version that would be `in_force`, and the `newest`; 0 where none was."""

    newest: int
    in_force: int | None = None


class Plan(Struct, frozen=True, kw_only=True):
    """What a document would change, and against which version; `against` null where none would be in force.

    `newest` is the number of the newest version, 0 where there is none. `until` is the first version that
    comes into force after `starts_at` whatever is applied now; null where there is none.
    """

    document: Document
    starts_at: datetime
    against: Version | None
    newest: int
    until: Version | None
    changes: tuple[Change, ...]

    @property
    def base(self) -> Base:
        """What has to be there still when the plan is carried out."""
        return Base(newest=self.newest, in_force=self.against.version if self.against is not None else 0)


class Past(Struct, frozen=True, kw_only=True):
    """A version as the history tells it: what it changed in the one before, and which it repeats, if it does."""

    version: Version
    changes: tuple[Change, ...]
    repeats: int | None


async def plan(
    connection: Connection,
    document: Document,
    *,
    programme_id: str | None = None,
    starts_at: datetime | None = None,
    now: datetime,
) -> Plan | Refused:
    """Return what applying a document would change in what runs then. Nothing is changed."""
    if (other := _another(document, programme_id)) is not None:
        return other
    return await _planned(connection, document, starts_at or now)


async def apply(
    memory: Memory,
    connection: Connection,
    text: str,
    *,
    programme_id: str | None = None,
    by: str,
    starts_at: datetime | None = None,
    base: Base | None = None,
    now: datetime,
) -> AppliedVersion | Refused:
    """Apply a document within a transaction, and return the version that it is now.

    A document that means the same as what would be in force is that version; nothing is written. Where
    `programme_id` is given the document has to be of that programme, and where `base` is given it has to be
    what is there. The caller calls `memory.forget` once the transaction is over.

    Raises: BadProgrammeError, with all that is wrong with the document.
    """
    document = programme.read(text)
    programme.run(document, 1)
    if (other := _another(document, programme_id)) is not None:
        return other
    planned = await _planned(connection, document, starts_at or now)
    if base is not None and not _is_base(base, planned):
        return Refused(code="programme-changed-meanwhile", detail={"version": planned.newest})
    if planned.against is not None and not planned.changes:
        return _applied(planned.against, changed=False)
    await programmes.add(connection, programmes.Programme(programme_id=document.id, name=document.name, created_at=now))
    version = Version(
        programme_id=document.id,
        version=planned.newest + 1,
        document=text,
        starts_at=planned.starts_at,
        applied_at=now,
        applied_by=by,
        sha256=digest(text),
    )
    if not await programmes.add_version(connection, version):
        return Refused(code="programme-changed-meanwhile", detail={"version": version.version})
    await noted(connection, document.id, actor=by, action="programme.applied", subject=str(version.version), at=now)
    return _applied(version, changed=True)


def past(history: Sequence[Version], *, limit: int | None = None) -> tuple[Past, ...]:
    """Return versions, the newest first, with what each changed; at most `limit` of them."""
    told = []
    for place, version in enumerate(history[:limit]):
        before = history[place + 1] if place + 1 < len(history) else None
        changes = programme.compare(None if before is None else read(before), read(version))
        earlier = (other.version for other in history[place + 1 :] if other.sha256 == version.sha256)
        told.append(Past(version=version, changes=changes, repeats=next(earlier, None)))
    return tuple(told)


def read(version: Version) -> Document:
    """Return the document of a version.

    Raises: BadProgrammeError, when a kind that it uses is no longer installed.
    """
    return programme.read(programme.Source(f"version {version.version}", version.document))


def digest(text: str) -> bytes:
    """Return the SHA-256 by which a version's text is told from others."""
    return sha256(text.encode()).digest()


def _another(document: Document, programme_id: str | None) -> Refused | None:
    if programme_id is None or document.id == programme_id:
        return None
    return Refused(code="another-programme", detail={"document": document.id, "key": programme_id})


async def _planned(connection: Connection, document: Document, starts_at: datetime) -> Plan:
    against = await programmes.in_force(connection, document.id, starts_at)
    return Plan(
        document=document,
        starts_at=starts_at,
        against=against,
        newest=await programmes.newest(connection, document.id),
        until=await programmes.next_to_start(connection, document.id, starts_at),
        changes=programme.compare(None if against is None else read(against), document),
    )


def _is_base(base: Base, planned: Plan) -> bool:
    return base.newest == planned.newest and base.in_force in (None, planned.base.in_force)


def _applied(version: Version, *, changed: bool) -> AppliedVersion:
    return AppliedVersion(
        programme_id=version.programme_id,
        version=version.version,
        starts_at=version.starts_at,
        applied_at=version.applied_at,
        applied_by=version.applied_by,
        changed=changed,
    )
