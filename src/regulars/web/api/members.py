"""Members are found by any of their identities, and read with what they have."""

from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import FromPath
from litestar.response.base import ASGIResponse
from msgspec import Struct

from regulars.actions.recognising import identity_hash
from regulars.connectors.identities import BadIdentity, identities_of
from regulars.connectors.incoming import MemberReference
from regulars.db import members, personal
from regulars.db.connection import Connection
from regulars.db.sealing import Keyring
from regulars.engine.events import Scalar
from regulars.engine.ids import external
from regulars.engine.members import MemberState
from regulars.engine.points import Balance, Lot, soonest_to_expire_first
from regulars.web.answering import answer, encoded
from regulars.web.api.shapes import EXAMPLE_EVENT, EXAMPLE_HOLD, EXAMPLE_LOT, EXAMPLE_MEMBER, EventId, LotId, MemberId
from regulars.web.desk import Call, client_of, desk_of, visit_of
from regulars.web.operations import Operation, declared
from regulars.web.problems import FieldError, Stopped
from regulars.web.reading import body, body_id, path_id


class Identity(Struct, frozen=True, kw_only=True):
    """A way by which the member is recognised, in its one form: `email`, `phone`, `card` or `external_id`."""

    kind: str
    value: str


class Member(Struct, frozen=True, kw_only=True):
    """A member. `version` counts the events that were decided about it; a merged one says into which."""

    member: MemberId
    standing: Literal["active", "merged"]
    version: int
    enrolled_at: datetime
    merged_into: MemberId | None
    identities: tuple[Identity, ...]
    attributes: dict[str, Scalar]
    balances: dict[str, Balance]


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


_BALANCE: Final = {"points": {"available": 220, "pending": 100, "held": 0, "debt": 0}}
_MEMBER: Final[dict[str, Any]] = {
    "member": EXAMPLE_MEMBER,
    "standing": "active",
    "version": 12,
    "enrolled_at": "2026-05-02T09:30:00Z",
    "merged_into": None,
    "identities": [{"kind": "email", "value": "ada@example.com"}],
    "attributes": {"city": "lyon", "newsletter": True},
    "balances": _BALANCE,
}
_REFERENCE: Final = msgspec.json.Decoder(MemberReference)


@post(
    "/v1/members/find",
    status_code=200,
    opt=declared(
        Operation(
            id="find_member",
            tag="Members",
            summary="Find a member",
            description=(
                "By our id or any identity; whoever was merged is found as the membership that remains. A POST, so "
                "that nothing personal stands in an address or a log."
            ),
            scope="members:read",
            takes=MemberReference,
            example={"email": "ada@example.com"},
            gives=Member,
            answer=_MEMBER,
            problems=("unknown-member", "identities-of-different-members", "member-missing", "no-programme"),
        )
    ),
)
async def find_member(request: Call) -> ASGIResponse:
    """Find the member that all given identities lead to."""
    reference = await body(request, _REFERENCE)
    desk, programme_id = desk_of(request), client_of(request).programme_id
    async with desk.memory.pool.connection() as connection:
        found = await _found(request, connection, programme_id, reference)
        member_id = await members.survivor(connection, programme_id, found)
        return await _member_answer(request, connection, member_id)


@get(
    "/v1/members/{member_id:str}",
    opt=declared(
        Operation(
            id="read_member",
            tag="Members",
            summary="Read a member",
            scope="members:read",
            gives=Member,
            answer=_MEMBER,
            problems=("unknown-member", "not-found", "no-programme"),
        )
    ),
)
async def read_member(request: Call, member_id: FromPath[str]) -> ASGIResponse:
    """Read who a member is and what it has."""
    id = path_id("mem", member_id)
    async with desk_of(request).memory.pool.connection() as connection:
        return await _member_answer(request, connection, id)


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
                "balances": _BALANCE,
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


async def known_member(request: Call, connection: Connection, member_id: UUID) -> MemberState:
    """Return the member's state.

    Raises: Stopped, when the programme has no such member.
    """
    wanted = members.Wanted(member_id=member_id, since=visit_of(request).now.date())
    loaded = await members.load(connection, client_of(request).programme_id, [wanted])
    state = loaded[member_id].state
    if state.standing == "unknown":
        raise Stopped("unknown-member")
    return state


async def _state(request: Call, member_id: UUID) -> tuple[MemberState, dict[str, Balance]]:
    desk, now = desk_of(request), visit_of(request).now
    async with desk.memory.pool.connection() as connection:
        state = await known_member(request, connection, member_id)
    running = await desk.memory.running(client_of(request).programme_id, now)
    return state, state.balances(running.wallets, now)


async def _found(request: Call, connection: Connection, programme_id: str, reference: MemberReference) -> UUID:
    if reference.id is not None:
        return body_id("mem", reference.id, path="$.id")
    try:
        identities = identities_of(reference)
    except BadIdentity as error:
        raise Stopped("invalid", errors=[FieldError(path="$", message=str(error))]) from error
    if not identities:
        raise Stopped("member-missing")
    keyring = desk_of(request).memory.keyring
    hashes = [identity_hash(keyring, programme_id, identity) for identity in identities]
    owners = await members.resolve(connection, programme_id, hashes)
    if len(owners) < len(set(hashes)):
        raise Stopped("unknown-member")
    if len(set(owners.values())) > 1:
        raise Stopped("identities-of-different-members")
    return next(iter(owners.values()))


async def _member_answer(request: Call, connection: Connection, member_id: UUID) -> ASGIResponse:
    state = await known_member(request, connection, member_id)
    programme_id, memory = client_of(request).programme_id, desk_of(request).memory
    running = await memory.running(programme_id, visit_of(request).now)
    assert state.standing != "unknown", "the member is known"
    assert state.enrolled_at is not None, "a known member has joined"
    shown = Member(
        member=external("mem", member_id),
        standing=state.standing,
        version=state.version,
        enrolled_at=state.enrolled_at,
        merged_into=external("mem", state.merged_into) if state.merged_into is not None else None,
        identities=await _identities(memory.keyring, connection, programme_id, member_id),
        attributes=dict(state.attributes),
        balances=state.balances(running.wallets, visit_of(request).now),
    )
    return answer(encoded(shown))


async def _identities(
    keyring: Keyring, connection: Connection, programme_id: str, member_id: UUID
) -> tuple[Identity, ...]:
    profile = await personal.profile(connection, programme_id, member_id)
    if profile is None:
        return ()
    key = keyring.member_key(member_id, profile.wrapped_key)
    return tuple(
        Identity(kind=contact.kind, value=key.open(contact.sealed).decode())
        for contact in await personal.contacts(connection, programme_id, member_id)
    )


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


HANDLERS: Final = (find_member, read_member, read_balances, read_lots)
