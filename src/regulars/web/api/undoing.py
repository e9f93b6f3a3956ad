"""What ends or undoes something earlier: captures, releases, restored spends and returned goods."""

from typing import Annotated, Final

import msgspec
from litestar import post
from litestar.params import FromPath
from litestar.response.base import ASGIResponse
from msgspec import Meta
from msgspec.structs import replace

from regulars.actions.answers import EventAnswer
from regulars.actions.telling import Told
from regulars.connectors.incoming import MemberReference, returned
from regulars.engine import events
from regulars.engine.events import ReturnedLine
from regulars.web.api import examples
from regulars.web.api.shapes import EXAMPLE_MEMBER, Amount, Circumstances, Instant, MemberId, Text
from regulars.web.api.telling import MEMBER_PROBLEMS, OURSELVES, keyed_call, source_id_of, tell, tell_of_member
from regulars.web.desk import Call
from regulars.web.operations import Operation, declared
from regulars.web.reading import body, path_id, utc


class Release(Circumstances, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose hold it is, or whose spend."""

    member: MemberId


class Capture(Circumstances, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose hold it is, and how much of it is spent: all of it without an amount. The rest is free again."""

    member: MemberId
    amount: Amount | None = None


class ReturnOfOrder(Circumstances, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What came back; without lines, everything that had not come back yet.

    (`source`, `source_id`) is the return's business key: told again, it counts once. Without `source_id` the
    Idempotency-Key stands in. Without `member` the return goes to the member whose order it is.
    """

    source: Annotated[str, Meta(min_length=1, max_length=100)] = OURSELVES
    source_id: Text | None = None
    member: MemberReference | None = None
    occurred_at: Instant | None = None
    lines: Annotated[tuple[ReturnedLine, ...], Meta(max_length=1000)] = ()


_RELEASE: Final = msgspec.json.Decoder(Release)
_CAPTURE: Final = msgspec.json.Decoder(Capture)
_RETURN: Final = msgspec.json.Decoder(ReturnOfOrder)

_END: Final = Operation(
    id="",
    tag="Points",
    summary="",
    scope="points:write",
    keyed=True,
    takes=Release,
    example={"member": EXAMPLE_MEMBER},
    gives=EventAnswer,
)


@post(
    "/v1/holds/{hold_id:str}/capture",
    status_code=200,
    opt=declared(
        replace(
            _END,
            id="capture_hold",
            summary="Spend held points",
            takes=Capture,
            example={"member": EXAMPLE_MEMBER, "amount": 150},
            answer=examples.SPENT,
            problems=(*MEMBER_PROBLEMS, "hold-not-open", "captured-more-than-held"),
        )
    ),
)
async def capture_hold(request: Call, hold_id: FromPath[str]) -> ASGIResponse:
    """Spend what a hold reserved."""
    sent = await body(request, _CAPTURE)
    what = events.Capture(hold_id=path_id("hld", hold_id), amount=sent.amount)
    return await tell_of_member(request, "hold.captured", sent.member, sent, what, sent)


@post(
    "/v1/holds/{hold_id:str}/release",
    status_code=200,
    opt=declared(
        replace(
            _END,
            id="release_hold",
            summary="Release held points",
            answer=examples.told("hold.released"),
            problems=(*MEMBER_PROBLEMS, "hold-not-open"),
        )
    ),
)
async def release_hold(request: Call, hold_id: FromPath[str]) -> ASGIResponse:
    """Free what a hold reserved."""
    sent = await body(request, _RELEASE)
    what = events.Release(hold_id=path_id("hld", hold_id))
    return await tell_of_member(request, "hold.released", sent.member, sent, what, sent)


@post(
    "/v1/spends/{event_id:str}/restore",
    status_code=200,
    opt=declared(
        replace(
            _END,
            id="restore_spend",
            summary="Undo a spend",
            description="The points go back to the lots they came from and keep those lots' dates.",
            answer=examples.told("points.restored", taken=examples.SPENT["taken"]),
            problems=(
                *MEMBER_PROBLEMS,
                "unknown-spend",
                "spend-already-restored",
                "conversion-final",
                "conversion-used",
            ),
        )
    ),
)
async def restore_spend(request: Call, event_id: FromPath[str]) -> ASGIResponse:
    """Undo a spend, named by the event that it was answered with."""
    sent = await body(request, _RELEASE)
    what = events.Restore(spend_id=path_id("evt", event_id))
    return await tell_of_member(request, "points.restored", sent.member, sent, what, sent)


@post(
    "/v1/orders/{order_id:str}/returns",
    status_code=200,
    opt=declared(
        Operation(
            id="return_order",
            tag="Events",
            summary="Return goods",
            description=(
                "Takes back what the returned lines were given then, whatever the rules say today. Returns may "
                "be partial, repeated, in any order, and may arrive before their order."
            ),
            scope="events:write",
            keyed=True,
            takes=ReturnOfOrder,
            example={"source": "webshop", "source_id": "refund-77", "lines": [{"id": "2", "quantity_milli": 1000}]},
            gives=EventAnswer,
            answer=examples.RETURNED,
            problems=(
                *MEMBER_PROBLEMS,
                "event-before-1970",
                "event-in-the-future",
                "event-too-late",
                "identities-of-different-members",
                "order-of-another-member",
                "order-unknown",
                "quantity-not-positive",
                "return-needs-quantity",
                "returned-more-than-bought",
                "unknown-line",
            ),
        )
    ),
)
async def return_order(request: Call, order_id: FromPath[str]) -> ASGIResponse:
    """Take goods back, by line and quantity."""
    sent = await body(request, _RETURN)
    call = keyed_call(request, sent)
    return await tell(
        request,
        Told(
            type="return",
            source=sent.source,
            source_id=sent.source_id or source_id_of(call),
            body=returned(order_id, sent.lines),
            member=sent.member,
            occurred_at=utc(sent.occurred_at, path="$.occurred_at") if sent.occurred_at is not None else None,
            channel=sent.channel,
            shop=sent.shop,
            associate=sent.associate,
            call=call,
        ),
    )


HANDLERS: Final = (capture_hold, release_hold, restore_spend, return_order)
