"""`regulars check`: everything that is wrong with a programme, at which line, and what to write instead."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from regulars.ops.mistakes import DIFFERENT
from regulars.ops.programme_files import Files, sources
from regulars.ops.speaking import counted, say, show

EXAMPLE: Final = "Example: regulars check programme.yaml"


def check(
    files: Files = None,
    strict: Annotated[bool, typer.Option("--strict", help="Count warnings as mistakes.")] = False,
) -> None:
    """Say everything that is wrong with a programme, with line and column. Nothing is applied.

    What may be meant but is more often a slip is a warning, with a code in brackets.
    """
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
