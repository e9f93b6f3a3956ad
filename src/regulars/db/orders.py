"""An order belongs to the member whose event claimed it first, over everybody."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from regulars.db.connection import Connection
from regulars.db.queries import queries
from regulars.db.rows import encoded, hexadecimal
from regulars.engine.ids import bucket_of_key

_QUERIES: Final = queries("orders")


async def owners(connection: Connection, programme_id: str, keys: Sequence[bytes]) -> dict[bytes, UUID]:
    """Return the member that each order was claimed for, by the order's hash."""
    wanted = [{"bucket": bucket_of_key(key), "key_hash": hexadecimal(key)} for key in keys]
    rows = await connection.rows(_QUERIES["owners"], programme_id, encoded(wanted))
    return {row["key_hash"]: UUID(int=row["member_id"].int) for row in rows}
