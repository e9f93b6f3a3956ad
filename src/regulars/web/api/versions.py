"""The versions of the programme: who applied what, since when it is in force, and what it changed."""

from datetime import datetime
from typing import Any, Final

import msgspec
from litestar import get
from litestar.params import FromPath
from litestar.response.base import ASGIResponse
from msgspec import Struct

from regulars.actions.programmes import past
from regulars.db import programmes
from regulars.db.programmes import Version
from regulars.programme import Change
from regulars.programme.telling import summary
from regulars.web.answering import answer, encoded
from regulars.web.desk import Call, client_of, desk_of, visit_of
from regulars.web.operations import Operation, declared
from regulars.web.problems import Stopped


class VersionShown(Struct, frozen=True, kw_only=True):
    """A version; in force for what happened from `starts_at` on, until a later one. `sha256` is in hexadecimal."""

    version: int
    starts_at: datetime
    applied_at: datetime
    applied_by: str
    sha256: str


class ProgrammeShown(VersionShown, frozen=True, kw_only=True):
    """The version in force, with the document as it was applied."""

    programme: str
    document: str


class VersionRead(ProgrammeShown, frozen=True, kw_only=True):
    """A version with its document and what it changed in the one before it.

    `repeats` is the last version before it with the very same document, as after a rollback; null for none.
    """

    summary: str
    changes: tuple[Change, ...]
    repeats: int | None


class Versions(Struct, frozen=True, kw_only=True):
    """Every version, the newest first; `in_force` is the one that counts for what happens now, null for none."""

    programme: str
    in_force: int | None
    versions: tuple[VersionShown, ...]


EXAMPLE_VERSION: Final[dict[str, Any]] = {
    "version": 3,
    "starts_at": "2027-02-01T00:00:00Z",
    "applied_at": "2027-01-28T14:00:00Z",
    "applied_by": "key_0198c3f0a5b07c1e9d2f4b6a8c0e1f23",
}
_READ: Final[dict[str, Any]] = {
    **EXAMPLE_VERSION,
    "sha256": "9f2c…",
    "programme": "perfumery",
    "document": "id: perfumery\n…",
    "summary": "wallet stamps added",
    "changes": [{"action": "added", "noun": "wallet", "id": "stamps", "fields": []}],
    "repeats": None,
}


@get(
    "/v1/programme/versions",
    opt=declared(
        Operation(
            id="list_programme_versions",
            tag="Programme",
            summary="List the programme's versions",
            scope="programme:read",
            gives=Versions,
            answer={"programme": "perfumery", "in_force": 3, "versions": [{**EXAMPLE_VERSION, "sha256": "9f2c…"}]},
        )
    ),
)
async def list_programme_versions(request: Call) -> ASGIResponse:
    """List every version that was ever applied."""
    programme_id = client_of(request).programme_id
    async with desk_of(request).memory.pool.connection() as connection:
        found = await programmes.history(connection, programme_id)
        running = await programmes.in_force(connection, programme_id, visit_of(request).now)
    shown = Versions(
        programme=programme_id,
        in_force=running.version if running is not None else None,
        versions=tuple(version_shown(one) for one in found),
    )
    return answer(encoded(shown))


@get(
    "/v1/programme/versions/{version:str}",
    opt=declared(
        Operation(
            id="read_programme_version",
            tag="Programme",
            summary="Read a version of the programme",
            description="With its document as it was applied, and what it changed in the version before it.",
            scope="programme:read",
            gives=VersionRead,
            answer=_READ,
            problems=("not-found",),
        )
    ),
)
async def read_programme_version(request: Call, version: FromPath[str]) -> ASGIResponse:
    """Read a version that was applied once."""
    programme_id = client_of(request).programme_id
    async with desk_of(request).memory.pool.connection() as connection:
        history = await programmes.history(connection, programme_id)
    place = next((place for place, one in enumerate(history) if str(one.version) == version), None)
    if place is None:
        raise Stopped("not-found")
    (told,) = past(history[place:], limit=1)
    found = told.version
    shown = VersionRead(
        **msgspec.structs.asdict(version_shown(found)),
        programme=programme_id,
        document=found.document,
        summary=summary(told.changes),
        changes=told.changes,
        repeats=told.repeats,
    )
    return answer(encoded(shown))


def version_shown(version: Version) -> VersionShown:
    """Return a version without its document."""
    return VersionShown(
        version=version.version,
        starts_at=version.starts_at,
        applied_at=version.applied_at,
        applied_by=version.applied_by,
        sha256=version.sha256.hex(),
    )


def entity_tag(in_force: Version | None, newest: int) -> str:
    """Return the ETag of a programme: another one as soon as another version is in force, or was applied for later."""
    return f'"{in_force.version if in_force is not None else 0}.{newest}"'


HANDLERS: Final = (list_programme_versions, read_programme_version)
