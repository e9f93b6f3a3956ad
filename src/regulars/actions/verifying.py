"""Is everything as it must be? Every promise is checked on the live database, and nothing is mended."""

from collections.abc import Callable

from regulars.actions.memory import Memory
from regulars.db.verify import CHECKS, Breach, breaches


async def verify(memory: Memory, on_progress: Callable[[str], None] = lambda _: None) -> tuple[Breach, ...]:
    """Return every promise that is broken, with the rows that break it; `on_progress` hears each check's name."""
    found: list[Breach] = []
    async with memory.pool.snapshot() as connection:
        for check in CHECKS:
            on_progress(check)
            breach = await breaches(connection, check)
            if breach is not None:
                found.append(breach)
    return tuple(found)
