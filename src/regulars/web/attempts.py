"""Who guesses codes is not answered for a while: so many wrong ones from one client, and then a pause."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from regulars.web.problems import Stopped

WITHIN: Final = timedelta(minutes=15)
_REMEMBERED: Final = 10_000


class Attempts:
    """The wrong codes of each client in the last quarter of an hour, in this process only."""

    def __init__(self, wrong_max: int) -> None:
        self._max = wrong_max
        self._wrong: dict[UUID, list[datetime]] = {}

    def may_try(self, client: UUID, now: datetime) -> None:
        """Let a client try a code.

        Raises: Stopped, while there were too many wrong ones.
        """
        recent = [at for at in self._wrong.get(client, ()) if now - at < WITHIN]
        if len(recent) >= self._max:
            wait = recent[-self._max] + WITHIN - now
            raise Stopped("too-many-codes", {"wait": max(1, int(wait.total_seconds()))})

    def failed(self, client: UUID, now: datetime) -> None:
        """Take note of a wrong code."""
        if client not in self._wrong and len(self._wrong) >= _REMEMBERED:
            del self._wrong[next(iter(self._wrong))]
        recent = [at for at in self._wrong.get(client, ()) if now - at < WITHIN]
        self._wrong[client] = [*recent, now][-self._max :]
