"""The same key is answered with the same bytes: what clients were told, by the keys they chose.

An event's key is written with the event (`changes.Decided.used_key`). Any other write claims its key in the
first statement of its transaction and answers it in the last.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from msgspec import Struct

from regulars.db.connection import Connection
from regulars.db.queries import queries
from regulars.db.rows import bucket_of_client_key
from regulars.engine.ids import bucket_of

_QUERIES: Final = queries("idempotency")


class ClientKey(Struct, frozen=True, kw_only=True):
    """A key as a client chose it; `client` is the id of its API key."""

    programme_id: str
    client: UUID
    key: str

    def columns(self) -> tuple[int, str, UUID, str]:
        """Return what its row is found by."""
        return bucket_of_client_key(self.client, self.key), self.programme_id, self.client, self.key


class Answered(Struct, frozen=True, kw_only=True):
    """What a client was answered; `fingerprint` is the request's, which the same key must repeat."""

    fingerprint: bytes
    status: int
    body: str
    created_at: datetime


async def find(connection: Connection, key: ClientKey) -> Answered | None:
    """Return what the client was answered under a key, if it used it."""
    row = await connection.row(_QUERIES["find"], *key.columns())
    if row is None:
        return None
    body = row["body"]
    if body is None:
        body = await connection.value(_QUERIES["event_answer"], row["event_bucket"], row["event_id"])
    return Answered(fingerprint=row["fingerprint"], status=row["status"], body=body, created_at=row["created_at"])


async def claim(connection: Connection, key: ClientKey, *, fingerprint: bytes, at: datetime) -> bool:
    """Use a key, first thing in a transaction; false, when it was used: `find` has the answer.

    Waits for whoever is using it at this moment. The transaction must end with `answer`.
    """
    return await connection.value(_QUERIES["claim"], *key.columns(), fingerprint, at) is not None


async def answer(connection: Connection, key: ClientKey, *, status: int, body: str) -> None:
    """Keep what the client is answered under the key that this transaction claimed."""
    await connection.rows(_QUERIES["answer"], *key.columns(), status, body)


async def answer_with(connection: Connection, key: ClientKey, event_id: UUID, *, of: UUID) -> None:
    """Keep under the key that this transaction claimed that an event of a member holds the answer."""
    await connection.rows(_QUERIES["answer_with"], *key.columns(), bucket_of(of), event_id)


async def forget(connection: Connection, bucket: int, *, before: datetime) -> None:
    """Delete the keys of a bucket that were used before an instant."""
    await connection.rows(_QUERIES["forget"], bucket, before)
