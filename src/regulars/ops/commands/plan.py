"""`regulars plan`: what a programme would change in what runs, thing by thing, before anything is changed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from regulars.ops.mistakes import CHANGES, DIFFERENT, WRONG_INPUT, Mistake, mistake_of
from regulars.ops.programme_files import Files, known, sources, text_of, write
from regulars.ops.speaking import say, show

if TYPE_CHECKING:
    from datetime import datetime

    from regulars.actions.memory import Memory
    from regulars.actions.programmes import Plan
    from regulars.ops.settings import Settings
    from regulars.programme import Document

EXAMPLE: Final = "Example: regulars plan programme.yaml --out plan.json"
From = Annotated[
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
]


def plan(
    files: Files = None,
    starts: From = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", show_default="nowhere", help="Keep the plan, for `apply --plan FILE`."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Show the plan as JSON.")] = False,
) -> None:
    """Show what a programme would change in what runs. Comments and layout are no change; nothing is applied.

    The exit status is 0 where nothing would change, 2 where something would, and 1 where there is a mistake.
    """
    with _own_statuses():
        planned = _plan(files, starts, out, json)
    if planned.changes:
        raise typer.Exit(CHANGES)


def _plan(files: list[Path] | None, starts: str | None, out: Path | None, json: bool) -> Plan:
    from regulars import programme
    from regulars.actions.programmes import digest
    from regulars.ops import planning
    from regulars.ops.installation import installed

    texts = sources(files)
    found = programme.check(*texts)
    if isinstance(found, tuple):
        raise programme.BadProgrammeError(found)
    document, warnings = found.document, planning.warnings_of(found)
    for warning in warnings:
        say(f"warning: {warning}")
    starts_at = instant(starts, document.timezone)
    with installed() as here:
        planned = here.do(planning_of(document, starts_at))
    kept = planning.saved(planned, digest(text_of(texts, document)), starts_at, warnings)
    if json:
        show(planning.as_json(kept))
    else:
        planning.show_plan(planned, drifted=drifted(files, planned), is_result=True)
    if out is not None:
        write(out, planning.as_json(kept) + "\n")
    return planned


def planning_of(document: Document, starts_at: datetime | None) -> Callable[[Settings, Memory], Awaitable[Plan]]:
    """Return the work of planning a document."""
    from regulars.ops.administering import plan_programme
    from regulars.ops.installation import now

    async def work(_: Settings, memory: Memory) -> Plan:
        return await plan_programme(memory, document, starts_at=starts_at, now=now())

    return work


def drifted(files: list[Path] | None, planned: Plan) -> bool:
    """Tell whether a version runs that these files never were, though they were others before."""
    digests = known(files, planned.document.id)
    return bool(digests) and planned.against is not None and planned.against.sha256.hex() not in digests


def instant(text: str | None, zone_name: str) -> datetime | None:
    """Return the instant that `--from` means on the programme's clock.

    Raises: Mistake, when it means none.
    """
    if text is None:
        return None
    from regulars.connectors.sources.files.moments import moment
    from regulars.connectors.sources.files.rows import Unfit
    from regulars.engine.zones import zone

    try:
        return moment(text, form=None, zone=zone(zone_name))
    except Unfit as error:
        raise Mistake(f"--from: {error}", WRONG_INPUT) from None


@contextmanager
def _own_statuses() -> Iterator[None]:
    """End with another status than `CHANGES` where there is a mistake: scripts tell the two apart by it."""
    try:
        yield
    except Exception as error:
        mistake = mistake_of(error)
        if mistake is None or mistake.status != WRONG_INPUT:
            raise
        raise Mistake(mistake.sentence, DIFFERENT) from None
