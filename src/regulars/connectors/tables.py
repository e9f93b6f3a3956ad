"""DuckDB as we want it: in memory, off the network, with two threads and a bound on what it may hold."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_MEMORY_LIMIT = "256MB"
_THREADS = 2


class DuckdbMissing(RuntimeError):
    """DuckDB reads Parquet files and sorts order lines: pip install 'regulars[files]'."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


@contextmanager
def connect() -> Iterator[DuckDBPyConnection]:
    """Open a database in memory whose time zone is UTC; what does not fit goes to temporary files.

    Raises: DuckdbMissing.
    """
    try:
        import duckdb  # here, as it is an extra and takes a while to import
    except ImportError as error:
        raise DuckdbMissing from error
    with TemporaryDirectory(prefix="regulars-import-") as overflow:
        settings: dict[str, str | bool | int | float | list[str]] = {
            "threads": _THREADS,
            "memory_limit": _MEMORY_LIMIT,
            "temp_directory": overflow,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        with duckdb.connect(config=settings) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            yield connection
