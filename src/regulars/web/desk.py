"""All that a call needs to be served: one desk for each application, one visit for each request."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from litestar import Request
from litestar.datastructures import State
from msgspec import Struct

from regulars.actions.batching import Batcher
from regulars.actions.memory import Memory
from regulars.db import keys
from regulars.db.errors import DatabaseError
from regulars.db.keys import ApiKey
from regulars.web.attempts import Attempts
from regulars.web.clients import Doorkeeper
from regulars.web.clock import Clock
from regulars.web.languages import Language, negotiate
from regulars.web.metrics import Metrics
from regulars.web.rates import Rates
from regulars.web.settings import WebSettings

_READY_SECONDS: Final = 2.0

Call = Request[Any, Any, State]


class Desk:
    """What the handlers and the front door of one application share."""

    def __init__(self, memory: Memory, settings: WebSettings, clock: Clock) -> None:
        self.memory = memory
        self.settings = settings
        self.clock = clock
        self.doorkeeper = Doorkeeper(self._find_key, seconds=settings.key_cache_seconds)
        self.attempts = Attempts(settings.wrong_codes_max)
        self.rates = Rates(per_second=settings.requests_per_second, burst=settings.burst)
        self.metrics = Metrics()
        self.metrics.watch_connections(lambda: memory.pool.open_connections, lambda: memory.pool.lent_connections)
        self.open = False
        self._batchers: dict[str, Batcher] = {}

    def batcher(self, programme_id: str) -> Batcher:
        """Return what collects the programme's single events into small batches."""
        batcher = self._batchers.get(programme_id)
        if batcher is None:
            batcher = self._batchers[programme_id] = Batcher(self.memory, programme_id)
        return batcher

    def start(self) -> None:
        """Say that calls are welcome; whether they can be served is up to the database."""
        self.open = True

    async def can_serve(self) -> bool:
        """Return whether the database answers, and has what the very first step of a call asks of it."""
        try:
            async with asyncio.timeout(_READY_SECONDS):
                await self._find_key(b"")
        except (DatabaseError, TimeoutError):
            return False
        return True

    async def stop(self) -> None:
        """Finish what was begun, then close the memory."""
        self.open = False
        for batcher in self._batchers.values():
            await batcher.drain()
        await self.memory.close()

    async def _find_key(self, hash: bytes) -> ApiKey | None:
        async with self.memory.pool.connection() as connection:
            return await keys.find(connection, hash)


class Visit(Struct, kw_only=True):
    """One request at the front door. `now` was read once; `client` is there where the call has a scope.

    Names of `headers` are in lower case.
    """

    request_id: str
    now: datetime
    headers: Mapping[bytes, bytes]
    client: ApiKey | None = None


def desk_of(request: Call) -> Desk:
    """Return the desk that serves the request."""
    desk = request.app.state.desk
    assert isinstance(desk, Desk), "create_app sets the desk"
    return desk


def visit_of(request: Call) -> Visit:
    """Return the visit that the front door began."""
    visit = request.scope["state"]["visit"]
    assert isinstance(visit, Visit), "the front door begins a visit for every route"
    return visit


def client_of(request: Call) -> ApiKey:
    """Return who calls; only in calls that declare a scope."""
    client = visit_of(request).client
    assert client is not None, "a call with a scope has a client"
    return client


def header_of(request: Call, name: bytes) -> str | None:
    """Return a header's value; `name` is in lower case."""
    value = visit_of(request).headers.get(name)
    return value.decode("latin-1") if value is not None else None


def language_of(request: Call) -> Language:
    """Return the language that the caller reads best."""
    return negotiate(request.headers.get("accept-language"))
