"""Something happened somewhere: an event says what, to whom, when and in which channel."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from regulars.engine.standing import TierState
from regulars.engine.vouchers import Voucher

Scalar = str | int | bool | None


class Line(Struct, frozen=True, kw_only=True):
    """One line of an order; money in minor units of the order's currency.

    `amount_minor` is the whole line before discounts, with tax where the order's prices include it.
    `discount_minor` is what the line's own discounts take off. `tax_minor` is the tax on what is paid for the
    line after all discounts: within it, or on top of it, as the order says. `quantity_milli` is in thousandths.
    """

    id: str
    product: str
    amount_minor: int
    quantity_milli: int = 1000
    discount_minor: int = 0
    tax_minor: int = 0
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


class Tender(Struct, frozen=True, kw_only=True):
    """A means by which part of an order was paid."""

    type: str
    amount_minor: int


class Order(Struct, frozen=True, kw_only=True):
    """What was bought at once; `id` is unique within the brand, whichever source reports it."""

    id: str
    currency: str
    lines: tuple[Line, ...]
    prices_include_tax: bool = True
    discount_minor: int = 0
    shipping_minor: int = 0
    shipping_tax_minor: int = 0
    tenders: tuple[Tender, ...] = ()


class Purchase(Struct, frozen=True, kw_only=True, tag_field="kind", tag="purchase"):
    """An order was paid; `vouchers` were used in it, and their discounts are in its lines.

    `sent_in` where it was the member who told of it, with what is printed on the receipt.
    """

    order: Order
    vouchers: tuple[UUID, ...] = ()
    sent_in: bool = False


class ReturnedLine(Struct, frozen=True, kw_only=True):
    """So much of a line came back; without a quantity, all that had not come back yet."""

    id: str
    quantity_milli: int | None = None


class Return(Struct, frozen=True, kw_only=True, tag_field="kind", tag="return"):
    """Goods came back; without lines, everything that had not come back yet."""

    order_id: str
    lines: tuple[ReturnedLine, ...] = ()


class Action(Struct, frozen=True, kw_only=True, tag_field="kind", tag="action"):
    """The member did something that the brand gave a name to: the event's type."""

    data: dict[str, Scalar] = {}


class Enrol(Struct, frozen=True, kw_only=True, tag_field="kind", tag="enrol"):
    """The member joined."""

    attributes: dict[str, Scalar] = {}


class Describe(Struct, frozen=True, kw_only=True, tag_field="kind", tag="describe"):
    """The member's attributes changed; an attribute set to null is taken away.

    `lists` are the static lists that the member is put on (true) or taken off.
    """

    attributes: dict[str, Scalar]
    lists: dict[str, bool] = {}


class Spend(Struct, frozen=True, kw_only=True, tag_field="kind", tag="spend"):
    """The member pays with points."""

    wallet: str
    amount: int
    order_id: str | None = None


class Restore(Struct, frozen=True, kw_only=True, tag_field="kind", tag="restore"):
    """A spend is undone: the points go back to the lots they came from."""

    spend_id: UUID


class Hold(Struct, frozen=True, kw_only=True, tag_field="kind", tag="hold"):
    """Points are reserved until `expires_at` (exclusive), then free again by themselves."""

    wallet: str
    amount: int
    expires_at: datetime


class Capture(Struct, frozen=True, kw_only=True, tag_field="kind", tag="capture"):
    """Held points are spent; without an amount, all of them. The rest is released."""

    hold_id: UUID
    amount: int | None = None


class Release(Struct, frozen=True, kw_only=True, tag_field="kind", tag="release"):
    """Held points are free again."""

    hold_id: UUID


class Adjust(Struct, frozen=True, kw_only=True, tag_field="kind", tag="adjust"):
    """Somebody with the right to do so gives points (positive) or takes them (negative)."""

    wallet: str
    amount: int
    reason: str


class Parcel(Struct, frozen=True, kw_only=True):
    """Points on the way from one member to another, with the dates of the lot they left."""

    origin_id: UUID
    wallet: str
    amount: int
    earned_at: datetime
    available_at: datetime
    expires_at: datetime | None


