"""How answers leave: recorded bytes as they are, values as JSON, refusals and errors as problems."""

from collections.abc import Mapping
from secrets import token_hex
from typing import Any, Final

import msgspec
from litestar.exceptions import HTTPException
from litestar.response.base import ASGIResponse

from regulars.actions.memory import NoProgramme
from regulars.connectors.incoming import Malformed
from regulars.db.errors import (
    DatabaseDownError,
    NotReadyError,
    OutcomeUnknownError,
    TimedOutError,
    TransientError,
)
from regulars.engine.reasons import Refused
from regulars.web.desk import Call, client_of, desk_of, language_of, visit_of
from regulars.web.logs import log
from regulars.web.operations import JSON, operation_of
from regulars.web.problems import MEDIA_TYPE, Fact, FieldError, Problem, Stopped, field_error, problem
from regulars.web.wording import Measures, wording

_ENCODER: Final = msgspec.json.Encoder()
_BY_STATUS: Final = {404: "not-found", 405: "method-not-allowed", 413: "body-too-large"}
_AWAY: Final = (DatabaseDownError, NotReadyError, OutcomeUnknownError, TimedOutError, TransientError)


def encoded(value: Any) -> bytes:
    """Return a value as JSON."""
    return _ENCODER.encode(value)


def answer(
    content: bytes, *, status: int = 200, media: str = JSON, replayed: bool = False, tag: str | None = None
) -> ASGIResponse:
    """Return JSON as an answer; `replayed` where the same was answered before, `tag` the ETag of what it shows."""
    headers = {"Idempotent-Replayed": "true"} if replayed else {}
    if tag is not None:
        headers["ETag"] = tag
    return ASGIResponse(body=content, status_code=status, media_type=media, headers=headers)


def problem_answer(found: Problem, headers: Mapping[str, str] | None = None) -> ASGIResponse:
    """Return a problem as an answer."""
    if found.status == 401:
        headers = {**(headers or {}), "WWW-Authenticate": "Bearer"}
    if isinstance(wait := found.facts.get("wait"), int):
        headers = {**(headers or {}), "Retry-After": str(wait)}
    return ASGIResponse(
        body=_ENCODER.encode(found), status_code=found.status, media_type=MEDIA_TYPE, headers=dict(headers or {})
    )


async def refused_answer(request: Call, refused: Refused) -> ASGIResponse:
    """Return a refusal by the programme as an answer."""
    return problem_answer(await refused_problem(request, refused))


async def refused_problem(request: Call, refused: Refused) -> Problem:
    """Return the problem of a refusal, in the programme's zone, currency and points."""
    measures, language = await measures_of(request), language_of(request)
    detail = refused.detail
    if isinstance(code := detail.get("reason"), str):
        facts = {name: detail.get(name) for name in ("required", "actual", "subject", "wallet")}
        detail = {**detail, "explanation": wording(language).text(f"reason.{code}", facts, measures)}
    return problem(refused.code, detail, language=language, measures=measures)


async def measures_of(request: Call) -> Measures:
    """Return in what the caller's programme counts; in nothing particular where none is in force."""
    try:
        running = await desk_of(request).memory.running(client_of(request).programme_id, visit_of(request).now)
    except NoProgramme:
        return Measures()
    return Measures(timezone=running.timezone, currency=running.currency, wallets=running.wallets)


def error_answer(request: Call, error: Exception) -> ASGIResponse:
    """Return the problem that an exception amounts to; one that nobody foresaw is logged and counted."""
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else None
    return problem_answer(problem_of(error, request), headers)


def problem_of(error: Exception, request: Call) -> Problem:
    """Return the problem that an exception amounts to."""
    desk, language = desk_of(request), language_of(request)
    match error:
        case Stopped():
            return problem(error.code, error.facts, language=language, errors=error.errors)
        case msgspec.ValidationError():
            return problem("invalid", language=language, errors=[field_error(error)])
        case Malformed():
            return problem("invalid", language=language, errors=[FieldError(message=str(error), path="$")])
        case HTTPException() if error.status_code < 500:
            return _client_error(error, request)
        case NoProgramme():
            return problem("no-programme", language=language)
        case _ if isinstance(error, _AWAY):
            log.warning("memory.away", error=type(error).__name__)
            return problem("unavailable", {"wait": desk.settings.retry_after_seconds}, language=language)
        case _:
            id = token_hex(8)
            desk.metrics.failed(error)
            log.error("request.broke", id=id, exc_info=error)
            return problem("internal", language=language, id=id)


def _client_error(error: HTTPException, request: Call) -> Problem:
    code = _BY_STATUS.get(error.status_code, "malformed-request")
    facts: dict[str, Fact] = {}
    if code == "method-not-allowed":
        facts["method"] = request.method
    elif code == "body-too-large":
        facts["limit"] = _limit(request)
    elif code == "malformed-request":
        facts["reason"] = error.detail or "The request could not be read."
    return problem(code, facts, language=language_of(request))


def _limit(request: Call) -> int:
    operation, settings = operation_of(request.route_handler), desk_of(request).settings
    large = operation is not None and operation.large
    return settings.batch_bytes_max if large else settings.body_bytes_max
