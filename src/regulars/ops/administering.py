"""What the command line does to a programme, each act in a transaction of its own and written down as its own."""

from datetime import datetime, timedelta
from typing import Final

from regulars.actions import keys, programmes
from regulars.actions.keys import NewKey
from regulars.actions.memory import Memory
from regulars.actions.programmes import AppliedVersion
from regulars.engine.reasons import Refused
from regulars.ops.mistakes import NOT_READY, Mistake

ACTOR: Final = "cli"


async def apply_programme(memory: Memory, text: str, *, starts_at: datetime | None, now: datetime) -> AppliedVersion:
    """Apply a document, in force for what happens from `starts_at` on; from now on, where that is None.

    Raises: BadProgrammeError; Mistake, when somebody else applied one at the same moment.
    """
    async with memory.pool.transaction() as connection:
        outcome = await programmes.apply(memory, connection, text, by=ACTOR, starts_at=starts_at, now=now)
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
