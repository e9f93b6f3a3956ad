"""What members share: budgets, stock, seats and pools, and how much of each has been used."""

from collections.abc import Iterable
from typing import Final

from regulars.db.claims import bucket_of_name
from regulars.db.connection import Connection
from regulars.db.queries import queries
from regulars.db.rows import encoded

_QUERIES: Final = queries("shared")


async def used(connection: Connection, programme_id: str) -> dict[str, int]:
    """Return how much is used of everything that a programme's members share, by name."""
    return {row["name"]: row["used"] for row in await connection.rows(_QUERIES["used"], programme_id)}


async def used_of(connection: Connection, names: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Return how much is used of each thing that a programme and a name stand for; nothing of what is not there."""
    wanted = [
        {"bucket": bucket_of_name(programme_id, name), "programme_id": programme_id, "name": name}
        for programme_id, name in sorted(set(names))
    ]
    rows = await connection.rows(_QUERIES["used_of"], encoded(wanted))
    return {(row["programme_id"], row["name"]): row["used"] for row in rows}
