"""The schema grows by numbered files of plain SQL, each applied once and never changed afterwards."""

import asyncio
import hashlib
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

import asyncpg
from msgspec import Struct

from regulars.db.connection import Row
from regulars.db.errors import LOST, DatabaseDownError, DatabaseError, sorted_errors
from regulars.db.roles import ensure_roles

MIGRATIONS: Final = Path(__file__).parent / "migrations"
Progress = Callable[[str], None]

_FILE: Final = re.compile(r"^(\d{4})_([a-z0-9_]+)\.sql$")
_WAIT_SECONDS_MAX: Final = 300.0
# Any number will do, as long as it stays the same; it is for the database at hand only.
_LOCK: Final = 0x5265_6775_6C61_7273
_HISTORY: Final = """
CREATE TABLE IF NOT EXISTS schema_migration (
  number integer NOT NULL,
  name text NOT NULL,
  sha256 bytea NOT NULL,
  applied_at timestamptz NOT NULL,
  CONSTRAINT schema_migration_pk PRIMARY KEY (number)
)
"""


class MigrationError(DatabaseError):
    """The schema could not be brought up to date; the message says what to do."""


class Migration(Struct, frozen=True):
    """One step of the schema."""

    number: int
    name: str
    text: str

    @property
    def sha256(self) -> bytes:
        """By this a file that was changed after it was applied is recognised."""
        return hashlib.sha256(self.text.encode()).digest()


def migrations(folder: Path = MIGRATIONS) -> list[Migration]:
    """Return the steps in their order.

    Raises: MigrationError, when a file is not named `0001_what_it_does.sql` or the numbers have a gap.
    """
    found = []
    for path in sorted(folder.glob("*.sql")):
        match = _FILE.match(path.name)
        if match is None:
            raise MigrationError(f"{path.name}: name a migration 0001_what_it_does.sql")
        found.append(Migration(int(match[1]), match[2], path.read_text(encoding="utf-8")))
    numbers = [step.number for step in found]
    if numbers != list(range(1, len(found) + 1)):
        raise MigrationError(f"migrations are numbered from 0001 on without gaps or doubles, not {numbers}")
    return found


async def migrate(url: str, *, folder: Path = MIGRATIONS, on_progress: Progress = lambda _: None) -> list[str]:
    """Bring the schema up to date and return the names of the steps that were missing.

    `url` is the owner's: it may create roles and tables. Two at a time do no harm: one waits for the other.

    Raises: MigrationError; DatabaseDownError; OutcomeUnknownError, after which it may be asked again.
    """
    steps = migrations(folder)
    async with _owner(url) as connection:
        await _lock(connection, on_progress)
        await ensure_roles(connection)
        await connection.execute(_HISTORY)
        missing = _missing(steps, await _applied(connection))
        for place, step in enumerate(missing, start=1):
            on_progress(f"migration {place} of {len(missing)}: {step.name.replace('_', ' ')}")
            await _apply(connection, step)
    return [step.name for step in missing]


async def pending(url: str, *, folder: Path = MIGRATIONS) -> list[str]:
    """Return the names of the steps that `migrate` would take.

    Raises: MigrationError, when an applied file was changed; DatabaseDownError; OutcomeUnknownError.
    """
    async with _owner(url) as connection:
        known = await connection.fetchval("SELECT to_regclass('public.schema_migration') IS NOT NULL")
        return [step.name for step in _missing(migrations(folder), await _applied(connection) if known else {})]


@asynccontextmanager
async def _owner(url: str) -> "AsyncIterator[asyncpg.Connection[Row]]":
    try:
        connection = await asyncpg.connect(url, timeout=10, server_settings={"application_name": "regulars migrate"})
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise DatabaseDownError(f"PostgreSQL does not let us in: {error}") from error
    try:
        with sorted_errors():
            yield connection
    finally:
        with suppress(*LOST):
            await connection.close(timeout=5)


async def _lock(connection: "asyncpg.Connection[Row]", on_progress: Progress) -> None:
    end = time.monotonic() + _WAIT_SECONDS_MAX
    told = False
    while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK):
        if time.monotonic() > end:
            raise MigrationError(f"another migration has been running for {_WAIT_SECONDS_MAX:.0f} s; try again later")
        if not told:
            on_progress("waiting for another migration to end")
            told = True
        await asyncio.sleep(0.1)


async def _applied(connection: "asyncpg.Connection[Row]") -> dict[int, bytes]:
    rows = await connection.fetch("SELECT number, sha256 FROM schema_migration")
    return {row["number"]: row["sha256"] for row in rows}


def _missing(steps: list[Migration], applied: dict[int, bytes]) -> list[Migration]:
    for step in steps:
        if applied.get(step.number, step.sha256) != step.sha256:
            raise MigrationError(
                f"migration {step.number:04} ({step.name}) was changed after it was applied. Restore the file, and "
                "put the change into a migration of its own."
            )
    unknown = sorted(applied.keys() - {step.number for step in steps})
    if unknown:
        raise MigrationError(
            f"the database has migrations {unknown}, which this version of Regulars does not know. Use the newer "
            "version that made them."
        )
    return [step for step in steps if step.number not in applied]


async def _apply(connection: "asyncpg.Connection[Row]", step: Migration) -> None:
    try:
        async with connection.transaction():
            await connection.execute(step.text)
            await connection.execute(
                "INSERT INTO schema_migration (number, name, sha256, applied_at) VALUES ($1, $2, $3, now())",
                step.number,
                step.name,
                step.sha256,
            )
    except LOST:
        raise
    except asyncpg.LockNotAvailableError as error:
        raise MigrationError(f"migration {step.name} would have had to wait for a lock; run it again") from error
    except asyncpg.PostgresError as error:
        raise MigrationError(f"migration {step.name} was refused, and nothing of it done: {error}") from error
