"""The one place of the faces that reads a clock: once a request, so that a request has one now."""

from datetime import UTC, datetime
from time import perf_counter
from typing import Protocol


class Clock(Protocol):
    """What time it is, and how much of it has passed."""

    def now(self) -> datetime:
        """Return the instant, aware and in UTC."""
        ...

    def elapsed(self) -> float:
        """Return seconds since some fixed moment; only differences mean anything."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def elapsed(self) -> float:
        return perf_counter()
