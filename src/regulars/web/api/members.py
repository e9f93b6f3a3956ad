"""Members are found by any of their identities, and read with what they have."""

from datetime import datetime, timedelta
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
from regulars.engine.points import Balance
from regulars.engine.qualifying import standing
from regulars.engine.segments import static_lists
from regulars.web.answering import answer, encoded
from regulars.web.api.shapes import EXAMPLE_MEMBER, MemberId
from regulars.web.desk import Call, client_of, desk_of, visit_of
from regulars.web.operations import Operation, declared
from regulars.web.problems import FieldError, Stopped
from regulars.web.reading import body, body_id, path_id


class Identity(Struct, frozen=True, kw_only=True):
    """A way by which the member is recognised, in its one form: `email`, `phone`, `card` or `external_id`."""

    kind: str
    value: str


class LevelShown(Struct, frozen=True, kw_only=True):
    """The level of a set of tiers, in `[since, until)`, null for ever; empty below the first."""

    level: str
    since: datetime
    until: datetime | None


class Member(Struct, frozen=True, kw_only=True):
    """A member. `version` counts the events that were decided about it; a merged one says into which."""

    member: MemberId
    standing: Literal["active", "merged"]
    version: int
    enrolled_at: datetime
    merged_into: MemberId | None
    identities: tuple[Identity, ...]
    attributes: dict[str, Scalar]
    lists: tuple[str, ...]
    balances: dict[str, Balance]
    tiers: dict[str, LevelShown]


EXAMPLE_BALANCES: Final = {"points": {"available": 220, "pending": 100, "held": 0, "debt": 0}}
_MEMBER: Final[dict[str, Any]] = {
    "member": EXAMPLE_MEMBER,
    "standing": "active",
    "version": 12,
    "enrolled_at": "2026-05-02T09:30:00Z",
    "merged_into": None,
    "identities": [{"kind": "email", "value": "ada@example.com"}],
    "attributes": {"city": "lyon", "newsletter": True},
    "lists": ["gala"],
    "balances": EXAMPLE_BALANCES,
    "tiers": {"status": {"level": "silver", "since": "2026-05-02T09:30:00Z", "until": "2028-01-01T00:00:00Z"}},
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


async def known_member(request: Call, connection: Connection, member_id: UUID, *, days_back: int = 0) -> MemberState:
    """Return the member's state, with what was counted by the day for so many days back.

    Raises: Stopped, when the programme has no such member.
    """
    today = visit_of(request).now.date()
    # A day more, since it is local days that are counted.
    first = today - timedelta(days=days_back + 1) if days_back else None
    wanted = members.Wanted(member_id=member_id, since=today, days_from=first)
    loaded = await members.load(connection, client_of(request).programme_id, [wanted])
    state = loaded[member_id].state
    if state.standing == "unknown":
        raise Stopped("unknown-member")
    return state


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
        lists=static_lists(state),
        balances=state.balances(running.wallets, visit_of(request).now),
        tiers={
            name: LevelShown(level=step.level, since=step.since, until=step.until)
            for name, step in standing(running, state, visit_of(request).now).items()
        },
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


HANDLERS: Final = (find_member, read_member)
