"""A voucher is a reward that a member has: paid for or given, to be used once, in any channel."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from regulars.engine.points import SpentPart

VoucherState = Literal["reserved", "issued", "redeemed", "returned", "expired", "cancelled", "moved"]


class Voucher(Struct, frozen=True, kw_only=True):
    """One reward in a member's hands, usable in `[issued_at, valid_until)`.

    `parts` are the points that were paid for it, out of `wallet`, so that they can go back to their lots; while
    it is reserved they are held by `hold_id`. `claims` are the shared things it took (stock, seats, a code of a
    pool), given back when it is cancelled, and `counted` the counters that its limits moved. `number` is its
    place in a pool, `lot_id` the lot of store credit that it filled. `value_minor` is what it stands for, where
    the member chose that. `order_id` is the order that it is reserved for, until `reserved_until` (exclusive),
    or was used in. `event_id` brought it about, `reserved_by` is the event that reserved it: the same where it
    lapses with the reservation. It has `moved` where the member was merged: the other membership has it
    now, `inherited` together with what was paid for it.
    `options` is what the member chose besides: a size, a colour, a date.
    """

    id: UUID
    reward: str
    state: VoucherState
    event_id: UUID
    issued_at: datetime
    valid_until: datetime | None = None
    wallet: str | None = None
    parts: tuple[SpentPart, ...] = ()
    hold_id: UUID | None = None
    claims: dict[str, int] = {}
    number: int | None = None
    lot_id: UUID | None = None
    value_minor: int | None = None
    order_id: str | None = None
    redeemed_at: datetime | None = None
    redeemed_by: UUID | None = None
    reserved_until: datetime | None = None
    reserved_by: UUID | None = None
    counted: dict[str, int] = {}
    options: dict[str, str] = {}
    inherited: bool = False
    high_value: bool = False

    @property
    def open(self) -> bool:
        """Whether something can still become of it."""
        return self.state in ("reserved", "issued")

    def standing(self, at: datetime) -> VoucherState:
        """Return its state at an instant, from the instants alone, whether or not anybody has settled."""
        state = self.state
        if state == "reserved" and self.reserved_until is not None and self.reserved_until <= at:
            state = "cancelled" if self.reserved_by == self.event_id else "issued"
        return "expired" if state == "issued" and self.valid_until is not None and self.valid_until <= at else state

    def usable(self, at: datetime) -> bool:
        """Whether it can be used at an instant, as far as its own time goes: also when it has lapsed since."""
        if self.state not in ("issued", "reserved", "expired") or at < self.issued_at:
            return False
        return self.valid_until is None or at < self.valid_until