class Transfer(Struct, frozen=True, kw_only=True, tag_field="kind", tag="transfer"):
    """The member gives points to another member."""

    wallet: str
    amount: int
    to_member: UUID


class Convert(Struct, frozen=True, kw_only=True, tag_field="kind", tag="convert"):
    """The member turns points of a wallet into points of another, at the programme's rate."""

    wallet: str
    amount: int
    into: str


class Receive(Struct, frozen=True, kw_only=True, tag_field="kind", tag="receive"):
    """Points of another member arrive."""

    from_member: UUID
    parcels: tuple[Parcel, ...]


class Merge(Struct, frozen=True, kw_only=True, tag_field="kind", tag="merge"):
    """The member turns out to be another one: everything goes there and this membership closes."""

    into_member: UUID


class Absorb(Struct, frozen=True, kw_only=True, tag_field="kind", tag="absorb"):
    """Another membership of the same person arrives with all it had.

    `active_until` is by wallet, for those that lapse by inactivity; `days` is what was counted by local day, and
    `tiers` by the set's id; `vouchers` are those of which something can still become, and used ones too.
    """

    from_member: UUID
    parcels: tuple[Parcel, ...]
    debts: dict[str, int]
    counters: dict[str, int]
    attributes: dict[str, Scalar]
    enrolled_at: datetime
    active_until: dict[str, datetime] = {}
    days: dict[date, dict[str, int]] = {}
    tiers: dict[str, TierState] = {}
    vouchers: tuple[Voucher, ...] = ()
    lists: tuple[str, ...] = ()


class Chosen(Struct, frozen=True, kw_only=True):
    """A reward that the member wants; `amount` is what is paid for it where the member chooses that."""

    reward: str
    amount: int | None = None
    options: dict[str, str] = {}


class Issue(Struct, frozen=True, kw_only=True, tag_field="kind", tag="issue"):
    """The member takes a reward: pays for it and has a voucher. With `redeem` it is used at once, as at a till."""

    chosen: Chosen
    redeem: bool = False
    order_id: str | None = None


class Reserve(Struct, frozen=True, kw_only=True, tag_field="kind", tag="reserve"):
    """A checkout lays hands on rewards and vouchers until `until` (exclusive): nobody else can use them meanwhile.

    It takes the place of what was reserved for the same order before. The order's purchase uses them all.
    """

    order_id: str
    until: datetime
    chosen: tuple[Chosen, ...] = ()
    vouchers: tuple[UUID, ...] = ()


class Use(Struct, frozen=True, kw_only=True, tag_field="kind", tag="use"):
    """A voucher is used outside an order, or the till says in which."""

    voucher_id: UUID
    order_id: str | None = None


class Undo(Struct, frozen=True, kw_only=True, tag_field="kind", tag="undo"):
    """A reward goes back: its points to the lots they came from, or with `to` voucher only its use is undone.

    Instead of a voucher it may name an order: all that is reserved for it goes back. A `reversal` is by somebody
    with the right to do so, whatever the reward's terms say.
    """

    voucher_id: UUID | None = None
    order_id: str | None = None
    to: Literal["points", "voucher"] = "points"
    reversal: bool = False


class Settle(Struct, frozen=True, kw_only=True, tag_field="kind", tag="settle"):
    """The clock moved on: what is due becomes available, expires or lapses."""


Body = (
    Purchase
    | Return
    | Action
    | Enrol
    | Describe
    | Spend
    | Restore
    | Hold
    | Capture
    | Release
    | Adjust
    | Transfer
    | Convert
    | Receive
    | Merge
    | Absorb
    | Issue
    | Reserve
    | Use
    | Undo
    | Settle
)
Origin = Literal["api", "import", "platform"]


class Event(Struct, frozen=True, kw_only=True):
    """One thing that happened to one member.

    `occurred_at` is the source's time and decides which rules count; `recorded_at` is ours. The business key
    is (source, source_id, type): the same key is the same event, however often it is told.
    """

    id: UUID
    member_id: UUID
    type: str
    source: str
    source_id: str
    occurred_at: datetime
    recorded_at: datetime
    body: Body
    channel: str = ""
    shop: str = ""
    associate: str = ""
