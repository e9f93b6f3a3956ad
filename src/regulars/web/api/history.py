"""What happened to a member: every movement of points, and one timeline over all channels."""

from datetime import datetime
from typing import Annotated, Any, Final

from litestar import get
from litestar.params import FromPath
from litestar.response.base import ASGIResponse
from msgspec import Meta, Raw, Struct

from regulars.actions.answers import EventAnswer
from regulars.db import events, lots, members
from regulars.engine.ids import external
from regulars.web import cursors
from regulars.web.answering import answer, encoded
from regulars.web.api import examples
from regulars.web.api.members import known_member
from regulars.web.api.shapes import EXAMPLE_EVENT, EXAMPLE_LOT, EXAMPLE_MEMBER, Cursor, EventId, Limit, LotId, MemberId
from regulars.web.desk import Call, client_of, desk_of
from regulars.web.operations import Operation, declared
from regulars.web.reading import parameters, path_id


class Page(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A page of a list."""

    cursor: Cursor | None = None
    limit: Limit = 50


class TimelinePage(Page, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A page of a timeline, of one type or one channel where it is named."""

    type: Annotated[str, Meta(max_length=100, description="Only events of this type.")] | None = None
    channel: Annotated[str, Meta(max_length=100, description="Only what came by this channel.")] | None = None


class MovementShown(Struct, frozen=True, kw_only=True):
    """Points moved from one account to another: `points` out of `source` into `target`.

    `at` is when it took effect, `recorded_at` when we wrote it down, `type` the type of the event behind it.
    """

    event: EventId
    type: str
    wallet: str
    kind: str
    source: str
    target: str
    points: int
    lot: LotId | None
    at: datetime
    recorded_at: datetime


class Statement(Struct, frozen=True, kw_only=True):
    """A page of movements, the latest decision first; `next` is the cursor of the page that follows."""

    member: MemberId
    movements: tuple[MovementShown, ...]
    next: str | None


class Happening(Struct, frozen=True, kw_only=True):
    """An event as it was told, and the decision on it."""

    event: EventId
    type: str
    source: str
    source_id: str
    channel: str
    shop: str
    associate: str
    occurred_at: datetime
    recorded_at: datetime
    body: dict[str, Any]
    decision: EventAnswer


class Timeline(Struct, frozen=True, kw_only=True):
    """A page of what happened, the latest first; `next` is the cursor of the page that follows."""

    member: MemberId
    events: tuple[Happening, ...]
    next: str | None


@get(
    "/v1/members/{member_id:str}/statement",
    opt=declared(
        Operation(
            id="read_statement",
            tag="Points",
            summary="Read the statement",
            description="Every movement of the member's points, double entry, the latest decision first.",
            scope="members:read",
            query=Page,
            gives=Statement,
            answer={
                "member": EXAMPLE_MEMBER,
                "movements": [
                    {
                        "event": EXAMPLE_EVENT,
                        "type": "purchase",
                        "wallet": "points",
                        "kind": "earn",
                        "source": "issued",
                        "target": "pending",
                        "points": 100,
                        "lot": EXAMPLE_LOT,
                        "at": "2027-02-03T16:20:00Z",
                        "recorded_at": "2027-02-03T16:20:01.042Z",
                    }
                ],
                "next": None,
            },
            problems=("unknown-member", "not-found"),
        )
    ),
)
async def read_statement(request: Call, member_id: FromPath[str]) -> ASGIResponse:
    """Read a page of a member's movements."""
    id, page = path_id("mem", member_id), parameters(request, Page)
    before = lots.NEWEST if page.cursor is None else cursors.read(page.cursor, lots.StatementPlace)
    async with desk_of(request).memory.pool.connection() as connection:
        await known_member(request, connection, id)
        found = await lots.statement(
            connection, client_of(request).programme_id, id, before=before, limit=page.limit + 1
        )
    shown, last = found[: page.limit], found[page.limit - 1 : page.limit]
    more = len(found) > page.limit
    next = lots.StatementPlace(member_version=last[0].member_version, number=last[0].number) if more else None
    return answer(
        encoded(
            Statement(
                member=member_id,
                movements=tuple(_movement(one) for one in shown),
                next=cursors.write(next) if next is not None else None,
            )
        )
    )


def _movement(one: lots.Movement) -> MovementShown:
    return MovementShown(
        event=external("evt", one.event_id),
        type=one.type,
        wallet=one.wallet,
        kind=one.kind,
        source=one.source,
        target=one.target,
        points=one.amount,
        lot=external("lot", one.lot_id) if one.lot_id is not None else None,
        at=one.at,
        recorded_at=one.recorded_at,
    )


@get(
    "/v1/members/{member_id:str}/timeline",
    opt=declared(
        Operation(
            id="read_timeline",
            tag="Members",
            summary="Read the timeline",
            description="Everything that happened in any channel, with its decision; of merged memberships too.",
            scope="members:read",
            query=TimelinePage,
            gives=Timeline,
            answer={
                "member": EXAMPLE_MEMBER,
                "events": [
                    {
                        "event": EXAMPLE_EVENT,
                        "type": "purchase",
                        "source": "webshop",
                        "source_id": "order-2027-0815",
                        "channel": "web",
                        "shop": "",
                        "associate": "",
                        "occurred_at": "2027-02-03T16:20:00Z",
                        "recorded_at": "2027-02-03T16:20:01.042Z",
                        "body": {"kind": "purchase", "order": examples.PURCHASE["order"]},
                        "decision": examples.DECISION,
                    }
                ],
                "next": None,
            },
            problems=("unknown-member", "not-found"),
        )
    ),
)
async def read_timeline(request: Call, member_id: FromPath[str]) -> ASGIResponse:
    """Read a page of what happened to a member."""
    id, page = path_id("mem", member_id), parameters(request, TimelinePage)
    before = events.NEWEST if page.cursor is None else cursors.read(page.cursor, events.Place)
    programme_id = client_of(request).programme_id
    async with desk_of(request).memory.pool.connection() as connection:
        await known_member(request, connection, id)
        family = [id, *await members.merged_from(connection, programme_id, id)]
        found = await events.timeline(
            connection,
            programme_id,
            family,
            before=before,
            type=page.type,
            channel=page.channel,
            limit=page.limit + 1,
        )
    shown, more = found[: page.limit], len(found) > page.limit
    next = events.Place(shown[-1].event.occurred_at, shown[-1].event.id) if more else None
    return answer(
        b'{"member":%b,"events":[%b],"next":%b}'
        % (
            encoded(member_id),
            b",".join(_happening(one) for one in shown),
            encoded(cursors.write(next) if next is not None else None),
        )
    )


def _happening(one: events.RecordedEvent) -> bytes:
    event = one.event
    head = {
        "event": external("evt", event.id),
        "type": event.type,
        "source": event.source,
        "source_id": event.source_id,
        "channel": event.channel,
        "shop": event.shop,
        "associate": event.associate,
        "occurred_at": event.occurred_at,
        "recorded_at": event.recorded_at,
        "body": event.body,
        "decision": Raw(one.answer.encode()),
    }
    return encoded(head)


HANDLERS: Final = (read_statement, read_timeline)
