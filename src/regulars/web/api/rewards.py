"""What can be had for points: the catalogue, and all of a member's incentives in one call."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from litestar import get
from litestar.params import FromPath
from litestar.response.base import ASGIResponse
from msgspec import Meta, Struct

from regulars.engine.events import Event, Settle
from regulars.engine.ids import external
from regulars.engine.members import MemberState
from regulars.engine.offering import Offer, offers
from regulars.engine.points import Balance
from regulars.engine.programme import in_language
from regulars.engine.reasons import Reason
from regulars.engine.rewards import PartPayment, Reward
from regulars.engine.running import Running
from regulars.web.answering import answer, encoded
from regulars.web.api.members import EXAMPLE_BALANCES, known_member
from regulars.web.api.reward_shapes import EXAMPLE_CODE, EXAMPLE_VOUCHER, OfferShown, VoucherShown, vouchers_shown
from regulars.web.api.shapes import EXAMPLE_MEMBER, MemberId, ReasonShown
from regulars.web.desk import Call, client_of, desk_of, language_of, visit_of
from regulars.web.languages import Language
from regulars.web.operations import Operation, declared
from regulars.web.reading import parameters, path_id
from regulars.web.wording import Measures, wording


class Place(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the member is: rewards may be there only in some channels and shops."""

    channel: Annotated[str, Meta(max_length=100)] = ""
    shop: Annotated[str, Meta(max_length=100)] = ""


class RewardShown(Struct, frozen=True, kw_only=True):
    """A reward of the programme: its price in points, or how many points stand for how much money.

    `left` is what is left of its stock or seats, as last known; null where there is no end.
    """

    reward: str
    type: str
    name: str
    description: str
    picture: str
    wallet: str
    price: int
    part_payment: PartPayment | None
    left: int | None
    channels: tuple[str, ...]
    shops: tuple[str, ...]
    starts_at: datetime | None
    ends_at: datetime | None


class Catalogue(Struct, frozen=True, kw_only=True):
    """The rewards that are for sale, in the programme's order."""

    programme_version: int
    rewards: tuple[RewardShown, ...]


class Incentives(Struct, frozen=True, kw_only=True):
    """All that a member has and can have now: balances (store credit and stamps are wallets), vouchers, rewards."""

    member: MemberId
    at: datetime
    balances: dict[str, Balance]
    vouchers: tuple[VoucherShown, ...]
    rewards: tuple[OfferShown, ...]


EXAMPLE_OFFERS: Final = [
    {
        "reward": "five_off", "name": "5 euros off", "wallet": "points", "points": 500, "usable": False,
        "missing": 280, "reasons": [],
    }
]  # fmt: skip


@get(
    "/v1/rewards",
    opt=declared(
        Operation(
            id="read_rewards",
            tag="Rewards",
            summary="Read the rewards",
            description="The catalogue in the language asked for. Who can have what is said by a member's incentives.",
            scope="programme:read",
            gives=Catalogue,
            answer={
                "programme_version": 3,
                "rewards": [
                    {
                        "reward": "five_off",
                        "type": "amount_off",
                        "name": "5 euros off",
                        "description": "",
                        "picture": "",
                        "wallet": "points",
                        "price": 500,
                        "part_payment": None,
                        "left": 48,
                        "channels": [],
                        "shops": [],
                        "starts_at": None,
                        "ends_at": None,
                    }
                ],
            },
            problems=("no-programme",),
        )
    ),
)
async def read_rewards(request: Call) -> ASGIResponse:
    """Read the rewards that are for sale."""
    memory, programme_id = desk_of(request).memory, client_of(request).programme_id
    running = await memory.running(programme_id, visit_of(request).now)
    await memory.sharing.look(programme_id)
    tally = memory.sharing.tally(programme_id)
    language = language_of(request)
    shown = [_reward(running, one, tally, language) for one in running.rewards if not one.given_only]
    return answer(encoded(Catalogue(programme_version=running.version, rewards=tuple(shown))))


