"""How rewards, vouchers and carts look from outside, and how a voucher's code comes into an answer."""

from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from litestar.response.base import ASGIResponse
from msgspec import Meta, Struct

from regulars.actions.answers import VoucherAnswer
from regulars.actions.coding import code_of, find_code, partner_code
from regulars.actions.deciding import Answered
from regulars.connectors.incoming import MemberReference
from regulars.db.codes import Found
from regulars.engine import codes
from regulars.engine.events import Chosen
from regulars.engine.ids import external, internal
from regulars.engine.reasons import Refused
from regulars.engine.vouchers import Voucher
from regulars.web.answering import answer, encoded, refused_answer
from regulars.web.api.shapes import EXAMPLE_MEMBER, MemberId, ReasonShown
from regulars.web.desk import Call, client_of, desk_of, visit_of
from regulars.web.problems import FieldError, Stopped

EXAMPLE_VOUCHER: Final = EXAMPLE_MEMBER.replace("mem_", "vch_")
EXAMPLE_CODE: Final = "7ZQ4-M2XK-9HVCT"
Code = Annotated[str, Meta(min_length=1, max_length=60, description="A code as printed, or a voucher's id, vch_….")]
OptionName = Annotated[str, Meta(max_length=63)]
Options = Annotated[dict[OptionName, Annotated[str, Meta(max_length=100)]], Meta(max_length=20)]


class ChosenReward(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A reward that the member wants; `amount` is the points paid where the member chooses, `options` a size or so."""

    reward: Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,62}$", examples=["five_off"])]
    amount: Annotated[int, Meta(ge=1, le=10**15)] | None = None
    options: Options = {}

    def chosen(self) -> Chosen:
        """Return it as the programme knows it."""
        return Chosen(reward=self.reward, amount=self.amount, options=self.options)


class VoucherShown(VoucherAnswer, frozen=True, kw_only=True, omit_defaults=True):
    """A voucher with its code: `partner_code` is that of somebody else, where the reward hands one out."""

    code: str = ""
    name: str = ""
    partner_code: str | None = None


def coded(request: Call, shown: dict[str, Any]) -> dict[str, Any]:
    """Return a recorded answer with the codes of its vouchers, which are made from them anew each time."""
    keyring = desk_of(request).memory.keyring
    for one in shown.get("vouchers", ()):
        length = codes.HIGH_VALUE if one.get("high_value") else codes.USUAL
        one["code"] = codes.shown(codes.spell(keyring.code_of(internal("vch", one["voucher"])), length=length))
    return shown


async def voucher_answer(request: Call, outcome: Answered | Refused) -> ASGIResponse:
    """Answer what was recorded of vouchers with their codes, or the refusal."""
    if isinstance(outcome, Refused):
        return await refused_answer(request, outcome)
    shown = coded(request, msgspec.json.decode(outcome.text))
    return answer(encoded(shown), replayed=outcome.repeated)


async def voucher_named(request: Call, code: str, member: MemberId | None, *, path: str) -> Found:
    """Return the voucher that a code is for, or an id with its member; whoever guesses too often is not answered.

    Raises: Stopped, in the same words whatever is wrong with the code.
    """
    if code.startswith("vch_"):
        if member is None:
            raise Stopped("invalid", errors=[FieldError(path=path, message="name the member, or give the code")])
        return Found(_id("mem", member), _id("vch", code))
    desk, client, now = desk_of(request), client_of(request), visit_of(request).now
    desk.attempts.may_try(client.key_id, now)
    found = await find_code(desk.memory, client.programme_id, code)
    if found is None:
        desk.attempts.failed(client.key_id, now)
        raise Stopped("unknown-code")
    return found


def reference(member_id: UUID) -> MemberReference:
    """Return how a member is named who is known by id."""
    return MemberReference(id=external("mem", member_id))


async def vouchers_shown(request: Call, vouchers: list[Voucher], names: dict[str, str]) -> tuple[VoucherShown, ...]:
    """Return vouchers with their codes, and those of partners that they brought."""
    desk, programme_id = desk_of(request), client_of(request).programme_id
    running = await desk.memory.running(programme_id, visit_of(request).now)
    found = []
    async with desk.memory.pool.connection() as connection:
        for one in vouchers:
            reward = running.shelf.rewards.get(one.reward)
            partner = await partner_code(connection, desk.memory.keyring, programme_id, reward, one)
            found.append(_shown(request, one, names.get(one.reward, ""), partner))
    return tuple(found)


def _shown(request: Call, voucher: Voucher, name: str, partner: str | None) -> VoucherShown:
    return VoucherShown(
        voucher=external("vch", voucher.id),
        code=codes.shown(code_of(desk_of(request).memory.keyring, voucher)),
        reward=voucher.reward,
        name=name,
        state=voucher.standing(visit_of(request).now),
        points=sum(part.amount for part in voucher.parts),
        valid_until=voucher.valid_until,
        reserved_until=voucher.reserved_until,
        value_minor=voucher.value_minor,
        order=voucher.order_id,
        options=voucher.options,
        partner_code=partner,
    )


def _id(prefix: str, text: str) -> UUID:
    try:
        return internal(prefix, text)
    except ValueError as error:
        raise Stopped("unknown-code") from error


class OfferShown(Struct, frozen=True, kw_only=True):
    """A reward as the member stands before it: usable now, or `missing` so many points, or for the `reasons` not."""

    reward: str
    name: str
    wallet: str
    points: int
    usable: bool
    missing: int
    reasons: tuple[ReasonShown, ...]
