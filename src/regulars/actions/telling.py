"""What we are told, in the form in which it is decided: one road for purchases, returns and the platform's own."""

from datetime import UTC, datetime
from uuid import UUID

from msgspec import Struct

from regulars.connectors.incoming import Incoming, Malformed, MemberReference
from regulars.engine.events import Body
from regulars.engine.reasons import Refused

# Nothing that anybody means lies beyond, and instants near the ends of the calendar have no counterpart in UTC.
_FIRST_YEAR = 1970
_LAST_YEAR = 9000


class KeyedCall(Struct, frozen=True, kw_only=True):
    """The idempotency key of a call: the client it belongs to, and the fingerprint of what was asked."""

    client: UUID
    key: str
    fingerprint: bytes


class Told(Struct, frozen=True, kw_only=True):
    """One thing that happened, told of somebody who is still to be recognised.

    (`source`, `source_id`, `type`) is the business key. `member` may be left out where the body's order
    tells whose it is. `occurred_at` of None: it happened now.
    """

    type: str
    source: str
    source_id: str
    body: Body
    member: MemberReference | None = None
    occurred_at: datetime | None = None
    channel: str = ""
    shop: str = ""
    associate: str = ""
    call: KeyedCall | None = None

    @property
    def business_key(self) -> tuple[str, str, str]:
        """What makes it the same event, however often it is told."""
        return self.source, self.source_id, self.type


def told_of(incoming: Incoming, call: KeyedCall | None = None) -> Told | Refused:
    """Return what a source tells, or why it makes no sense."""
    at = incoming.occurred_at
    if at is not None and at.tzinfo is None:
        return Refused(code="malformed", detail={"field": "occurred_at", "problem": "the time has no zone"})
    if at is not None and not _FIRST_YEAR <= at.year <= _LAST_YEAR:
        problem = f"the year is not from {_FIRST_YEAR} to {_LAST_YEAR}"
        return Refused(code="malformed", detail={"field": "occurred_at", "problem": problem})
    try:
        body = incoming.body()
    except Malformed as error:
        return Refused(code="malformed", detail={"problem": str(error)})
    return Told(
        type=incoming.event_type,
        source=incoming.source,
        source_id=incoming.source_id,
        body=body,
        member=incoming.member,
        occurred_at=at.astimezone(UTC) if at is not None else None,
        channel=incoming.channel,
        shop=incoming.shop,
        associate=incoming.associate,
        call=call,
    )
