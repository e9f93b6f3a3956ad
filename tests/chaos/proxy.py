"""A network that loses answers: some never arrive, some are cut in the middle, and the call was heard all the same."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


class Losses:
    """How many answers went through, were lost, or were cut."""

    def __init__(self, *, lost: float, cut: float, seed: int) -> None:
        self.passed = self.lost = self.cut = 0
        self._lost, self._cut = lost, cut
        self._chance = random.Random(seed)

    def fate(self, answer: bytes) -> bytes | None:
        """Return what of an answer arrives, None where the line is dead from here on."""
        roll = self._chance.random()
        if roll < self._lost:
            self.lost += 1
            return b""
        if roll < self._lost + self._cut:
            self.cut += 1
            return answer[: self._chance.randrange(1, len(answer))]
        self.passed += 1
        return None


@asynccontextmanager
async def losing(port: int, losses: Losses) -> AsyncIterator[int]:
    """Yield the port of a proxy before the server at `port`."""
    lines: set[asyncio.Task[None]] = set()

    def accept(near: asyncio.StreamReader, near_out: asyncio.StreamWriter) -> None:
        line = asyncio.create_task(_line(near, near_out, port, losses))
        lines.add(line)
        line.add_done_callback(lines.discard)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    async with server:
        yield int(server.sockets[0].getsockname()[1])
        server.close()
    for line in lines:
        line.cancel()
    await asyncio.gather(*lines, return_exceptions=True)


async def _line(near: asyncio.StreamReader, near_out: asyncio.StreamWriter, port: int, losses: Losses) -> None:
    try:
        far, far_out = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        near_out.close()
        return
    there = asyncio.create_task(_pass_on(near, far_out))
    try:
        await _answer(far, near_out, losses)
    finally:
        there.cancel()
        for side in (near_out, far_out):
            side.close()
        await asyncio.gather(there, return_exceptions=True)


async def _pass_on(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while chunk := await source.read(65536):
            target.write(chunk)
            await target.drain()


async def _answer(source: asyncio.StreamReader, target: asyncio.StreamWriter, losses: Losses) -> None:
    """Pass answers on until one is lost or cut; then the line is dead."""
    with suppress(OSError):
        while chunk := await source.read(65536):
            left = losses.fate(chunk)
            target.write(chunk if left is None else left)
            await target.drain()
            if left is not None:
                return
