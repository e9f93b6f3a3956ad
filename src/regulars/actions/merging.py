"""Two memberships turn out to be one person's: the younger one closes, and all it had goes to the older."""

from datetime import datetime
from typing import Final
from uuid import UUID

from regulars.actions.deciding import Answered
from regulars.actions.deliver import deliver_of
from regulars.actions.ingest import ingest
from regulars.actions.memory import Memory
from regulars.actions.telling import Told
from regulars.connectors.incoming import MemberReference
from regulars.db import members
from regulars.db.errors import TransientError
from regulars.engine.events import Merge
from regulars.engine.ids import external
from regulars.engine.reasons import Refused

_ATTEMPTS_MAX: Final = 20


async def merge(
    memory: Memory,
    programme_id: str,
    one: UUID,
    other: UUID,
    *,
    source: str,
    source_id: str,
    now: datetime,
) -> Answered | Refused:
    """Merge two memberships and return the answer of the one that closed; what it sent has arrived by then.

    The survivor is the one with the smaller id: the one that began earlier. Since that does not depend on
    who asks, merges that cross each other end in the same membership, and none can go round in a circle.
    """
    for _ in range(_ATTEMPTS_MAX):
        pair = await _pair(memory, programme_id, one, other)
        if isinstance(pair, Refused):
            return pair
        into, closing = pair
        told = Told(
            type="member.merged",
            source=source,
            source_id=source_id,
            body=Merge(into_member=into),
            member=MemberReference(id=external("mem", closing)),
        )
        (outcome,) = await ingest(memory, programme_id, [told], now=now)
        if isinstance(outcome, Answered):
            await deliver_of(memory, outcome.member_id, outcome.event_id, now=now)
            return outcome
        if outcome.code != "member-merged":
            return outcome
    raise TransientError(f"the memberships were merged with others {_ATTEMPTS_MAX} times meanwhile")


async def _pair(memory: Memory, programme_id: str, one: UUID, other: UUID) -> tuple[UUID, UUID] | Refused:
    """Return the membership that survives and the one that closes, once earlier merges are followed."""
    async with memory.pool.connection() as connection:
        survivors = {await members.survivor(connection, programme_id, id) for id in (one, other)}
        known = [id for id in sorted(survivors) if await members.exists(connection, programme_id, id)]
    if len(known) < len(survivors):
        return Refused(code="unknown-member")
    if len(known) == 1:
        return Refused(code="merge-into-itself")
    return known[0], known[1]
