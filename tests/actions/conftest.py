"""A memory with a small programme in force, on a fresh database."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from regulars.actions import programmes
from regulars.actions.memory import Memory
from regulars.db.sealing import Keyring
from tests import tripwire
from tests.verified import assert_intact

PROGRAMME = """
id: corner
name: Corner Shop
timezone: Europe/Paris
currency: EUR
channels: {web: {}, shop: {}}
wallets:
  points:
    expiry: {kind: rolling, months: 12, round_to: month}
policies:
  late_events: {window_days: null}
rules:
  - {id: base, type: spend, points: 1, per_minor: 100}
  - {id: welcome, type: first_purchase, points: 50}
  - {id: review, type: action, event: review, points: 10, limits: [{per: day, times: 1}]}
"""
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture(params=["together", "apart"])
async def memory(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[Memory]:
    """Yield a memory in which the programme `corner` has been in force for long; nothing in it is broken after.

    Each test runs twice: on one node, and apart as on Citus, where a transaction may write one bucket only.
    """
    apart = request.param == "apart"
    if apart:
        await tripwire.arm(database_url)
    memory = Memory(database_url, Keyring(b"0123456789abcdef0123456789abcdef"), one_bucket=apart)
    async with memory.pool.transaction() as connection:
        await programmes.apply(memory, connection, PROGRAMME, by="test", starts_at=LONG_AGO, now=LONG_AGO)
    yield memory
    await assert_intact(memory)
    await memory.close()
