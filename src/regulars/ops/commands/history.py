"""`regulars history`: every version of the programme, who applied it and when, and what it changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from regulars.ops.commands.keys import Programme
from regulars.ops.speaking import say, show, table

if TYPE_CHECKING:
    from datetime import datetime

    from regulars.actions.memory import Memory
    from regulars.actions.programmes import Past
    from regulars.ops.settings import Settings

EXAMPLE: Final = "Example: regulars history --limit 5"


def history(
    programme: Programme = None,
    limit: Annotated[
        int, typer.Option("--limit", metavar="NUMBER", min=1, help="Show so many, the newest first.")
    ] = 20,
    json: Annotated[bool, typer.Option("--json", help="Show them as JSON, with every change.")] = False,
) -> None:
    """Show the versions of the programme: since when each is in force, who applied it when, and what it changed."""
    from regulars.actions import programmes
    from regulars.db import programmes as stored
    from regulars.ops.installation import now, programme_of, with_memory

    async def work(found: Settings, memory: Memory) -> tuple[tuple[Past, ...], int]:
        programme_id = await programme_of(found, memory, programme)
        async with memory.pool.connection() as connection:
            versions = await stored.history(connection, programme_id)
            running = await stored.in_force(connection, programme_id, now())
        return programmes.past(versions, limit=limit), running.version if running is not None else 0

    told, running = with_memory(work)
    if json:
        import msgspec

        show(msgspec.json.format(msgspec.json.encode([_plain(one, running) for one in told]), indent=2).decode())
        return
    show(
        table(("version", "in force from", "applied at", "by", "what it changed"), [_row(one, running) for one in told])
    )
    say("the version in force is marked *" if running else "no version is in force yet")


def _row(one: Past, running: int) -> tuple[str, ...]:
    version = one.version
    mark = "*" if version.version == running else ""
    return f"{version.version}{mark}", _at(version.starts_at), _at(version.applied_at), version.applied_by, _what(one)


def _what(one: Past) -> str:
    from regulars.programme.telling import summary

    again = f"version {one.repeats} again: " if one.repeats is not None else ""
    return again + (summary(one.changes) or "nothing but from when on it is in force")


def _at(instant: datetime) -> str:
    return instant.isoformat(" ", timespec="minutes")


def _plain(one: Past, running: int) -> dict[str, Any]:
    version = one.version
    return {
        "version": version.version,
        "in_force": version.version == running,
        "starts_at": version.starts_at,
        "applied_at": version.applied_at,
        "applied_by": version.applied_by,
        "sha256": version.sha256.hex(),
        "repeats": one.repeats,
        "changes": one.changes,
    }
