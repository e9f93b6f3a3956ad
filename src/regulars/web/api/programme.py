"""The programme: applied as a document, version by version, and read back as it was applied."""

from datetime import datetime
from typing import Annotated, Final

import msgspec
from litestar import get, put
from litestar.response.base import ASGIResponse
from msgspec import Meta, Struct

from regulars import programme
from regulars.actions.idempotent import Reply, once
from regulars.actions.programmes import Base, apply
from regulars.db import programmes
from regulars.db.connection import Connection
from regulars.engine.ids import external
from regulars.engine.reasons import Refused
from regulars.web.answering import answer, encoded, refused_answer
from regulars.web.api.shapes import Instant
from regulars.web.api.telling import keyed_call
from regulars.web.api.texts import EXAMPLE_DOCUMENT, EXAMPLE_SENT, YAML, YamlText, document_of, invalid
from regulars.web.api.versions import EXAMPLE_VERSION, ProgrammeShown, entity_tag, version_shown
from regulars.web.desk import Call, client_of, desk_of, header_of, visit_of
from regulars.web.operations import JSON, Operation, declared
from regulars.web.problems import Stopped
from regulars.web.reading import accept, decoded, utc


class ProgrammeText(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A programme's document as YAML, and from when on it counts: from now on, without `starts_at`.

    With `base_version` it is applied only if that is still the newest version; 0 where there was none.
    """

    document: YamlText
    starts_at: Instant | None = None
    base_version: Annotated[int, Meta(ge=0)] | None = None


class AppliedShown(Struct, frozen=True, kw_only=True):
    """The version that the document is. It was not `changed` where it means the same as what was in force."""

    programme: str
    version: int
    starts_at: datetime
    applied_at: datetime
    applied_by: str
    changed: bool


_TEXT: Final = msgspec.json.Decoder(ProgrammeText)


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
                "keeps its own version. A document that means the same as what is in force changes nothing. Send "
                "YAML as it is, or JSON with the YAML in `document`. To change only what you have seen, send "
                "`If-Match` with the ETag of the programme, or `base_version`."
            ),
            scope="programme:write",
            keyed=True,
            conditional=True,
            takes=ProgrammeText,
            media=(JSON, YAML),
            example={**EXAMPLE_SENT, "base_version": 3},
            gives=AppliedShown,
            answer={"programme": "perfumery", **EXAMPLE_VERSION, "version": 4, "changed": True},
            problems=("another-programme", "precondition-failed", "programme-changed-meanwhile", "programme-invalid"),
        )
    ),
)
async def apply_programme(request: Call) -> ASGIResponse:
    """Apply a document as the newest version."""
    sent = await _sent(request)
    starts_at = utc(sent.starts_at, path="$.starts_at") if sent.starts_at is not None else None
    memory, client, now = desk_of(request).memory, client_of(request), visit_of(request).now

    async def run(connection: Connection) -> Reply:
        base = await _base(request, connection, sent.base_version)
        applied = await apply(
            memory,
            connection,
            sent.document,
            programme_id=client.programme_id,
            by=external("key", client.key_id),
            starts_at=starts_at,
            base=base,
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
        raise invalid(error.problems) from error
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
            description="The version that counts for what happens now. Its `ETag` is for `If-Match`.",
            scope="programme:read",
            tagged=True,
            gives=ProgrammeShown,
            answer={**EXAMPLE_VERSION, "sha256": "9f2c…", "programme": "perfumery", "document": EXAMPLE_DOCUMENT},
            problems=("no-programme",),
        )
    ),
)
async def read_programme(request: Call) -> ASGIResponse:
    """Read the version in force."""
    programme_id, now = client_of(request).programme_id, visit_of(request).now
    async with desk_of(request).memory.pool.connection() as connection:
        found = await programmes.in_force(connection, programme_id, now)
        newest = await programmes.newest(connection, programme_id)
    if found is None:
        raise Stopped("no-programme")
    shown = ProgrammeShown(
        **msgspec.structs.asdict(version_shown(found)), programme=programme_id, document=found.document
    )
    return answer(encoded(shown), tag=entity_tag(found, newest))


async def _sent(request: Call) -> ProgrammeText:
    raw = await request.body()
    if accept(request, JSON, YAML) == JSON:
        return decoded(raw, _TEXT)
    return ProgrammeText(document=document_of(raw))


async def _base(request: Call, connection: Connection, base_version: int | None) -> Base | None:
    """Return what the caller has seen, where it says so.

    Raises: Stopped, when `If-Match` is of another state of the programme.
    """
    wanted = header_of(request, b"if-match")
    if wanted is None:
        return Base(newest=base_version) if base_version is not None else None
    programme_id = client_of(request).programme_id
    newest = await programmes.newest(connection, programme_id)
    running = await programmes.in_force(connection, programme_id, visit_of(request).now)
    tags = {tag.strip() for tag in wanted.split(",")}
    if running is None or not tags & {"*", entity_tag(running, newest)}:
        raise Stopped("precondition-failed", {"version": newest})
    return Base(newest=newest if base_version is None else base_version)


HANDLERS: Final = (apply_programme, read_programme)
