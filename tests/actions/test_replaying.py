"""Deciding every recorded event again gives what is stored, to the byte; what was altered is found."""

from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import pytest

from regulars.actions.memory import Memory
from regulars.actions.replaying import NotEmpty, events_to_replay, replay
from regulars.db.digest import TABLES
from regulars.db.sealing import Keyring
from regulars.engine.events import Return
from regulars.ops.postgres import Server
from tests.actions.conftest import NOON
from tests.actions.histories import busy_day
from tests.actions.tellings import tell, told
from tests.verified import assert_intact

SECRET = b"0123456789abcdef0123456789abcdef"

ALTERED = [
    ("UPDATE counter SET value = value + 1 WHERE name LIKE 'purchases@%'", {"counter"}),
    ("UPDATE lot SET remaining = remaining - 1, amount = amount - 1 WHERE remaining > held + 1", {"lot", "balance"}),
    ("UPDATE posting SET at = at + interval '1 second'", {"posting"}),
    ("UPDATE event SET answer = replace(answer, ':', ': ')", {"event"}),
    ('UPDATE member SET attributes = \'{"likes": "coffee"}\'', {"member"}),
    ("UPDATE order_record SET record = jsonb_set(record::jsonb, '{returned_milli}', '{\"1\": 1}')", {"order_record"}),
    ("UPDATE wallet_state SET active_until = active_until + interval '1 second'", {"wallet_state"}),
    ("UPDATE hold SET expires_at = expires_at + interval '1 second'", {"hold"}),
    ("UPDATE spend_record SET record = jsonb_set(record, '{restored}', 'true')", {"spend_record"}),
    ("INSERT INTO counter SELECT bucket, gen_random_uuid(), name, programme_id, 1 FROM counter LIMIT 1", {"counter"}),
]


@pytest.fixture
async def empty(postgres: Server, migrated_template: str) -> AsyncIterator[Memory]:
    """Yield a memory of nothing at all."""
    postgres.create_database("rebuilt", template=migrated_template)
    memory = Memory(postgres.url("rebuilt"), Keyring(SECRET))
    yield memory
    await memory.close()
    postgres.drop_database("rebuilt")


async def test_a_busy_day_is_repeated_to_the_byte(memory: Memory) -> None:
    await busy_day(memory)
    heard: list[int] = []

    report = await replay(memory, None, heard.append)

    assert report.differing == ()
    assert report.identical
    assert report.stored.keys() == set(TABLES)
    assert report.events == sum(heard) == await events_to_replay(memory)
    assert report.members == 5


async def test_what_a_merged_membership_bought_is_returned_again(memory: Memory) -> None:
    await busy_day(memory)
    at = NOON + timedelta(days=21)
    await tell(memory, told("return", "b7", Return(order_id="young-2"), email="young@example.com", at=at), now=at)

    report = await replay(memory)

    assert report.identical, report.differing


async def test_an_empty_database_is_rebuilt_to_the_byte(memory: Memory, empty: Memory) -> None:
    await busy_day(memory)

    report = await replay(memory, empty)
    again = await replay(empty)

    await assert_intact(empty)
    assert report.identical, report.differing
    assert again.rebuilt == again.stored == report.stored


async def test_a_database_that_is_in_use_is_not_rebuilt(memory: Memory) -> None:
    with pytest.raises(NotEmpty):
        await replay(memory, memory)


@pytest.mark.parametrize(("altering", "tables"), ALTERED)
async def test_what_was_altered_is_found(
    altering: str, tables: set[str], busy: Memory, owner: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    await owner.execute(altering)

    report = await replay(busy)

    assert {table for one in report.differing for table in one.tables} == tables
    assert {table for table in TABLES if report.stored[table] != report.rebuilt[table]} == tables
    assert not report.identical


async def test_an_event_that_makes_no_sense_is_named(busy: Memory, owner: "asyncpg.Connection[asyncpg.Record]") -> None:
    await owner.execute(
        "UPDATE event SET body = jsonb_set(body::jsonb, '{amount}', '100000') "
        "WHERE type = 'points.spent' AND source_id = 's1'"
    )

    report = await replay(busy)

    assert [one.reason.rpartition(": ")[2] for one in report.differing] == ["insufficient-points"]
    assert report.members == 5


@pytest.fixture
async def busy(database_url: str) -> AsyncIterator[Memory]:
    """Yield a memory of a busy day that a test is going to spoil."""
    memory = Memory(database_url, Keyring(SECRET))
    await busy_day(memory)
    yield memory
    await memory.close()


@pytest.fixture
async def owner(database_url: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """Yield a connection that may alter anything."""
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()
