"""The API on a port: bound before anything else begins, drained before it ends."""

import asyncio
import gc
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import uvicorn

from regulars.ops.mistakes import NOT_READY, Mistake

# A reverse proxy keeps its connections for 60 s by default; the one who listens must not hang up first.
_KEEP_ALIVE_SECONDS: Final = 75
_DRAIN_SECONDS: Final = 30
# A call makes some thousand things that are gone once it is answered. Looked for after every 700, as Python does
# by itself, garbage costs 5 to 9 of 100 microseconds of processor time, and nearly nothing is ever found.
_GARBAGE_AFTER: Final = 10_000


class _Server(uvicorn.Server):
    """A server that leaves the process's signals to whoever runs it, and says when it lets calls in."""

    once_open: Callable[[], None] | None = None

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        # What was loaded until now stays for good. Looking through it for garbage stops every call for 30 to
        # 90 ms, several times a minute under load.
        gc.collect()
        gc.freeze()
        gc.set_threshold(_GARBAGE_AFTER)
        if self.once_open is not None:
            self.once_open()


def bind(host: str, port: int) -> socket.socket:
    """Return a socket that has the address; nobody is let in yet.

    Raises: Mistake, when the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise _taken(host, port, error) from None
    return bound


def _taken(host: str, port: int, error: OSError) -> Mistake:
    reason = error.strerror or str(error)
    return Mistake(f"port {port} on {host} cannot be had: {reason}. Choose another with --port", NOT_READY)


def address(bound: socket.socket) -> str:
    """Return where a browser on this machine finds what is bound."""
    host, port = bound.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{shown}:{port}"


async def serve(
    app: Any, bound: socket.socket, *, stop: asyncio.Event, once_open: Callable[[], None] | None = None
) -> None:
    """Serve until `stop` is set, then let no more calls in, finish those under way, and close the application."""
    server = _Server(
        uvicorn.Config(
            app,
            http="httptools",
            lifespan="on",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=_DRAIN_SECONDS,
        )
    )
    server.once_open = once_open
    host, port = bound.getsockname()[:2]
    serving = asyncio.create_task(server.serve(sockets=[bound]))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait([serving, stopping], return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    server.should_exit = True
    try:
        await serving
    except OSError as error:
        # Somebody else bound it as well, and was the first to listen.
        raise _taken(host, port, error) from None
