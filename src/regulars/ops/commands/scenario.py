"""`regulars scenario`: pages that say what should happen, held against what does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from regulars.ops.mistakes import DIFFERENT, WRONG_INPUT, Mistake
from regulars.ops.speaking import counted, say, show, table

if TYPE_CHECKING:
    from regulars.programme.scenarios import Page

EXAMPLE: Final = "Example: regulars scenario examples/coffee/scenarios/*.md"


def scenario(
    pages: Annotated[
        list[Path],
        typer.Argument(metavar="PAGE...", show_default=False, help="Scenario pages (Markdown), or folders of them."),
    ],
    sweeping: Annotated[
        bool,
        typer.Option("--sweeping", help="Post what is due before every event and look, which must change nothing."),
    ] = False,
) -> None:
    """Play pages on the engine, without a database, and show what differs from what they say."""
    from regulars.programme.scenarios import BrokenPageError, run_page

    broken = different = 0
    paths = [path for given in pages for path in _paths(given)]
    for path in paths:
        try:
            differences = run_page(_page(path), sweeping=sweeping)
        except BrokenPageError as error:
            broken += 1
            for problem in error.problems:
                show(str(problem))
            continue
        if differences:
            different += 1
            show(f"{path}:")
            rows = [(str(one.line), one.what, one.expected, one.actual) for one in differences]
            show(table(("line", "what", "page", "platform"), rows))
    kept = len(paths) - broken - different
    say(f"{counted(len(paths), 'page')}: {kept} as they say, {different} differ, {broken} unreadable")
    if broken or different:
        raise typer.Exit(WRONG_INPUT if broken else DIFFERENT)


def _page(path: Path) -> Page:
    from regulars.programme.scenarios import read_page

    def linked(target: str) -> str | None:
        file = path.parent / target
        return file.read_text(encoding="utf-8") if file.is_file() else None

    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise Mistake(f"{path} is not UTF-8; save it as that") from None
    except OSError as error:
        raise Mistake(f"{path} cannot be read: {error.strerror}") from None
    return read_page(text, str(path), linked)


def _paths(given: Path) -> list[Path]:
    """Return the pages of a folder, its READMEs aside, or the one page that is given."""
    if not given.is_dir():
        return [given]
    found = sorted(path for path in given.rglob("*.md") if path.name != "README.md")
    if not found:
        raise Mistake(f"the folder {given} has no pages (*.md)")
    return found
