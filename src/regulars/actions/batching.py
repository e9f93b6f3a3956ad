"""Single events that arrive together are decided and committed together: one load, one write, one flush."""

import asyncio
from datetime import datetime
from typing import Final

from regulars.actions.deciding import Answered
from regulars.actions.ingest import ingest
from regulars.actions.memory import Memory
from regulars.actions.telling import Told
from regulars.engine.reasons import Refused

_BATCH_MAX: Final = 200
Waiting = tuple[Told, datetime, "asyncio.Future[Answered | Refused]"]


class Batcher:
    """Collects what arrives while earlier events are being written, and hands it on as one batch.

    Nothing waits for company: an event that finds a writer free goes alone. `writers` batches are under way
    at a time at the most.
    """

    def __init__(self, memory: Memory, programme_id: str, *, writers: int = 2) -> None:
        self._memory = memory
        self._programme_id = programme_id
        self._waiting: list[Waiting] = []
        self._free = writers
        self._running: set[asyncio.Task[None]] = set()

    async def submit(self, told: Told, *, now: datetime) -> Answered | Refused:
        """Have an event decided and remembered; see `ingest` for what is returned and raised.

        It is done even if the caller stops waiting.
        """
        done: asyncio.Future[Answered | Refused] = asyncio.get_running_loop().create_future()
        self._waiting.append((told, now, done))
        if self._free:
            self._start()
        return await asyncio.shield(done)

    async def drain(self) -> None:
        """Wait until everything that was submitted is done."""
        while self._running:
            await asyncio.wait(self._running)

    def _start(self) -> None:
        self._free -= 1
        task = asyncio.create_task(self._write())
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _write(self) -> None:
        # Whatever else the loop has ready is let in first: calls that arrived together travel together.
        await asyncio.sleep(0)
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:_BATCH_MAX], self._waiting[_BATCH_MAX:]
                await self._one(batch)
        finally:
            self._free += 1

    async def _one(self, batch: list[Waiting]) -> None:
        now = max(at for _, at, _ in batch)
        try:
            outcomes = await ingest(self._memory, self._programme_id, [told for told, _, _ in batch], now=now)
        except Exception as error:  # noqa: BLE001 - whoever submitted is told, and the writer goes on
            for _, _, done in batch:
                _tell(done, error)
        else:
            for (_, _, done), outcome in zip(batch, outcomes, strict=True):
                _tell(done, outcome)


def _tell(done: "asyncio.Future[Answered | Refused]", outcome: Answered | Refused | Exception) -> None:
    if done.done():
        return
    if isinstance(outcome, Exception):
        done.set_exception(outcome)
    else:
        done.set_result(outcome)
