"""What the answer says about an event beside the balances: what was given, taken, and why."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from regulars.engine.ledger import Ledger
from regulars.engine.members import OrderAward
from regulars.engine.points import HeldPart, Lot
from regulars.engine.reasons import Outcome
from regulars.engine.reversing import Clawback
from regulars.engine.vouchers import Voucher


class LotDates(Struct, frozen=True, kw_only=True):
    """A lot that an event opened, with its instants."""

    lot_id: UUID
    wallet: str
    points: int
    available_at: datetime
    expires_at: datetime | None


def dates_of(ledger: Ledger, lots: Iterable[Lot]) -> tuple[LotDates, ...]:
    """Return lots with their instants, as the books have them now."""
    return tuple(
        [
            LotDates(
                lot_id=lot.id,
                wallet=lot.wallet,
                points=lot.amount,
                available_at=lot.available_at,
                expires_at=ledger.expiry_of(lot),
            )
            for lot in lots
        ]
    )


class TierChange(Struct, frozen=True, kw_only=True):
    """A level that changed, or was renewed: then `before` is the same. `until` is exclusive, null for ever."""

    tier_set: str
    level: str
    before: str
    until: datetime | None


class Result(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one event brought about.

    `outcomes` are those of the rules that gave something or were stopped by a limit; the outcome of every
    other live rule is worked out again from what was recorded, when somebody asks (`explain`).
    """

    outcomes: tuple[Outcome, ...] = ()
    awards: tuple[OrderAward, ...] = ()
    lots: tuple[LotDates, ...] = ()
    clawbacks: tuple[Clawback, ...] = ()
    taken: tuple[HeldPart, ...] = ()
    hold_id: UUID | None = None
    tiers: tuple[TierChange, ...] = ()
    vouchers: tuple[Voucher, ...] = ()
    note: str | None = None


def merged(result: Result, more: Result) -> Result:
    """Return what an event brought about with what it did to vouchers besides."""
    if not more.vouchers:
        return result
    return replace(
        result,
        vouchers=result.vouchers + more.vouchers,
        taken=result.taken + more.taken,
        clawbacks=result.clawbacks + more.clawbacks,
        note=result.note or more.note,
    )
