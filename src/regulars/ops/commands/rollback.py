"""`regulars rollback`: an old version's document becomes the newest version."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Final

import typer

from regulars.ops.commands.apply import Yes, carried_out
from regulars.ops.commands.keys import Programme
from regulars.ops.commands.plan import From, instant, planning_of
from regulars.ops.mistakes import Mistake
from regulars.ops.speaking import say

if TYPE_CHECKING:
    from regulars.actions.memory import Memory
    from regulars.db.programmes import Version
    from regulars.ops.settings import Settings

EXAMPLE: Final = "Example: regulars rollback 3"


def rollback(
    number: Annotated[int, typer.Argument(metavar="VERSION", show_default=False, help="The version to go back to.")],
    programme: Programme = None,
    starts: From = None,
    yes: Yes = False,
) -> None:
    """Apply the document of an old version again, as a new version. No version is ever changed or taken away."""
    from regulars.actions.programmes import read
    from regulars.ops import planning
    from regulars.ops.installation import installed

    with installed() as here:
        version = here.do(version_of(programme, number))
        document = read(version)
        starts_at = instant(starts, document.timezone)
        planned = here.do(planning_of(document, starts_at))
        planning.show_plan(planned)
        if planned.changes and not yes:
            planning.confirm(f"apply the document of version {number} again?")
        applied = carried_out(here, planned, version.document, starts_at)
    if applied.changed:
        say(f"version {applied.version} is the document of version {number} again")


def version_of(programme: str | None, number: int | None) -> Callable[[Settings, Memory], Awaitable[Version]]:
    """Return the work of finding a version: the one in force, where no number is given."""
    from regulars.db import programmes
    from regulars.ops.installation import now, programme_of

    async def work(found: Settings, memory: Memory) -> Version:
        programme_id = await programme_of(found, memory, programme)
        async with memory.pool.connection() as connection:
            if number is None:
                version = await programmes.in_force(connection, programme_id, now())
            else:
                version = await programmes.version(connection, programme_id, number)
        if version is None:
            which = "no version in force" if number is None else f"no version {number}"
            raise Mistake(f"{programme_id} has {which}; `regulars history` shows those there are")
        return version

    return work
