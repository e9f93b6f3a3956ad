"""`regulars pull`: the programme that runs, back in files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from regulars.ops.commands.apply import Yes
from regulars.ops.commands.keys import Programme
from regulars.ops.commands.rollback import version_of
from regulars.ops.mistakes import Mistake
from regulars.ops.programme_files import remember, write
from regulars.ops.speaking import counted, say, show

if TYPE_CHECKING:
    from collections.abc import Mapping

    from regulars.db.programmes import Version

EXAMPLE: Final = "Example: regulars pull programme.yaml"


def pull(
    target: Annotated[
        Path | None,
        typer.Argument(metavar="[TARGET]", show_default=False, help="A file; with --split, a folder. None: show it."),
    ] = None,
    split: Annotated[bool, typer.Option("--split", help="Write a file for each section.")] = False,
    number: Annotated[
        int | None, typer.Option("--version", metavar="VERSION", show_default="in force", help="Which version.")
    ] = None,
    programme: Programme = None,
    yes: Yes = False,
) -> None:
    """Write the programme that runs into a file, as it was applied, or into a folder, section by section.

    What is written means the same as what runs: checked, planned or applied, it changes nothing.
    """
    if split and target is None:
        raise Mistake("name the folder that --split writes to")
    from regulars.ops.installation import installed

    with installed() as here:
        version = here.do(version_of(programme, number))
    if target is None:
        show(version.document.rstrip("\n"))
        return
    texts = _texts(version, target, split=split)
    _may_write(texts, yes=yes)
    for path, text in texts.items():
        write(path, text)
    remember([target], version.programme_id, version.sha256.hex())
    say(f"version {version.version} of {version.programme_id} is in {counted(len(texts), 'file')}")


def _texts(version: Version, target: Path, *, split: bool) -> dict[Path, str]:
    """Return the texts to write by the paths they go to.

    Raises: Mistake, when the target is of the other kind, or a folder that would not be the programme alone.
    """
    from regulars import programme
    from regulars.actions.programmes import read

    if not split:
        if target.is_dir():
            raise Mistake(f"{target} is a folder; name a file in it, or give --split")
        return {target: version.document}
    if target.exists() and not target.is_dir():
        raise Mistake(f"{target} is a file; with --split name a folder")
    texts = {target / name: text for name, text in programme.split(read(version)).items()}
    others = sorted(path.name for path in target.glob("*.yaml") if path not in texts)
    if others:
        raise Mistake(f"{target} holds {', '.join(others)} too, which would be read with it; take them out first")
    return texts


def _may_write(texts: Mapping[Path, str], *, yes: bool) -> None:
    """Ask before files are written over that say something else."""
    from regulars.ops.planning import confirm

    other = [path for path, text in texts.items() if path.exists() and path.read_bytes() != text.encode()]
    if other and not yes:
        confirm(f"write over {', '.join(map(str, other))}?")
