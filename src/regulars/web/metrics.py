"""What is counted for Prometheus: requests, batches, the database's connections, the outbox."""

from collections.abc import Callable
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_SIZES: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)


class Metrics:
    """The figures of one application; each has a registry of its own, so that tests may run several."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._shown = [self._registry]
        self._requests = Counter(
            "regulars_requests", "Requests answered.", ("method", "route", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "regulars_request_seconds",
            "Seconds until a request was answered.",
            ("method", "route"),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._batch = Histogram(
            "regulars_batch_events", "Events told in one batch call.", buckets=_SIZES, registry=self._registry
        )
        self._failures = Counter(
            "regulars_failures", "Errors of ours, answered with 500.", ("error",), registry=self._registry
        )
        self._outbox = Gauge(
            "regulars_outbox_lag_seconds", "Age of the oldest message that nobody took.", registry=self._registry
        )
        self._counts: dict[tuple[str, str, int], Counter] = {}
        self._timers: dict[tuple[str, str], Histogram] = {}

    def watch_connections(self, opened: Callable[[], float], lent: Callable[[], float]) -> None:
        """Read the number of open and of lent database connections whenever somebody asks."""
        connections = Gauge(
            "regulars_database_connections", "Connections to the database.", ("state",), registry=self._registry
        )
        connections.labels("open").set_function(opened)
        connections.labels("lent").set_function(lent)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request; `route` is the template, so that no id becomes a label."""
        count = self._counts.get((method, route, status))
        if count is None:
            count = self._counts[method, route, status] = self._requests.labels(method, route, str(status))
        timer = self._timers.get((method, route))
        if timer is None:
            timer = self._timers[method, route] = self._seconds.labels(method, route)
        count.inc()
        timer.observe(seconds)

    def failed(self, error: BaseException) -> None:
        """Count an error of ours by its class."""
        self._failures.labels(type(error).__name__).inc()

    def batch(self, events: int) -> None:
        """Count a batch of so many events."""
        self._batch.observe(events)

    def outbox_lag(self, seconds: float) -> None:
        """Note how old the oldest waiting message of the outbox is."""
        self._outbox.set(seconds)

    def show_too(self, figures: CollectorRegistry) -> None:
        """Show the figures of something else in this process as well; they have other names."""
        self._shown.append(figures)

    def text(self) -> bytes:
        """Return all figures in Prometheus' text format."""
        return b"".join(generate_latest(registry) for registry in self._shown)
