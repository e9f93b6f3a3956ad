"""The front door: it names each request, knows who calls, keeps the pace, and counts what happened."""

import re
from collections.abc import Mapping
from secrets import token_hex
from typing import Final, cast

from litestar import Request
from litestar.response.base import ASGIResponse
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars, unbind_contextvars

from regulars.web.answering import error_answer
from regulars.web.desk import Desk, Visit
from regulars.web.logs import log
from regulars.web.operations import Operation, operation_of
from regulars.web.problems import Stopped
from regulars.web.scopes import Scope as Permission

_REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9_-]{8,64}")
_ALWAYS: Final = ((b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store"))

Headers = list[tuple[bytes, bytes]]


class Gate:
    """The middleware around every declared operation."""

    def __init__(self, app: ASGIApp, desk: Desk, methods: Mapping[str, str]) -> None:
        """`methods` are those that each path takes, as the header Allow lists them."""
        self._app = app
        self._desk = desk
        self._methods = methods

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        operation = operation_of(scope["route_handler"])
        if operation is None:
            # The framework's own answer to OPTIONS forgets all methods but the first that was declared.
            allowed = {"Allow": self._methods[scope["path_template"]]}
            await ASGIResponse(status_code=204, headers=allowed)(scope, receive, send)
        else:
            await self._serve(cast("HTTPScope", scope), receive, send, operation)

    async def _serve(self, scope: HTTPScope, receive: Receive, send: Send, operation: Operation) -> None:
        clock = self._desk.clock
        started = clock.elapsed()
        given = dict(scope["headers"])
        visit = Visit(request_id=_request_id(given.get(b"x-request-id")), now=clock.now(), headers=given)
        scope["state"]["visit"] = visit
        extra: Headers = [(b"x-request-id", visit.request_id.encode()), *_ALWAYS]
        status = 500

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *extra]
            await send(message)

        bind_contextvars(request_id=visit.request_id)
        try:
            try:
                if operation.scope is not None:
                    await self._admit(visit, given.get(b"authorization"), operation.scope, extra)
            except Exception as error:  # noqa: BLE001 - whatever it is becomes an answer
                stopped = error_answer(Request(scope), error)
                await stopped(scope, receive, send_with_headers)
            else:
                await self._app(scope, receive, send_with_headers)
        finally:
            seconds = clock.elapsed() - started
            self._desk.metrics.answered(scope["method"], scope["path_template"], status, seconds)
            if seconds >= self._desk.settings.slow_seconds or status >= 500:
                log.warning("request.slow" if status < 500 else "request.failed", operation=operation.id,
                            status=status, seconds=round(seconds, 3))  # fmt: skip
            unbind_contextvars("request_id")

    async def _admit(self, visit: Visit, authorization: bytes | None, scope: Permission, extra: Headers) -> None:
        desk = self._desk
        elapsed = desk.clock.elapsed()
        header = authorization.decode("latin-1") if authorization is not None else None
        client = await desk.doorkeeper.admit(header, now=visit.now, elapsed=elapsed)
        allowance = desk.rates.spend(client.key_id, elapsed=elapsed)
        left = f'"key";r={allowance.remaining};t={allowance.wait_seconds}'
        extra += ((b"ratelimit", left.encode()), (b"ratelimit-policy", desk.rates.policy))
        if not allowance.allowed:
            raise Stopped("too-many-requests", {"wait": allowance.wait_seconds})
        if scope not in client.scopes:
            raise Stopped("scope-missing", {"scope": scope})
        visit.client = client


def _request_id(given: bytes | None) -> str:
    """Return the client's own name of the request, or a new one where it gave none that is safe to log."""
    if given is not None and _REQUEST_ID.fullmatch(given):
        return given.decode()
    return token_hex(8)
