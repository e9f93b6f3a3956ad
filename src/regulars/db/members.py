"""Members are found, read and changed a batch at a time: one statement reads it, one statement writes it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Final
from uuid import UUID

import msgspec
from msgspec import Struct, structs
from msgspec.structs import asdict, replace

from regulars.db.changes import Change, Fault
from regulars.db.connection import Connection
from regulars.db.errors import NotLeftError, NotUniqueError, TransientError
from regulars.db.faults import faults
from regulars.db.queries import Query, queries
from regulars.db.rows import encoded, hexadecimal, rows_of
from regulars.engine.ids import bucket_of, bucket_of_key
from regulars.engine.members import MemberState, OrderRecord, SpendRecord
from regulars.engine.points import Lot

_MEMBERS: Final = queries("members")
_APPLY: Final = queries("apply")
_ATTEMPTS_MAX: Final = 3
# A part of the statement costs time even when it has nothing to write, so a few events are written with what
# they need; there are many such combinations, and each is planned once. For many events it does not matter.
_MANY: Final = 8


class BusinessKey(Struct, frozen=True):
    """By this a source's event is recognised, however often it is told."""

    source: str
    source_id: str
    type: str


class Wanted(Struct, frozen=True, kw_only=True):
    """A member of a batch, and what of its past the events in hand refer to.

    Counters that ended on `since` or before are left out: one day before the earliest event will do. Of the lots
    that are used up those come along whose points lapsed after `lapsed_after`; null leaves them out. What happened
    by local day is loaded from `days_from` on; null leaves it out. Of the vouchers come those that are open, named
    here, or of the orders, the latter two with the lots that paid for them; or `all_vouchers`.
    """

    member_id: UUID
    since: date
    lapsed_after: datetime | None = None
    orders: Sequence[str] = ()
    spends: Sequence[UUID] = ()
    days_from: date | None = None
    vouchers: Sequence[UUID] = ()
    all_vouchers: bool = False
    keys: Sequence[BusinessKey] = ()


class Recorded(Struct, frozen=True, kw_only=True):
    """An event that is recorded already, with what its sender was answered."""

    event_id: UUID
    member_id: UUID
    source: str
    source_id: str
    type: str
    answer: str

    @property
    def key(self) -> BusinessKey:
        """By this it was recognised."""
        return BusinessKey(self.source, self.source_id, self.type)


class Loaded(Struct, frozen=True, kw_only=True):
    """What memory holds of a member; `absorbed` are those that were merged into it, directly."""

    state: MemberState
    recorded: tuple[Recorded, ...] = ()
    absorbed: tuple[UUID, ...] = ()
    closed_lots: tuple[Lot, ...] = ()


class Applied(Struct, frozen=True):
    """Everything was written, or nothing was, and the faults say because of which changes."""

    faults: tuple[Fault, ...] = ()


class _WantedRow(Struct, kw_only=True):
    bucket: int
    member_id: UUID
    since: date
    lapsed_after: datetime | None = None
    orders: Sequence[str]
    spends: Sequence[UUID]
    days_from: date | None = None
    vouchers: Sequence[UUID]
    all_vouchers: bool
    sources: Sequence[str]
    source_ids: Sequence[str]
    types: Sequence[str]


_decoder: Final = msgspec.json.Decoder(Loaded)
_record_decoder: Final = msgspec.json.Decoder(OrderRecord)
_spend_decoder: Final = msgspec.json.Decoder(SpendRecord)


async def resolve(connection: Connection, programme_id: str, keys: Sequence[bytes]) -> dict[bytes, UUID]:
    """Return the member that each identity belongs to, by its hash; a merge has led them to the survivor."""
    wanted = [{"bucket": bucket_of_key(key), "key_hash": hexadecimal(key)} for key in keys]
    rows = await connection.rows(_MEMBERS["resolve"], programme_id, encoded(wanted))
    return {row["key_hash"]: row["member_id"] for row in rows}


async def load(connection: Connection, programme_id: str, wanted: Sequence[Wanted]) -> dict[UUID, Loaded]:
    """Return what memory holds of each member; nobody of whom nothing is recorded is at version 0."""
    rows = [_wanted_row(member) for member in wanted]
    answers = await connection.rows(_MEMBERS["load"], programme_id, encoded(rows))
    found = [_decoder.decode(answer[0]) for answer in answers]
    loaded = {one.state.member_id: _with_closed_lots(one) if one.closed_lots else one for one in found}
    for member in wanted:
        if loaded[member.member_id].absorbed:
            loaded[member.member_id] = await _with_inheritance(
                connection, programme_id, member, loaded[member.member_id]
            )
    return loaded


def _wanted_row(member: Wanted) -> _WantedRow:
    return _WantedRow(
        bucket=bucket_of(member.member_id),
        member_id=member.member_id,
        since=member.since,
        lapsed_after=member.lapsed_after,
        orders=member.orders,
        spends=member.spends,
        days_from=member.days_from,
        vouchers=member.vouchers,
        all_vouchers=member.all_vouchers,
        sources=[key.source for key in member.keys],
        source_ids=[key.source_id for key in member.keys],
        types=[key.type for key in member.keys],
    )


def _with_closed_lots(loaded: Loaded) -> Loaded:
    return replace(loaded, state=replace(loaded.state, lots=(*loaded.state.lots, *loaded.closed_lots)))


