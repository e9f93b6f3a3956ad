"""A plan: what a document would change in the programme, before anything is changed."""

from datetime import datetime
from typing import Any, Final

import msgspec
from litestar import post
from litestar.response.base import ASGIResponse
from msgspec import Struct

from regulars import programme
from regulars.actions.programmes import Plan, plan
from regulars.engine.reasons import Refused
from regulars.programme import Change, Checked
from regulars.programme.telling import summary
from regulars.web.answering import answer, encoded, refused_answer
from regulars.web.api.shapes import Instant
from regulars.web.api.texts import EXAMPLE_SENT, YAML, YamlText, document_of, invalid
from regulars.web.desk import Call, client_of, desk_of, visit_of
from regulars.web.operations import JSON, Operation, declared
from regulars.web.reading import accept, decoded, utc


class DocumentText(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A programme's document as YAML, and from when on it would count: from now on, without `starts_at`."""

    document: YamlText
    starts_at: Instant | None = None


class DoubtShown(Struct, frozen=True, kw_only=True):
    """What may be meant, but is more often a slip: at which line and column, and what to do."""

    code: str
    path: str
    line: int
    column: int
    message: str
    hint: str


class PlanShown(Struct, frozen=True, kw_only=True):
    """What a document would change in the version that is in force from `starts_at` on: `against`, null for none.

    Send `base_version` with the document, and nothing is applied if somebody else did meanwhile. `until` is
    when a version that was applied before comes into force instead; null for never.
    """

    programme: str
    base_version: int
    against: int | None
    starts_at: datetime
    until: datetime | None
    summary: str
    changes: tuple[Change, ...]
    warnings: tuple[DoubtShown, ...]


_PLANNED: Final = msgspec.json.Decoder(DocumentText)
_PLAN: Final[dict[str, Any]] = {
    "programme": "perfumery",
    "base_version": 3,
    "against": 3,
    "starts_at": "2027-02-01T00:00:00Z",
    "until": None,
    "summary": "rule base changed",
    "changes": [
        {
            "action": "changed",
            "noun": "rule",
            "id": "base",
            "fields": [{"field": "points", "before": 1, "after": 2}],
        }
    ],
    "warnings": [],
}


@post(
    "/v1/programme/plan",
    status_code=200,
    opt=declared(
        Operation(
            id="plan_programme",
            tag="Programme",
            summary="Plan a change of the programme",
            description=(
                "What a document would change, thing by thing and field by field; comments and layout are no "
                "change. Nothing is applied. Of what is added `before` is null, of what is removed `after` is; "
                "what has `moved` in its list comes after the id in `after` now."
            ),
            scope="programme:read",
            takes=DocumentText,
            media=(JSON, YAML),
            example=EXAMPLE_SENT,
            gives=PlanShown,
            answer=_PLAN,
            problems=("another-programme", "programme-invalid"),
        )
    ),
)
async def plan_programme(request: Call) -> ASGIResponse:
    """Say what a document would change."""
    sent = await _sent(request)
    starts_at = utc(sent.starts_at, path="$.starts_at") if sent.starts_at is not None else None
    found = programme.check(sent.document)
    if not isinstance(found, Checked):
        raise invalid(found)
    programme_id = client_of(request).programme_id
    async with desk_of(request).memory.pool.connection() as connection:
        planned = await plan(
            connection, found.document, programme_id=programme_id, starts_at=starts_at, now=visit_of(request).now
        )
    if isinstance(planned, Refused):
        return await refused_answer(request, planned)
    return answer(encoded(_plan_shown(planned, found)))


async def _sent(request: Call) -> DocumentText:
    raw = await request.body()
    if accept(request, JSON, YAML) == JSON:
        return decoded(raw, _PLANNED)
    return DocumentText(document=document_of(raw))


def _plan_shown(planned: Plan, found: Checked) -> PlanShown:
    return PlanShown(
        programme=planned.document.id,
        base_version=planned.newest,
        against=planned.against.version if planned.against is not None else None,
        starts_at=planned.starts_at,
        until=planned.until.starts_at if planned.until is not None else None,
        summary=summary(planned.changes),
        changes=planned.changes,
        warnings=tuple(
            DoubtShown(
                code=one.code, path=one.path, line=one.line, column=one.column, message=one.message, hint=one.hint
            )
            for one in found.warnings
        ),
    )


HANDLERS: Final = (plan_programme,)
