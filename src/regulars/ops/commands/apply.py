"""`regulars apply`: a programme becomes a new version, in force from an instant on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from regulars.ops.commands.check import Files, sources
from regulars.ops.mistakes import WRONG_INPUT, Mistake
from regulars.ops.speaking import say, show

if TYPE_CHECKING:
    from datetime import datetime

    from regulars.actions.memory import Memory
    from regulars.actions.programmes import AppliedVersion
    from regulars.ops.settings import Settings

EXAMPLE: Final = "Example: regulars apply programme.yaml --from 2027-01-01"


def apply(
    files: Files,
    starts: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="DATE",
            show_default="now",
            help=(
                "From when on it is in force: a date, or a time such as 2027-01-01T09:00, in the programme's zone. "
                "It counts for what happens from then on, so name a past date before importing a history."
            ),
        ),
    ] = None,
) -> None:
    """Make a programme the one in force. What happened before keeps the version that it was decided with."""
    from regulars import programme

    texts = sources(files)
    document = programme.read(*texts)
    # One file is kept as its author wrote it, with its comments; of several, what they say together.
    text = texts[0].text if len(texts) == 1 else programme.dump(document)
    starts_at = _instant(starts, document.timezone) if starts is not None else None
    from regulars.ops.administering import apply_programme
    from regulars.ops.installation import now, with_memory

    async def work(_: Settings, memory: Memory) -> AppliedVersion:
        return await apply_programme(memory, text, starts_at=starts_at, now=now())

    version = with_memory(work)
    if not version.changed:
        say("nothing changed: the newest version is the same document")
    show(f"{version.programme_id} version {version.version}, in force from {version.starts_at.isoformat()}")


def _instant(text: str, zone_name: str) -> datetime:
    from regulars.connectors.sources.files.moments import moment
    from regulars.connectors.sources.files.rows import Unfit
    from regulars.engine.zones import zone

    try:
        return moment(text, form=None, zone=zone(zone_name))
    except Unfit as error:
        raise Mistake(f"--from: {error}", WRONG_INPUT) from None
