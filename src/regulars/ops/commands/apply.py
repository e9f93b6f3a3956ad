"""`regulars apply`: a programme becomes a new version, in force from an instant on, once its plan was looked at."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from regulars.ops.commands.plan import From, drifted, instant, planning_of
from regulars.ops.mistakes import Mistake
from regulars.ops.programme_files import Files, remember, sources, text_of
from regulars.ops.speaking import say, show

if TYPE_CHECKING:
    from datetime import datetime

    from regulars.actions.memory import Memory
    from regulars.actions.programmes import AppliedVersion, Plan
    from regulars.ops.installation import Installed
    from regulars.ops.planning import SavedPlan
    from regulars.ops.settings import Settings

EXAMPLE: Final = "Example: regulars apply programme.yaml --from 2027-01-01"
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def apply(
    files: Files = None,
    starts: From = None,
    plan: Annotated[
        Path | None,
        typer.Option(
            "--plan",
            metavar="FILE",
            show_default="none",
            help="Carry out this kept plan without asking, if nothing was changed since it was made.",
        ),
    ] = None,
    yes: Yes = False,
) -> None:
    """Show what a programme changes, ask, and make it the one in force.

    What happened before keeps the version that it was decided with. If somebody else applies a version
    meanwhile, nothing is applied.
    """
    from regulars import programme
    from regulars.actions.programmes import digest
    from regulars.ops import planning
    from regulars.ops.installation import installed

    texts = sources(files)
    document = programme.read(*texts)
    text = text_of(texts, document)
    kept = planning.read_plan(plan) if plan is not None else None
    if kept is not None and kept.document != digest(text).hex():
        raise Mistake("the files are not those that the plan was made of; plan again")
    starts_at = instant(starts, document.timezone)
    if kept is not None and starts is not None and starts_at != kept.starts_at:
        raise Mistake("--from is another instant than the plan's; leave it out, or plan again")
    starts_at = kept.starts_at if kept is not None else starts_at
    with installed() as here:
        planned = here.do(planning_of(document, starts_at))
        _agreed(planned, kept, drift=drifted(files, planned), yes=yes)
        version = carried_out(here, planned, text, starts_at)
    remember(files, document.id, _digest_of(planned, version, digest(text)))


def carried_out(here: Installed, planned: Plan, text: str, starts_at: datetime | None) -> AppliedVersion:
    """Apply what was planned, and say which version it is now.

    Raises: Mistake, when what runs is no longer what was planned against.
    """
    from regulars.ops.administering import apply_programme
    from regulars.ops.installation import now

    async def work(_: Settings, memory: Memory) -> AppliedVersion:
        return await apply_programme(memory, text, starts_at=starts_at, base=planned.base, now=now())

    version = here.do(work)
    if not version.changed:
        say("nothing was applied: it means the same as the version in force")
    show(f"{version.programme_id} version {version.version}, in force from {version.starts_at.isoformat()}")
    return version


def _agreed(planned: Plan, kept: SavedPlan | None, *, drift: bool, yes: bool) -> None:
    """Show the plan, and ask where it has to be agreed to."""
    from regulars.ops import planning

    if kept is not None:
        planning.hold_to(kept, planned)
    planning.show_plan(planned, drifted=drift)
    if planned.changes and kept is None and not yes:
        planning.confirm("apply this?")


def _digest_of(planned: Plan, version: AppliedVersion, applied: bytes) -> str:
    """Return the digest of the version that the files are now: an older one, where they mean the same as it."""
    return applied.hex() if version.changed or planned.against is None else planned.against.sha256.hex()
