"""Codes lead to vouchers by their hashes; those that others made wait in pools, sealed and numbered."""

from collections.abc import Iterable
from itertools import islice
from typing import Final
from uuid import UUID

from msgspec import Struct

from regulars.db.claims import bucket_of_name
from regulars.db.connection import Connection
from regulars.db.queries import queries
from regulars.db.rows import encoded, hexadecimal
from regulars.engine.ids import bucket_of_key

_QUERIES: Final = queries("codes")
_BATCH: Final = 1000


class Found(Struct, frozen=True):
    """The voucher that a code is for, and the member to whom it was issued; who that was merged into has it now."""

    member_id: UUID
    voucher_id: UUID


class PoolCode(Struct, frozen=True):
    """A code that somebody else made: the keyed hash by which it is recognised, and the code sealed."""

    key_hash: bytes
    sealed: bytes


def used_in(pool: str) -> str:
    """Return the name under which it is known how many codes of a pool were given out."""
    return f"pool/{pool}"


def size_of(pool: str) -> str:
    """Return the name under which it is known how many codes a pool has."""
    return f"{used_in(pool)}/size"


async def find(connection: Connection, programme_id: str, key_hash: bytes) -> Found | None:
    """Return the voucher that a code is for, by its hash."""
    row = await connection.row(_QUERIES["find"], bucket_of_key(key_hash), programme_id, key_hash)
    return None if row is None else Found(row["member_id"], row["voucher_id"])


async def fill(connection: Connection, programme_id: str, pool: str, codes: Iterable[PoolCode]) -> int:
    """Add codes to a pool, a thousand a transaction, and return how many were new; a code counts once.

    What is added is numbered from zero in the order given, on from what the pool has. Outside of a transaction;
    done again after an interruption it adds what is missing.

    Raises: NotUniqueError, when somebody else fills the pool at the same time: do it again.
    """
    rest, added = iter(codes), 0
    bucket = bucket_of_name(programme_id, used_in(pool))
    while batch := list(islice(rest, _BATCH)):
        once: dict[bytes, PoolCode] = {}
        for one in batch:
            once.setdefault(one.key_hash, one)
        rows = [
            {"place": place, "key_hash": hexadecimal(one.key_hash), "sealed": hexadecimal(one.sealed)}
            for place, one in enumerate(once.values())
        ]
        added += len(await connection.rows(_QUERIES["fill"], bucket, programme_id, pool, encoded(rows)))
    size = await connection.value(_QUERIES["size"], bucket, programme_id, pool)
    name = size_of(pool)
    await connection.rows(_QUERIES["grow"], bucket_of_name(programme_id, name), programme_id, name, size)
    return added


async def code(connection: Connection, programme_id: str, pool: str, number: int) -> bytes | None:
    """Return a code of a pool by its number, sealed as it was filled in."""
    bucket = bucket_of_name(programme_id, used_in(pool))
    sealed: bytes | None = await connection.value(_QUERIES["code"], bucket, programme_id, pool, number)
    return sealed


async def number(connection: Connection, programme_id: str, pool: str, key_hash: bytes) -> int | None:
    """Return the number of a code in a pool."""
    bucket = bucket_of_name(programme_id, used_in(pool))
    found: int | None = await connection.value(_QUERIES["number"], bucket, programme_id, pool, key_hash)
    return found
