"""`regulars verify`: is everything as it must be?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import typer

from regulars.ops.mistakes import DIFFERENT
from regulars.ops.speaking import say, show, table

if TYPE_CHECKING:
    from regulars.actions.memory import Memory
    from regulars.db.verify import Breach
    from regulars.ops.settings import Settings

EXAMPLE: Final = "Example: regulars verify"
_ROWS_SHOWN: Final = 20


def verify() -> None:
    """Check every promise on the live database: each balance the sum of its lots, each posting in two accounts, …

    Nothing is changed. The rows that break a promise are shown, and the exit status is 1.
    """
    from regulars.actions.verifying import verify as verify_memory
    from regulars.db.verify import CHECKS
    from regulars.ops.installation import with_memory

    async def work(_: Settings, memory: Memory) -> tuple[Breach, ...]:
        return await verify_memory(memory)

    found = with_memory(work)
    for breach in found:
        _show(breach)
    kept = len(CHECKS) - len(found)
    say(f"{kept} of {len(CHECKS)} promises are kept" if found else f"all is well: {kept} promises checked")
    if found:
        raise typer.Exit(DIFFERENT)


def _show(breach: Breach) -> None:
    show(f"{breach.check}: {breach.promise}")
    rows = [tuple(row.values()) for row in breach.rows[:_ROWS_SHOWN]]
    show(table(tuple(breach.rows[0]), rows))
    if len(breach.rows) > _ROWS_SHOWN:
        show(f"and {len(breach.rows) - _ROWS_SHOWN} more")
