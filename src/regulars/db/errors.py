"""What can go wrong between us and PostgreSQL, sorted by what the caller may do next."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg


class DatabaseError(Exception):
    """PostgreSQL refused or was not there."""


class DatabaseDownError(DatabaseError):
    """No connection could be had in time; nothing was sent, so nothing happened. Try again later."""


class OutcomeUnknownError(DatabaseError):
    """The connection broke while a statement ran: it may have been committed. The same key again will tell."""


class TransientError(DatabaseError):
    """PostgreSQL rolled the transaction back to let another one through; do the whole of it again."""


class TimedOutError(DatabaseError):
    """PostgreSQL stopped the statement, or its wait for a lock, after too long; it was rolled back."""


class NotReadyError(DatabaseError):
    """PostgreSQL cannot do it for the moment: it is out of disk or memory, or not migrated yet. Nothing happened."""


class NotUniqueError(DatabaseError):
    """A row with the same key is there already; `constraint` names which rule it breaks."""

    def __init__(self, constraint: str) -> None:
        super().__init__(f"{constraint} is broken: a row with this key is there already")
        self.constraint = constraint


class NotLeftError(DatabaseError):
    """Less is left of what members share than somebody wants to take of it; nothing was written."""


_ROLLED_BACK = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError)
_TOO_LONG = (asyncpg.QueryCanceledError, asyncpg.LockNotAvailableError)
# A table or column that we know and PostgreSQL does not: every statement is prepared in a test, so the schema
# is behind. Insufficient resources are a full disk, no memory, or no place for another connection.
_NOT_READY = (
    asyncpg.InsufficientResourcesError,
    asyncpg.UndefinedColumnError,
    asyncpg.UndefinedTableError,
)
# A server that shuts down or crashes says so before it hangs up, and so does a session ended for idleness.
LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    # What the driver raises when the server's last bytes were cut off in the middle.
    asyncpg.InternalClientError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncio.TimeoutError,
    OSError,
)


@contextmanager
def sorted_errors() -> Iterator[None]:
    """Raise the errors of the driver as ours; those that someone must mend in code stay as they are.

    Raises: TransientError, TimedOutError, NotReadyError, NotUniqueError, NotLeftError, OutcomeUnknownError.
    """
    try:
        yield
    except asyncpg.UniqueViolationError as error:
        raise NotUniqueError(error.constraint_name or "a unique constraint") from error
    except asyncpg.CheckViolationError as error:
        # Every other check guards against our own mistakes.
        if (error.constraint_name or "").startswith("shared_counter_"):
            raise NotLeftError(str(error)) from error
        raise
    except _ROLLED_BACK as error:
        raise TransientError(str(error)) from error
    except _NOT_READY as error:
        raise NotReadyError(str(error)) from error
    except _TOO_LONG as error:
        raise TimedOutError(str(error)) from error
    except LOST as error:
        raise OutcomeUnknownError(f"the connection to PostgreSQL broke: {error!r}") from error
