"""`regulars export`: everything, in files that anybody can read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from regulars.ops.mistakes import Mistake
from regulars.ops.speaking import say, show

if TYPE_CHECKING:
    from regulars.actions.memory import Memory
    from regulars.ops.exporting import Manifest, Part
    from regulars.ops.settings import Settings

EXAMPLE: Final = "Example: regulars export /srv/exports/2027-01-31"


def export(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", show_default=False, help="An empty folder, or one to be made.")
    ],
) -> None:
    """Write programmes, the event log and identities into a folder, as JSON Lines, all of one moment.

    It is complete: every balance can be worked out again from it. What is sealed stays sealed, so that reading
    personal data still takes this installation's secret (REGULARS_SECRET).
    """
    from regulars.ops.exporting import export_all
    from regulars.ops.installation import now, with_memory

    try:
        folder.mkdir(parents=True, exist_ok=True)
        full = any(folder.iterdir())
    except OSError as error:
        raise Mistake(f"the folder {folder} cannot be used: {error.strerror}") from None
    if full:
        raise Mistake(f"the folder {folder} is not empty; name another one")

    def told(part: Part) -> None:
        say(f"{part.file}: {part.lines:,} lines")

    async def work(_: Settings, memory: Memory) -> Manifest:
        return await export_all(memory, folder, now=now(), told=told)

    with_memory(work)
    show(str(folder / "manifest.json"))
