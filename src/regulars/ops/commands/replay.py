"""`regulars replay`: does the event log tell everything that is stored?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from regulars.ops.mistakes import DIFFERENT
from regulars.ops.speaking import counted, say, show, table

if TYPE_CHECKING:
    from regulars.actions.memory import Memory
    from regulars.actions.replaying import ReplayReport
    from regulars.ops.settings import Settings

EXAMPLE: Final = "Example: regulars replay --into postgresql://regulars@db.example.com/rebuilt"


def replay(
    into: Annotated[
        str | None,
        typer.Option(
            "--into",
            metavar="URL",
            show_default="nowhere",
            help="An empty PostgreSQL database to rebuild in; it is migrated first.",
        ),
    ] = None,
) -> None:
    """Decide every recorded event again and compare what comes of it with what is stored, to the byte.

    The SHA-256 of each table is shown, as stored and as rebuilt. Where members differ they are named, and the
    exit status is 1. Nothing that is stored is changed.
    """
    from regulars.actions.replaying import events_to_replay
    from regulars.actions.replaying import replay as replay_memory
    from regulars.db.migrate import migrate
    from regulars.engine.ids import external
    from regulars.ops.installation import memory, with_memory
    from regulars.ops.progress import progress

    async def work(found: Settings, source: Memory) -> ReplayReport:
        total = await events_to_replay(source)
        with progress("replaying", total, unit="events") as advance:
            if into is None:
                return await replay_memory(source, on_progress=advance)
            await migrate(into, on_progress=say)
            async with memory(found, into) as target:
                return await replay_memory(source, target, on_progress=advance)

    report = with_memory(work)
    rows = [(name, report.stored[name], report.rebuilt[name]) for name in sorted(report.stored)]
    show(table(("table", "as stored", "as rebuilt"), rows))
    for one in report.differing:
        show(f"{one.programme_id} {external('mem', one.member_id)}: {', '.join(one.tables)} {one.reason}".rstrip())
    if not report.identical:
        say(f"{report.differences} of {report.members} members are stored otherwise than their events say")
        raise typer.Exit(DIFFERENT)
    say(f"identical: {counted(report.events, 'event')} of {counted(report.members, 'member')}")
