"""How the embedded PostgreSQL comes up: prepare the data, start the programs, wait until they answer."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from regulars.ops import postgres_cluster as clusters
from regulars.ops import postgres_keeper as keeper
from regulars.ops import postgres_upgrade as upgrades
from regulars.ops.postgres_binaries import Binaries, WrongVersionError, find_old_binaries
from regulars.ops.postgres_process import PostgresError, RunAs, capture

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


def launch(plan: Launch, *, lock: int) -> bool:
    """Start the server on its data, made or upgraded first where needed; return whether it was upgraded.

    This does not wait until it answers. `lock` is a descriptor that holds `server.lock`; the server
    inherits it, so that the lock lasts as long as any of its processes.

    Raises:
        PostgresError: the data could not be made ready.
    """
    clusters.turn_log(plan.layout)
    crashed = _forget_dead_postmaster(plan)
    upgraded = _prepare(plan, lock=lock)
    plan.tell("recovering PostgreSQL after a crash" if crashed else "starting PostgreSQL")
    _start_keeper(plan.layout)
    plan.run_as.detach(_command(plan), log=plan.layout.log, lock=lock)
    return upgraded


def wait_until_ready(plan: Launch) -> None:
    """Return when the server that was launched accepts connections.

    Raises:
        StartFailedError: it ended instead; with its last words.
        StartTimedOutError: it takes longer than ten minutes.
    """

    def ready() -> bool:
        if answers(plan.layout.cluster):
            return True
        if keeper.is_locked(plan.layout.server_lock):
            return False
        raise StartFailedError(
            f"PostgreSQL did not start on {plan.layout.cluster}; its last words are:\n"
            f"{clusters.log_tail(plan.layout)}\nThe whole log is {plan.layout.log}."
        )

    wait(ready, "waiting for PostgreSQL to be ready", plan.tell)


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


def stop_leftover(layout: clusters.Layout) -> None:
    """Ask a server that an interrupted upgrade left behind to end; the caller holds `start.lock`."""
    for folder in (layout.cluster, layout.upgrading):
        lines = keeper.postmaster_file(folder)
        # Only pg_upgrade runs a server of ours on another port.
        if len(lines) > 3 and lines[3] != str(PORT) and _may_be_postmaster(int(lines[0]), folder):
            keeper.ask(int(lines[0]), signal.SIGINT)


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


def _forget_dead_postmaster(plan: Launch) -> bool:
    """Remove what a server that was killed left, if no process lives that it could be; return whether any was.

    PostgreSQL does so itself, unless another process of the same user has the number by now, or a dead one
    still has it because nobody asked for its end; in a container both are usual. The caller holds
    `server.lock`, so no server of ours is alive.
    """
    lines = keeper.postmaster_file(plan.layout.cluster)
    if lines and _may_be_postmaster(int(lines[0]) if lines[0].isdigit() else 0, plan.layout.cluster):
        return True  # one that somebody started by hand: PostgreSQL will say so
    place = clusters.socket_folder(plan.layout, plan.run_as) / f".s.PGSQL.{PORT}"
    for left in (plan.layout.cluster / "postmaster.pid", place, place.with_name(f"{place.name}.lock")):
        left.unlink(missing_ok=True)
    return bool(lines)


def _prepare(plan: Launch, *, lock: int) -> bool:
    upgrades.finish_interrupted(plan.layout)
    found = clusters.cluster_major(plan.layout)
    wanted = plan.binaries.major
    if found is None:
        plan.tell(f"creating a database with PostgreSQL {plan.binaries.version}")
        folder = plan.layout.creating
        clusters.create_cluster(plan.layout, plan.binaries, plan.run_as, folder=folder, lock=lock)
        clusters.settle_cluster(plan.layout, folder)
        return False
    if found > wanted:
        raise WrongVersionError(
            f"The data in {plan.layout.cluster} was made by PostgreSQL {found}; {plan.binaries.folder} holds "
            f"{wanted}, which cannot read it. Set REGULARS_POSTGRES_BIN to the programs of {found} or newer."
        )
    if found < wanted:
        old = find_old_binaries(found)
        upgrades.upgrade(plan.layout, plan.run_as, old=old, new=plan.binaries, lock=lock, tell=plan.tell)
    return found < wanted


def _start_keeper(layout: clusters.Layout) -> None:
    # Before the server, so that no moment is left in which our death would leave the server alone. It must
    # not inherit the lock, which would look like a server for ever. It detaches itself at once.
    locks = (layout.server_lock, layout.users_lock, layout.keeper_lock)
    subprocess.run(  # noqa: S603 our own list of words, no shell
        [sys.executable, "-I", "-S", keeper.__file__, layout.cluster, *locks],
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


def _may_be_postmaster(pid: int, cluster: Path) -> bool:
    if pid <= 0:
        return False
    if Path("/proc/self/cwd").exists():
        try:
            # A postmaster lives in its data folder.
            return Path(f"/proc/{pid}/cwd").readlink() == cluster.resolve()
        except FileNotFoundError:
            return False
        except PermissionError:
            return True  # somebody else's process: PostgreSQL's own check decides
    return "postgres" in capture(["ps", "-p", str(pid), "-o", "command="]).stdout
