"""The schema grows by numbered files, each applied once and never changed afterwards."""

import asyncio
from pathlib import Path
from shutil import copytree

import asyncpg
import pytest

from regulars.db.errors import DatabaseDownError, OutcomeUnknownError
from regulars.db.migrate import MIGRATIONS, MigrationError, migrate, migrations, pending
from regulars.db.roles import MissingRoleError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of the migrations, to which tests may add."""
    return Path(copytree(MIGRATIONS, tmp_path / "migrations"))


def add(folder: Path, text: str, name: str = "more") -> str:
    """Add a migration after the last one."""
    number = len(list(folder.glob("*.sql"))) + 1
    (folder / f"{number:04}_{name}.sql").write_text(text)
    return name


def change(folder: Path) -> None:
    """Change the first migration."""
    path = next(folder.glob("0001_*.sql"))
    path.write_text(path.read_text() + "-- an afterthought\n")


async def tables(url: str) -> set[str]:
    connection = await asyncpg.connect(url)
    rows = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname IN ('public', 'personal')")
    await connection.close()
    return {row[0] for row in rows}


async def test_what_is_missing_is_applied_once_and_told(empty_database_url: str) -> None:
    told: list[str] = []
    names = [step.name for step in migrations()]

    missing = await pending(empty_database_url)
    first = await migrate(empty_database_url, on_progress=told.append)
    second = await migrate(empty_database_url, on_progress=told.append)

    assert missing == first == names
    assert second == await pending(empty_database_url) == []
    assert told == [f"migration {n} of {len(names)}: {name}" for n, name in enumerate(names, start=1)]
    assert {"member", "profile", "schema_migration"} <= await tables(empty_database_url)


async def test_a_later_version_adds_its_step(database_url: str, folder: Path) -> None:
    add(folder, "CREATE TABLE more (number integer)")

    assert await pending(database_url, folder=folder) == ["more"]
    assert await migrate(database_url, folder=folder) == ["more"]
    assert "more" in await tables(database_url)


async def test_a_file_that_was_changed_afterwards_is_refused(database_url: str, folder: Path) -> None:
    change(folder)

    with pytest.raises(MigrationError, match="was changed after it was applied"):
        await migrate(database_url, folder=folder)


async def test_a_database_of_a_newer_version_is_refused(database_url: str, folder: Path) -> None:
    add(folder, "CREATE TABLE more (number integer)")
    await migrate(database_url, folder=folder)

    with pytest.raises(MigrationError, match="does not know"):
        await migrate(database_url)


async def test_of_a_step_that_fails_nothing_stays(database_url: str, folder: Path) -> None:
    add(folder, "CREATE TABLE more (number integer); CREATE TABLE more (number integer)")

    with pytest.raises(MigrationError, match="migration more was refused, and nothing of it done"):
        await migrate(database_url, folder=folder)

    assert "more" not in await tables(database_url)


async def test_a_step_does_not_wait_for_a_lock_for_long(database_url: str, folder: Path) -> None:
    add(folder, "SET LOCAL lock_timeout = '50ms'; ALTER TABLE member ADD COLUMN more integer")
    reader = await asyncpg.connect(database_url)

    async with reader.transaction():
        await reader.execute("SELECT FROM member")
        with pytest.raises(MigrationError, match="run it again"):
            await migrate(database_url, folder=folder)
    await reader.close()

    assert await migrate(database_url, folder=folder) == ["more"]


async def test_of_two_at_a_time_one_waits_for_the_other(empty_database_url: str) -> None:
    told: list[str] = []

    both = await asyncio.gather(*(migrate(empty_database_url, on_progress=told.append) for _ in range(2)))

    assert sorted(both, key=len) == [[], [step.name for step in migrations()]]
    assert "waiting for another migration to end" in told


def test_a_file_of_another_name_is_refused(folder: Path) -> None:
    (folder / "later.sql").write_text("SELECT 1")

    with pytest.raises(MigrationError, match=r"later\.sql: name a migration"):
        migrations(folder)


def test_a_gap_in_the_numbers_is_refused(folder: Path) -> None:
    (folder / "0099_much_later.sql").write_text("SELECT 1")

    with pytest.raises(MigrationError, match="without gaps"):
        migrations(folder)


async def test_a_database_that_is_not_there_is_told_of(database_url: str) -> None:
    with pytest.raises(DatabaseDownError):
        await migrate(database_url.replace("/test_", "/missing_"))


async def test_a_server_that_hangs_up_in_the_middle_is_told_of_and_asked_again(database_url: str, folder: Path) -> None:
    add(folder, "SELECT pg_sleep(60)")
    migrating = asyncio.create_task(migrate(database_url, folder=folder))
    other = await asyncpg.connect(database_url)
    found = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)'"

    async with asyncio.timeout(30):
        while not await other.fetchval(found):  # noqa: ASYNC110 - PostgreSQL has no event to wait for
            await asyncio.sleep(0.01)

    with pytest.raises(OutcomeUnknownError):
        await migrating
    assert await pending(database_url, folder=folder) == ["more"]
    await other.close()


async def test_an_owner_that_may_not_create_roles_is_told_what_to_ask_for(empty_database_url: str) -> None:
    superuser = await asyncpg.connect(empty_database_url)
    name = f"plain_{superuser.get_server_pid()}"
    await superuser.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'made-up'")
    try:
        url = empty_database_url.replace(empty_database_url[13 : empty_database_url.index("@")], f"{name}:made-up")
        with pytest.raises(MissingRoleError, match=f'GRANT regulars_app TO "{name}"'):
            await migrate(url)
    finally:
        await superuser.execute(f"DROP ROLE {name}")
        await superuser.close()
