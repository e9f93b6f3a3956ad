"""A small process that stops the embedded PostgreSQL once nobody uses it any more, however they ended.

Everybody who uses the server holds a shared lock on the file `users.lock`, and the server's processes hold
an exclusive one on `server.lock`. The kernel releases a lock when its last holder dies, even by `kill -9`,
so nothing here rests on process numbers or on anybody tidying up. This file is run by its path and imports
the standard library only, so that it starts in a moment and stays small.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import sys
import time
from pathlib import Path

POLL_SECONDS = 0.5
STOP_TIMEOUT_SECONDS = 60.0


def try_lock(path: Path, *, shared: bool = False) -> int | None:
    """Return a file descriptor that holds the lock until it is closed, or None when others hold it.

    Raises:
        FileNotFoundError: the file is gone, and with it the data; it is not made anew.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def is_locked(path: Path) -> bool:
    """Return whether somebody else holds the lock."""
    try:
        descriptor = try_lock(path)
    except FileNotFoundError:
        return False
    if descriptor is None:
        return True
    os.close(descriptor)
    return False


def postmaster_file(cluster: Path) -> list[str]:
    """Return the lines of `postmaster.pid`: pid, folder, start, port, socket folder, host, memory, status."""
    try:
        return [line.strip() for line in (cluster / "postmaster.pid").read_text().splitlines()]
    except FileNotFoundError:
        return []


def shut_down(cluster: Path, server_lock: Path, *, timeout_seconds: float = STOP_TIMEOUT_SECONDS) -> None:
    """Stop the server and wait until its last process is gone.

    A fast shutdown first, which ends the connections and writes a checkpoint. When that takes longer than
    the timeout, an immediate one: nothing acknowledged is lost, but the next start replays the log.
    """
    for request in (signal.SIGINT, signal.SIGQUIT):
        deadline = time.monotonic() + timeout_seconds
        asked = None
        while is_locked(server_lock) and time.monotonic() < deadline:
            lines = postmaster_file(cluster)
            # A server that is just starting writes its number late, hence the question in the loop.
            if lines and lines[0] != asked:
                asked = lines[0]
                ask(int(asked), request)
            time.sleep(0.02)


def keep(cluster: Path, server_lock: Path, users_lock: Path, keeper_lock: Path) -> None:
    """Wait until nobody uses the server, and stop it if it still runs; one keeper is enough for a folder."""
    mine = try_lock(keeper_lock)
    if mine is None:
        return
    while (last_user_gone := try_lock(users_lock)) is None:
        time.sleep(POLL_SECONDS)
    # Held while stopping: whoever starts meanwhile waits for the end of it.
    shut_down(cluster, server_lock)
    # In this order: whoever starts next has a user's lock first, and its keeper must not find this one.
    os.close(mine)
    os.close(last_user_gone)


def ask(pid: int, request: signal.Signals) -> None:
    """Send a signal to a process that may have ended already."""
    try:
        os.kill(pid, request)
    except ProcessLookupError:
        return


if __name__ == "__main__":
    if os.fork():
        os._exit(0)  # the starter waits for this, and init takes over the one that stays
    os.setsid()  # out of reach of the terminal's Ctrl-C
    with contextlib.suppress(FileNotFoundError):  # the folder was deleted, and the server with it
        keep(*(Path(argument) for argument in sys.argv[1:5]))
