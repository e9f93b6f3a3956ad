"""The rows that `apply` writes, one class a statement of apply.sql, fields named like the columns."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from msgspec import Raw, Struct, field

Bytes = str
"""Bytes as PostgreSQL reads them out of JSON: \\x and hexadecimal digits."""


class OfMember(Struct):
    """What every row of a member begins with."""

    bucket: int
    member_id: UUID
    programme_id: str


class EventRow(OfMember, kw_only=True):
    """An event as it happened and was decided."""

    event_id: UUID
    type: str
    source: str
    source_id: str
    occurred_at: datetime
    recorded_at: datetime
    channel: str
    shop: str
    associate: str
    member_version: int
    programme_version: int
    body: Raw
    answer: str
    seen: dict[str, int] | None
    claimed: dict[str, int] | None


class MemberRow(OfMember, kw_only=True):
    """A member at its new version; null attributes and absorbed members did not change.

    Whoever has benefits keeps having had them, whatever a later row says.
    """

    version: int
    standing: str
    merged_into: UUID | None
    absorbed: Sequence[UUID] | None
    enrolled_at: datetime | None
    channel: str
    shop: str
    enrolled_by: str
    attributes: dict[str, str | int | bool | None] | None
    has_benefits: bool


class LotRow(OfMember, kw_only=True):
    """A lot as the batch leaves it."""

    lot_id: UUID
    wallet: str
    origin_id: UUID
    event_id: UUID
    amount: int
    remaining: int
    held: int
    lapsed: int
    lapsed_at: datetime | None
    matured: bool
    earned_at: datetime
    available_at: datetime
    expires_at: datetime | None


class PostingRow(OfMember, kw_only=True):
    """One movement of points."""

    event_id: UUID
    number: int
    wallet: str
    kind: str
    source: str
    target: str
    amount: int
    lot_id: UUID | None
    at: datetime
    recorded_at: datetime


class CounterRow(OfMember, kw_only=True):
    """By how much a counter moved."""

    name: str
    value: int
    until: date | None


class WalletRow(OfMember, kw_only=True):
    """What a wallet remembers beside its lots."""

    wallet: str
    debt: int
    active_until: datetime | None


class OrderRow(OfMember, kw_only=True):
    """What returns of an order will need."""

    order_id: str
    event_id: UUID | None
    record: Struct


class SpendRow(OfMember, kw_only=True):
    """What undoing a spend will need."""

    event_id: UUID
    record: Struct


class HoldRow(OfMember, kw_only=True):
    """Reserved points."""

    hold_id: UUID
    wallet: str
    amount: int
    expires_at: datetime
    parts: Sequence[Struct]
    state: str


class ClosedHoldRow(OfMember, kw_only=True):
    """A reservation that ended."""

    hold_id: UUID


class DayRow(OfMember, kw_only=True):
    """What was counted on a local day, to be added to what the day has."""

    day: date
    facts: dict[str, int]


class TierRow(OfMember, kw_only=True):
    """Where a member stands in a set of tiers."""

    tier_set: str
    level: str
    until: datetime | None
    next_at: datetime | None
    record: Struct


class VoucherRow(OfMember, kw_only=True):
    """A voucher as the batch leaves it."""

    voucher_id: UUID
    reward: str
    state: str
    event_id: UUID
    order_id: str | None
    valid_until: datetime | None
    due_at: datetime | None
    record: Struct


class ListRow(OfMember, kw_only=True):
    """A list that a member is put on or taken off."""

    name: str


class OutboxRow(OfMember, kw_only=True):
    """A message to be sent."""

    event_id: UUID
    number: int
    topic: str
    body: Raw
    to_member: UUID | None
    occurred_at: datetime
    created_at: datetime


class ProfileRow(OfMember, kw_only=True):
    """A sealed profile."""

    wrapped_key: Bytes
    sealed: Bytes | None
    updated_at: datetime


class ContactRow(OfMember, kw_only=True):
    """A sealed identity."""

    key_hash: Bytes
    kind: str
    sealed: Bytes
    created_at: datetime


class KeyRow(Struct, kw_only=True):
    """A key that leads to one member, in the bucket of the key."""

    bucket: int
    key_hash: Bytes
    programme_id: str
    member_bucket: int
    member_id: UUID


class MovedRow(KeyRow, kw_only=True):
    """A key that leads to another member from now on, if it leads to one of `closed`."""

    closed: tuple[UUID, ...]


class ClaimRow(KeyRow, kw_only=True):
    """A key that belongs to one member over everybody, by an event."""

    event_id: UUID
    created_at: datetime


class IdentityRow(ClaimRow, kw_only=True):
    """An identity that belongs to a member."""

    kind: str


class CodeRow(KeyRow, kw_only=True):
    """A code that leads to a voucher."""

    voucher_id: UUID
    created_at: datetime


class AnswerRow(Struct, kw_only=True):
    """What a client was answered under an idempotency key: what the event's answer is."""

    bucket: int
    programme_id: str
    client: UUID
    key: str
    fingerprint: Bytes
    status: int
    event_bucket: int
    event_id: UUID
    created_at: datetime


class SharedRow(Struct, kw_only=True):
    """What a batch takes of one thing that members share, less what it gives back.

    `seen` is what must have been used before it, where its claims are for numbers; -1, which never was, where
    they do not follow each other.
    """

    bucket: int
    programme_id: str
    name: str
    most: int | None
    taken: int
    seen: int | None


class Rows(Struct):
    """The rows of a batch, by the statement of apply.sql that writes them.

    The order is the order in which the statements run: the first one finds a stale decision before anything
    else is locked. Each touches its rows in the order of members' ids or of keys; so two batches that meet
    wait for each other in one direction only. What everybody wants comes last, and is locked for the shortest time.
    """

    record_events: list[EventRow] = field(default_factory=list)
    begin_members: list[MemberRow] = field(default_factory=list)
    move_members: list[MemberRow] = field(default_factory=list)
    open_lots: list[LotRow] = field(default_factory=list)
    move_lots: list[LotRow] = field(default_factory=list)
    post: list[PostingRow] = field(default_factory=list)
    count: list[CounterRow] = field(default_factory=list)
    keep_wallets: list[WalletRow] = field(default_factory=list)
    keep_orders: list[OrderRow] = field(default_factory=list)
    keep_spends: list[SpendRow] = field(default_factory=list)
    open_holds: list[HoldRow] = field(default_factory=list)
    close_holds: list[ClosedHoldRow] = field(default_factory=list)
    count_days: list[DayRow] = field(default_factory=list)
    keep_tiers: list[TierRow] = field(default_factory=list)
    keep_vouchers: list[VoucherRow] = field(default_factory=list)
    put_on_lists: list[ListRow] = field(default_factory=list)
    take_off_lists: list[ListRow] = field(default_factory=list)
    send_out: list[OutboxRow] = field(default_factory=list)
    keep_profiles: list[ProfileRow] = field(default_factory=list)
    keep_contacts: list[ContactRow] = field(default_factory=list)
    claim_identities: list[IdentityRow] = field(default_factory=list)
    move_identities: list[MovedRow] = field(default_factory=list)
    claim_orders: list[ClaimRow] = field(default_factory=list)
    claim_codes: list[CodeRow] = field(default_factory=list)
    keep_answers: list[AnswerRow] = field(default_factory=list)
    claim_shared: list[SharedRow] = field(default_factory=list)
