"""A conversation with PostgreSQL: statements are prepared once, and errors come out sorted."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Final, Literal

import asyncpg

from regulars.db.errors import DatabaseError, sorted_errors
from regulars.db.queries import Query

Row = asyncpg.Record
Isolation = Literal["read_committed", "repeatable_read"]
# Far more than the statements of the package with the combinations of `apply` that occur in practice.
_PREPARED_MAX: Final = 100


class Connection:
    """One connection of the pool. Outside `transaction` every statement is a transaction of its own."""

    def __init__(self, raw: "asyncpg.Connection[Row]") -> None:
        self._raw = raw
        self._prepared: dict[str, asyncpg.prepared_stmt.PreparedStatement[Row]] = {}
        self._named = 0

    @property
    def usable(self) -> bool:
        """Whether it can serve somebody else: open, and not in the middle of a transaction."""
        return not self._raw.is_closed() and not self._raw.is_in_transaction()

    async def rows(self, query: Query, *values: object) -> Sequence[Row]:
        """Return all rows of a query.

        Raises: see `sorted_errors`.
        """
        with sorted_errors():
            statement = await self._statement(query.text)
            return await statement.fetch(*values)

    async def row(self, query: Query, *values: object) -> Row | None:
        """Return the first row of a query, if it has any.

        Raises: see `sorted_errors`.
        """
        with sorted_errors():
            statement = await self._statement(query.text)
            return await statement.fetchrow(*values)

    async def value(self, query: Query, *values: object) -> Any:
        """Return the first column of the first row of a query; None where it has no row.

        Raises: see `sorted_errors`.
        """
        with sorted_errors():
            statement = await self._statement(query.text)
            return await statement.fetchval(*values)

    async def stream(self, query: Query, *values: object, ahead: int = 500) -> AsyncIterator[Row]:
        """Yield the rows of a query as they are asked for, `ahead` of them in memory; in a transaction only.

        Raises: see `sorted_errors`.
        """
        with sorted_errors():
            statement = await self._statement(query.text)
            async for row in statement.cursor(*values, prefetch=ahead):
                yield row

    @asynccontextmanager
    async def transaction(
        self, *, isolation: Isolation = "read_committed", read_only: bool = False
    ) -> AsyncIterator[None]:
        """Make what happens inside one transaction, rolled back when an exception leaves it.

        Raises: see `sorted_errors`; OutcomeUnknownError from the commit means that it may have happened.
        """
        transaction = self._raw.transaction(isolation=isolation, readonly=read_only)
        with sorted_errors():
            await transaction.start()
        try:
            yield
        except Exception:
            # What went wrong first is what the caller hears of; without a connection there is nothing to undo.
            with suppress(DatabaseError), sorted_errors():
                await transaction.rollback()
            raise
        with sorted_errors():
            await transaction.commit()

    async def close(self, *, timeout_seconds: float) -> None:
        """Take leave of the server, or hang up when that takes too long."""
        try:
            await self._raw.close(timeout=timeout_seconds)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError):
            self._raw.terminate()

    def hang_up(self) -> None:
        """End the connection at once; the server rolls back what was open."""
        self._raw.terminate()

    async def _statement(self, text: str) -> "asyncpg.prepared_stmt.PreparedStatement[Row]":
        statement = self._prepared.get(text)
        if statement is None:
            if len(self._prepared) >= _PREPARED_MAX:
                # The oldest goes: asyncpg closes it on the server when the last reference is gone.
                del self._prepared[next(iter(self._prepared))]
            self._named += 1
            # Without a name the server would parse and plan it again each time.
            statement = self._prepared[text] = await self._raw.prepare(text, name=f"regulars_{self._named}")
        return statement
