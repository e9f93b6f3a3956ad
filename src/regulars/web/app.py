"""The application: the routes, the front door around them, and what is opened and closed with it."""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from litestar import Litestar, Request, Response, Router
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler
from prometheus_client import CollectorRegistry

from regulars.actions.memory import Memory
from regulars.web import documentation, health
from regulars.web.answering import error_answer
from regulars.web.api import calls
from regulars.web.clock import Clock, SystemClock
from regulars.web.desk import Desk
from regulars.web.gate import Gate
from regulars.web.operations import operation_of
from regulars.web.settings import WebSettings

HANDLERS: Final[tuple[HTTPRouteHandler, ...]] = (*calls.HANDLERS, *documentation.HANDLERS, *health.HANDLERS)

_TYPED: Final = re.compile(r"\{(\w+):\w+\}")


def create_app(
    memory: Memory,
    settings: WebSettings | None = None,
    clock: Clock | None = None,
    figures: CollectorRegistry | None = None,
) -> Litestar:
    """Return the application that serves a memory, which it closes when it stops.

    It starts with the database down: calls are answered 503 until it is there. `figures` of something else in
    the same process are shown beside its own.
    """
    desk = Desk(memory, settings or WebSettings(), clock or SystemClock())
    if figures is not None:
        desk.metrics.show_too(figures)

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        desk.start()
        try:
            yield
        finally:
            await desk.stop()

    methods = _methods()
    return Litestar(
        route_handlers=_routers(desk.settings),
        middleware=[lambda app: Gate(app, desk, methods)],
        exception_handlers={Exception: _on_error},
        lifespan=[lifespan],
        state=State({"desk": desk}),
        openapi_config=None,
        logging_config=None,
        include_in_schema=False,
    )


def _routers(settings: WebSettings) -> Sequence[Router]:
    """Return the routes in two groups: those that take bodies of the size of a batch, and the others."""
    large = [handler for handler in HANDLERS if (operation := operation_of(handler)) and operation.large]
    others = [handler for handler in HANDLERS if handler not in large]
    return [
        Router("/", route_handlers=large, request_max_body_size=settings.batch_bytes_max),
        Router("/", route_handlers=others, request_max_body_size=settings.body_bytes_max),
    ]


def _methods() -> dict[str, str]:
    """Return the methods that each path takes, as the header Allow lists them."""
    found: dict[str, set[str]] = {}
    for handler in HANDLERS:
        for path in handler.paths:
            found.setdefault(_TYPED.sub(r"{\1}", path), {"OPTIONS"}).update(handler.http_methods)
    return {path: ", ".join(sorted(methods)) for path, methods in found.items()}


def _on_error(request: Request[Any, Any, State], error: Exception) -> Response[bytes]:
    """Answer what a handler raised, or a path that leads nowhere."""
    answer = error_answer(request, error)
    return Response(
        content=bytes(answer.body),
        status_code=answer.status_code,
        media_type="application/problem+json",
        headers=dict(answer.headers.items()),
    )
