"""What a member has: balances at this very moment, and the lots they are made of."""

from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from litestar import get
from litestar.params import FromPath
from litestar.response.base import ASGIResponse
from msgspec import Struct

from regulars.engine.ids import external
from regulars.engine.members import MemberState
from regulars.engine.points import Balance, Lot, soonest_to_expire_first
from regulars.web.answering import answer, encoded
from regulars.web.api.members import EXAMPLE_BALANCES, known_member
from regulars.web.api.shapes import EXAMPLE_EVENT, EXAMPLE_HOLD, EXAMPLE_LOT, EXAMPLE_MEMBER, EventId, LotId, MemberId
from regulars.web.desk import Call, client_of, desk_of, visit_of
from regulars.web.operations import Operation, declared
from regulars.web.reading import path_id


class HoldShown(Struct, frozen=True, kw_only=True):
    """Points that are reserved until `expires_at` (exclusive)."""

    hold: str
    wallet: str
    points: int
    expires_at: datetime


class Balances(Struct, frozen=True, kw_only=True):
    """What the member has in each wallet at an instant; `available` is net of debt."""

    member: MemberId
    at: datetime
    balances: dict[str, Balance]
    holds: tuple[HoldShown, ...]


class LotShown(Struct, frozen=True, kw_only=True):
    """Points that came at one instant. `remaining` of `amount` are left, `held` of them reserved.

    They can be spent in `[available_at, expires_at)`; `expires_at` null means never.
    """

    lot: LotId
    wallet: str
    state: Literal["pending", "available", "expired"]
    amount: int
    remaining: int
    held: int
    earned_at: datetime
    available_at: datetime
    expires_at: datetime | None
    event: EventId


class Lots(Struct, frozen=True, kw_only=True):
    """The member's lots with anything remaining, in the order in which they are spent."""

    member: MemberId
    at: datetime
    lots: tuple[LotShown, ...]


@get(
    "/v1/members/{member_id:str}/balances",
    opt=declared(
        Operation(
            id="read_balances",
            tag="Points",
            summary="Read balances",
            description="Worked out for this very moment, whether or not anything that fell due was posted yet.",
            scope="members:read",
            gives=Balances,
            answer={
                "member": EXAMPLE_MEMBER,
                "at": "2027-02-03T16:30:00Z",
                "balances": EXAMPLE_BALANCES,
                "holds": [
                    {
                        "hold": EXAMPLE_HOLD,
                        "wallet": "points",
                        "points": 50,
                        "expires_at": "2027-02-03T16:50:00Z",
                    }
                ],
            },
            problems=("unknown-member", "not-found", "no-programme"),
        )
    ),
)
async def read_balances(request: Call, member_id: FromPath[str]) -> ASGIResponse:
    """Read what a member has in each wallet."""
    state, balances = await _state(request, path_id("mem", member_id))
    now = visit_of(request).now
    holds = tuple(
        HoldShown(hold=external("hld", hold.id), wallet=hold.wallet, points=hold.amount, expires_at=hold.expires_at)
        for hold in state.holds
        if hold.expires_at > now
    )
    shown = Balances(member=external("mem", state.member_id), at=now, balances=balances, holds=holds)
    return answer(encoded(shown))


@get(
    "/v1/members/{member_id:str}/lots",
    opt=declared(
        Operation(
            id="read_lots",
            tag="Points",
            summary="Read lots with their expiry",
            scope="members:read",
            gives=Lots,
            answer={
                "member": EXAMPLE_MEMBER,
                "at": "2027-02-03T16:30:00Z",
                "lots": [
                    {
                        "lot": EXAMPLE_LOT,
                        "wallet": "points",
                        "state": "pending",
                        "amount": 100,
                        "remaining": 100,
                        "held": 0,
                        "earned_at": "2027-02-03T16:20:00Z",
                        "available_at": "2027-02-17T23:00:00Z",
                        "expires_at": "2028-02-29T23:00:00Z",
                        "event": EXAMPLE_EVENT,
                    }
                ],
            },
            problems=("unknown-member", "not-found", "no-programme"),
        )
    ),
)
async def read_lots(request: Call, member_id: FromPath[str]) -> ASGIResponse:
    """Read a member's points, lot by lot."""
    state, balances = await _state(request, path_id("mem", member_id))
    now = visit_of(request).now
    lots = tuple(
        _lot_shown(state, lot, now)
        for wallet in balances
        for lot in soonest_to_expire_first(
            (lot for lot in state.lots if lot.wallet == wallet), active_until=state.wallet(wallet).active_until
        )
    )
    return answer(encoded(Lots(member=external("mem", state.member_id), at=now, lots=lots)))


async def _state(request: Call, member_id: UUID) -> tuple[MemberState, dict[str, Balance]]:
    desk, now = desk_of(request), visit_of(request).now
    async with desk.memory.pool.connection() as connection:
        state = await known_member(request, connection, member_id)
    running = await desk.memory.running(client_of(request).programme_id, now)
    return state, state.balances(running.wallets, now)


def _lot_shown(state: MemberState, lot: Lot, now: datetime) -> LotShown:
    expires_at = state.expiry_of(lot)
    expired = expires_at is not None and expires_at <= now
    return LotShown(
        lot=external("lot", lot.id),
        wallet=lot.wallet,
        state="expired" if expired else "pending" if lot.available_at > now else "available",
        amount=lot.amount,
        remaining=lot.remaining,
        held=lot.held,
        earned_at=lot.earned_at,
        available_at=lot.available_at,
        expires_at=expires_at,
        event=external("evt", lot.event_id),
    )


HANDLERS: Final = (read_balances, read_lots)
