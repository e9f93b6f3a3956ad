"""The clock moves points too: the sweeper writes into the ledger what is true already by the instants."""

from datetime import datetime
from typing import Final
from uuid import UUID

from msgspec import Struct

from regulars.actions.deciding import Answered
from regulars.actions.ingest import ingest
from regulars.actions.memory import Memory
from regulars.actions.telling import Told
from regulars.connectors.incoming import MemberReference
from regulars.db import due
from regulars.engine.events import Settle
from regulars.engine.ids import external

SOURCE: Final = "regulars"
TYPE: Final = "member.settled"
_BATCH_MAX: Final = 500


class Swept(Struct, frozen=True, kw_only=True):
    """One batch: members with something due who were looked at, and those of them who are settled by it."""

    looked_at: int
    settled: int


async def sweep(memory: Memory, *, now: datetime, inactive_since: datetime) -> Swept:
    """Settle one batch of members with something due up to `now`, and return how many there were.

    Call it until it settles nobody. What is settled twice is settled once, and counts for who came first.
    `inactive_since` is the `now` of the last sweep that found nobody; only wallets whose time ended after it
    are looked at for inactivity.
    """
    async with memory.pool.connection() as connection:
        members = await due.due(connection, now=now, inactive_since=inactive_since, limit=_BATCH_MAX)
    settled = 0
    for programme_id in sorted({member.programme_id for member in members}):
        told = [_settle(member, now) for member in members if member.programme_id == programme_id]
        outcomes = await ingest(memory, programme_id, told, now=now)
        settled += sum(isinstance(outcome, Answered) and not outcome.repeated for outcome in outcomes)
    return Swept(looked_at=len(members), settled=settled)


def _settle(member: due.DueMember, now: datetime) -> Told:
    return Told(
        type=TYPE,
        source=SOURCE,
        source_id=source_id(member.member_id, now),
        body=Settle(),
        member=MemberReference(id=external("mem", member.member_id)),
        occurred_at=now,
    )


def source_id(member_id: UUID, now: datetime) -> str:
    """Return by which id an event is told that settles a member up to an instant."""
    return f"{member_id.hex}{suffix(now)}"


def suffix(now: datetime) -> str:
    """Return how such an id ends, whoever the member is."""
    return f"/{now.isoformat()}"
