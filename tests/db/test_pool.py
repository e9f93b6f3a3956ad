"""A few connections are lent in turn; a doubtful one is never lent again, and an error says what to do next."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import asyncpg
import pytest

from regulars.db.connection import Connection
from regulars.db.errors import (
    DatabaseDownError,
    NotUniqueError,
    OutcomeUnknownError,
    TimedOutError,
    TransientError,
)
from regulars.db.pool import Pool, PoolSettings
from regulars.db.queries import Query

PID = Query("pid", "Name the session.", "SELECT pg_backend_pid()")
SLEEP = Query("sleep", "Take a while.", "SELECT pg_sleep($1)")
ADD = Query("add", "Make a programme.", "INSERT INTO programme (programme_id, name, created_at) VALUES ($1, '', $2)")
COUNT = Query("count", "Count programmes.", "SELECT count(*) FROM programme")
_KEY = Query(
    "key",
    "Keep a key.",
    "INSERT INTO api_key (key_id, programme_id, name, prefix, secret_hash, scopes, created_at) "
    "VALUES (gen_random_uuid(), 'demo', '', $1, $2, '{}', $3)",
)
_NOW = datetime(2026, 11, 22, tzinfo=UTC)
OFTEN = PoolSettings(size=2, acquire_timeout_seconds=0.3)


async def pid_of(pool: Pool) -> int:
    async with pool.connection() as connection:
        return int(await connection.value(PID))


async def end(url: str, pid: int) -> None:
    """End a session as the owner."""
    owner = await asyncpg.connect(url)
    await owner.execute("SELECT pg_terminate_backend($1, 5000)", pid)
    await owner.close()


async def test_a_connection_is_lent_again(pool: Pool) -> None:
    assert await pid_of(pool) == await pid_of(pool)
    assert (pool.open_connections, pool.lent_connections) == (1, 0)


async def test_the_session_is_the_applications_and_in_utc(pool: Pool) -> None:
    settings = Query("s", "Read settings.", "SELECT current_user::text, current_setting('TimeZone')")

    async with pool.connection() as connection:
        row = await connection.row(settings)

    assert row is not None
    assert tuple(row) == ("regulars_app", "UTC")


async def test_a_statement_is_prepared_once_and_planned_once(pool: Pool) -> None:
    plans = Query("plans", "Count plans.", "SELECT generic_plans, custom_plans FROM pg_prepared_statements")

    async with pool.connection() as connection:
        for _ in range(8):
            await connection.value(COUNT)
        counted = [tuple(row) for row in await connection.rows(plans)]

    assert (8, 0) in counted


async def test_old_statements_make_room_for_new_ones(pool: Pool) -> None:
    kept = Query("kept", "Count statements.", "SELECT count(*) FROM pg_prepared_statements")

    async with pool.connection() as connection:
        for number in range(150):
            await connection.value(Query("n", "Say a number.", f"SELECT {number}"))
        count = await connection.value(kept)

    assert count <= 101


async def test_who_finds_all_connections_lent_waits_and_then_gives_up(database_url: str) -> None:
    pool = Pool(database_url, OFTEN)

    async with pool.connection(), pool.connection():
        with pytest.raises(DatabaseDownError, match="all 2 connections are busy"):
            await pid_of(pool)

    assert await pid_of(pool)
    await pool.close()


async def test_who_waits_gets_the_connection_that_comes_back(database_url: str) -> None:
    pool = Pool(database_url, PoolSettings(size=1))

    pids = await asyncio.gather(*(pid_of(pool) for _ in range(5)))

    assert len(set(pids)) == 1
    await pool.close()


async def test_the_connection_of_a_cancelled_borrower_is_discarded(pool: Pool) -> None:
    before = await pid_of(pool)

    async def dawdle() -> None:
        async with pool.connection() as connection:
            await connection.value(SLEEP, 30)

    task = asyncio.create_task(dawdle())
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert (pool.open_connections, pool.lent_connections) == (0, 0)
    assert await pid_of(pool) != before


async def test_an_ordinary_error_leaves_the_connection_usable(pool: Pool) -> None:
    before = await pid_of(pool)

    with pytest.raises(ZeroDivisionError):
        async with pool.connection():
            raise ZeroDivisionError

    assert await pid_of(pool) == before


async def test_an_idle_connection_that_died_is_replaced(pool: Pool, database_url: str) -> None:
    before = await pid_of(pool)

    await end(database_url, before)
    await asyncio.sleep(0.1)

    assert await pid_of(pool) != before


async def test_a_connection_that_dies_while_it_works_leaves_the_outcome_unknown(pool: Pool, database_url: str) -> None:
    before = await pid_of(pool)

    async def work() -> None:
        async with pool.connection() as connection:
            await connection.value(SLEEP, 30)

    task = asyncio.create_task(work())
    await asyncio.sleep(0.1)
    await end(database_url, before)
    with pytest.raises(OutcomeUnknownError):
        await task

    assert pool.open_connections == 0
    assert await pid_of(pool) != before


async def test_a_statement_that_takes_too_long_is_stopped(database_url: str) -> None:
    pool = Pool(database_url, PoolSettings(statement_timeout_seconds=0.1))

    async with pool.connection() as connection:
        with pytest.raises(TimedOutError):
            await connection.value(SLEEP, 30)
        alive = await connection.value(PID)

    assert alive
    await pool.close()


async def test_a_row_that_is_there_already_names_the_constraint(pool: Pool) -> None:
    async with pool.connection() as connection:
        await connection.rows(ADD, "demo", _NOW)
        with pytest.raises(NotUniqueError) as raised:
            await connection.rows(ADD, "demo", _NOW)

    assert raised.value.constraint == "programme_pk"


async def test_a_transaction_is_rolled_back_by_what_leaves_it(pool: Pool) -> None:
    async def add_and_fail() -> None:
        async with pool.transaction() as connection:
            await connection.rows(ADD, "demo", _NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await add_and_fail()

    async with pool.connection() as connection:
        assert await connection.value(COUNT) == 0


async def test_an_error_of_the_callers_own_is_not_taken_for_the_databases(pool: Pool) -> None:
    async def read_a_file_in_between() -> None:
        async with pool.transaction() as connection:
            await connection.rows(ADD, "demo", _NOW)
            raise FileNotFoundError

    with pytest.raises(FileNotFoundError):
        await read_a_file_in_between()

    assert pool.open_connections == 1


async def test_a_transaction_that_is_cancelled_is_rolled_back(pool: Pool) -> None:
    async def add_and_dawdle() -> None:
        async with pool.transaction() as connection:
            await connection.rows(ADD, "demo", _NOW)
            await connection.value(SLEEP, 30)

    task = asyncio.create_task(add_and_dawdle())
    await asyncio.sleep(0.2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    async with pool.connection() as connection:
        assert await connection.value(COUNT) == 0


async def test_a_commit_whose_answer_is_lost_leaves_the_outcome_unknown(pool: Pool, database_url: str) -> None:
    async def add() -> None:
        async with pool.transaction() as connection:
            await connection.rows(ADD, "demo", _NOW)
            await end(database_url, int(await connection.value(PID)))

    with pytest.raises(OutcomeUnknownError):
        await add()

    assert pool.open_connections == 0


async def test_a_snapshot_sees_nothing_of_what_comes_later_and_cannot_write(pool: Pool) -> None:
    async with pool.snapshot() as still:
        before = await still.value(COUNT)
        async with pool.transaction() as connection:
            await connection.rows(ADD, "demo", _NOW)
        after = await still.value(COUNT)

    async def write() -> None:
        async with pool.snapshot() as connection:
            await connection.rows(ADD, "demo", _NOW)

    assert (before, after) == (0, 0)
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        await write()


async def test_work_that_was_rolled_back_for_another_is_done_again(pool: Pool) -> None:
    attempts = 0

    async def work(connection: Connection) -> int:
        nonlocal attempts
        attempts += 1
        if attempts < 3:
            raise TransientError
        return int(await connection.value(PID))

    assert await pool.run(work)
    assert attempts == 3


async def test_work_that_never_succeeds_is_given_up_after_five_attempts(pool: Pool) -> None:
    attempts = 0

    async def work(_: Connection) -> None:
        nonlocal attempts
        attempts += 1
        raise TransientError

    with pytest.raises(TransientError):
        await pool.run(work)

    assert attempts == 5


async def test_two_who_lock_each_other_out_both_get_through(pool: Pool) -> None:
    touch = Query("touch", "Touch.", "UPDATE api_key SET name = name || $2 WHERE prefix = $1")
    async with pool.transaction() as connection:
        await connection.rows(ADD, "demo", _NOW)
        for prefix in ("a", "b"):
            await connection.rows(_KEY, prefix, prefix.encode(), _NOW)

    async def rename(first: str, second: str, name: str) -> None:
        async def work(connection: Connection) -> None:
            async with connection.transaction():
                await connection.rows(touch, first, name)
                await asyncio.sleep(0.2)
                await connection.rows(touch, second, name)

        await pool.run(work)

    await asyncio.gather(rename("a", "b", "x"), rename("b", "a", "y"))
    names = Query("names", "Read names.", "SELECT name FROM api_key")
    async with pool.connection() as connection:
        found = {row[0] for row in await connection.rows(names)}

    assert found in ({"xy"}, {"yx"})


async def test_a_pool_may_be_made_before_the_server_runs(database_url: str, tmp_path: Path) -> None:
    parts = urlsplit(database_url)
    sockets = Path(parse_qs(parts.query)["host"][0])
    elsewhere = tmp_path / "s"
    url = database_url.replace(quote(str(sockets), safe=""), quote(str(elsewhere), safe=""))
    pool = Pool(url, OFTEN)

    down = await pool.healthy()
    with pytest.raises(DatabaseDownError, match="no connection to PostgreSQL"):
        await pid_of(pool)
    elsewhere.symlink_to(sockets)

    assert not down
    assert await pool.healthy(timeout_seconds=5)
    await pool.close()


async def test_a_database_that_is_not_there_is_not_waited_for(database_url: str) -> None:
    parts = urlsplit(database_url)
    pool = Pool(parts._replace(path="/missing").geturl())

    with pytest.raises(DatabaseDownError, match="does not let us in"):
        await pid_of(pool)


async def test_a_closed_pool_lends_nothing_and_hangs_up_on_who_stays(pool: Pool) -> None:
    async with pool.connection() as connection:
        await pool.close(timeout_seconds=0.1)
        with pytest.raises(OutcomeUnknownError):
            await connection.value(PID)

    with pytest.raises(DatabaseDownError, match="closed"):
        await pid_of(pool)


async def test_closing_waits_for_who_is_about_to_finish(pool: Pool) -> None:
    async def work() -> float:
        async with pool.connection() as connection:
            await connection.value(SLEEP, 0.2)
            return 1.0

    task = asyncio.create_task(work())
    await asyncio.sleep(0.05)
    await pool.close()

    assert await task
    assert pool.open_connections == 0
