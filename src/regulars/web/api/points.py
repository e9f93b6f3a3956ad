"""What moves points other than rules: spending, holding, correcting, passing on."""

from typing import Annotated, Final

import msgspec
from litestar import post
from litestar.params import FromPath
from litestar.response.base import ASGIResponse
from msgspec import Meta
from msgspec.structs import replace

from regulars.actions.answers import EventAnswer
from regulars.engine import events
from regulars.web.api import examples
from regulars.web.api.shapes import EXAMPLE_MEMBER, Amount, Circumstances, Instant, MemberId, Text, WalletName
from regulars.web.api.telling import MEMBER_PROBLEMS, tell_of_member
from regulars.web.desk import Call
from regulars.web.operations import Operation, declared
from regulars.web.problems import FieldError, Stopped
from regulars.web.reading import body, body_id, utc


class Spend(Circumstances, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Pay with points, the soonest to expire first."""

    wallet: WalletName
    amount: Amount
    order_id: Text | None = None


class Hold(Circumstances, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Reserve points until `expires_at` (exclusive); then they are free again by themselves."""

    wallet: WalletName
    amount: Amount
    expires_at: Instant


class Adjustment(Circumstances, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Give points (positive) or take them (negative), and say why."""

    wallet: WalletName
    amount: Annotated[int, Meta(ge=-(10**15), le=10**15, description="Not 0; in the wallet's smallest unit.")]
    reason: Annotated[str, Meta(min_length=1, max_length=500)]


class Transfer(Circumstances, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Give points to another member; they keep their dates."""

    wallet: WalletName
    amount: Amount
    to: MemberId


class Conversion(Circumstances, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Turn points of one wallet into points of another, at the programme's rate."""

    wallet: WalletName
    amount: Amount
    into: WalletName


_SPEND: Final = msgspec.json.Decoder(Spend)
_HOLD: Final = msgspec.json.Decoder(Hold)
_ADJUSTMENT: Final = msgspec.json.Decoder(Adjustment)
_TRANSFER: Final = msgspec.json.Decoder(Transfer)
_CONVERSION: Final = msgspec.json.Decoder(Conversion)

_ENOUGH: Final = (*MEMBER_PROBLEMS, "insufficient-points", "unknown-wallet", "wallet-not-spendable")


_MOVE: Final = Operation(
    id="",
    tag="Points",
    summary="",
    scope="points:write",
    keyed=True,
    gives=EventAnswer,
    problems=_ENOUGH,
)


@post(
    "/v1/members/{member_id:str}/spends",
    status_code=200,
    opt=declared(
        replace(
            _MOVE,
            id="spend_points",
            summary="Spend points",
            description="Takes the soonest to expire first. Undo it with `POST /v1/spends/{event_id}/restore`.",
            takes=Spend,
            example={"wallet": "points", "amount": 200, "order_id": "order-2027-0816", "channel": "web"},
            answer=examples.SPENT,
        )
    ),
)
async def spend_points(request: Call, member_id: FromPath[str]) -> ASGIResponse:
    """Spend a member's points."""
    sent = await body(request, _SPEND)
    what = events.Spend(wallet=sent.wallet, amount=sent.amount, order_id=sent.order_id)
    return await tell_of_member(request, "points.spent", member_id, sent, what, sent)


@post(
    "/v1/members/{member_id:str}/holds",
    status_code=200,
    opt=declared(
        replace(
            _MOVE,
            id="hold_points",
            summary="Hold points",
            description="For a checkout in two steps: hold, then capture or release. A hold ends by itself.",
            takes=Hold,
            example={"wallet": "points", "amount": 200, "expires_at": "2027-02-03T16:50:00Z", "channel": "web"},
            answer=examples.HELD,
            problems=(*_ENOUGH, "hold-already-over"),
        )
    ),
)
async def hold_points(request: Call, member_id: FromPath[str]) -> ASGIResponse:
    """Reserve a member's points."""
    sent = await body(request, _HOLD)
    what = events.Hold(wallet=sent.wallet, amount=sent.amount, expires_at=utc(sent.expires_at, path="$.expires_at"))
    return await tell_of_member(request, "points.held", member_id, sent, what, sent)


@post(
    "/v1/members/{member_id:str}/adjustments",
    status_code=200,
    opt=declared(
        replace(
            _MOVE,
            id="adjust_points",
            summary="Adjust points",
            description="Gives or takes points by hand. Never takes more than there is.",
            takes=Adjustment,
            example={"wallet": "points", "amount": 50, "reason": "The parcel was late"},
            answer=examples.told("points.adjusted", note="The parcel was late"),
        )
    ),
)
async def adjust_points(request: Call, member_id: FromPath[str]) -> ASGIResponse:
    """Correct a member's points."""
    sent = await body(request, _ADJUSTMENT)
    if sent.amount == 0:
        raise Stopped("invalid", errors=[FieldError(path="$.amount", message="0 points change nothing")])
    what = events.Adjust(wallet=sent.wallet, amount=sent.amount, reason=sent.reason)
    return await tell_of_member(request, "points.adjusted", member_id, sent, what, sent)


@post(
    "/v1/members/{member_id:str}/transfers",
    status_code=200,
    opt=declared(
        replace(
            _MOVE,
            id="transfer_points",
            summary="Transfer points",
            description="They leave at once and arrive with the other member a moment later, dates unchanged.",
            takes=Transfer,
            example={"wallet": "points", "amount": 100, "to": EXAMPLE_MEMBER},
            answer=examples.told("points.transferred"),
            problems=(*_ENOUGH, "transfer-to-oneself"),
        )
    ),
)
async def transfer_points(request: Call, member_id: FromPath[str]) -> ASGIResponse:
    """Pass a member's points on to another member."""
    sent = await body(request, _TRANSFER)
    to = body_id("mem", sent.to, path="$.to")
    what = events.Transfer(wallet=sent.wallet, amount=sent.amount, to_member=to)
    return await tell_of_member(request, "points.transferred", member_id, sent, what, sent)


@post(
    "/v1/members/{member_id:str}/conversions",
    status_code=200,
    opt=declared(
        replace(
            _MOVE,
            id="convert_points",
            summary="Convert points",
            description=(
                "Takes the soonest to expire first, and gives points that live like any earned in the other wallet. "
                "Where the programme allows it, undo it with `POST /v1/spends/{event_id}/restore`."
            ),
            takes=Conversion,
            example={"wallet": "points", "amount": 100, "into": "miles"},
            answer=examples.told("points.converted"),
            problems=(*_ENOUGH, "conversion-limit", "conversion-not-whole", "not-convertible"),
        )
    ),
)
async def convert_points(request: Call, member_id: FromPath[str]) -> ASGIResponse:
    """Turn a member's points into points of another wallet."""
    sent = await body(request, _CONVERSION)
    what = events.Convert(wallet=sent.wallet, amount=sent.amount, into=sent.into)
    return await tell_of_member(request, "points.converted", member_id, sent, what, sent)


HANDLERS: Final = (spend_points, hold_points, adjust_points, transfer_points, convert_points)
