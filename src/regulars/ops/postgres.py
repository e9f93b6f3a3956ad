"""The PostgreSQL that Regulars brings along: created, started, shared, recovered and stopped by itself."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Self
from urllib.parse import quote, urlencode

from regulars.ops import postgres_cluster as clusters
from regulars.ops import postgres_keeper as keeper
from regulars.ops.postgres_binaries import find_binaries
from regulars.ops.postgres_process import PostgresError, capture, run_as
from regulars.ops.postgres_reviving import kept_alive
from regulars.ops.postgres_settings import LOSSY_SQL, refuse_found, refuse_lossy, server_settings
from regulars.ops.postgres_start import (
    PORT,
    Launch,
    Progress,
    answers,
    launch,
    stop_leftover,
    wait,
    wait_until_ready,
)

# What a server says that accepts connections, but does not let anybody in yet.
_RECOVERING: Final = "FATAL:  the database system is"


class QueryFailedError(PostgresError):
    """The server refused a statement of its supervisor."""


def embedded(
    data_dir: Path,
    *,
    binaries: Path | None = None,
    settings: Mapping[str, str] | None = None,
    on_progress: Progress | None = None,
    allow_data_loss: bool = False,
) -> Server:
    """Return the server whose data is in a folder, not yet started.

    `settings` are PostgreSQL's, over ours; they count for whoever starts the server, not for whoever joins.
    `allow_data_loss` is for tests only: it accepts settings under which acknowledged work can vanish.

    Raises:
        PostgresError: no usable programs, or settings that would lose data.
    """
    if not allow_data_loss:
        refuse_lossy(settings or {})
    home = data_dir.resolve()
    plan = Launch(
        layout=clusters.Layout(home=home),
        binaries=find_binaries(binaries),
        run_as=run_as(home),
        settings=server_settings(settings or {}),
        tell=on_progress or (lambda _: None),
    )
    return Server(plan, allow_data_loss=allow_data_loss)


@contextmanager
def database(
    data_dir: Path,
    name: str = "regulars",
    *,
    environment: Mapping[str, str] = os.environ,
    on_progress: Progress | None = None,
) -> Iterator[str]:
    """Yield the URL of the database to use: REGULARS_DATABASE_URL, or a database in the embedded server.

    The embedded server is started again should it die meanwhile.

    Raises:
        PostgresError: the embedded server cannot be had.
    """
    given = environment.get("REGULARS_DATABASE_URL")
    if given:
        yield given
        return
    with embedded(data_dir, on_progress=on_progress) as server:
        server.create_database(name, exist_ok=True)
        with kept_alive(server, on_progress or (lambda _: None)):
            yield server.url(name)


class Server:
    """One PostgreSQL on one data folder; any number of processes use it, and the last one out stops it."""

    def __init__(self, plan: Launch, *, allow_data_loss: bool) -> None:
        """Come from `embedded`, which checks what it is given."""
        self._plan = plan
        self._layout = plan.layout
        self._allow_data_loss = allow_data_loss
        self._use: int | None = None

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        """Stop using it."""
        self.stop()

    @property
    def data_dir(self) -> Path:
        """Return the folder with everything that must be kept: data, password, log."""
        return self._layout.home

    @property
    def version(self) -> str:
        """Return the version of the programs, such as `18.6`."""
        return self._plan.binaries.version

    @property
    def pid(self) -> int | None:
        """Return the process that runs the server, or None when none accepts connections."""
        lines = keeper.postmaster_file(self._layout.cluster) if self.running() else []
        return int(lines[0]) if lines else None

    def url(self, database: str) -> str:
        """Return the address of a database for asyncpg and for libpq; it holds the password."""
        password = quote(clusters.password_of(self._layout), safe="")
        where = urlencode({"host": str(self._socket_folder()), "port": PORT})
        return f"postgresql://{clusters.SUPERUSER}:{password}@/{quote(database, safe='')}?{where}"

    def running(self) -> bool:
        """Return whether the server accepts connections."""
        return answers(self._layout.cluster)

    def start(self) -> None:
        """Start the server, or join it when it runs already, and return when it accepts connections.

        Calling it again is harmless, and starts a server that has died. A crash is recovered from: the
        wait is as long as replaying the log takes, up to ten minutes.

        Raises:
            PostgresError: with what stands in the way and what to do.
        """
        clusters.prepare_home(self._layout, self._plan.run_as)
        starting = self._locked(self._layout.start_lock, "waiting for another start of PostgreSQL")
        try:
            if self._use is None:
                what = "waiting for PostgreSQL to stop before it starts again"
                self._use = self._locked(self._layout.users_lock, what, shared=True)
            wait(self._up, "waiting for what is left of the last PostgreSQL to end", self._plan.tell)
        except BaseException:
            self.stop()
            raise
        finally:
            os.close(starting)

    def stop(self) -> bool:
        """Stop using the server; the last one to do so shuts it down and waits. Return whether it is down."""
        if self._use is None:
            return not self.running()
        os.close(self._use)
        self._use = None
        last = keeper.try_lock(self._layout.users_lock)
        if last is None:
            joined = keeper.try_lock(self._layout.users_lock, shared=True)
            if joined is not None:
                os.close(joined)
                return False  # others use it; if they leave at this very moment, the keeper stops it
            last = self._locked(self._layout.users_lock, "waiting for PostgreSQL to stop")
        keeper.shut_down(self._layout.cluster, self._layout.server_lock)
        os.close(last)
        return True

    def create_database(self, name: str, *, template: str = "template1", exist_ok: bool = False) -> None:
        """Create a database, as a copy of another one that nobody is connected to.

        Raises:
            QueryFailedError: it exists and that is not ok, or the template is in use.
        """
        if exist_ok and self.query("SELECT 1 FROM pg_database WHERE datname = :'name'", name=name):
            return
        self.query('CREATE DATABASE :"name" TEMPLATE :"template"', name=name, template=template)

    def drop_database(self, name: str) -> None:
        """Drop a database if it exists, ending its connections.

        Raises:
            QueryFailedError: the server refused.
        """
        self.query('DROP DATABASE IF EXISTS :"name" WITH (FORCE)', name=name)

    def query(self, sql: str, **variables: str) -> list[str]:
        """Run one statement as superuser in the database `postgres` and return its rows as text.

        Values go in as psql variables, which quote themselves: `:'value'`, `:"name"`.

        Raises:
            QueryFailedError: the server refused it or is not there.
        """
        options = [f"--set={name}={value}" for name, value in variables.items()]
        return self._client("psql", "-XAtq", "--set=ON_ERROR_STOP=1", "--dbname=postgres", *options, text=sql)

    def _up(self) -> bool:
        lock = keeper.try_lock(self._layout.server_lock)
        if lock is not None:
            self._launch(lock)
        elif not self.running():
            stop_leftover(self._layout)
            return False
        try:
            lossy = self.query(LOSSY_SQL)
        except QueryFailedError as error:
            # It was killed this very moment, or one of its processes was and it recovers: look again.
            if self.running() and _RECOVERING not in str(error):
                raise
            return False
        refuse_found([] if self._allow_data_loss else lossy)
        return True

    def _launch(self, lock: int) -> None:
        try:
            upgraded = launch(self._plan, lock=lock)
        finally:
            os.close(lock)  # the server has inherited it and holds it from now on
        wait_until_ready(self._plan)
        if upgraded:
            self._analyse()

    def _analyse(self) -> None:
        # Without statistics, which some upgrades leave behind, the first plans of large tables are bad.
        self._plan.tell("gathering statistics of the upgraded tables")
        self._client("vacuumdb", "--all", "--analyze-only", "--quiet")

    def _client(self, tool: str, *options: str, text: str = "") -> list[str]:
        server = [f"--host={self._socket_folder()}", f"--port={PORT}", f"--username={clusters.SUPERUSER}"]
        # The password goes by the environment: other users can read a command line.
        password = {"PGPASSWORD": clusters.password_of(self._layout)}
        result = capture([self._plan.binaries.tool(tool), *server, *options], text=text, environment=password)
        if result.returncode != 0:
            raise QueryFailedError(f"{tool}: {result.stderr.strip()}. The server's log is {self._layout.log}.")
        return result.stdout.splitlines()

    def _locked(self, path: Path, what: str, *, shared: bool = False) -> int:
        held: list[int] = []

        def taken() -> bool:
            lock = keeper.try_lock(path, shared=shared)
            held.extend([] if lock is None else [lock])
            return lock is not None

        wait(taken, what, self._plan.tell)
        return held[0]

    def _socket_folder(self) -> Path:
        lines = keeper.postmaster_file(self._layout.cluster)
        return Path(lines[4]) if len(lines) > 4 else clusters.socket_folder(self._layout, self._plan.run_as)
