"""The programme: applied as a document, version by version, and read back as it was applied."""

from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from litestar import get, put
from litestar.response.base import ASGIResponse
from msgspec import Meta, Struct

from regulars import programme
from regulars.actions.idempotent import Reply, once
from regulars.actions.programmes import apply
from regulars.db import programmes
from regulars.db.connection import Connection
from regulars.db.programmes import Version
from regulars.engine.ids import external
from regulars.engine.reasons import Refused
from regulars.web.answering import answer, encoded, refused_answer
from regulars.web.api.shapes import Instant
from regulars.web.api.telling import keyed_call
from regulars.web.desk import Call, client_of, desk_of, visit_of
from regulars.web.operations import JSON, Operation, declared
from regulars.web.problems import FieldError, Stopped
from regulars.web.reading import accept, decoded, utc

YAML: Final = "application/yaml"


class ProgrammeText(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A programme's document as YAML, and from when on it counts: from now on, without `starts_at`."""

    document: Annotated[str, Meta(min_length=1)]
    starts_at: Instant | None = None


class AppliedShown(Struct, frozen=True, kw_only=True):
    """The version that the document is. It was not `changed` where it was the newest version already."""

    programme: str
    version: int
    starts_at: datetime
    applied_at: datetime
    applied_by: str
    changed: bool


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


class Versions(Struct, frozen=True, kw_only=True):
    """Every version, the newest first."""

    programme: str
    versions: tuple[VersionShown, ...]


_TEXT: Final = msgspec.json.Decoder(ProgrammeText)
_DOCUMENT: Final = """\
id: perfumery
name: Perfumery Club
timezone: Europe/Paris
currency: EUR
wallets:
  points: {}
rules:
  - {id: base, type: spend, points: 1, per_minor: 100}
"""
_VERSION: Final[dict[str, Any]] = {
    "version": 3,
    "starts_at": "2027-02-01T00:00:00Z",
    "applied_at": "2027-01-28T14:00:00Z",
    "applied_by": "key_0198c3f0a5b07c1e9d2f4b6a8c0e1f23",
}


@put(
    "/v1/programme",
    status_code=200,
    opt=declared(
        Operation(
            id="apply_programme",
            tag="Programme",
            summary="Apply the programme",
            description=(
                "Makes the document the newest version; versions never change. What happened before `starts_at` "
                "keeps its own version. The same document again changes nothing. Send YAML as it is, or JSON "
                "with the YAML in `document`."
            ),
            scope="programme:write",
            keyed=True,
            takes=ProgrammeText,
            media=(JSON, YAML),
            example={"document": _DOCUMENT, "starts_at": "2027-02-01T00:00:00Z"},
            gives=AppliedShown,
            answer={"programme": "perfumery", **_VERSION, "changed": True},
            problems=("another-programme", "programme-changed-meanwhile", "programme-invalid"),
        )
    ),
)
async def apply_programme(request: Call) -> ASGIResponse:
    """Apply a document as the newest version."""
    sent = await _sent(request)
    starts_at = utc(sent.starts_at, path="$.starts_at") if sent.starts_at is not None else None
    memory, client, now = desk_of(request).memory, client_of(request), visit_of(request).now

    async def run(connection: Connection) -> Reply:
        applied = await apply(
            memory,
            connection,
            sent.document,
            programme_id=client.programme_id,
            by=external("key", client.key_id),
            starts_at=starts_at,
            now=now,
        )
        if isinstance(applied, Refused):
            raise Stopped(applied.code, applied.detail)
        shown = AppliedShown(
            programme=applied.programme_id,
            version=applied.version,
            starts_at=applied.starts_at,
            applied_at=applied.applied_at,
            applied_by=applied.applied_by,
            changed=applied.changed,
        )
        return Reply(body=encoded(shown))

    try:
        reply = await once(memory, client.programme_id, keyed_call(request, sent), run, now=now)
    except programme.BadProgrammeError as error:
        raise Stopped("programme-invalid", errors=[_error(one) for one in error.problems]) from error
    if isinstance(reply, Refused):
        return await refused_answer(request, reply)
    memory.forget(client.programme_id)
    return answer(reply.body, replayed=reply.repeated)


@get(
    "/v1/programme",
    opt=declared(
        Operation(
            id="read_programme",
            tag="Programme",
            summary="Read the programme",
            description="The version that counts for what happens now.",
            scope="programme:read",
            gives=ProgrammeShown,
            answer={**_VERSION, "sha256": "9f2c…", "programme": "perfumery", "document": _DOCUMENT},
            problems=("no-programme",),
        )
    ),
)
async def read_programme(request: Call) -> ASGIResponse:
    """Read the version in force."""
    programme_id = client_of(request).programme_id
    async with desk_of(request).memory.pool.connection() as connection:
        found = await programmes.in_force(connection, programme_id, visit_of(request).now)
    if found is None:
        raise Stopped("no-programme")
    shown = ProgrammeShown(**msgspec.structs.asdict(_version(found)), programme=programme_id, document=found.document)
    return answer(encoded(shown))


@get(
    "/v1/programme/versions",
    opt=declared(
        Operation(
            id="list_programme_versions",
            tag="Programme",
            summary="List the programme's versions",
            scope="programme:read",
            gives=Versions,
            answer={"programme": "perfumery", "versions": [{**_VERSION, "sha256": "9f2c…"}]},
        )
    ),
)
async def list_programme_versions(request: Call) -> ASGIResponse:
    """List every version that was ever applied."""
    programme_id = client_of(request).programme_id
    async with desk_of(request).memory.pool.connection() as connection:
        found = await programmes.history(connection, programme_id)
    return answer(encoded(Versions(programme=programme_id, versions=tuple(_version(one) for one in found))))


async def _sent(request: Call) -> ProgrammeText:
    raw = await request.body()
    if accept(request, JSON, YAML) == JSON:
        return decoded(raw, _TEXT)
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise Stopped("invalid", errors=[FieldError(path="$", message="the document is not in UTF-8")]) from error
    if not text.strip() or "\x00" in text:
        raise Stopped("invalid", errors=[FieldError(path="$", message="the document is empty or not a text")])
    return ProgrammeText(document=text)


def _version(version: Version) -> VersionShown:
    return VersionShown(
        version=version.version,
        starts_at=version.starts_at,
        applied_at=version.applied_at,
        applied_by=version.applied_by,
        sha256=version.sha256.hex(),
    )


def _error(found: programme.Problem) -> FieldError:
    return FieldError(
        path=found.path, message=found.message, line=found.line, column=found.column, hint=found.hint or ""
    )


HANDLERS: Final = (apply_programme, read_programme, list_programme_versions)
