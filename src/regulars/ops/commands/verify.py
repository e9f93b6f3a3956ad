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


def verify() -> None:
    """Check every promise on the live database: each balance the sum of its lots, each posting in two accounts, …

    Nothing is changed. The rows that break a promise are shown, and the exit status is 1.
    """
    from regulars.actions.verifying import CHECKS
    from regulars.actions.verifying import verify as verify_memory
    from regulars.ops.installation import with_memory
    from regulars.ops.progress import progress

    async def work(_: Settings, memory: Memory) -> tuple[Breach, ...]:
        with progress("checking", len(CHECKS), unit="promises") as advance:
            return await verify_memory(memory, on_progress=lambda _: advance(1))

    found = with_memory(work)
    for breach in found:
        show(f"{breach.check}: {breach.promise}")
        show(table(tuple(breach.rows[0]), [tuple(row.values()) for row in breach.rows]))
        if breach.more:
            show("and more")
    kept = len(CHECKS) - len(found)
    say(f"{kept} of {len(CHECKS)} promises are kept" if found else f"all is well: {kept} promises checked")
    if found:
        raise typer.Exit(DIFFERENT)
