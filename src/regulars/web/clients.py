"""Who calls: an API key, the one programme it belongs to, and what it may do."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final
from uuid import UUID

from regulars.db.keys import ApiKey
from regulars.db.sealing import secret_hash
from regulars.web.problems import Stopped

_REMEMBERED: Final = 10_000
_LONGEST: Final = 200

Find = Callable[[bytes], Awaitable[ApiKey | None]]


class Doorkeeper:
    """Knows the keys: asks memory, and remembers the answer for a few seconds, so that revoking works at once.

    Wrong keys are remembered too, so that repeating one does not reach the database every time. Only hashes
    are kept, never a key; a hash of 256 bits is found in an index or not, which tells nothing of its neighbours.
    """

    def __init__(self, find: Find, *, seconds: float) -> None:
        self._find = find
        self._seconds = seconds
        self._known: OrderedDict[bytes, tuple[float, ApiKey | None]] = OrderedDict()

    async def admit(self, authorization: str | None, *, now: datetime, elapsed: float) -> ApiKey:
        """Return who sent a header `Authorization: Bearer rk_<prefix>_<secret>`.

        Raises: Stopped, when nobody did, or nobody whom we know.
        """
        scheme, _, key = (authorization or "").partition(" ")
        key = key.strip()
        if scheme.lower() != "bearer" or not key:
            raise Stopped("credentials-missing")
        if len(key) > _LONGEST or not key.isascii() or not key.startswith("rk_"):
            raise Stopped("credentials-invalid")
        client = await self._client(secret_hash(key), elapsed)
        if client is None or not client.opens(now):
            raise Stopped("credentials-invalid")
        return client

    def forget(self, key_id: UUID) -> None:
        """Ask about a key again; other processes notice within the seconds of memory."""
        stale = [hash for hash, (_, client) in self._known.items() if client and client.key_id == key_id]
        for hash in stale:
            del self._known[hash]

    async def _client(self, hash: bytes, elapsed: float) -> ApiKey | None:
        known = self._known.get(hash)
        if known is not None:
            if known[0] > elapsed:
                return known[1]
            # One caller asks again; whoever calls meanwhile gets the answer of a moment ago.
            self._known[hash] = (elapsed + self._seconds, known[1])
        client = await self._find(hash)
        self._known.pop(hash, None)
        self._known[hash] = (elapsed + self._seconds, client)
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return client
