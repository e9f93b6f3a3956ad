"""An API over a fresh database in which a small programme has long been in force."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import httpx2
import pytest
from litestar import Litestar

from regulars.actions import keys, programmes
from regulars.actions.memory import Memory
from regulars.db.sealing import Keyring
from regulars.web.app import create_app
from regulars.web.scopes import SCOPES
from regulars.web.settings import WebSettings
from tests.verified import assert_intact
from tests.web.calling import Api

PROGRAMME = """\
id: corner
name: Corner Shop
timezone: Europe/Paris
currency: EUR
channels: {web: {}, shop: {}}
wallets:
  points:
    expiry: {kind: rolling, months: 12, round_to: month}
  stars:
    spendable: false
policies:
  late_events: {window_days: null}
rules:
  - {id: base, name: One point a euro, type: spend, points: 1, per_minor: 100}
  - {id: welcome, type: first_purchase, points: 50}
  - {id: review, type: action, event: review, points: 10, limits: [{per: day, times: 1}]}
rewards:
  - {id: five_off, type: amount_off, name: 5 euros off, price: 100, amount_minor: 500}
  - {id: parcel, type: free_shipping, price: 50, stock: 1}
  - {id: film, type: partner_code, price: 10, pool: cinema}
pools:
  cinema: {}
"""
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


class StoppedClock:
    """A clock that moves when a test says so."""

    def __init__(self) -> None:
        self.at = NOON
        self.seconds = 0.0

    def now(self) -> datetime:
        return self.at

    def elapsed(self) -> float:
        return self.seconds

    def forward(self, **span: float) -> None:
        """Let time pass; `span` is as for timedelta."""
        self.at += timedelta(**span)
        self.seconds += timedelta(**span).total_seconds()


@asynccontextmanager
async def started(app: Litestar) -> AsyncIterator[None]:
    """Start and stop an application in one and the same task, as a server does."""
    up, down = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        async with app.lifespan():
            up.set()
            await down.wait()

    life = asyncio.create_task(live())
    await asyncio.wait([life, asyncio.ensure_future(up.wait())], return_when=asyncio.FIRST_COMPLETED)
    try:
        yield
    finally:
        down.set()
        await life


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def settings() -> WebSettings:
    return WebSettings()


@pytest.fixture
def programme() -> str:
    """Return the programme `corner`; a module that asks for more of it has a fixture of its own."""
    return PROGRAMME


@pytest.fixture
async def memory(database_url: str, programme: str) -> AsyncIterator[Memory]:
    """Yield a memory in which the programme `corner` is in force; nothing in it is broken after."""
    memory = Memory(database_url, Keyring(b"0123456789abcdef0123456789abcdef"))
    async with memory.pool.transaction() as connection:
        await programmes.apply(memory, connection, programme, by="test", starts_at=LONG_AGO, now=LONG_AGO)
    yield memory
    await memory.close()
    await assert_intact(memory)


@pytest.fixture
async def app(memory: Memory, settings: WebSettings, clock: StoppedClock) -> AsyncIterator[Litestar]:
    """Yield the application, started."""
    app = create_app(memory, settings, clock)
    async with started(app):
        yield app


@pytest.fixture
async def secret(memory: Memory) -> str:
    """Return an API key with every scope."""
    async with memory.pool.transaction() as connection:
        made = await keys.create(connection, "corner", name="test", scopes=SCOPES, by="test", now=LONG_AGO)
    return made.secret


@pytest.fixture
async def api(app: Litestar, secret: str) -> AsyncIterator[Api]:
    """Yield a client that may do everything."""
    transport = httpx2.ASGITransport(app=cast("Any", app))
    async with httpx2.AsyncClient(transport=transport, base_url="http://shop.example.com") as http:
        yield Api(http, secret)
