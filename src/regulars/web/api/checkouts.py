"""A checkout in two steps: hold what is to come off, then commit it with the order, or give it up."""

from datetime import timedelta
from typing import Annotated, Final
from uuid import UUID

import msgspec
from litestar import post
from litestar.params import FromPath
from litestar.response.base import ASGIResponse
from msgspec import Meta
from msgspec.structs import replace

from regulars.actions.answers import EventAnswer
from regulars.actions.telling import told_of
from regulars.connectors.incoming import Incoming, MemberReference
from regulars.engine import events
from regulars.engine.reasons import Refused
from regulars.web.answering import refused_answer
from regulars.web.api import examples
from regulars.web.api.events import EVENT_PROBLEMS
from regulars.web.api.reward_shapes import ChosenReward, Code, voucher_answer, voucher_named
from regulars.web.api.shapes import Circumstances, MemberId, Text
from regulars.web.api.telling import keyed_call
from regulars.web.api.vouchers import CODE_PROBLEMS, REWARD_PROBLEMS, TAKEN, tell_of_voucher
from regulars.web.desk import Call, client_of, desk_of, visit_of
from regulars.web.operations import Operation, declared
from regulars.web.problems import FieldError, Stopped
from regulars.web.reading import body, utc

_MANY: Final = 50


class Checkout(Circumstances, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Hold rewards and vouchers for an order for so long; what the same order held before is let go."""

    order_id: Text
    member: MemberId
    rewards: Annotated[tuple[ChosenReward, ...], Meta(max_length=_MANY)] = ()
    vouchers: Annotated[tuple[Code, ...], Meta(max_length=_MANY)] = ()
    hold_seconds: Annotated[int, Meta(ge=30, le=86_400)] = 900


class Commit(Incoming, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The order as it was paid, as `POST /v1/events` takes it, and vouchers used in it that nobody held before."""

    type: Annotated[str, Meta(pattern="^purchase$")] = "purchase"
    vouchers: Annotated[tuple[Code, ...], Meta(max_length=_MANY)] = ()


class GiveUp(Circumstances, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose checkout it is."""

    member: MemberId


_CHECKOUT: Final = msgspec.json.Decoder(Checkout)
_COMMIT: Final = msgspec.json.Decoder(Commit)
_GIVE_UP: Final = msgspec.json.Decoder(GiveUp)
_STEP: Final = Operation(id="", tag="Rewards", summary="", scope="rewards:write", keyed=True, gives=EventAnswer)
_RESERVED: Final = {**TAKEN["vouchers"][0], "state": "reserved", "reserved_until": "2027-02-03T16:35:00Z"}


@post(
    "/v1/holds",
    status_code=200,
    opt=declared(
        replace(
            _STEP,
            id="hold_checkout",
            summary="Hold a checkout's rewards",
            description=(
                "Claims stock, holds the points and locks the vouchers, for the order and for so long. Held again, "
                "the order's new choice takes the place of the old one."
            ),
            takes=Checkout,
            example={
                "order_id": "order-2027-0816",
                "member": examples.DECISION["member"],
                "rewards": [{"reward": "five_off"}],
                "hold_seconds": 900,
            },
            answer={**TAKEN, "type": "reward.reserved", "vouchers": [_RESERVED]},
            problems=(
                *REWARD_PROBLEMS,
                "hold-already-over",
                "nothing-to-reserve",
                "too-many-codes",
                "unknown-code",
                "unknown-voucher",
                "voucher-named-twice",
                "voucher-not-usable",
            ),
        )
    ),
)
async def hold_checkout(request: Call) -> ASGIResponse:
    """Hold rewards and vouchers for an order."""
    sent = await body(request, _CHECKOUT)
    what = events.Reserve(
        order_id=sent.order_id,
        until=visit_of(request).now + timedelta(seconds=sent.hold_seconds),
        chosen=tuple(one.chosen() for one in sent.rewards),
        vouchers=await voucher_ids(request, sent.vouchers, sent.member),
    )
    return await tell_of_voucher(request, "reward.reserved", MemberReference(id=sent.member), sent, what, sent)


@post(
    "/v1/orders/{order_id:str}/commit",
    status_code=200,
    opt=declared(
        replace(
            _STEP,
            id="commit_order",
            summary="Commit a checkout with its order",
            description=(
                "Tells the purchase, uses all that was held for the order and the vouchers that it names, and gives "
                "what the order earns: one decision."
            ),
            scope="events:write",
            takes=Commit,
            example={key: value for key, value in examples.PURCHASE.items() if key != "type"},
            answer={**examples.DECISION, "vouchers": [{**_RESERVED, "state": "redeemed"}]},
            problems=(*EVENT_PROBLEMS, *CODE_PROBLEMS, "voucher-not-usable"),
        )
    ),
)
async def commit_order(request: Call, order_id: FromPath[str]) -> ASGIResponse:
    """Commit what was held for an order, with the order."""
    sent = await body(request, _COMMIT)
    if sent.order is None or sent.order.id != order_id:
        raise Stopped("invalid", errors=[FieldError(path="$.order.id", message="is another order than the path's")])
    if sent.occurred_at is not None:
        utc(sent.occurred_at, path="$.occurred_at")
    told = told_of(sent, keyed_call(request, sent))
    if isinstance(told, Refused):
        return await refused_answer(request, told)
    assert isinstance(told.body, events.Purchase), "a commit tells a purchase"
    ids = await voucher_ids(request, sent.vouchers, sent.member.id if sent.member is not None else None)
    told = replace(told, body=replace(told.body, vouchers=ids))
    outcome = await desk_of(request).batcher(client_of(request).programme_id).submit(told, now=visit_of(request).now)
    return await voucher_answer(request, outcome)


@post(
    "/v1/orders/{order_id:str}/cancel",
    status_code=200,
    opt=declared(
        replace(
            _STEP,
            id="cancel_checkout",
            summary="Give up a checkout",
            description="Frees what was held for an order that was not paid. What was paid comes back by a return.",
            takes=GiveUp,
            example={"member": examples.DECISION["member"]},
            answer={**TAKEN, "type": "reward.undone", "taken": [], "vouchers": [{**_RESERVED, "state": "cancelled"}]},
            problems=(*CODE_PROBLEMS, "nothing-reserved"),
        )
    ),
)
async def cancel_checkout(request: Call, order_id: FromPath[str]) -> ASGIResponse:
    """Free what was held for an order."""
    sent = await body(request, _GIVE_UP)
    what = events.Undo(order_id=order_id)
    return await tell_of_voucher(request, "reward.undone", MemberReference(id=sent.member), sent, what, sent)


async def voucher_ids(request: Call, named: tuple[str, ...], member: str | None) -> tuple[UUID, ...]:
    """Return the ids of the vouchers that codes or ids name.

    Raises: Stopped, where a code is for none.
    """
    return tuple([(await voucher_named(request, one, member, path="$.member")).voucher_id for one in named])


HANDLERS: Final = (hold_checkout, commit_order, cancel_checkout)
