"""A transaction that writes two buckets trips, and one that keeps to its bucket does not."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from regulars.db.migrate import MIGRATIONS
from tests import tripwire
from tests.db.sql_rules import schema_of

COUNT = "INSERT INTO counter (bucket, member_id, name, programme_id, value) VALUES ($1, gen_random_uuid(), 'n', 'p', 1)"


@pytest.fixture
async def connection(database_url: str) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
    await tripwire.arm(database_url)
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


async def test_two_buckets_in_one_transaction_trip(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    async def count_in(*buckets: int) -> None:
        async with connection.transaction():
            for bucket in buckets:
                await connection.execute(COUNT, bucket)

    with pytest.raises(asyncpg.RaiseError, match="writes buckets 7 and 8"):
        await count_in(7, 8)

    assert await connection.fetchval("SELECT count(*) FROM counter") == 0


async def test_two_buckets_in_one_statement_trip(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    await connection.execute(COUNT, 7)
    await connection.execute(COUNT, 8)

    with pytest.raises(asyncpg.RaiseError, match="writes buckets"):
        await connection.execute("UPDATE counter SET value = 2")


async def test_one_bucket_a_transaction_does_not_trip(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    for bucket in (7, 8):
        async with connection.transaction():
            await connection.execute(COUNT, bucket)
            await connection.execute("UPDATE counter SET value = 2 WHERE bucket = $1", bucket)
            await connection.execute("DELETE FROM counter WHERE bucket = $1", bucket)


async def test_every_table_with_a_bucket_is_wired(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    schema = schema_of("\n".join(path.read_text() for path in sorted(MIGRATIONS.glob("*.sql"))))

    wired = await connection.fetch(
        "SELECT relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid WHERE tgname LIKE 'tripwire_%' "
        "GROUP BY relname HAVING count(*) = 3"
    )

    assert {row["relname"] for row in wired} == schema.bucketed
