"""Is everything as it must be? Every promise is checked on the live database, and nothing is mended."""

from collections.abc import Callable, Sequence
from typing import Final

from regulars.actions.memory import Memory
from regulars.actions.sealing_audit import BEGINNING, hash_of
from regulars.db import audit
from regulars.db import verify as by_query
from regulars.db.connection import Connection
from regulars.db.verify import Breach

AUDIT: Final = "audit_entries_are_as_sealed"
AUDIT_PROMISE: Final = "What the audit says that was done is what was sealed then, by the hash of each link."
CHECKS: Final = (*by_query.CHECKS, AUDIT)
# Where claims are made in a transaction of their own, one that lost a race or a crash may be left over. It is in
# nobody's way: a member who comes back takes it up.
_CLAIMS_WITH_THEIR_EVENT: Final = frozenset(
    {
        *("identities_lead_to_members", "identities_lead_to_survivors", "purchases_hold_their_claim"),
        *("shared_things_are_used_as_claimed", "codes_lead_to_vouchers"),
    }
)


async def verify(
    memory: Memory, on_progress: Callable[[str], None] = lambda _: None, *, checks: Sequence[str] = CHECKS
) -> tuple[Breach, ...]:
    """Return every promise that is broken, with rows that break it; `on_progress` hears each check's name.

    All checks see the database as it was at one instant, and nobody waits for them.
    """
    left_out = _CLAIMS_WITH_THEIR_EVENT if memory.one_bucket else frozenset()
    pool = memory.pool.surveyor()
    try:
        async with pool.snapshot() as connection:
            return await breaches(connection, on_progress, checks=[one for one in checks if one not in left_out])
    finally:
        await pool.close()


async def breaches(
    connection: Connection, on_progress: Callable[[str], None] = lambda _: None, *, checks: Sequence[str] = CHECKS
) -> tuple[Breach, ...]:
    """Return every promise that is broken as a transaction sees it."""
    found: list[Breach] = []
    for check in checks:
        on_progress(check)
        breach = await (_audit(connection) if check == AUDIT else by_query.breach(connection, check))
        if breach is not None:
            found.append(breach)
    return tuple(found)


async def _audit(connection: Connection) -> Breach | None:
    previous = BEGINNING
    async for link, entry in audit.chain(connection):
        if link.hash != hash_of(entry, number=link.number, previous=previous):
            # From here on every hash differs: the first one that does is what there is to look at.
            row = {"number": str(link.number), "entry_id": str(entry.entry_id), "at": str(entry.at)}
            return Breach(check=AUDIT, promise=AUDIT_PROMISE, rows=(row,))
        previous = link.hash
    return None
