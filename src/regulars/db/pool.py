"""A few connections, kept open and handed out in turn; a doubtful one is never handed out again."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final, Literal, TypeVar

import asyncpg
from msgspec import Struct
from msgspec.structs import replace

from regulars.db.connection import Connection
from regulars.db.errors import DatabaseDownError, OutcomeUnknownError, TransientError
from regulars.db.queries import Query

Role = Literal["regulars_app", "regulars_reader"]
Result = TypeVar("Result")

# A server that starts, ends, is full, or was cut off in the middle of a word: it may be there soon.
_AWAY: Final = (asyncpg.CannotConnectNowError, asyncpg.TooManyConnectionsError, asyncpg.InternalClientError)
_PING: Final = Query("ping", "Answer.", "SELECT 1")
_ATTEMPTS_MAX: Final = 5
_PAUSE_SECONDS_MIN: Final = 0.05
_PAUSE_SECONDS_MAX: Final = 1.0


class PoolSettings(Struct, frozen=True, kw_only=True):
    """How many connections there are, and how long anything may take.

    `one_bucket`: PostgreSQL is Citus, which must see the values to find the shard. `whole_tables`: what is
    asked is about everything, and is to be planned for as much as there is.
    """

    size: int = 8
    role: Role = "regulars_app"
    acquire_timeout_seconds: float = 5.0
    connect_timeout_seconds: float = 5.0
    statement_timeout_seconds: float = 30.0
    lock_timeout_seconds: float = 5.0
    idle_in_transaction_timeout_seconds: float = 60.0
    one_bucket: bool = False
    whole_tables: bool = False


class Pool:
    """Up to `size` connections to one database, made when they are needed.

    There is no reset between two uses, as that would cost another round trip: code that borrows a connection
    does not change the session's state.
    """

    def __init__(self, url: str, settings: PoolSettings | None = None) -> None:
        self._url = url
        self._settings = settings or PoolSettings()
        self._idle: list[Connection] = []
        self._lent: set[Connection] = set()
        self._places = asyncio.Semaphore(self._settings.size)
        self._closed = False
        self._all_back = asyncio.Event()

    @property
    def open_connections(self) -> int:
        """How many connections there are, lent and idle."""
        return len(self._idle) + len(self._lent)

    @property
    def lent_connections(self) -> int:
        """How many connections somebody is using."""
        return len(self._lent)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """Lend a connection; it is discarded when the borrower was cancelled or left it in doubt.

        Raises: DatabaseDownError, when none can be had in time.
        """
        connection = await self._borrow()
        kept = False
        try:
            yield connection
            kept = True
        except (OutcomeUnknownError, asyncio.CancelledError, GeneratorExit):
            raise
        except BaseException:
            kept = True
            raise
        finally:
            self._give_back(connection, kept=kept)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """Lend a connection in a transaction, READ COMMITTED, committed where no exception leaves it.

        Raises: DatabaseDownError; see `sorted_errors`.
        """
        async with self.connection() as connection, connection.transaction():
            yield connection

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Connection]:
        """Lend a connection that sees the database as it is now, however long it looks, and cannot write.

        Raises: DatabaseDownError; see `sorted_errors`.
        """
        async with (
            self.connection() as connection,
            connection.transaction(isolation="repeatable_read", read_only=True),
        ):
            yield connection

    async def run(self, work: Callable[[Connection], Awaitable[Result]]) -> Result:
        """Do work on a connection, and again from the start when PostgreSQL rolled it back in favour of another.

        Raises: DatabaseDownError; TransientError, when five attempts were not enough; what `work` raises.
        """
        for attempt in range(1, _ATTEMPTS_MAX):
            try:
                async with self.connection() as connection:
                    return await work(connection)
            except TransientError:
                await asyncio.sleep(_pause(attempt))
        async with self.connection() as connection:
            return await work(connection)

    def surveyor(self) -> "Pool":
        """Return a pool of one connection to the same database, for questions about everything there is."""
        hours = 6 * 3600.0
        return Pool(self._url, replace(self._settings, size=1, whole_tables=True, statement_timeout_seconds=hours))

    async def healthy(self, *, timeout_seconds: float = 1.0) -> bool:
        """Return whether the database answers."""
        try:
            async with asyncio.timeout(timeout_seconds), self.connection() as connection:
                return bool(await connection.value(_PING) == 1)
        except (DatabaseDownError, OutcomeUnknownError, TimeoutError):
            return False

    async def close(self, *, timeout_seconds: float = 5.0) -> None:
        """Close every connection, those lent as well once `timeout_seconds` have passed."""
        self._closed = True
        if self._lent:
            with suppress(TimeoutError):
                async with asyncio.timeout(timeout_seconds):
                    await self._all_back.wait()
        for lent in tuple(self._lent):
            lent.hang_up()
        idle, self._idle = self._idle, []
        await asyncio.gather(*(connection.close(timeout_seconds=1.0) for connection in idle))
        # The sockets of those that were hung up are closed by the loop, the next time round.
        await asyncio.sleep(0)

    async def _borrow(self) -> Connection:
        if self._closed:
            raise DatabaseDownError("the pool of connections is closed")
        problem = [f"all {self._settings.size} connections are busy"]
        try:
            async with asyncio.timeout(self._settings.acquire_timeout_seconds):
                await self._places.acquire()
                try:
                    connection = self._warmest() or await self._connected(problem)
                except BaseException:
                    self._places.release()
                    raise
        except TimeoutError:
            waited = self._settings.acquire_timeout_seconds
            raise DatabaseDownError(f"no connection to PostgreSQL after {waited} s: {problem[-1]}") from None
        self._lent.add(connection)
        return connection

    def _warmest(self) -> Connection | None:
        # The last one given back comes first: it was most recently seen alive.
        while self._idle:
            connection = self._idle.pop()
            if connection.usable:
                return connection
        return None

    async def _connected(self, problem: list[str]) -> Connection:
        """Connect, again and again while the server is away; the caller's timeout ends it."""
        attempt = 0
        while True:
            attempt += 1
            try:
                return await self._connect()
            except (OSError, TimeoutError, *_AWAY) as error:
                problem.append(str(error) or type(error).__name__)
            except (asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
                # Waiting does not mend a wrong password or a missing database.
                raise DatabaseDownError(f"PostgreSQL does not let us in: {error}") from error
            await asyncio.sleep(_pause(attempt))

    async def _connect(self) -> Connection:
        settings = self._settings
        raw = await asyncpg.connect(
            self._url,
            timeout=settings.connect_timeout_seconds,
            # Past the server's own limit, so that it is the server who gives up, unless it does not answer.
            command_timeout=settings.statement_timeout_seconds + 5,
            statement_cache_size=0,
            server_settings=_server_settings(settings),
        )
        return Connection(raw)

    def _give_back(self, connection: Connection, *, kept: bool) -> None:
        self._lent.discard(connection)
        if kept and connection.usable and not self._closed:
            self._idle.append(connection)
        else:
            connection.hang_up()
        self._places.release()
        if self._closed and not self._lent:
            self._all_back.set()


def _server_settings(settings: PoolSettings) -> dict[str, str]:
    own = {
        "application_name": settings.role,
        "role": settings.role,
        "TimeZone": "UTC",
        "statement_timeout": _milliseconds(settings.statement_timeout_seconds),
        "lock_timeout": _milliseconds(settings.lock_timeout_seconds),
        "idle_in_transaction_session_timeout": _milliseconds(settings.idle_in_transaction_timeout_seconds),
        "jit": "off",
    }
    if settings.whole_tables:
        own["work_mem"] = "64MB"
    elif not settings.one_bucket:
        # Planning our longest statement takes longer than running it, so it is planned once; and that plan
        # has to be right for tables that were empty when it was made. Every access is by an index.
        own |= {
            "plan_cache_mode": "force_generic_plan",
            "enable_seqscan": "off",
            "enable_hashjoin": "off",
            "enable_mergejoin": "off",
        }
    return own


def _milliseconds(seconds: float) -> str:
    return str(round(seconds * 1000))


def _pause(attempt: int) -> float:
    longest: float = min(_PAUSE_SECONDS_MAX, _PAUSE_SECONDS_MIN * 2**attempt)
    return random.uniform(longest / 2, longest)  # noqa: S311 - it only spreads the load
