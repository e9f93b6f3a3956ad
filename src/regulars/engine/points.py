"""Points live in lots. A balance is the sum of its lots and nothing else."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

Account = Literal["available", "pending", "held", "debt", "issued", "spent", "expired", "adjusted", "transit"]
MovementKind = Literal[
    "earn", "mature", "expire", "spend", "restore", "hold", "capture", "release", "lapse",
    "reverse", "repay", "adjust", "transfer", "receive", "revive",
]  # fmt: skip


class Lot(Struct, frozen=True, kw_only=True):
    """Points that came at one instant and share their dates; amounts in the wallet's smallest unit.

    Live in `[available_at, expires_at)`; `expires_at` null means never (or, in a wallet that expires by
    inactivity, when the member has been inactive for long enough). `remaining` includes what is `held`.
    `lapsed` is what expired, and `lapsed_at` when the lot's time ended by what was known of it then.
    `origin_id` is the lot that the points were first earned in, kept across transfers and merges.
    """

    id: UUID
    origin_id: UUID
    event_id: UUID
    wallet: str
    amount: int
    remaining: int
    earned_at: datetime
    available_at: datetime
    expires_at: datetime | None
    held: int = 0
    lapsed: int = 0
    lapsed_at: datetime | None = None
    matured: bool = False

    @property
    def free(self) -> int:
        """What is neither used nor held."""
        return self.remaining - self.held

    @property
    def account(self) -> Account:
        """Where its free points are."""
        return "available" if self.matured else "pending"


class HeldPart(Struct, frozen=True, kw_only=True):
    """What a hold reserves of one lot."""

    lot_id: UUID
    amount: int


class SpentPart(HeldPart, frozen=True, kw_only=True):
    """What a spend took of one lot, with what another membership needs to open a lot like it."""

    origin_id: UUID
    earned_at: datetime
    available_at: datetime
    expires_at: datetime | None


class OpenHold(Struct, frozen=True, kw_only=True):
    """A reservation that has neither been captured nor released; lapses at `expires_at`."""

    id: UUID
    wallet: str
    parts: tuple[HeldPart, ...]
    expires_at: datetime

    @property
    def amount(self) -> int:
        """Everything it reserves."""
        return sum(part.amount for part in self.parts)


class Balance(Struct, frozen=True, kw_only=True):
    """What a member has in a wallet at an instant, in its smallest unit; `available` is net of debt."""

    available: int = 0
    pending: int = 0
    held: int = 0
    debt: int = 0


class Taken(Struct, frozen=True, kw_only=True):
    """So much out of one lot."""

    lot: Lot
    amount: int


def soonest_to_expire_first(lots: Iterable[Lot], *, active_until: datetime | None = None) -> list[Lot]:
    """Return the lots in the order in which they are used: the soonest to expire, then the oldest, first.

    `active_until` is when those expire that have no date of their own; never, where it is null too.
    """

    def key(lot: Lot) -> tuple[bool, datetime, datetime, UUID]:
        end = lot.expires_at or active_until
        return end is None, end or lot.earned_at, lot.earned_at, lot.id

    return sorted(lots, key=key)


def take(lots: Sequence[Lot], amount: int) -> tuple[Taken, ...]:
    """Return how much to take from each lot, in the given order, free points only.

    The sum is less than `amount` where the lots do not hold as much.
    """
    taken: list[Taken] = []
    for lot in lots:
        if amount <= 0:
            break
        part = min(lot.free, amount)
        if part > 0:
            taken.append(Taken(lot=lot, amount=part))
            amount -= part
    return tuple(taken)
