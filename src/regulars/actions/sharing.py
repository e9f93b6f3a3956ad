"""What members share, as this process knows it: looked up now and then, and brought up to date by what it writes.

What is known may be too little, never too much, but for what other processes gave back within the last second: a
decision on too little runs into a constraint and is made again, and so nothing is sold twice.
"""

import asyncio
from collections.abc import Iterator, Mapping
from typing import Final

from regulars.db import shared
from regulars.db.connection import Connection
from regulars.db.pool import Pool

_FRESH_SECONDS: Final = 1.0


class Tally(Mapping[str, int]):
    """What is used of what members share, with what a batch takes itself; `asked` once anybody asks for any of it."""

    def __init__(self, known: Mapping[str, int], looks: int = 0) -> None:
        self.asked = False
        self.looks = looks
        self._known = known
        self._taken: dict[str, int] = {}

    def take(self, name: str, by: int) -> None:
        """Take note of what a decision claimed, for those that come after it."""
        self._taken[name] = self._taken.get(name, 0) + by

    def __getitem__(self, name: str) -> int:
        self.asked = True
        if name not in self._known and name not in self._taken:
            raise KeyError(name)
        return self._known.get(name, 0) + self._taken.get(name, 0)

    def __iter__(self) -> Iterator[str]:
        return iter({**self._known, **self._taken})

    def __len__(self) -> int:
        return len({**self._known, **self._taken})


class _Known:
    """What one programme's members have used."""

    def __init__(self) -> None:
        self.used: dict[str, int] = {}
        self.looked_at: float | None = None
        self.looks = 0


class Sharing:
    """How much of what members share is used, by programme.

    Only what is asked for is looked up: by the first decisions that ask, by those that ask a second later, and
    after a claim was refused. A programme that shares nothing costs nothing.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._programmes: dict[str, _Known] = {}

    def tally(self, programme_id: str) -> Tally:
        """Return what is known, for the decisions of one batch."""
        known = self._of(programme_id)
        return Tally(known.used, known.looks)

    def suffices(self, programme_id: str, tally: Tally) -> bool:
        """Return whether decisions on a tally stand: nothing was asked of it, or it was known well enough."""
        return not tally.asked or self._is_fresh(programme_id)

    async def look(self, programme_id: str) -> None:
        """Look how much is used, unless it has been looked up within the last second."""
        if not self._is_fresh(programme_id):
            async with self._pool.connection() as connection:
                await self.refresh(connection, programme_id)

    async def refresh(self, connection: Connection, programme_id: str) -> None:
        """Look how much is used."""
        used = await shared.used(connection, programme_id)
        known = self._of(programme_id)
        known.used, known.looked_at = used, _now()
        known.looks += 1

    def ask_again(self, programme_id: str) -> None:
        """Look the next time that somebody asks: what is known has turned out to be wrong."""
        self._of(programme_id).looked_at = None

    def written(self, programme_id: str, tally: Tally, claimed: Mapping[str, int]) -> None:
        """Take note of what was written, unless a look since the batch was decided may have seen it already."""
        known = self._of(programme_id)
        if known.looks == tally.looks:
            known.used = known.used | {name: known.used.get(name, 0) + by for name, by in claimed.items()}

    def _is_fresh(self, programme_id: str) -> bool:
        looked_at = self._of(programme_id).looked_at
        return looked_at is not None and _now() - looked_at < _FRESH_SECONDS

    def _of(self, programme_id: str) -> _Known:
        return self._programmes.setdefault(programme_id, _Known())


def _now() -> float:
    return asyncio.get_running_loop().time()
