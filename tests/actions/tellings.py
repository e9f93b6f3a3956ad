"""Short words for what tests tell the platform."""

from datetime import datetime
from uuid import UUID

import msgspec

from regulars.actions.answers import EventAnswer
from regulars.actions.deciding import Answered
from regulars.actions.ingest import ingest
from regulars.actions.memory import Memory
from regulars.actions.telling import KeyedCall, Told
from regulars.connectors.incoming import MemberReference
from regulars.db import members
from regulars.db.members import Wanted
from regulars.engine.events import Action, Body, Line, Order, Purchase
from regulars.engine.points import Balance
from regulars.engine.reasons import Refused
from tests.actions.conftest import NOON

CLIENT = UUID(int=0x019A_0000_0000_7000_8000_0000_0000_0001)


def order(id: str, amount_minor: int) -> Order:
    return Order(id=id, currency="EUR", lines=(Line(id="1", product="soap", amount_minor=amount_minor),))


def told(
    type: str,
    source_id: str,
    body: Body | None = None,
    *,
    email: str = "ada@example.com",
    source: str = "till",
    channel: str = "shop",
    at: datetime = NOON,
    key: str | None = None,
    fingerprint: bytes = b"a",
) -> Told:
    call = None if key is None else KeyedCall(client=CLIENT, key=key, fingerprint=fingerprint)
    member = MemberReference(email=email)
    return Told(
        type=type, source=source, source_id=source_id, body=body or Action(), member=member, occurred_at=at,
        channel=channel, call=call,
    )  # fmt: skip


def purchase(source_id: str, amount_minor: int, *, order_id: str | None = None, **more: object) -> Told:
    return told("purchase", source_id, Purchase(order=order(order_id or source_id, amount_minor)), **more)  # type: ignore[arg-type]


async def tell(memory: Memory, *events: Told, now: datetime = NOON) -> list[Answered | Refused]:
    return await ingest(memory, "corner", events, now=now)


def accepted(outcome: Answered | Refused) -> Answered:
    assert isinstance(outcome, Answered), outcome
    return outcome


def read(outcome: Answered | Refused) -> EventAnswer:
    """Return an answer as whoever asked reads it."""
    return msgspec.json.decode(accepted(outcome).text, type=EventAnswer)


async def points_of(memory: Memory, member_id: UUID, *, at: datetime = NOON) -> Balance:
    """Return what is in a member's wallet, as memory has it."""
    async with memory.pool.connection() as connection:
        loaded = await members.load(connection, "corner", [Wanted(member_id=member_id, since=at.date())])
    return loaded[member_id].state.balance("points", at)