@get(
    "/v1/members/{member_id:str}/incentives",
    opt=declared(
        Operation(
            id="read_incentives",
            tag="Rewards",
            summary="Read all incentives of a member",
            description=(
                "Balances, vouchers with their codes, rewards usable now, and for the others how many points are "
                "missing or why they cannot be had: in one call."
            ),
            scope="members:read",
            query=Place,
            gives=Incentives,
            answer={
                "member": EXAMPLE_MEMBER,
                "at": "2027-02-03T16:30:00Z",
                "balances": EXAMPLE_BALANCES,
                "vouchers": [
                    {
                        "voucher": EXAMPLE_VOUCHER,
                        "reward": "five_off",
                        "state": "issued",
                        "points": 500,
                        "code": EXAMPLE_CODE,
                        "name": "5 euros off",
                    }
                ],
                "rewards": EXAMPLE_OFFERS,
            },
            problems=("unknown-member", "not-found", "no-programme"),
        )
    ),
)
async def read_incentives(request: Call, member_id: FromPath[str]) -> ASGIResponse:
    """Read what a member has and can have."""
    place, now = parameters(request, Place), visit_of(request).now
    memory, programme_id = desk_of(request).memory, client_of(request).programme_id
    running = await memory.running(programme_id, now)
    async with memory.pool.connection() as connection:
        id = path_id("mem", member_id)
        state = await known_member(request, connection, id, days_back=running.days_back)
    await memory.sharing.look(programme_id)
    tally = memory.sharing.tally(programme_id)
    there = offers(running, state, _looking(state, place, now), tally)
    language = language_of(request)
    names = {one.id: in_language(one.name, language, *running.languages) for one in running.rewards}
    held = [one for one in state.vouchers.values() if one.standing(now) in ("issued", "reserved")]
    vouchers = await vouchers_shown(request, sorted(held, key=lambda one: (one.issued_at, one.id)), names)
    shown = Incentives(
        member=external("mem", state.member_id),
        at=now,
        balances=state.balances(running.wallets, now),
        vouchers=vouchers,
        rewards=offers_shown(running, there, language),
    )
    return answer(encoded(shown))


def offers_shown(running: Running, there: tuple[Offer, ...], language: Language) -> tuple[OfferShown, ...]:
    """Return offers in the words of a language."""
    measures = Measures(timezone=running.timezone, currency=running.currency, wallets=running.wallets)
    names = {one.id: in_language(one.name, language, *running.languages) for one in running.rewards}

    def reason(one: Reason, wallet: str) -> ReasonShown:
        text = wording(language).reason(one, wallet, measures)
        return ReasonShown(code=one.code, text=text, required=one.required, actual=one.actual, subject=one.subject)

    return tuple(
        OfferShown(
            reward=one.reward,
            name=names[one.reward],
            wallet=one.wallet,
            points=one.points,
            usable=one.usable,
            missing=one.missing,
            reasons=tuple(reason(each, one.wallet) for each in one.reasons),
        )
        for one in there
    )


def _looking(state: MemberState, place: Place, now: datetime) -> Event:
    """Return the moment at which a member looks at the shelf, as an event that changes nothing."""
    return Event(
        id=UUID(int=0), member_id=state.member_id, type="reward.issued", source="api", source_id="", occurred_at=now,
        recorded_at=now, body=Settle(), channel=place.channel, shop=place.shop,
    )  # fmt: skip


def _reward(running: Running, reward: Reward, used: Mapping[str, int], language: Language) -> RewardShown:
    def asked(name: str) -> int:
        return used.get(name, 0)

    left = [most - asked(name) for name, most in running.shelf.claims(reward, asked).items()]
    languages = running.languages
    return RewardShown(
        reward=reward.id,
        type=str(reward.__struct_config__.tag),
        name=in_language(reward.name, language, *languages),
        description=in_language(reward.description, language, *languages),
        picture=reward.picture,
        wallet=reward.wallet,
        price=reward.price,
        part_payment=reward.part_payment,
        left=max(0, min(left)) if left else None,
        channels=reward.channels,
        shops=reward.shops,
        starts_at=reward.starts_at,
        ends_at=reward.ends_at,
    )


HANDLERS: Final = (read_rewards, read_incentives)
