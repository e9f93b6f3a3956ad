"""The PostgreSQL that is measured: the product's own, as durable as in production, in a folder that goes away."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import psutil

from bench import world
from regulars.actions import keys, programmes
from regulars.actions.memory import Memory
from regulars.db.migrate import migrate
from regulars.db.sealing import Keyring
from regulars.ops.postgres import Server, embedded
from regulars.web.scopes import SCOPES

SECRET: Final = b"bench-bench-bench-bench-bench-32"
LONG_AGO: Final = datetime(2020, 1, 1, tzinfo=UTC)


@contextmanager
def server() -> Iterator[Server]:
    """Yield a server with the product's own settings, and remove it with its data."""
    home = Path(tempfile.mkdtemp(prefix="regulars-bench-"))
    try:
        with embedded(home / "postgres") as started:
            yield started
    finally:
        shutil.rmtree(home, ignore_errors=True)


def memory(url: str, *, connections: int = 8) -> Memory:
    """Return the memory of a measured database."""
    return Memory(url, Keyring(SECRET), connections=connections)


def prepared(server: Server, name: str, *, rules: int) -> str:
    """Make a database with the programme of so many rules in force, and return an API key that opens it."""
    server.create_database(name)
    return asyncio.run(_prepare(server.url(name), rules))


async def _prepare(url: str, rules: int) -> str:
    await migrate(url)
    opened = memory(url)
    async with opened.pool.transaction() as connection:
        await programmes.apply(opened, connection, world.document(rules), by="bench", starts_at=LONG_AGO, now=LONG_AGO)
    async with opened.pool.transaction() as connection:
        made = await keys.create(
            connection, world.PROGRAMME, name="bench", scopes=SCOPES, by="bench", now=datetime.now(UTC)
        )
    await opened.close()
    return made.secret


def cpu_seconds(server: Server) -> float:
    """Return the processor time of the server and of all its backends, those that ended too."""
    assert server.pid is not None, "the server runs"
    postmaster = psutil.Process(server.pid)
    own = postmaster.cpu_times()
    total = own.user + own.system + own.children_user + own.children_system
    for child in postmaster.children(recursive=True):
        try:
            times = child.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return float(total)
