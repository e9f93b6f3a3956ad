"""What every action needs: the database, the keys, and the programmes that run."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from typing import Final
from weakref import WeakValueDictionary

from msgspec import Struct

from regulars import programme
from regulars.actions.sharing import Sharing
from regulars.db import programmes
from regulars.db.pool import Pool, PoolSettings
from regulars.db.sealing import Keyring
from regulars.engine.running import Running

_FRESH_SECONDS: Final = 1.0


class NoProgramme(Exception):
    """No programme is in force: apply one first, with `regulars apply` or PUT /v1/programme."""


class _Version(Struct, frozen=True):
    starts_at: datetime
    running: Running


class Memory:
    """The database behind its pools, the keyring, and the running programmes.

    A version that another process applies is seen within a second.
    """

    def __init__(self, url: str, keyring: Keyring, *, connections: int = 8, one_bucket: bool = False) -> None:
        self.keyring = keyring
        self.one_bucket = one_bucket
        self.pool = Pool(url, PoolSettings(size=connections, one_bucket=one_bucket))
        self.sharing = Sharing(self.pool)
        self._versions: dict[str, tuple[_Version, ...]] = {}
        self._looked_at: dict[str, float] = {}
        self._queues: WeakValueDictionary[object, asyncio.Lock] = WeakValueDictionary()

    async def close(self) -> None:
        """Close every connection, once what runs on them is over."""
        await self.pool.close()

    async def running(self, programme_id: str, at: datetime) -> Running:
        """Return the version that is in force for what happened at an instant.

        Raises: NoProgramme, where there is none.
        """
        for version in await self._known(programme_id):
            if version.starts_at <= at:
                return version.running
        raise NoProgramme(NoProgramme.__doc__)

    async def version(self, programme_id: str, number: int) -> Running:
        """Return a version by its number.

        Raises: NoProgramme, where there is none such.
        """
        for known in await self._known(programme_id):
            if known.running.version == number:
                return known.running
        raise NoProgramme(f"the programme has no version {number}")

    def forget(self, programme_id: str) -> None:
        """Look for new versions of a programme the next time."""
        self._looked_at.pop(programme_id, None)

    @asynccontextmanager
    async def in_turn(self, names: Iterable[object]) -> AsyncIterator[None]:
        """Wait for one's turn with each of the named, so that decisions in this process do not collide.

        What is right does not depend on it: a stale decision is refused by the database. It only saves work.
        """
        async with AsyncExitStack() as stack:
            for name in sorted(set(names), key=str):
                lock = self._queues.get(name)
                if lock is None:
                    lock = self._queues[name] = asyncio.Lock()
                await stack.enter_async_context(lock)
            yield

    async def _known(self, programme_id: str) -> tuple[_Version, ...]:
        now = asyncio.get_running_loop().time()
        if now - self._looked_at.get(programme_id, -_FRESH_SECONDS) >= _FRESH_SECONDS:
            await self._look(programme_id)
            self._looked_at[programme_id] = now
        return self._versions.get(programme_id, ())

    async def _look(self, programme_id: str) -> None:
        known = {version.running.version: version for version in self._versions.get(programme_id, ())}
        async with self.pool.connection() as connection:
            history = await programmes.history(connection, programme_id)
        versions = [known.get(one.version) or _ready(one) for one in history]
        self._versions[programme_id] = tuple(
            sorted(versions, key=lambda version: (version.starts_at, version.running.version), reverse=True)
        )


def _ready(version: programmes.Version) -> _Version:
    document = programme.read(programme.Source(f"version {version.version}", version.document))
    return _Version(version.starts_at, programme.run(document, version.version))
