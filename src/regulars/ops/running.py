"""The long-running ways to run: the API, the worker, or both in one process."""

import asyncio
import logging
import socket
import sys
from collections.abc import Callable
from typing import Final

import structlog

from regulars.db.errors import DatabaseDownError, DatabaseError, OutcomeUnknownError
from regulars.db.migrate import migrate, pending
from regulars.ops import serving
from regulars.ops.installation import WORKER_CONNECTIONS, memory, open_memory
from regulars.ops.settings import Settings
from regulars.ops.stopping import stop_on_signal, wait
from regulars.ops.worker import Figures, Worker
from regulars.web import logs
from regulars.web.app import create_app
from regulars.web.clock import SystemClock

log: Final[structlog.typing.FilteringBoundLogger] = structlog.get_logger("regulars.ops")
_RETRY_SECONDS: Final = 2.0


def configure_logs(found: Settings, *, level: int = logging.INFO) -> None:
    """Send the log to standard output, in the form that the settings ask for."""
    readable = found.log_form == "text" or (found.log_form == "auto" and sys.stdout.isatty())
    logs.configure(level=level, readable=readable)


async def serve(found: Settings, url: str, bound: socket.socket) -> None:
    """Serve the API until the process is asked to end. The database may be away at the start."""
    with stop_on_signal() as stop:
        await asyncio.gather(_serve(found, url, bound, stop), _looked_after(found, url, stop))


async def work(found: Settings, url: str, figures: Figures) -> None:
    """Work until the process is asked to end. The database may be away at the start."""
    with stop_on_signal() as stop:
        await asyncio.gather(_work(found, url, stop, figures), _looked_after(found, url, stop))


async def up(found: Settings, url: str, bound: socket.socket, *, once_open: Callable[[], None] | None = None) -> None:
    """Bring the schema up to date, serve and work until the process is asked to end.

    `once_open` is called when the first call is let in.
    """
    figures = Figures()
    with stop_on_signal() as stop:

        async def migrated_and_working() -> None:
            if await _migrated(url, stop):
                await _work(found, url, stop, figures)

        async with asyncio.TaskGroup() as group:
            group.create_task(_serve(found, url, bound, stop, once_open, figures))
            group.create_task(migrated_and_working())


async def _serve(
    found: Settings,
    url: str,
    bound: socket.socket,
    stop: asyncio.Event,
    once_open: Callable[[], None] | None = None,
    figures: Figures | None = None,
) -> None:
    registry = figures.registry if figures is not None else None
    app = create_app(open_memory(found, url), found.web, figures=registry)  # which closes the memory when it stops
    log.info("server.started", address=serving.address(bound))
    await serving.serve(app, bound, stop=stop, once_open=once_open)
    log.info("server.stopped")
    stop.set()


async def _work(found: Settings, url: str, stop: asyncio.Event, figures: Figures) -> None:
    # A memory of its own, so that a long sweep cannot take the connections that calls wait for.
    async with memory(found, url, connections=WORKER_CONNECTIONS) as opened:
        await Worker(opened, SystemClock(), figures).run(stop)


async def _migrated(url: str, stop: asyncio.Event) -> bool:
    """Migrate, as soon as the database is there; false, when the process was asked to end before."""
    while not stop.is_set():
        try:
            await migrate(url, on_progress=lambda step: log.info("schema.migrating", step=step))
        except (DatabaseDownError, OutcomeUnknownError) as error:
            log.warning("database.away", error=str(error))
            await wait(stop, _RETRY_SECONDS)
        else:
            return True
    return False


async def _looked_after(found: Settings, url: str, stop: asyncio.Event) -> None:
    """Bring the schema up to date where the database is ours; of another one, say when it is behind."""
    if found.database_url is None:
        await _migrated(url, stop)
        return
    while not stop.is_set():
        try:
            missing = await pending(url)
        except DatabaseError as error:
            log.warning("database.away", error=str(error))
            await wait(stop, _RETRY_SECONDS)
        else:
            if missing:
                log.warning("schema.behind", missing=len(missing), do="run `regulars migrate`")
            return
