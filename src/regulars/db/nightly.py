"""What time did to many members is written by one statement a group, as the engine would decide it one by one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from msgspec import Struct

from regulars.db.connection import Connection
from regulars.db.queries import queries
from regulars.db.rows import encoded
from regulars.engine.ids import bucket_of

_QUERIES: Final = queries("nightly")


class TierRules(Struct, frozen=True, kw_only=True):
    """What the statement must know of a set of tiers; `levels` go from the lowest up."""

    id: str
    place: int
    levels: Sequence[str]


class Form(Struct, frozen=True, kw_only=True):
    """In which form it is written: the programme's version, its wallets and tiers, and the texts of the events.

    `answer` takes the decision, the event, the member and the balances, `balance` a wallet with what is available and
    pending, as `format` of PostgreSQL puts them in. `suffix` follows the member's digits in the source's id.
    """

    programme_id: str
    version: int
    wallets: Sequence[str]
    tiers: Sequence[TierRules]
    answer: str
    balance: str
    type: str
    source: str
    suffix: str
    body: str


class Settled(Struct, frozen=True, kw_only=True):
    """How many members were written to, lots that matured and expired, levels that changed, and warnings."""

    members: int = 0
    activated: int = 0
    expired: int = 0
    changed: int = 0
    warned: int = 0

    def __add__(self, other: "Settled") -> "Settled":
        return Settled(
            members=self.members + other.members,
            activated=self.activated + other.activated,
            expired=self.expired + other.expired,
            changed=self.changed + other.changed,
            warned=self.warned + other.warned,
        )


async def due(connection: Connection, programme_id: str, *, now: datetime, limit: int) -> list[UUID]:
    """Return members with lots or levels due up to and including `now`, at most `limit` for each of the two.

    In the order in which their rows are locked.
    """
    found = {
        (row["bucket"], row["member_id"])
        for name in ("by_lots", "by_tiers")
        for row in await connection.rows(_QUERIES[name], programme_id, now, limit)
    }
    return [member_id for _, member_id in sorted(found)]


async def count(connection: Connection, *, now: datetime) -> int:
    """Return of how many members, of all programmes, lots or levels are due up to and including `now`."""
    found: int = await connection.value(_QUERIES["count"], now)
    return found


async def settle(connection: Connection, form: Form, members: Sequence[tuple[UUID, UUID]], *, now: datetime) -> Settled:
    """Write what time did to members up to and including `now`, each by the event whose id stands beside it.

    Who has anything else to settle, such as reservations, debts or vouchers, is left as it is.

    Raises: NotUniqueError, when something else happened to one of them meanwhile; then nothing was written.
    """
    row = await connection.row(
        _QUERIES["settle"],
        [bucket_of(member_id) for member_id, _ in members],
        [member_id for member_id, _ in members],
        [event_id for _, event_id in members],
        form.programme_id,
        now,
        form.version,
        form.answer,
        form.wallets,
        form.balance,
        encoded(form.tiers),
        form.type,
        form.source,
        form.suffix,
        form.body,
    )
    assert row is not None, "counts are always there"
    return Settled(**row)
