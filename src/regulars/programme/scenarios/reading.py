"""From the text of a page to a scenario that can be run, or to everything that is wrong with it."""

from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from regulars.engine.converting import undone
from regulars.programme.problems import Problem
from regulars.programme.scenarios.events import COLUMNS, NEEDED, read_events
from regulars.programme.scenarios.expected import KINDS, Story, check_columns, read_expected
from regulars.programme.scenarios.markdown import (
    Block,
    Cell,
    Complaints,
    Link,
    Markdown,
    Mistake,
    Table,
    read_markdown,
)
from regulars.programme.scenarios.page import Page
from regulars.programme.scenarios.versions import Files, read_versions, units_of

_SECTIONS: Final = ("programme", "events", "pools", *KINDS)


class BrokenPageError(ValueError):
    """The page cannot be read; `problems` says why, each with line and column."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: (problem.source, problem.line, problem.column)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def no_files(target: str) -> None:
    """Stand for the files of a page that links to none."""


def read_page(text: str, name: str, files: Files = no_files) -> Page:
    """Return the scenario that a page tells; `name` is what problems call it by, such as its path.

    `files` gives the text of a file that the page links to for its programme.

    Raises: BrokenPageError, with everything that is wrong.
    """
    complaints = Complaints(name)
    markdown = read_markdown(text, complaints)
    sections = _sections(markdown, complaints)
    page = None
    with complaints.heard():
        page = _page(name, markdown.title, sections, files, complaints)
    if page is None or complaints.problems:
        raise BrokenPageError(complaints.problems)
    return page


class _Sections(Struct, frozen=True):
    """What of the page is read, by what it is for."""

    programmes: list[Block | Link]
    events: list[Table]
    pools: list[Table]
    expectations: list[tuple[str, Table]]


def _sections(markdown: Markdown, complaints: Complaints) -> _Sections:
    sections = _Sections([], [], [], [])
    for part in markdown.parts:
        with complaints.heard():
            match part:
                case Table():
                    section = _section(part)
                    if section == "pools":
                        check_columns(part, ("pool", "codes"), ())
                        sections.pools.append(part)
                        continue
                    if section != "events":
                        sections.expectations.append((section, part))
                        continue
                    check_columns(part, NEEDED, COLUMNS)
                    sections.events.append(part)
                case Block() | Link() if _word(part.heading) == "programme":
                    sections.programmes.append(part)
                case _:
                    pass
    return sections


def _page(name: str, title: str, sections: _Sections, files: Files, complaints: Complaints) -> Page | None:
    top = Cell("", 1, 1)
    if not sections.programmes:
        raise Mistake(top, "the page has no programme", "Write one in a yaml block, or link to one, under Programme.")
    versions = read_versions(sections.programmes, name, files, complaints)
    if not versions:
        return None
    units = units_of(versions)
    told = read_events(sections.events, units, complaints)
    if complaints.problems:
        return None
    rules = {rule.id: rule.wallet for version in versions for rule in version.running.rules}
    rules |= {undone(wallet): wallet for wallet in units.wallets}
    tier_sets = {one.id: one for version in versions for one in version.running.tiers}
    story = Story(units=units, told={one.label: one for one in told}, rules=rules, tier_sets=tier_sets)
    expected = read_expected(sections.expectations, story, complaints)
    pools = {row["pool"].text: _whole(row["codes"]) for table in sections.pools for row in table.rows}
    if not complaints.problems and not (title and told and expected):
        raise Mistake(top, "the page has no title, no events or nothing that it expects", "Write all three.")
    return Page(name=name, title=title, units=units, versions=versions, told=told, expected=expected, pools=pools)


def _whole(cell: Cell) -> int:
    if not cell.text.isascii() or not cell.text.isdigit():
        raise Mistake(cell, f"{cell.text!r} is no number of codes", "Write it with digits.")
    return int(cell.text)


def _section(table: Table) -> str:
    word = _word(table.heading)
    if word not in _SECTIONS or word == "programme":
        known = ", ".join(name.capitalize() for name in _SECTIONS[1:])
        raise Mistake(table.heading, f"nothing reads a table under {table.heading.text!r}", f"Put it under {known}.")
    return word


def _word(heading: Cell) -> str:
    """Return the first word of a heading, which says what the section holds."""
    return heading.text.split(maxsplit=1)[0].lower() if heading.text else ""
