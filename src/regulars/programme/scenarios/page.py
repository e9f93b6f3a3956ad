"""A scenario page as values: programmes, what the platform is told, and what must then be so."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from regulars.engine.events import Body, Scalar
from regulars.engine.ids import derive
from regulars.engine.running import Running
from regulars.programme.scenarios.cells import Units


class Version(Struct, frozen=True, kw_only=True):
    """A programme in force from `starts_at` by the time of the events; the first one since ever (null)."""

    starts_at: datetime | None
    text: str
    running: Running


class Told(Struct, frozen=True, kw_only=True):
    """One event as a source tells it; `label` is its name on the page.

    Without `member` it belongs to whose order it is about. The ids within the body are the page's own
    (`page_id`): of members by name, of other events by label. `repeats` names the event that it tells again.
    """

    line: int
    label: str
    member: str | None
    type: str
    source: str
    source_id: str
    occurred_at: datetime
    recorded_at: datetime
    body: Body
    channel: str = ""
    shop: str = ""
    associate: str = ""
    repeats: str | None = None


class Moment(Struct, frozen=True):
    """When something is looked at: after the first `events` of the page, at an instant."""

    events: int
    at: datetime


class ExpectedBalance(Struct, frozen=True, kw_only=True):
    """What a member must have in a wallet; amounts in its smallest unit."""

    line: int
    moment: Moment
    member: str
    wallet: str
    available: int = 0
    pending: int = 0
    held: int = 0
    debt: int = 0


class ExpectedLot(Struct, frozen=True, kw_only=True):
    """A lot that a member must have: the points that remain in it, and those of its dates that the page names."""

    line: int
    moment: Moment
    member: str
    wallet: str
    points: int
    held: int = 0
    earned: datetime | None = None
    available: datetime | None = None
    expires: datetime | Literal["never"] | None = None


class ExpectedTier(Struct, frozen=True, kw_only=True):
    """Where a member must stand in a set of tiers, and what of its progress the page names.

    `level` and `falls_to` are empty below the first level. `missing` is what the next level takes, before `by`, and
    `to_keep` what this one takes, as the page writes it.
    """

    line: int
    moment: Moment
    member: str
    tier_set: str
    level: str
    until: datetime | Literal["ever"] | None = None
    falls_to: str | None = None
    missing: str | None = None
    by: datetime | Literal["ever"] | None = None
    to_keep: str | None = None


class ExpectedVoucher(Struct, frozen=True, kw_only=True):
    """A voucher that a member must have in hand, and those of its dates and amounts that the page names.

    With `reward` of none the member must have no voucher at all.
    """

    line: int
    moment: Moment
    member: str
    reward: str | None
    state: str
    until: datetime | Literal["never"] | None = None
    value_minor: int | None = None


class ExpectedReward(Struct, frozen=True, kw_only=True):
    """What an event must make of a voucher of a reward: the state in which it then is."""

    line: int
    event: str
    reward: str
    state: str


class ExpectedReason(Struct, frozen=True, kw_only=True):
    """A reason that must be given; `actual` and `required` as text, where the page names them."""

    code: str
    actual: str | None = None
    required: str | None = None


class ExpectedAward(Struct, frozen=True, kw_only=True):
    """What a rule must give for an event, of what it would have given, and why."""

    line: int
    event: str
    rule: str
    wallet: str
    points: int
    desired: int
    reasons: tuple[ExpectedReason, ...] = ()


class ExpectedClawback(Struct, frozen=True, kw_only=True):
    """What an event must ask back of a rule's award, and what becomes of it."""

    line: int
    event: str
    rule: str
    wallet: str
    asked: int
    taken: int
    lapsed: int
    owed: int
    forgiven: int


class ExpectedRefusal(Struct, frozen=True, kw_only=True):
    """An event that must be refused, and those of the refusal's details that the page names."""

    line: int
    event: str
    code: str
    detail: dict[str, Scalar] = {}


class ExpectedRepeat(Struct, frozen=True, kw_only=True):
    """An event that must be answered with what was recorded of another one: it tells the same."""

    line: int
    event: str
    of: str


class ExpectedNote(Struct, frozen=True, kw_only=True):
    """What the answer to an event must remark."""

    line: int
    event: str
    note: str


ExpectedAnswer = ExpectedReward | ExpectedAward | ExpectedClawback | ExpectedRefusal | ExpectedRepeat | ExpectedNote
ExpectedLook = ExpectedBalance | ExpectedLot | ExpectedVoucher | ExpectedTier
Expected = ExpectedLook | ExpectedAnswer


class Page(Struct, frozen=True, kw_only=True):
    """A scenario: `told` in the order in which the platform hears it; `pools` hold so many codes from the start."""

    name: str
    title: str
    units: Units
    versions: tuple[Version, ...]
    told: tuple[Told, ...]
    expected: tuple[Expected, ...]
    pools: dict[str, int] = {}

    def version(self, at: datetime) -> Version:
        """Return the version in force at an instant."""
        return [one for one in self.versions if one.starts_at is None or one.starts_at <= at][-1]


def page_id(kind: Literal["member", "event"], name: str) -> UUID:
    """Return the id by which a page's bodies mean one of its members or events."""
    return derive(UUID(int=0), kind, name)


def held_by(label: str) -> UUID:
    """Return the id of the hold that the event with this label opens."""
    return derive(page_id("event", label), "hold")
