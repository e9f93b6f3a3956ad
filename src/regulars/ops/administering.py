"""What the command line does to a programme, each act in a transaction of its own and written down as its own."""

from datetime import datetime, timedelta
from typing import Final

from regulars.actions import keys, programmes
from regulars.actions.keys import NewKey
from regulars.actions.memory import Memory
from regulars.actions.programmes import AppliedVersion, Base, Plan
from regulars.engine.reasons import Refused
from regulars.ops.mistakes import NOT_READY, Mistake
from regulars.programme import Document

ACTOR: Final = "cli"


async def plan_programme(memory: Memory, document: Document, *, starts_at: datetime | None, now: datetime) -> Plan:
    """Return what a document would change in what runs from `starts_at` on; from now on, where that is None."""
    async with memory.pool.connection() as connection:
        outcome = await programmes.plan(connection, document, starts_at=starts_at, now=now)
    assert isinstance(outcome, Plan), "only for one programme's key another programme is refused"
    return outcome


async def apply_programme(
    memory: Memory, text: str, *, starts_at: datetime | None, base: Base | None = None, now: datetime
) -> AppliedVersion:
    """Apply a document, in force for what happens from `starts_at` on; from now on, where that is None.

    Raises: BadProgrammeError; Mistake, when what is there is not `base`, or somebody else was quicker.
    """
    async with memory.pool.transaction() as connection:
        outcome = await programmes.apply(memory, connection, text, by=ACTOR, starts_at=starts_at, base=base, now=now)
    if isinstance(outcome, Refused):
        raise Mistake(
            "somebody else applied a version at this moment; look at theirs, then apply yours again", NOT_READY
        )
    memory.forget(outcome.programme_id)
    return outcome


async def make_key(
    memory: Memory,
    programme_id: str,
    *,
    name: str,
    scopes: tuple[str, ...],
    lasts: timedelta | None = None,
    now: datetime,
) -> NewKey:
    """Make a key for the API; its secret is in what is returned, and kept nowhere."""
    async with memory.pool.transaction() as connection:
        return await keys.create(
            connection,
            programme_id,
            name=name,
            scopes=scopes,
            by=ACTOR,
            expires_at=now + lasts if lasts is not None else None,
            now=now,
        )