async def _with_inheritance(connection: Connection, programme_id: str, member: Wanted, loaded: Loaded) -> Loaded:
    """Return what is loaded with what was recorded of those who were merged into the member."""
    before = await merged_from(connection, programme_id, member.member_id)
    orders = await _inherited_orders(connection, programme_id, before, member.orders)
    spends = await _inherited_spends(connection, programme_id, before, member.spends)
    told = await _inherited_events(connection, programme_id, before, member.keys)
    state = replace(loaded.state, orders=orders | loaded.state.orders, spends=spends | loaded.state.spends)
    return replace(loaded, state=state, recorded=(*loaded.recorded, *told))


async def _inherited_orders(
    connection: Connection, programme_id: str, before: Sequence[UUID], orders: Sequence[str]
) -> dict[str, OrderRecord]:
    wanted = [{"bucket": bucket_of(member), "member_id": member, "orders": orders} for member in before]
    rows = await connection.rows(_MEMBERS["load_orders"], programme_id, encoded(wanted))
    records = [_record_decoder.decode(row["record"]) for row in rows]
    # Returns alone may have come to one membership, and the order itself to another: the order says more.
    return {record.order_id: record for record in sorted(records, key=lambda record: record.event_id is not None)}


async def _inherited_spends(
    connection: Connection, programme_id: str, before: Sequence[UUID], spends: Sequence[UUID]
) -> dict[UUID, SpendRecord]:
    if not spends:
        return {}
    wanted = [{"bucket": bucket_of(member), "member_id": member, "spends": spends} for member in before]
    rows = await connection.rows(_MEMBERS["load_spends"], programme_id, encoded(wanted))
    records = [_spend_decoder.decode(row["record"]) for row in rows]
    # One membership spent it, and another may have undone it since.
    return {record.event_id: record for record in sorted(records, key=lambda record: record.restored)}


async def _inherited_events(
    connection: Connection, programme_id: str, before: Sequence[UUID], keys: Sequence[BusinessKey]
) -> list[Recorded]:
    wanted = [{"bucket": bucket_of(member), "member_id": member, **asdict(key)} for member in before for key in keys]
    rows = await connection.rows(_MEMBERS["load_recorded"], programme_id, encoded(wanted))
    return [Recorded(**row) for row in rows]


async def merged_from(connection: Connection, programme_id: str, member_id: UUID) -> list[UUID]:
    """Return all members that were merged into a member, directly or by way of another one."""
    found: dict[UUID, None] = {}
    asked = [member_id]
    while asked:
        wanted = [{"bucket": bucket_of(member), "member_id": member} for member in asked]
        rows = await connection.rows(_MEMBERS["absorbed"], programme_id, encoded(wanted))
        absorbed = [member for row in rows for member in row["absorbed"]]
        asked = [member for member in absorbed if member not in found]
        found |= dict.fromkeys(asked)
    return list(found)


async def survivor(connection: Connection, programme_id: str, member_id: UUID) -> UUID:
    """Return the member that a member was merged into in the end, or the member itself."""
    while True:
        wanted = [{"bucket": bucket_of(member_id), "member_id": member_id}]
        row = await connection.row(_MEMBERS["survivors"], programme_id, encoded(wanted))
        if row is None:
            return member_id
        member_id = row["merged_into"]


async def apply(connection: Connection, changes: Sequence[Change]) -> Applied:
    """Write a batch in one statement, outside of a transaction, at most one change a member.

    Nothing of the batch is written when a change was decided on a state that is no longer the member's, or
    when something that can be had once, or that members share, is gone; the faults name those changes, so that the
    others can go.

    Raises: TransientError, when batches kept colliding without leaving a trace; see `sorted_errors`.
    """
    for attempt in range(1, _ATTEMPTS_MAX + 1):
        try:
            await write(connection, changes)
        except (NotUniqueError, NotLeftError) as error:
            found = await faults(connection, changes)
            if found:
                return Applied(found)
            if attempt == _ATTEMPTS_MAX:
                raise TransientError(f"{error}, and what stood in the way is gone again") from error
        else:
            return Applied()
    raise AssertionError("the last attempt returns or raises")


async def write(connection: Connection, changes: Sequence[Change]) -> None:
    """Write a batch in one statement, on its own or within a transaction.

    Raises: NotUniqueError, NotLeftError, when nothing could be written; `faults` tells why, once all is rolled back.
    """
    await write_rows(connection, structs.asdict(rows_of(changes)))


async def write_rows(connection: Connection, rows: Mapping[str, Sequence[object]]) -> None:
    """Write rows by the statements of apply.sql that take them, as one statement.

    Raises: NotUniqueError, NotLeftError, when nothing could be written.
    """
    events = len(rows["record_events"])
    parts = tuple(name for name in rows if rows[name] or events >= _MANY)
    if parts:
        await connection.rows(together(parts), *(encoded(rows[name]) for name in parts))


@cache
def together(parts: tuple[str, ...]) -> Query:
    """Return several statements of apply.sql as a single one, which runs them all or none.

    The first one is the main statement, which PostgreSQL runs before the others.
    """
    first, *others = (_APPLY[part].text.replace("$1", f"${place}") for place, part in enumerate(parts, start=1))
    also = ", ".join(f"{part} AS ({text})" for part, text in zip(parts[1:], others, strict=True))
    text = f"WITH {also} {first}" if also else first
    return Query("+".join(parts), "Write a batch.", text)


async def exists(connection: Connection, programme_id: str, member_id: UUID) -> bool:
    """Return whether anything is recorded of a member."""
    found = await connection.value(_MEMBERS["exists"], bucket_of(member_id), member_id, programme_id)
    return found is not None
