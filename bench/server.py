"""A process that serves the API as `regulars serve` does, without a limit on the rate of calls.

With `straight` every single event goes to the database by itself, past the micro-batcher.
"""

import asyncio
import logging
import time
from datetime import datetime
from typing import Any

import psutil
import uvloop

from bench import database
from bench.helpers import listen, say
from regulars.actions.batching import Batcher
from regulars.actions.deciding import Answered
from regulars.actions.ingest import ingest
from regulars.actions.telling import Told
from regulars.engine.reasons import Refused
from regulars.ops import serving
from regulars.web import desk, logs
from regulars.web.app import create_app
from regulars.web.settings import WebSettings


class Straight(Batcher):
    """Collects nothing: what arrives is written at once, as many at a time as there are connections."""

    async def submit(self, told: Told, *, now: datetime) -> Answered | Refused:
        """Have one event decided and remembered."""
        [outcome] = await ingest(self._memory, self._programme_id, [told], now=now)
        return outcome


async def main() -> None:
    """Serve until the leader has nothing more to say; tell it the processor time and the memory when it asks."""
    logs.configure(level=logging.ERROR, readable=False)
    orders = listen()
    task = next(orders)
    if task.get("straight"):
        setattr(desk, "Batcher", Straight)  # noqa: B010 - the product has no such switch
    opened = database.memory(task["url"])
    app = create_app(opened, WebSettings(requests_per_second=1e9, burst=10**9, key_cache_seconds=3600))
    stop = asyncio.Event()
    with serving.bind("127.0.0.1", 0) as bound:
        port = bound.getsockname()[1]
        serve = asyncio.create_task(serving.serve(app, bound, stop=stop, once_open=lambda: say({"port": port})))
        await _answer_until_the_end(orders)
        stop.set()
        await serve


async def _answer_until_the_end(orders: Any) -> None:
    while await asyncio.to_thread(next, orders, None) is not None:
        say({"cpu": time.process_time(), "bytes": psutil.Process().memory_info().rss})


if __name__ == "__main__":
    uvloop.run(main())
