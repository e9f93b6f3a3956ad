"""How much memory the server and the worker hold after a hundred thousand events."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Final

import psutil

from bench import database, http
from bench.helpers import Answer, helpers
from bench.report import Report
from regulars.db import outbox

EVENTS: Final = 100_000
MEMBERS: Final = 10_000
BATCH: Final = 1000
_PATIENCE_SECONDS: Final = 60
STEPS: Final = 4
_MEBIBYTE: Final = 2**20


def run(quick: bool) -> Report:
    """Tell a server a hundred thousand events while a worker works, and look at both on the way."""
    events, members = (400, 50) if quick else (EVENTS, MEMBERS)
    batch = min(BATCH, events // STEPS)
    with ExitStack() as stack:
        server = stack.enter_context(database.server())
        secret = database.prepared(server, "template", rules=http.RULES)
        url = server.url("template")
        [api] = stack.enter_context(helpers("bench.server", [{"url": url}]))
        task: Answer = {"run": "footprint", "secret": secret, "cards": True, "members": (0, members, 1)}
        [client] = stack.enter_context(helpers("bench.client", [task]))
        worker = stack.enter_context(_worker(url))
        seen = [(0, _mebibytes(api.pid), _mebibytes(worker))]
        for step in range(1, STEPS + 1):
            calls = events // batch // STEPS
            client.tell({"port": api.said["port"], "connections": 2, "batch": batch, "calls": calls})
            assert not client.answer()["bad"], "every purchase is welcome"
            seen.append((step * calls * batch, _mebibytes(api.pid), _mebibytes(worker)))
        left = _messages_left(url)
        seen.append((seen[-1][0], _mebibytes(api.pid), _mebibytes(worker)))
    return _report(seen, left)


@contextmanager
def _worker(url: str) -> Iterator[int]:
    """Run `regulars work` on the database, and yield its process."""
    environment = {**os.environ, "REGULARS_DATABASE_URL": url, "REGULARS_SECRET": database.SECRET.decode()}
    process = subprocess.Popen([sys.executable, "-m", "regulars", "work"], env=environment, stdout=subprocess.DEVNULL)
    try:
        time.sleep(2)  # it says nothing when it is ready; by then its modules are loaded
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


def _mebibytes(pid: int) -> float:
    return float(psutil.Process(pid).memory_info().rss / _MEBIBYTE)


def _messages_left(url: str) -> int:
    """Return how many messages the worker has not delivered yet, once it had some time for it."""
    until = time.monotonic() + _PATIENCE_SECONDS
    while (left := asyncio.run(_waiting(url))) and time.monotonic() < until:
        time.sleep(1)
    return left


async def _waiting(url: str) -> int:
    memory = database.memory(url, connections=1)
    async with memory.pool.connection() as connection:
        found = await outbox.waiting(connection)
    await memory.close()
    return found.messages


def _report(seen: list[tuple[int, float, float]], left: int) -> Report:
    report = Report(
        "footprint",
        "Memory of server and worker",
        f"Batches of {BATCH:,} purchases on two connections to one server, a worker delivering messages beside it. "
        "Resident memory in MiB; the last row is after the worker had time to catch up.",
    )
    report.table("Resident memory", ("events so far", "server", "worker"), seen)
    report.text(f"Messages that were not delivered at the end: {left}.")
    return report
