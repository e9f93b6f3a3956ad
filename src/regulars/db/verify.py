"""What must always be true, as questions that have no answer while it is."""

from typing import Final

from msgspec import Struct

from regulars.db.connection import Connection
from regulars.db.queries import queries
from regulars.engine.ids import BUCKETS

_SUBJECTS: Final = ("points", "events", "messages", "rows", "benefits", "sharing", "installation")
QUERIES: Final = {name: query for subject in _SUBJECTS for name, query in queries(f"verify_{subject}").items()}
CHECKS: Final = tuple(QUERIES)
_ROWS_MAX: Final = 100


class Breach(Struct, frozen=True, kw_only=True):
    """A check that failed: what should be true, and rows that say otherwise, as text by column.

    `more` where there are further rows than these.
    """

    check: str
    promise: str
    rows: tuple[dict[str, str], ...]
    more: bool = False


async def breach(connection: Connection, check: str) -> Breach | None:
    """Return the rows that break a promise, if any do.

    In a transaction that sees one state only (`Pool.snapshot`), as some promises span several tables.
    """
    query = QUERIES[check]
    values = [list(BUCKETS)] if "$1" in query.text else []
    found: list[dict[str, str]] = []
    async for row in connection.stream(query, *values, ahead=_ROWS_MAX + 1):
        found.append({name: str(value) for name, value in row.items()})
        if len(found) > _ROWS_MAX:
            break
    if not found:
        return None
    return Breach(check=check, promise=query.purpose, rows=tuple(found[:_ROWS_MAX]), more=len(found) > _ROWS_MAX)
