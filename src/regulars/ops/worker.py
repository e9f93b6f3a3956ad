"""What has to happen without anybody asking: messages delivered, points that fell due settled, the old forgotten."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog
from msgspec import Struct
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from regulars.actions.deliver import deliver
from regulars.actions.forgetting import forget
from regulars.actions.memory import Memory
from regulars.actions.nightly import settle_all
from regulars.actions.sealing_audit import seal_audit
from regulars.actions.sweep import sweep
from regulars.db.errors import DatabaseError
from regulars.db.nightly import Settled
from regulars.ops.stopping import wait
from regulars.web.clock import Clock

log: Final[structlog.typing.FilteringBoundLogger] = structlog.get_logger("regulars.ops.worker")

KEYS_KEPT: Final = timedelta(days=90)
MESSAGES_KEPT: Final = timedelta(days=30)
# A round that finds this much to do is followed by the next at once, but not for ever: other rounds are due too.
_ROUNDS_MAX: Final = 100
_PAUSE_SECONDS_MAX: Final = 60.0
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)

Step = Callable[[datetime], Awaitable[int]]


class Job(Struct, frozen=True):
    """Something done again and again, `seconds` after it last found nothing to do; the step returns how much it did."""

    name: str
    seconds: float
    step: Step


class Figures:
    """What the worker counts for Prometheus."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._done = Counter(
            "regulars_worker_done", "Messages, members, entries that were dealt with.", ("job",), registry=self.registry
        )
        self._settled = Counter(
            "regulars_worker_settled",
            "Lots activated and expired, levels changed and warned of, where many members were settled at once.",
            ("what",),
            registry=self.registry,
        )
        self._failures = Counter(
            "regulars_worker_failures", "Rounds that failed.", ("job", "error"), registry=self.registry
        )
        self._seconds = Histogram("regulars_worker_seconds", "Seconds of a round.", ("job",), registry=self.registry)
        self._last = Gauge(
            "regulars_worker_last_success",
            "When a round last succeeded, in Unix time.",
            ("job",),
            registry=self.registry,
        )

    def succeeded(self, job: str, *, done: int, seconds: float, at: datetime) -> None:
        """Count a round that went well."""
        self._done.labels(job).inc(done)
        self._seconds.labels(job).observe(seconds)
        self._last.labels(job).set(at.timestamp())

    def settled(self, written: Settled) -> None:
        """Count what time did, by kind."""
        for what in ("activated", "expired", "changed", "warned"):
            self._settled.labels(what).inc(getattr(written, what))

    def failed(self, job: str, error: Exception) -> None:
        """Count a round that did not."""
        self._failures.labels(job, type(error).__name__).inc()


class Worker:
    """Does the jobs side by side until it is told to stop; what is under way is finished."""

    def __init__(self, memory: Memory, clock: Clock, figures: Figures | None = None) -> None:
        self._memory = memory
        self._clock = clock
        self._figures = figures or Figures()
        self._inactive_since = _LONG_AGO
        self.jobs: tuple[Job, ...] = (
            Job("deliver", 1.0, self._deliver),
            Job("sweep", 30.0, self._sweep),
            Job("seal-audit", 10.0, self._seal_audit),
            Job("forget", 3600.0, self._forget),
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set."""
        log.info("worker.started", jobs=[job.name for job in self.jobs])
        async with asyncio.TaskGroup() as group:
            for job in self.jobs:
                group.create_task(self._repeat(job, stop))
        log.info("worker.stopped")

    async def round(self, job: Job) -> int:
        """Do a job once, until it finds nothing more to do, and return how much was done."""
        done = 0
        for _ in range(_ROUNDS_MAX):
            found = await job.step(self._clock.now())
            done += found
            if not found:
                break
        return done

    async def _repeat(self, job: Job, stop: asyncio.Event) -> None:
        failures = 0
        while not stop.is_set():
            started = self._clock.elapsed()
            try:
                done = await self.round(job)
            except Exception as error:  # noqa: BLE001 - a worker that ends helps nobody: it says so, waits, tries again
                failures += 1
                self._figures.failed(job.name, error)
                _tell(job, error, failures)
            else:
                failures = 0
                seconds = self._clock.elapsed() - started
                self._figures.succeeded(job.name, done=done, seconds=seconds, at=self._clock.now())
                if done:
                    log.info("worker.done", job=job.name, done=done, seconds=round(seconds, 3))
            await wait(stop, _pause(failures) if failures else job.seconds)

    async def _deliver(self, now: datetime) -> int:
        delivered = await deliver(self._memory, now=now)
        if delivered.failed:
            log.warning("deliver.refused", messages=delivered.failed)
        return delivered.taken

    async def _sweep(self, now: datetime) -> int:
        together = await settle_all(self._memory, now=now)
        self._figures.settled(together)
        swept = await sweep(self._memory, now=now, inactive_since=self._inactive_since)
        if not swept.looked_at:
            self._inactive_since = now
        elif swept.settled < swept.looked_at:
            # Another worker was first, or they were merged meanwhile; who is still due is looked at again.
            log.info("sweep.passed-over", members=swept.looked_at - swept.settled)
        return together.members + swept.settled

    async def _seal_audit(self, now: datetime) -> int:
        return await seal_audit(self._memory, now=now)

    async def _forget(self, now: datetime) -> int:
        await forget(self._memory, keys_before=now - KEYS_KEPT, messages_before=now - MESSAGES_KEPT)
        return 0


def _tell(job: Job, error: Exception, failures: int) -> None:
    if isinstance(error, DatabaseError):
        # A database that comes back is nobody's mistake; the first line says enough until then.
        if failures == 1:
            log.warning("worker.waiting", job=job.name, error=type(error).__name__)
    else:
        log.error("worker.failed", job=job.name, exc_info=error)


def _pause(failures: int) -> float:
    longest: float = min(_PAUSE_SECONDS_MAX, 2.0 ** min(failures, 6))
    return random.uniform(longest / 2, longest)  # noqa: S311 - it only spreads the load
