"""What an installation may choose about its API."""

from typing import Annotated

from msgspec import Meta, Struct

Positive = Annotated[float, Meta(gt=0)]


class WebSettings(Struct, frozen=True, kw_only=True):
    """Rates are per API key and per process. Bodies are in bytes, times in seconds.

    A revoked key is refused after at most `key_cache_seconds`. Batches may be as large as `batch_bytes_max`,
    every other body as `body_bytes_max`. `retry_after_seconds` is what a client is told while memory is away,
    and `slow_seconds` the duration from which a request is worth a line in the log. After `wrong_codes_max` wrong
    codes of vouchers within a quarter of an hour, a key waits.
    """

    requests_per_second: Positive = 2_000.0
    burst: Annotated[int, Meta(ge=1)] = 4_000
    key_cache_seconds: Positive = 2.0
    body_bytes_max: Annotated[int, Meta(ge=1024)] = 1 << 20
    batch_bytes_max: Annotated[int, Meta(ge=1024)] = 32 << 20
    retry_after_seconds: Annotated[int, Meta(ge=1)] = 2
    slow_seconds: Positive = 1.0
    wrong_codes_max: Annotated[int, Meta(ge=1)] = 20
