"""The clock moves points too: the sweeper writes into the ledger what is true already by the instants."""

from datetime import datetime

from regulars.actions.ingest import ingest
from regulars.actions.memory import Memory
from regulars.actions.telling import Told
from regulars.connectors.incoming import MemberReference
from regulars.db import due
from regulars.engine.events import Settle
from regulars.engine.ids import external

SOURCE = "regulars"
_BATCH_MAX = 500


async def sweep(memory: Memory, *, now: datetime, inactive_since: datetime) -> int:
    """Settle one batch of members with something due up to `now`, and return how many there were.

    Call it until it returns 0. What is settled twice is settled once. `inactive_since` is the `now` of the
    last complete sweep; only wallets whose time ended after it are looked at for inactivity.
    """
    async with memory.pool.connection() as connection:
        members = await due.due(connection, now=now, inactive_since=inactive_since, limit=_BATCH_MAX)
    for programme_id in sorted({member.programme_id for member in members}):
        told = [_settle(member, now) for member in members if member.programme_id == programme_id]
        await ingest(memory, programme_id, told, now=now)
    return len(members)


def _settle(member: due.DueMember, now: datetime) -> Told:
    return Told(
        type="member.settled",
        source=SOURCE,
        source_id=f"{member.member_id.hex}/{now.isoformat()}",
        body=Settle(),
        member=MemberReference(id=external("mem", member.member_id)),
        occurred_at=now,
    )
