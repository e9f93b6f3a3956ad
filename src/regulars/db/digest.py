"""The rows of a member as bytes that are the same wherever they are: what two databases are compared by."""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

import msgspec
from msgspec import Raw, Struct, structs

from regulars.db import tables
from regulars.db.changes import Change
from regulars.db.connection import Connection
from regulars.db.queries import queries
from regulars.db.rows import rows_of
from regulars.engine.ids import bucket_of

_QUERIES: Final = queries("digest")
# Where `apply` writes what each table holds; a balance is made of lots and wallets.
_WRITTEN: Final = {
    "member": "begin_members",
    "wallet_state": "keep_wallets",
    "lot": "open_lots",
    "posting": "post",
    "event": "record_events",
    "counter": "count",
    "order_record": "keep_orders",
    "spend_record": "keep_spends",
    "hold": "open_holds",
    "member_day": "count_days",
    "member_tier": "keep_tiers",
    "voucher": "keep_vouchers",
    "member_list": "put_on_lists",
}
TABLES: Final = (*_WRITTEN, "balance")
_JSON: Final = ("attributes", "body", "claimed", "facts", "parts", "record", "seen")
_encoder: Final = msgspec.json.Encoder(order="sorted")

Rows = dict[UUID, list[bytes]]
"""The rows of some members in one table, each member's in the order of their bytes."""


class Edge(Struct, frozen=True, order=True):
    """A member's place in the order of buckets and ids."""

    bucket: int
    member_id: UUID


BEGINNING: Final = Edge(-1, UUID(int=0))
END: Final = Edge(2**31 - 1, UUID(int=2**128 - 1))


def edge_of(member_id: UUID) -> Edge:
    """Return a member's place."""
    return Edge(bucket_of(member_id), member_id)


class Digest:
    """The SHA-256 of each table, over its members in their order."""

    def __init__(self) -> None:
        self._hashes = {table: sha256() for table in TABLES}

    def add(self, table: str, member_id: UUID, rows: Sequence[bytes]) -> None:
        """Take in one member's rows; those of later members must follow."""
        if rows:
            self._hashes[table].update(b"\n".join((member_id.bytes, *rows)))

    def by_table(self) -> dict[str, str]:
        """Return the digests so far, as hexadecimal digits."""
        return {table: hash.hexdigest() for table, hash in self._hashes.items()}


async def stored(connection: Connection, programme_id: str, after: Edge, up_to: Edge) -> dict[str, Rows]:
    """Return the rows of the members after one place and up to another, by table, as the database has them."""
    span = (after.bucket, after.member_id, up_to.bucket, up_to.member_id)
    found: dict[str, Rows] = {}
    for table in TABLES:
        rows: Rows = {}
        for row in await connection.rows(_QUERIES[table], programme_id, *span):
            rows.setdefault(row["member_id"], []).append(_canonical(dict(row)))
        found[table] = _in_order(rows)
    return found


def made(changes: Sequence[Change]) -> dict[str, Rows]:
    """Return the rows that members' whole lives amount to, by table, as `apply` would write them."""
    written = structs.asdict(rows_of(changes))
    found = {table: _rows(written[name]) for table, name in _WRITTEN.items()}
    return {**found, "balance": _balances(written["open_lots"], written["keep_wallets"])}


def _rows(written: Iterable[tables.OfMember]) -> Rows:
    rows: Rows = {}
    for row in written:
        columns = structs.asdict(row)
        del columns["bucket"], columns["programme_id"]
        rows.setdefault(row.member_id, []).append(_canonical(columns))
    return _in_order(rows)


def _balances(lots: Iterable[tables.LotRow], wallets: Iterable[tables.WalletRow]) -> Rows:
    sums: dict[tuple[UUID, str], dict[str, int]] = {}

    def of(row: tables.LotRow | tables.WalletRow) -> dict[str, int]:
        return sums.setdefault((row.member_id, row.wallet), dict.fromkeys(("available", "pending", "held", "debt"), 0))

    for lot in lots:
        of(lot)["available" if lot.matured else "pending"] += lot.remaining - lot.held
        of(lot)["held"] += lot.held
    for wallet in wallets:
        of(wallet)["debt"] += wallet.debt
    rows: Rows = {}
    for (member_id, wallet_name), sum in sums.items():
        rows.setdefault(member_id, []).append(_canonical({"member_id": member_id, "wallet": wallet_name, **sum}))
    return _in_order(rows)


def _in_order(rows: Rows) -> Rows:
    return {member_id: sorted(own) for member_id, own in rows.items()}


def _canonical(row: dict[str, Any]) -> bytes:
    """Return a row as JSON in which names are in order and instants, being in UTC on both sides, look alike."""
    for name in _JSON:
        value = row.get(name)
        if isinstance(value, str | Raw):
            row[name] = msgspec.json.decode(value)
    return _encoder.encode(row)
