"""A decision is a list of effects: small facts that memory can store and that `evolve` can apply."""

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from regulars.engine.events import Scalar
from regulars.engine.members import OrderRecord, SpendRecord
from regulars.engine.points import Account, Lot, MovementKind, OpenHold
from regulars.engine.standing import TierState
from regulars.engine.vouchers import Voucher


class LotOpened(Struct, frozen=True):
    """A lot came into being, empty: the posting that follows fills it."""

    lot: Lot


class Posted(Struct, frozen=True, kw_only=True):
    """Points moved from one account to another; every movement is one posting, so the sum stays zero.

    `lot_id` is null only where the movement concerns the debt alone. `at` is the instant it takes effect.
    """

    wallet: str
    kind: MovementKind
    source: Account
    target: Account
    amount: int
    at: datetime
    lot_id: UUID | None = None


class Counted(Struct, frozen=True, kw_only=True):
    """A counter of the member moved; from the day `until` on nobody asks for it any more."""

    name: str
    by: int
    until: date | None = None


class HoldOpened(Struct, frozen=True):
    """Points were reserved."""

    hold: OpenHold


class HoldClosed(Struct, frozen=True):
    """A reservation ended: captured, released or lapsed."""

    hold_id: UUID


class StayedActive(Struct, frozen=True):
    """The member's activity moved the instant at which a wallet's points lapse."""

    wallet: str
    active_until: datetime


class Described(Struct, frozen=True):
    """An attribute of the member was set, or taken away by null."""

    name: str
    value: Scalar


class Enrolled(Struct, frozen=True):
    """The membership began."""

    at: datetime


class MergedInto(Struct, frozen=True):
    """The membership closed in favour of another one."""

    member_id: UUID


class OrderKept(Struct, frozen=True):
    """What returns of an order will need was recorded or brought up to date."""

    record: OrderRecord


class SpendKept(Struct, frozen=True):
    """What undoing a spend will need was recorded or brought up to date."""

    record: SpendRecord


class DayCounted(Struct, frozen=True):
    """Something was counted on a local day: purchases, money spent, points earned."""

    day: date
    name: str
    by: int


class TierKept(Struct, frozen=True):
    """The member's place in a set of tiers was recorded or brought up to date."""

    tier_set: str
    state: TierState


class VoucherKept(Struct, frozen=True):
    """A voucher came into being or changed."""

    voucher: Voucher


class Listed(Struct, frozen=True):
    """The member was put on a static list, or taken off it."""

    name: str
    on: bool


class Claimed(Struct, frozen=True, kw_only=True):
    """Something that members share was taken (`by` positive) or given back: a budget, stock, a place in a pool.

    At most `most` may be taken in all; what was taken before, as the decision knew it, is `seen`. With `exact`
    the claim holds only if that is still so, since `seen` is the number of what was taken.
    """

    name: str
    by: int
    most: int | None = None
    seen: int = 0
    exact: bool = False


class Announced(Struct, frozen=True):
    """The world is to hear of it: one message for the outbox, without personal data."""

    topic: str
    data: dict[str, object]


class Sent(Struct, frozen=True):
    """Another member is to receive an event of its own, by way of the outbox."""

    member_id: UUID
    type: str
    body: bytes


Effect = (
    LotOpened
    | Posted
    | Counted
    | HoldOpened
    | HoldClosed
    | StayedActive
    | Described
    | Enrolled
    | MergedInto
    | OrderKept
    | SpendKept
    | DayCounted
    | TierKept
    | VoucherKept
    | Listed
    | Claimed
    | Announced
    | Sent
)
