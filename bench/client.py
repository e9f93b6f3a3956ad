"""A process that calls the API over many connections: each as soon as it is answered, or at times of their own.

With a rate the calls arrive by a Poisson process whether or not earlier ones are answered, and what one waits for
a free connection counts: the latency is that of a customer, not that of a polite client.
"""

import asyncio
import random
import time
from collections import deque
from collections.abc import Iterator
from typing import Any, cast

import uvloop

from bench.calls import Purchases, Redemptions, by_card, by_id
from bench.helpers import Answer, listen, say

_END = b"\r\n\r\n"


class Connection(asyncio.Protocol):
    """One connection: sends a call, waits for the whole answer, and tells its run."""

    def __init__(self, run: "Run") -> None:
        self._run = run
        self._received = b""
        self._due = 0.0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def send(self, call: bytes, due: float) -> None:
        """Send a call that was due at a moment of the clock."""
        assert self._transport is not None, "the connection is made before the run begins"
        self._due = due
        self._transport.write(call)

    def data_received(self, data: bytes) -> None:
        self._received = self._received + data if self._received else data
        end = self._received.find(_END)
        if end < 0:
            return
        head = self._received[:end].lower()
        length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
        if len(self._received) >= end + len(_END) + length:
            answer, self._received = self._received, b""
            good = answer.startswith(b"HTTP/1.1 200") and (not self._run.batch or b'"refused":0' in answer)
            self._run.answered(self, self._due, good=good)

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()


class Run:
    """One measurement over some connections."""

    def __init__(self, calls: Iterator[bytes], *, batch: int) -> None:
        self.batch = batch
        self.latencies: list[float] = []
        self.bad = 0
        self._calls = calls
        self._until = 0.0
        self._connections: list[Connection] = []
        self._free: list[Connection] = []
        self._waiting: deque[float] = deque()
        self._open = False
        self._over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def connect(self, port: int, connections: int) -> None:
        """Open the connections."""
        loop = asyncio.get_running_loop()
        for _ in range(connections):
            _, made = await loop.create_connection(lambda: Connection(self), "127.0.0.1", port)
            self._connections.append(made)

    async def counted(self, calls: int) -> None:
        """Make so many calls, as many at a time as there are connections."""
        self._open, self._until = True, time.perf_counter()
        self._free = list(self._connections)
        self._waiting.extend([self._until] * calls)
        self._next()
        await self._over

    async def closed(self, seconds: float) -> None:
        """Call on every connection, again as soon as it is answered, for so long."""
        self._until = time.perf_counter() + seconds
        for connection in self._connections:
            connection.send(next(self._calls), time.perf_counter())
        await self._over

    async def open(self, seconds: float, rate: float) -> None:
        """Let calls arrive at a rate a second, whatever becomes of the ones before."""
        self._open = True
        self._free = list(self._connections)
        draw = random.Random(rate)
        due = time.perf_counter()
        self._until = due + seconds
        while due < self._until:
            due += draw.expovariate(rate)
            wait = due - time.perf_counter()
            if wait > 0:
                await asyncio.sleep(wait)
            self._waiting.append(due)
            self._next()
        if len(self._free) < len(self._connections):
            await self._over

    def answered(self, connection: Connection, due: float, *, good: bool) -> None:
        """Take down an answer, and use the connection again."""
        now = time.perf_counter()
        self.latencies.append(now - due)
        self.bad += not good
        if not self._open and now < self._until:
            connection.send(next(self._calls), now)
            return
        self._free.append(connection)
        self._next()
        if now >= self._until and len(self._free) == len(self._connections) and not self._over.done():
            self._over.set_result(None)

    def close(self) -> None:
        """Hang up."""
        for connection in self._connections:
            connection.close()

    def _next(self) -> None:
        while self._waiting and self._free:
            self._free.pop().send(next(self._calls), self._waiting.popleft())


async def main() -> None:
    """Run whatever the leader asks for."""
    orders = listen()
    task = next(orders)
    say({"ready": True})
    name = by_card if task["cards"] else by_id
    members = [name(number) for number in range(*task["members"])]
    reward = task.get("reward")
    supply = Purchases(task["run"], members) if reward is None else Redemptions(task["run"], members, reward)
    while (order := await asyncio.to_thread(next, orders, None)) is not None:
        say(await _one(task, order, supply))


async def _one(task: Answer, order: Answer, supply: Purchases | Redemptions) -> Answer:
    batch = order.get("batch", 0)
    run = Run(supply.calls(task["secret"], batch=batch), batch=batch)
    await run.connect(order["port"], order["connections"])
    started, cpu = time.perf_counter(), time.process_time()
    if "calls" in order:
        await run.counted(order["calls"])
    elif "rate" in order:
        await run.open(order["seconds"], order["rate"])
    else:
        await run.closed(order["seconds"])
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    run.close()
    return _figures(run, seconds, cpu, batch or 1)


def _figures(run: Run, seconds: float, cpu: float, each: int) -> dict[str, Any]:
    latencies = sorted(run.latencies)
    count = len(latencies) * each
    return {
        "count": count,
        "seconds": seconds,
        "cpu": cpu,
        "bad": run.bad,
        "p50": latencies[len(latencies) // 2],
        "p99": latencies[min(len(latencies) - 1, len(latencies) * 99 // 100)],
    }


if __name__ == "__main__":
    uvloop.run(main())
