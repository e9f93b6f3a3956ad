"""The files of a programme: read together, written apart, and what they know of the versions that ran."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from regulars.ops.mistakes import Mistake
from regulars.ops.speaking import say

if TYPE_CHECKING:
    from regulars.programme import Document, Source

KNOWN: Final = ".regulars.json"
_KNOWN_MAX: Final = 100

Files = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="[FILE...]",
        show_default=False,
        help=(
            "The files of one programme, or a folder: its *.yaml in the order of their names. "
            "None: programme.yaml, or else the folder programme."
        ),
    ),
]


def sources(files: Sequence[Path] | None) -> list[Source]:
    """Return the texts of the files of a programme.

    Raises: Mistake, when one cannot be read.
    """
    from regulars.programme import Source

    return [Source(str(path), _text(path)) for given in files or [_usual()] for path in _paths(given)]


def text_of(texts: Sequence[Source], document: Document) -> str:
    """Return the text that is kept of a programme: as its authors wrote it, comments and all, where that is possible.

    Files that each hold sections of their own are kept one after the other; others as what they say together.
    """
    from regulars import programme

    together = "\n".join(source.text.rstrip() + "\n" for source in texts)
    if len(texts) == 1:
        return texts[0].text
    found = programme.check(together)
    same = isinstance(found, programme.Checked) and found.document == document
    return together if same else programme.dump(document)


def write(target: Path, text: str) -> None:
    """Write a file anew, and its folder where there is none.

    Raises: Mistake, when it cannot be written.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Mistake(f"{target} cannot be written: {error.strerror}") from None


def known(files: Sequence[Path] | None, programme_id: str) -> tuple[str, ...]:
    """Return the digests of the versions that these files were applied or pulled as, the newest last."""
    return tuple(_notes(_beside(files)).get(programme_id, ()))


def remember(files: Sequence[Path] | None, programme_id: str, digest: str) -> None:
    """Note beside the files that this version is one of theirs, so that another one that runs is noticed."""
    path = _beside(files)
    notes = _notes(path)
    digests = [*(one for one in notes.get(programme_id, ()) if one != digest), digest][-_KNOWN_MAX:]
    if digests == notes.get(programme_id):
        return
    try:
        path.write_text(json.dumps({**notes, programme_id: digests}, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        say(f"which version these files are could not be noted in {path}: {error.strerror}")


def _beside(files: Sequence[Path] | None) -> Path:
    first = files[0] if files else _usual()
    return (first if first.is_dir() else first.parent) / KNOWN


def _notes(path: Path) -> Mapping[str, list[str]]:
    try:
        notes = json.loads(path.read_text(encoding="utf-8"))
        return {str(name): [str(digest) for digest in digests] for name, digests in notes.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError, TypeError):
        raise Mistake(f"{path} is not what Regulars wrote there; delete it, and it is made anew") from None


def _usual() -> Path:
    file = Path("programme.yaml")
    folder = Path("programme")
    return folder if folder.is_dir() and not file.exists() else file


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
