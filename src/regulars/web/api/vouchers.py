"""Rewards change hands over the counter and online: taken, used once with their code, and undone."""

from typing import Annotated, Final, Literal

import msgspec
from litestar import get, post
from litestar.params import FromPath
from litestar.response.base import ASGIResponse
from msgspec import Meta
from msgspec.structs import replace

from regulars.actions.answers import EventAnswer
from regulars.connectors.incoming import MemberReference
from regulars.db import members
from regulars.engine import events
from regulars.engine.events import Body
from regulars.engine.ids import external
from regulars.web.answering import answer, encoded
from regulars.web.api import examples
from regulars.web.api.reward_shapes import (
    EXAMPLE_CODE,
    EXAMPLE_VOUCHER,
    ChosenReward,
    Code,
    VoucherShown,
    reference,
    voucher_answer,
    voucher_named,
    vouchers_shown,
)
from regulars.web.api.shapes import Circumstances, MemberId, Text
from regulars.web.api.telling import MEMBER_PROBLEMS, told_by_call
from regulars.web.desk import Call, client_of, desk_of, visit_of
from regulars.web.operations import Operation, declared
from regulars.web.problems import Stopped
from regulars.web.reading import body, path_id


class TakeReward(ChosenReward, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Take a reward; with `redeem` it is used at once, as with one tap at a till."""

    redeem: bool = False
    order_id: Text | None = None
    channel: Annotated[str, Meta(max_length=100)] = ""
    shop: Annotated[str, Meta(max_length=100)] = ""
    associate: Annotated[str, Meta(max_length=100)] = ""

    def circumstances(self) -> Circumstances:
        """Return where it happens."""
        return Circumstances(channel=self.channel, shop=self.shop, associate=self.associate)


class UseVoucher(Circumstances, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Use a voucher, in an order where that is known; `member` where it is named by its id instead of its code."""

    member: MemberId | None = None
    order_id: Text | None = None


class UndoVoucher(Circumstances, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Give a voucher back for its `points`, or undo its use alone: `to` voucher.

    A `reversal` is made by somebody with the right to do so, whatever the reward's terms say.
    """

    member: MemberId | None = None
    to: Literal["points", "voucher"] = "points"
    reversal: bool = False


_TAKE: Final = msgspec.json.Decoder(TakeReward)
_USE: Final = msgspec.json.Decoder(UseVoucher)
_UNDO: Final = msgspec.json.Decoder(UndoVoucher)
_VOUCHER: Final = {
    "voucher": EXAMPLE_VOUCHER, "reward": "five_off", "state": "issued", "points": 500, "code": EXAMPLE_CODE,
}  # fmt: skip
TAKEN: Final = {**examples.SPENT, "type": "reward.issued", "vouchers": [_VOUCHER]}
REWARD_PROBLEMS: Final = (
    *MEMBER_PROBLEMS, "insufficient-points", "out-of-stock", "reward-unavailable", "unknown-reward",
    "wallet-not-spendable",
)  # fmt: skip
CODE_PROBLEMS: Final = (*MEMBER_PROBLEMS, "too-many-codes", "unknown-code", "unknown-voucher")
_CHANGE: Final = Operation(
    id="", tag="Rewards", summary="", scope="rewards:write", keyed=True, gives=EventAnswer
)  # fmt: skip


@post(
    "/v1/members/{member_id:str}/vouchers",
    status_code=200,
    opt=declared(
        replace(
            _CHANGE,
            id="take_reward",
            summary="Take a reward",
            description=(
                "Pays for the reward with the points that expire soonest, and answers with a voucher and its code. "
                "With `redeem` it is used at once."
            ),
            takes=TakeReward,
            example={"reward": "five_off", "channel": "web"},
            answer=TAKEN,
            problems=REWARD_PROBLEMS,
        )
    ),
)
async def take_reward(request: Call, member_id: FromPath[str]) -> ASGIResponse:
    """Let a member have a reward."""
    sent = await body(request, _TAKE)
    what = events.Issue(chosen=sent.chosen(), redeem=sent.redeem, order_id=sent.order_id)
    member = MemberReference(id=external("mem", path_id("mem", member_id)))
    return await tell_of_voucher(request, "reward.issued", member, sent, what, sent.circumstances())


@post(
    "/v1/vouchers/{code:str}/redeem",
    status_code=200,
    opt=declared(
        replace(
            _CHANGE,
            id="redeem_voucher",
            summary="Use a voucher",
            description="One token for every channel, used once. Capitals, blanks and hyphens make no difference.",
            takes=UseVoucher,
            example={"channel": "shop", "shop": "lyon", "order_id": "T-77"},
            answer={**TAKEN, "type": "reward.used", "taken": [], "vouchers": [{**_VOUCHER, "state": "redeemed"}]},
            problems=(*CODE_PROBLEMS, "voucher-not-usable"),
        )
    ),
)
async def redeem_voucher(request: Call, code: FromPath[Code]) -> ASGIResponse:
    """Use a voucher."""
    sent = await body(request, _USE)
    found = await voucher_named(request, code, sent.member, path="$.member")
    what = events.Use(voucher_id=found.voucher_id, order_id=sent.order_id)
    return await tell_of_voucher(request, "reward.used", reference(found.member_id), sent, what, sent)


@post(
    "/v1/vouchers/{code:str}/undo",
    status_code=200,
    opt=declared(
        replace(
            _CHANGE,
            id="undo_voucher",
            summary="Undo a reward or its use",
            description=(
                "The points go back to the lots they came from and keep those lots' dates. A `reversal` needs the "
                "scope rewards:reverse."
            ),
            takes=UndoVoucher,
            example={"channel": "shop"},
            answer={**TAKEN, "type": "reward.undone", "vouchers": [{**_VOUCHER, "state": "returned"}]},
            problems=(*CODE_PROBLEMS, "scope-missing", "voucher-not-undoable"),
        )
    ),
)
async def undo_voucher(request: Call, code: FromPath[Code]) -> ASGIResponse:
    """Give a reward back, or undo its use."""
    sent = await body(request, _UNDO)
    if sent.reversal and "rewards:reverse" not in client_of(request).scopes:
        raise Stopped("scope-missing", {"scope": "rewards:reverse"})
    found = await voucher_named(request, code, sent.member, path="$.member")
    what = events.Undo(voucher_id=found.voucher_id, to=sent.to, reversal=sent.reversal)
    return await tell_of_voucher(request, "reward.undone", reference(found.member_id), sent, what, sent)


@get(
    "/v1/vouchers/{code:str}",
    opt=declared(
        Operation(
            id="read_voucher",
            tag="Rewards",
            summary="Read a voucher by its code",
            description="What it is for, whether it can be used now, and until when.",
            scope="members:read",
            gives=VoucherShown,
            answer=_VOUCHER,
            problems=("no-programme", "too-many-codes", "unknown-code"),
        )
    ),
)
async def read_voucher(request: Call, code: FromPath[Code]) -> ASGIResponse:
    """Read a voucher."""
    found = await voucher_named(request, code, None, path="$.code")
    desk, programme_id, now = desk_of(request), client_of(request).programme_id, visit_of(request).now
    async with desk.memory.pool.connection() as connection:
        member_id = await members.survivor(connection, programme_id, found.member_id)
        wanted = members.Wanted(member_id=member_id, since=now.date(), vouchers=[found.voucher_id])
        loaded = await members.load(connection, programme_id, [wanted])
    voucher = loaded[member_id].state.vouchers.get(found.voucher_id)
    if voucher is None:
        raise Stopped("unknown-code")
    [shown] = await vouchers_shown(request, [voucher], {})
    return answer(encoded(shown))


async def tell_of_voucher(
    request: Call, type: str, member: MemberReference, sent: object, what: Body, at: Circumstances
) -> ASGIResponse:
    """Have something decided about a member's rewards, and answer with the vouchers' codes."""
    told = told_by_call(request, type, member, sent, what, at)
    outcome = await desk_of(request).batcher(client_of(request).programme_id).submit(told, now=visit_of(request).now)
    return await voucher_answer(request, outcome)


HANDLERS: Final = (take_reward, redeem_voucher, undo_voucher, read_voucher)
