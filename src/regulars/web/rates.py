"""How fast one API key may call: a bucket of tokens that fills again at a steady rate."""

from math import ceil, floor
from typing import Final
from uuid import UUID

from msgspec import Struct

_REMEMBERED: Final = 10_000


class Allowance(Struct, frozen=True):
    """What is left after a call: whole requests, and the seconds until one more is allowed (0: at once)."""

    allowed: bool
    remaining: int
    wait_seconds: int


class _Bucket(Struct):
    tokens: float
    at: float


class Rates:
    """One bucket for each key, in this process only.

    Source: the token bucket of RFC 2697, with one colour.
    """

    def __init__(self, *, per_second: float, burst: int) -> None:
        self._per_second = per_second
        self._burst = burst
        self._buckets: dict[UUID, _Bucket] = {}
        self.policy = f'"key";q={burst};w={ceil(burst / per_second)}'.encode()

    def spend(self, key: UUID, *, elapsed: float) -> Allowance:
        """Take one request out of the key's bucket, at a moment of a clock that only goes forward.

        A request that came before another may get here after it: its time is over, and nothing is taken back.
        """
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._new(key, elapsed)
        since = max(0.0, elapsed - bucket.at)
        tokens = min(float(self._burst), bucket.tokens + since * self._per_second)
        bucket.at = max(bucket.at, elapsed)
        if tokens < 1:
            bucket.tokens = tokens
            return Allowance(False, 0, max(1, ceil((1 - tokens) / self._per_second)))
        bucket.tokens = tokens - 1
        return Allowance(True, floor(bucket.tokens), 0)

    def _new(self, key: UUID, elapsed: float) -> _Bucket:
        if len(self._buckets) >= _REMEMBERED:
            # The one that was made first: a full bucket in its place is at worst one burst too generous.
            del self._buckets[next(iter(self._buckets))]
        bucket = self._buckets[key] = _Bucket(float(self._burst), elapsed)
        return bucket
