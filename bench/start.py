"""How long it takes until the first call can be answered, from nothing and from data that are there."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Final

from bench.report import Report
from regulars.ops.postgres import embedded

COLD_GOAL: Final = 5.0
WARM_GOAL: Final = 1.0
_PATIENCE_SECONDS: Final = 60.0


def run(quick: bool) -> Report:
    """Start everything from nothing and again, in rounds."""
    rounds = 1 if quick else 5
    taken: dict[str, list[float]] = {}
    for _ in range(rounds):
        with _folder() as home:
            for which in ("cold", "warm"):
                taken.setdefault(f"embedded PostgreSQL, {which}", []).append(_postgres(Path(home)))
        with _folder() as home:
            for which in ("cold", "warm"):
                taken.setdefault(f"`regulars up` until it is ready, {which}", []).append(_up(Path(home)))
    return _report(taken)


def _folder() -> "tempfile.TemporaryDirectory[str]":
    return tempfile.TemporaryDirectory(prefix="regulars-bench-", ignore_cleanup_errors=True)


def _postgres(home: Path) -> float:
    """Return the seconds until the embedded server accepts connections; stop it again."""
    server = embedded(home / "postgres")
    started = time.perf_counter()
    server.start()
    seconds = time.perf_counter() - started
    server.stop()
    return seconds


def _up(home: Path) -> float:
    """Return the seconds until `regulars up` says that it is ready; stop it again."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "REGULARS_HOME": str(home), "PORT": str(port), "REGULARS_DATABASE_URL": ""}
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "regulars", "up"], env=environment, stdout=subprocess.DEVNULL)
    try:
        _until(lambda: _ready(port), started)
        return time.perf_counter() - started
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=_PATIENCE_SECONDS)


def _ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=1) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _until(done: Callable[[], bool], started: float) -> None:
    while not done():
        assert time.perf_counter() - started < _PATIENCE_SECONDS, "it did not start"
        time.sleep(0.005)


def _report(taken: dict[str, list[float]]) -> Report:
    report = Report(
        "start",
        "Starting",
        "From an empty folder (cold: a cluster and a schema are made) and from one that was in use (warm).",
    )
    rows = [(what, median(own), min(own), max(own)) for what, own in taken.items()]
    report.table("Seconds", ("what", "median", "fastest", "slowest"), rows)
    for which, goal in (("cold", COLD_GOAL), ("warm", WARM_GOAL)):
        found = median(taken[f"embedded PostgreSQL, {which}"])
        report.goal(f"embedded start, {which}", f"at most {goal:.0f} s", f"{found:.2f} s", found <= goal)
    return report
