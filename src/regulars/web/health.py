"""How the installation is: alive, ready to serve, and its figures."""

from typing import Final, Literal

import msgspec
from litestar import get
from litestar.response.base import ASGIResponse
from msgspec import Struct

from regulars.db import outbox
from regulars.db.errors import DatabaseError
from regulars.web.answering import answer, problem_answer
from regulars.web.desk import Call, desk_of, language_of, visit_of
from regulars.web.logs import log
from regulars.web.metrics import MEDIA_TYPE
from regulars.web.operations import Operation, declared
from regulars.web.problems import problem


class Health(Struct, frozen=True, kw_only=True):
    """It is well."""

    status: Literal["ok"] = "ok"


_OK: Final = msgspec.json.encode(Health())

_LIVE: Final = Operation(
    id="live",
    tag="Health",
    summary="The process answers",
    description="Says nothing about the database; restart the process when this fails.",
    scope=None,
    gives=Health,
    answer={"status": "ok"},
)
_READY: Final = Operation(
    id="ready",
    tag="Health",
    summary="Calls can be served",
    description="The database answers and its schema is there. Send traffic only while this is 200.",
    scope=None,
    gives=Health,
    answer={"status": "ok"},
    problems=("unavailable",),
)
_METRICS: Final = Operation(
    id="metrics",
    tag="Health",
    summary="Figures for Prometheus",
    description="Counts and durations only; nothing about anybody.",
    scope=None,
    gives=str,
    gives_media="text/plain",
)


@get("/health/live", opt=declared(_LIVE), sync_to_thread=False)
def live() -> ASGIResponse:
    """Answer."""
    return answer(_OK)


@get("/health/ready", opt=declared(_READY))
async def ready(request: Call) -> ASGIResponse:
    """Answer 200 while calls can be served, else 503."""
    desk = desk_of(request)
    if desk.open and await desk.can_serve():
        return answer(_OK)
    facts = {"wait": desk.settings.retry_after_seconds}
    return problem_answer(problem("unavailable", facts, language=language_of(request)))


@get("/metrics", opt=declared(_METRICS))
async def metrics(request: Call) -> ASGIResponse:
    """Return the figures; without a database, those of this process."""
    desk = desk_of(request)
    now = visit_of(request).now
    try:
        async with desk.memory.pool.connection() as connection:
            waiting = await outbox.waiting(connection)
    except DatabaseError:
        log.warning("metrics.partial")
    else:
        desk.metrics.outbox_lag((now - waiting.oldest).total_seconds() if waiting.oldest is not None else 0.0)
    return ASGIResponse(body=desk.metrics.text(), media_type=MEDIA_TYPE)


HANDLERS: Final = (live, ready, metrics)
