"""An API of one's own on a database of one's own, driven call by call from where nothing is asynchronous."""

import asyncio
import uuid
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from datetime import datetime
from typing import Any, TypeVar, cast

import httpx2
from msgspec import Struct

from regulars.actions import keys, programmes
from regulars.actions.deliver import deliver
from regulars.actions.memory import Memory
from regulars.actions.replaying import replay
from regulars.actions.sweep import sweep
from regulars.db.sealing import Keyring
from regulars.ops.postgres import Server
from regulars.web.app import create_app
from regulars.web.scopes import SCOPES
from regulars.web.settings import WebSettings
from tests.verified import assert_intact
from tests.web.calling import Api, Json
from tests.web.conftest import LONG_AGO, StoppedClock, started

Value = TypeVar("Value")


class Sent(Struct, frozen=True):
    """A call with its Idempotency-Key, and what it was answered."""

    path: str
    body: Json
    key: str
    status: int
    content: bytes


class Installation:
    """Open it, call it, close it; once closed, everything it wrote was held against every promise."""

    def __init__(self, postgres: Server, template: str, programme: str) -> None:
        self.clock = StoppedClock()
        self._postgres = postgres
        self._name = f"installation_{uuid.uuid4().hex}"
        self._stack = AsyncExitStack()
        self._runner = asyncio.Runner()
        self._calls = 0
        postgres.create_database(self._name, template=template)
        self._run(self._open(postgres.url(self._name), programme))

    async def _open(self, url: str, programme: str) -> None:
        self._memory = Memory(url, Keyring(b"0123456789abcdef0123456789abcdef"))
        async with self._memory.pool.transaction() as connection:
            await programmes.apply(self._memory, connection, programme, by="test", starts_at=LONG_AGO, now=LONG_AGO)
            made = await keys.create(connection, "corner", name="test", scopes=SCOPES, by="test", now=LONG_AGO)
        app = create_app(self._memory, WebSettings(requests_per_second=10_000), self.clock)
        await self._stack.enter_async_context(started(app))
        transport = httpx2.ASGITransport(app=cast("Any", app))
        http = httpx2.AsyncClient(transport=transport, base_url="http://shop.example.com")
        self._api = Api(await self._stack.enter_async_context(http), made.secret)

    def close(self) -> None:
        """Hold what is stored against every promise and against its own log, and leave nothing behind."""
        try:
            self._run(self._close())
        finally:
            self._runner.close()
            self._postgres.drop_database(self._name)

    async def _close(self) -> None:
        async with self._stack:
            await assert_intact(self._memory)
            report = await replay(self._memory)
        assert report.identical, report.differing

    def send(self, path: str, body: Json, *, key: str | None = None) -> Sent:
        """Post something, under a fresh key unless one is given."""
        self._calls += 1
        used = key or f"key-{self._calls}"
        answer = self._run(self._api.post(path, body, key=used))
        assert answer.status_code < 500, answer.text
        return Sent(path, body, used, answer.status_code, answer.content)

    def balance(self, member: str) -> Json:
        """Return what a member has in the wallet `points`."""
        found: Json = self._run(self._api.read(f"/v1/members/{member}/balances"))["balances"]["points"]
        return found

    def deliver(self) -> None:
        """Let everything that is under way arrive."""
        while self._run(deliver(self._memory, now=self.clock.at)).taken:
            pass

    def sweep(self, inactive_since: datetime) -> None:
        """Write into the ledger what time has done."""
        self._run(sweep(self._memory, now=self.clock.at, inactive_since=inactive_since))

    def _run(self, work: Coroutine[Any, Any, Value]) -> Value:
        return self._runner.run(work)
