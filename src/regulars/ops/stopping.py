"""How a long-running command ends: at the first signal in good order, at the second at once."""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def stop_on_signal() -> Iterator[asyncio.Event]:
    """Yield an event that is set when the process is asked to end (SIGTERM, or SIGINT by Ctrl-C)."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()

    def asked(number: signal.Signals) -> None:
        if stop.is_set():
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
        stop.set()

    for number in _SIGNALS:
        loop.add_signal_handler(number, asked, number)
    try:
        yield stop
    finally:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)


async def wait(stop: asyncio.Event, seconds: float) -> None:
    """Wait so long, or until `stop` is set."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()
