"""Parquet, row by row: DuckDB reads, and hands each row over as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from regulars.connectors.sources.files.delimited import Record
from regulars.connectors.sources.files.rows import Unreadable
from regulars.connectors.tables import connect

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_COLUMNS = "DESCRIBE SELECT * FROM read_parquet($path)"
_COUNT = "SELECT count(*) FROM read_parquet($path)"
# The alias must not be the name of a column: it stands for the whole row.
_ROWS = 'SELECT to_json("the whole row") FROM read_parquet($path) AS "the whole row"'
_CHUNK = 1_000
_PATTERN = re.compile(r"[*?\[]")
_decoder = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)


def header(path: Path) -> list[str]:
    """Return the names of the columns.

    Raises: Unreadable, DuckdbMissing.
    """
    with connect() as connection:
        return [name for name, *_ in _ask(connection, _COLUMNS, path)]


def count(path: Path) -> int:
    """Return how many rows there are."""
    with connect() as connection:
        return sum(number for (number,) in _ask(connection, _COUNT, path))


def records(path: Path) -> Iterator[Record]:
    """Yield the rows in the order of the file."""
    with connect() as connection:
        for number, (text,) in enumerate(_ask(connection, _ROWS, path), start=1):
            yield Record(number, text, _cells(text), None)


def _cells(text: str) -> dict[str, object]:
    try:
        return _decoder.decode(text)
    except msgspec.DecodeError:  # NaN, by which data frames mean an empty cell, is no JSON
        filled: dict[str, object] = json.loads(text, parse_float=Decimal, parse_constant=_not_a_number)
        return filled


def _not_a_number(name: str) -> str | None:
    return None if name == "NaN" else name


def _ask(connection: DuckDBPyConnection, query: str, path: Path) -> Iterator[tuple[Any, ...]]:
    from duckdb import Error  # `connect` has made sure that it is there

    literally = _PATTERN.sub(r"[\g<0>]", str(path))
    try:
        found = connection.execute(query, {"path": literally})
        while rows := found.fetchmany(_CHUNK):
            yield from rows
    except Error as error:
        reason = str(error).partition("\n")[0]
        raise Unreadable(f"{path} cannot be read as Parquet: {reason}") from error
