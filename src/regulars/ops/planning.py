"""A plan as people see it, as it is kept in a file, and what must still be so when it is carried out."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec
import typer
from msgspec import Struct

from regulars import programme
from regulars.actions.programmes import Base, Plan
from regulars.ops.mistakes import DIFFERENT, NOT_READY, Mistake
from regulars.ops.speaking import say
from regulars.programme.telling import summary, title, told

_SIGNS: Final = {"added": ("+", "green"), "changed": ("~", "yellow"), "moved": (">", "cyan"), "removed": ("-", "red")}


class Against(Struct, frozen=True, kw_only=True):
    """The version that a plan was made against."""

    version: int
    starts_at: datetime
    applied_at: datetime
    applied_by: str
    sha256: str


class SavedPlan(Struct, frozen=True, kw_only=True):
    """A plan in a file. `document` is the SHA-256 of the text to be applied; `starts_at` null is when it is applied."""

    programme: str
    document: str
    starts_at: datetime | None
    against: Against | None
    newest: int
    changes: tuple[Any, ...]
    warnings: tuple[str, ...] = ()

    @property
    def base(self) -> Base:
        """What has to be there still when the plan is carried out."""
        return Base(newest=self.newest, in_force=self.against.version if self.against is not None else 0)


def saved(plan: Plan, digest: bytes, starts_at: datetime | None, warnings: tuple[str, ...] = ()) -> SavedPlan:
    """Return a plan as it is kept."""
    against = plan.against
    return SavedPlan(
        programme=plan.document.id,
        document=digest.hex(),
        starts_at=starts_at,
        against=None
        if against is None
        else Against(
            version=against.version,
            starts_at=against.starts_at,
            applied_at=against.applied_at,
            applied_by=against.applied_by,
            sha256=against.sha256.hex(),
        ),
        newest=plan.newest,
        changes=plan.changes,
        warnings=warnings,
    )


def as_json(plan: SavedPlan) -> str:
    """Return a plan as JSON."""
    return msgspec.json.format(msgspec.json.encode(plan), indent=2).decode()


def read_plan(path: Path) -> SavedPlan:
    """Return the plan that a file holds.

    Raises: Mistake, when it holds none.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=SavedPlan)
    except OSError as error:
        raise Mistake(f"{path} cannot be read: {error.strerror}") from None
    except msgspec.MsgspecError as error:
        raise Mistake(f"{path} holds no plan ({error}); make one with `regulars plan --out {path}`") from None


def hold_to(kept: SavedPlan, plan: Plan) -> None:
    """Make sure that what runs is what a kept plan was made against.

    Raises: Mistake, which says what runs instead.
    """
    if kept.base != plan.base:
        raise Mistake(
            f"the plan was made against {_named(kept.base)}, and now there is {_named(plan.base)}; "
            "see `regulars history`, and plan again",
            NOT_READY,
        )


def show_plan(plan: Plan, *, drifted: bool = False, is_result: bool = False) -> None:
    """Show what a plan changes: on standard output where that is the result, else beside it."""
    from rich.console import Console
    from rich.text import Text

    against, zone = plan.against, plan.document.timezone
    if against is None:
        say(f"{plan.document.id}: no version is in force from {plan.starts_at.isoformat()} on; this would be it")
    else:
        applied = f"applied by {against.applied_by} at {against.applied_at.isoformat(timespec='seconds')}"
        say(f"{plan.document.id}: against version {against.version}, {applied}")
    if drifted:
        say(
            "these files never were the version that runs: somebody else applied it. What it says and they do not "
            "is shown as removed; `regulars pull` brings it here"
        )
    console = Console(file=sys.stdout if is_result else sys.stderr, highlight=False, soft_wrap=True)
    for change in plan.changes:
        sign, colour = _SIGNS[change.action]
        console.print(Text(f"{sign} {title(change)}", style=colour))
        for line in told(change, zone) if change.action != "removed" else ():
            console.print(Text(f"    {line}"))
    say(summary(plan.changes) if plan.changes else "nothing changes")
    if plan.until is not None and plan.changes:
        at = plan.until.starts_at.isoformat()
        say(f"from {at} on version {plan.until.version} is in force, which was applied before and starts later")


def confirm(question: str) -> None:
    """Ask whether to go on.

    Raises: typer.Exit, when the answer is no; Mistake, when nobody answers.
    """
    try:
        agreed = typer.confirm(question, err=True)
    except typer.Abort:
        raise Mistake("nobody agreed, so nothing was done; give --yes where nobody can be asked") from None
    if not agreed:
        say("nothing was done")
        raise typer.Exit(DIFFERENT)


def warnings_of(found: programme.Checked) -> tuple[str, ...]:
    """Return the warnings of a check as lines."""
    return tuple(str(warning) for warning in found.warnings)


def _named(base: Base) -> str:
    if not base.newest:
        return "no version"
    in_force = f"version {base.in_force}" if base.in_force else "no version"
    return f"{in_force} in force" if base.in_force == base.newest else f"{in_force} in force and {base.newest} newest"
