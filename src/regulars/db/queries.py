"""Every statement lives in a .sql file beside the module that sends it; here they are read."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from msgspec import Struct

FOLDER: Final = Path(__file__).parent
# Not queries: the generated picture of the schema, and what an operator runs on Citus.
_NOT_QUERIES: Final = frozenset({"schema.sql", "distribute_citus.sql"})
_NAME: Final = re.compile(r"^-- name: ([a-z][a-z0-9_]*)$", re.MULTILINE)


class MalformedQueryError(ValueError):
    """A .sql file is not a list of `-- name: x`, one line of purpose, and one statement each."""


class Query(Struct, frozen=True):
    """One statement: `text` is what PostgreSQL gets, with $1, $2 … for its parameters."""

    name: str
    purpose: str
    text: str


@cache
def queries(noun: str) -> Mapping[str, Query]:
    """Return the statements of `<noun>.sql` by name.

    Raises: MalformedQueryError.
    """
    path = FOLDER / f"{noun}.sql"
    head, *parts = _NAME.split(path.read_text(encoding="utf-8"))
    if head.strip():
        raise MalformedQueryError(f"{path.name} must begin with a line `-- name: …`")
    found = [_query(path, name, text) for name, text in zip(parts[::2], parts[1::2], strict=True)]
    named = {query.name: query for query in found}
    if len(named) != len(found):
        raise MalformedQueryError(f"{path.name} gives one name to two statements")
    return named


def _query(path: Path, name: str, part: str) -> Query:
    purpose, _, text = part.strip().partition("\n")
    if not purpose.startswith("-- ") or not text.strip():
        raise MalformedQueryError(f"{path.name}: after `-- name: {name}` come a line of purpose and a statement")
    return Query(name, purpose.removeprefix("-- "), text.strip().removesuffix(";"))


def every_query() -> Iterator[tuple[Path, Query]]:
    """Return each statement of the package with the file that holds it."""
    for path in sorted(FOLDER.glob("*.sql")):
        if path.name not in _NOT_QUERIES:
            for query in queries(path.stem).values():
                yield path, query
