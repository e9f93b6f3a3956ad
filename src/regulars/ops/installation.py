"""What a command works with: the settings, the database (started if it is ours), and the memory on it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from typing import Final, TypeVar

import uvloop

from regulars.actions.memory import Memory
from regulars.db import programmes
from regulars.db.migrate import migrate, pending
from regulars.db.sealing import Keyring
from regulars.ops import postgres, settings
from regulars.ops.mistakes import NOT_READY, Mistake
from regulars.ops.settings import Settings
from regulars.ops.speaking import counted, say

Result = TypeVar("Result")
WORKER_CONNECTIONS: Final = 3


def now() -> datetime:
    """Return the instant, read from the machine's clock: once for each thing that a command does."""
    return datetime.now(UTC)


@contextmanager
def database(found: Settings) -> Iterator[str]:
    """Yield the URL of the database that an installation uses, started where it is ours.

    Raises: PostgresError.
    """
    environment = {"REGULARS_DATABASE_URL": found.database_url or ""}
    with postgres.database(found.home / "postgres", environment=environment, on_progress=say) as url:
        yield url


class Installed:
    """An installation whose database runs: works may be given to it one after the other."""

    def __init__(self, found: Settings, url: str) -> None:
        self._found = found
        self._url = url

    def do(self, work: Callable[[Settings, Memory], Awaitable[Result]]) -> Result:
        """Do some work with the memory, and return what comes of it."""

        async def run() -> Result:
            await make_ready(self._found, self._url)
            async with memory(self._found, self._url) as opened:
                return await work(self._found, opened)

        return uvloop.run(run())


@contextmanager
def installed() -> Iterator[Installed]:
    """Yield this installation, for a command that asks its user something between two works."""
    found = settings.read()
    with database(found) as url:
        yield Installed(found, url)


def with_memory(work: Callable[[Settings, Memory], Awaitable[Result]]) -> Result:
    """Do some work with the memory of this installation, and return what comes of it.

    The schema of a database of our own is brought up to date first; of another one it has to be.
    """
    with installed() as here:
        return here.do(work)


@asynccontextmanager
async def memory(found: Settings, url: str, *, connections: int | None = None) -> AsyncIterator[Memory]:
    """Open the memory, and close it afterwards."""
    opened = open_memory(found, url, connections=connections)
    try:
        yield opened
    finally:
        await opened.close()


def open_memory(found: Settings, url: str, *, connections: int | None = None) -> Memory:
    """Return a memory for somebody who closes it."""
    return Memory(
        url,
        Keyring(found.secret),
        connections=connections or found.connections,
        one_bucket=found.one_bucket,
    )


async def make_ready(found: Settings, url: str) -> None:
    """Bring the schema up to date where the database is ours; else make sure that it is.

    Raises: Mistake, when steps are missing; DatabaseError.
    """
    if found.database_url is None:
        await migrate(url, on_progress=say)
        return
    missing = await pending(url)
    if missing:
        lacks = f"{counted(len(missing), 'migration')}, from {missing[0]} on"
        raise Mistake(f"the database lacks {lacks}; run `regulars migrate` first", NOT_READY)


async def programme_of(found: Settings, opened: Memory, named: str | None = None) -> str:
    """Return the programme that a command is about: the one that is named, or the only one there is.

    Raises: Mistake.
    """
    async with opened.pool.connection() as connection:
        known = [one.programme_id for one in await programmes.every(connection)]
    wanted = named or found.programme
    if not known:
        raise Mistake("there is no programme yet; apply one first, with `regulars apply programme.yaml`", NOT_READY)
    if wanted is None and len(known) > 1:
        raise Mistake(f"there are several programmes; say which one with --programme: {', '.join(known)}")
    if wanted is not None and wanted not in known:
        raise Mistake(f"there is no programme {wanted!r}; there is {', '.join(known)}")
    return wanted or known[0]
