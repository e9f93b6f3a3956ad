"""The programmes of a page: a whole one, in the page or by a link, and later versions that say what changes."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from regulars.programme.checking import check
from regulars.programme.problems import Problem
from regulars.programme.running import run
from regulars.programme.scenarios.cells import Units
from regulars.programme.scenarios.markdown import Block, Cell, Complaints, Link, Mistake
from regulars.programme.scenarios.page import Version
from regulars.programme.tree import Source

Files = Callable[[str], str | None]
"""Gives the text of the file that a link leads to, as seen from the page; none where there is no such file."""

_HEADING: Final = re.compile(r"programme(?:\s+from\s+(.+))?", re.IGNORECASE)
_KEY: Final = re.compile(r"([A-Za-z_]\w*)\s*:")


class _Written(Struct, frozen=True):
    """A line of a programme, and where it was written."""

    text: str
    source: str
    line: int


def read_versions(
    parts: Sequence[Block | Link], page: str, files: Files, complaints: Complaints
) -> tuple[Version, ...]:
    """Return the versions that the page's programme sections make, one a heading; none where one has a mistake."""
    versions: list[Version] = []
    lines: list[_Written] = []
    for heading, inside in groupby(parts, key=lambda part: part.heading):
        with complaints.heard():
            for part in inside:
                lines = _laid_over(lines, list(_lines(part, page, files)))
            starts_at = _starts_at(heading, versions)
            version = _version(lines, len(versions) + 1, starts_at)
            if isinstance(version, Version):
                versions.append(version)
                continue
            complaints.problems += version
        return ()
    return tuple(versions)


def units_of(versions: Sequence[Version]) -> Units:
    """Return how a page counts: in the zone and currency of its first programme, and the wallets of all."""
    first = versions[0].running
    wallets = {name: wallet for version in versions for name, wallet in version.running.wallets.items()}
    return Units(timezone=first.timezone, currency=first.currency, wallets=wallets)


def _lines(part: Block | Link, page: str, files: Files) -> Iterator[_Written]:
    match part:
        case Block(line=first, lines=lines):
            yield from (_Written(text, page, number) for number, text in enumerate(lines, start=first))
        case Link(target=target):
            text = files(target.text)
            if text is None:
                raise Mistake(target, f"there is no file {target.text!r} beside the page", "Mend the link.")
            yield from (_Written(line, target.text, number) for number, line in enumerate(text.splitlines(), start=1))


def _laid_over(below: Sequence[_Written], above: Sequence[_Written]) -> list[_Written]:
    """Return the programme with those sections replaced, by their names at the margin, that are written anew."""
    anew = {found[1] for line in above if (found := _KEY.match(line.text))}
    kept: list[_Written] = []
    keeping = True
    for line in below:
        found = _KEY.match(line.text)
        keeping = found[1] not in anew if found else keeping
        if keeping:
            kept.append(line)
    return [*kept, *above]


def _starts_at(heading: Cell, versions: Sequence[Version]) -> datetime | None:
    found = _HEADING.fullmatch(heading.text)
    if found is None:
        hint = "Write Programme, and for a later version Programme from 2025-06-01."
        raise Mistake(heading, f"{heading.text!r} does not say which programme", hint)
    if not versions:
        if found[1]:
            raise Mistake(heading, "the first programme is in force since ever", "Call it Programme alone.")
        return None
    at = units_of(versions).instant(replace(heading, text=found[1] or ""))
    before = versions[-1].starts_at
    if before is not None and at <= before:
        raise Mistake(heading, "the version starts before the one above it", "Put the versions in order.")
    return at


def _version(lines: Sequence[_Written], number: int, starts_at: datetime | None) -> Version | list[Problem]:
    text = "\n".join(line.text for line in lines) + "\n"
    checked = check(Source("programme", text))
    if isinstance(checked, tuple):
        return [_placed(problem, lines) for problem in checked]
    return Version(starts_at=starts_at, text=text, running=run(checked.document, number))


def _placed(problem: Problem, lines: Sequence[_Written]) -> Problem:
    """Return a problem of the programme as one of the page, or of the file, in which its line was written."""
    line = lines[min(problem.line, len(lines)) - 1]
    return replace(problem, source=line.source, line=line.line)
