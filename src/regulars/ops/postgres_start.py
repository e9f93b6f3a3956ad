"""How the embedded PostgreSQL comes up: prepare the data, start the programs, wait until they answer."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from regulars.ops import postgres_cluster as clusters
from regulars.ops import postgres_keeper as keeper
from regulars.ops.postgres_binaries import Binaries, PostgresError, RunAs, WrongVersionError

Progress = Callable[[str], None]

PORT = 5432  # names the socket's file only: nothing listens on the network
START_TIMEOUT_SECONDS = 600.0
POLL_SECONDS = 0.02
_TELL_SECONDS = 2.0


class StartFailedError(PostgresError):
    """PostgreSQL ended instead of starting."""


class StartTimedOutError(PostgresError):
    """PostgreSQL did not become ready in time."""


class Launch(msgspec.Struct, frozen=True):
    """Everything that a start needs to know."""

    layout: clusters.Layout
    binaries: Binaries
    run_as: RunAs
    settings: Mapping[str, str]
    tell: Progress


def launch(plan: Launch, *, lock: int) -> subprocess.Popen[bytes]:
    """Start the server on its data, made or upgraded first where needed, and return when it answers.

    `lock` is a descriptor that holds `server.lock`; the server inherits it, so that the lock lasts as long
    as any of its processes.

    Raises:
        PostgresError: with the server's last words.
    """
    crashed = clusters.forget_dead_postmaster(plan.layout.cluster)
    _prepare(plan, lock=lock)
    plan.tell("recovering PostgreSQL after a crash" if crashed else "starting PostgreSQL")
    _start_keeper(plan.layout)
    process = plan.run_as.popen(_command(plan), pass_fds=[lock], log=plan.layout.log)
    _wait_until_ready(plan, process)
    return process


def answers(cluster: Path) -> bool:
    """Return whether a server of this cluster, at its usual place, accepts connections."""
    lines = keeper.postmaster_file(cluster)
    if len(lines) < 8 or lines[7] != "ready" or lines[3] != str(PORT):
        return False
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(Path(lines[4]) / f".s.PGSQL.{PORT}"))
        except OSError:
            return False  # the file outlives a killed server; its socket answers nobody
    return True


def wait(ready: Callable[[], bool], what: str, tell: Progress) -> None:
    """Return once `ready` says so, telling every other second what is waited for.

    Raises:
        StartTimedOutError: after ten minutes.
    """
    begun = time.monotonic()
    told = begun
    while not ready():
        now = time.monotonic()
        if now - begun > START_TIMEOUT_SECONDS:
            raise StartTimedOutError(
                f"Gave up {what} after {START_TIMEOUT_SECONDS:.0f} s. Look at its log and at its processes, "
                "and start again: the data is safe."
            )
        if now - told > _TELL_SECONDS:
            tell(f"{what} ({now - begun:.0f} s)")
            told = now
        time.sleep(POLL_SECONDS)


def _prepare(plan: Launch, *, lock: int) -> None:
    found = clusters.cluster_major(plan.layout)
    wanted = plan.binaries.major
    if found is None:
        plan.tell(f"creating a database with PostgreSQL {plan.binaries.version}")
        folder = plan.layout.creating
        clusters.create_cluster(plan.layout, plan.binaries, plan.run_as, folder=folder, lock=lock)
        clusters.settle_cluster(plan.layout, folder)
    elif found > wanted:
        raise WrongVersionError(
            f"The data in {plan.layout.cluster} was made by PostgreSQL {found}; {plan.binaries.folder} holds "
            f"{wanted}, which cannot read it. Set REGULARS_POSTGRES_BIN to the programs of {found} or newer."
        )


def _start_keeper(layout: clusters.Layout) -> None:
    # Before the server, so that no moment is left in which our death would leave the server alone. It must
    # not inherit the lock, which would look like a server for ever. It detaches itself at once.
    subprocess.run(  # noqa: S603 our own list of words, no shell
        [sys.executable, "-I", "-S", keeper.__file__, layout.cluster, layout.users_lock, layout.server_lock],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=layout.home,
        check=True,
    )


def _command(plan: Launch) -> list[str]:
    folder = clusters.socket_folder(plan.layout, plan.run_as)
    settings = {**plan.settings, "unix_socket_directories": str(folder), "port": str(PORT)}
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    return [plan.binaries.tool("postgres"), "-D", str(plan.layout.cluster), *options]


def _wait_until_ready(plan: Launch, process: subprocess.Popen[bytes]) -> None:
    def ready() -> bool:
        if process.poll() is not None:
            raise StartFailedError(
                f"PostgreSQL did not start on {plan.layout.cluster}; its last words are:\n"
                f"{clusters.log_tail(plan.layout)}\nThe whole log is {plan.layout.log}."
            )
        return answers(plan.layout.cluster)

    wait(ready, "waiting for PostgreSQL to be ready", plan.tell)
