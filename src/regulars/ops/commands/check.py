"""`regulars check`: everything that is wrong with a programme, at which line, and what to write instead."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from regulars.ops.mistakes import DIFFERENT, Mistake
from regulars.ops.speaking import counted, say, show

if TYPE_CHECKING:
    from regulars.programme import Source

EXAMPLE: Final = "Example: regulars check programme.yaml"

Files = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE...",
        show_default=False,
        help="The files of one programme, or a folder: its *.yaml in the order of their names.",
    ),
]


def check(
    files: Files,
    strict: Annotated[bool, typer.Option("--strict", help="Count warnings as mistakes.")] = False,
) -> None:
    """Say everything that is wrong with a programme, with line and column. Nothing is applied."""
    from regulars import programme

    found = programme.check(*sources(files))
    if isinstance(found, tuple):
        for problem in found:
            show(str(problem))
        say(f"{counted(len(found), 'mistake')}; it cannot be applied like this")
        raise typer.Exit(DIFFERENT)
    for warning in found.warnings:
        show(f"warning: {warning}")
    document = found.document
    parts = f"{counted(len(document.rules), 'rule')}, {counted(len(document.wallets), 'wallet')}"
    say(f"{document.name} ({document.id}) can be applied: {parts}")
    if strict and found.warnings:
        raise typer.Exit(DIFFERENT)


def sources(files: list[Path]) -> list[Source]:
    """Return the texts of the files of a programme.

    Raises: Mistake, when one cannot be read.
    """
    from regulars.programme import Source

    return [Source(str(path), _text(path)) for given in files for path in _paths(given)]


def _paths(given: Path) -> list[Path]:
    if not given.is_dir():
        return [given]
    found = sorted(given.glob("*.yaml"))
    if not found:
        raise Mistake(f"the folder {given} has no *.yaml; name the files of the programme")
    return found


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise Mistake(f"{path} is not UTF-8; save it as that") from None
    except OSError as error:
        raise Mistake(f"{path} cannot be read: {error.strerror}") from None
