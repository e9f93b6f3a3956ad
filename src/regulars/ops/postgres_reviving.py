"""A server that dies under us is started again, while those who use it answer that they will be back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Protocol

from regulars.ops.postgres_process import PostgresError
from regulars.ops.postgres_start import Progress

_LOOK_SECONDS: Final = 1.0


class Startable(Protocol):
    """What can be looked at and started, again and again."""

    def running(self) -> bool:
        """Return whether it runs."""
        ...

    def start(self) -> None:
        """Start it, or do nothing where it runs."""
        ...


@contextmanager
def kept_alive(server: Startable, tell: Progress) -> Iterator[None]:
    """Start the server again whenever it has died, until the context is left.

    Several processes may do so for one server: they start it one at a time, and who comes second joins.
    """
    over = threading.Event()
    watch = threading.Thread(target=_watch, args=(server, tell, over), name="postgres-watch", daemon=True)
    watch.start()
    try:
        yield
    finally:
        over.set()
        watch.join()


def _watch(server: Startable, tell: Progress, over: threading.Event) -> None:
    while not over.wait(_LOOK_SECONDS):
        if server.running():
            continue
        tell("PostgreSQL has died; starting it again")
        try:
            server.start()
        except PostgresError as error:
            tell(f"PostgreSQL does not start again yet: {error}")
