"""From text to a programme that can run, or to everything that is wrong with it."""

from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import Struct, structs

from regulars.engine.running import Conditions
from regulars.engine.zones import UnknownZone, zone
from regulars.programme.basics import check_basics
from regulars.programme.campaigns import check_campaigns
from regulars.programme.conditions import check_data_names, checked_conditions
from regulars.programme.document import Document
from regulars.programme.doubts import doubts
from regulars.programme.kinds import every_kind
from regulars.programme.merging import merged
from regulars.programme.parsing import parse
from regulars.programme.problems import BadProgrammeError, Finding, Problem
from regulars.programme.reading import Reader, TooMuchWrongError
from regulars.programme.rewards import check_rewards
from regulars.programme.rules import Names, check_rules
from regulars.programme.texts import check_texts
from regulars.programme.tiers import check_tiers
from regulars.programme.tree import Source, Tree, Value
from regulars.programme.wallets import check_wallets

PROBLEMS_MAX: Final = 100

# Stands in for what a programme must have and this one has not, so that the rest can be checked all the same.
_STAND_INS: Final = {"id": "programme", "timezone": "UTC", "currency": "EUR", "wallets": {}}


class Checked(Struct, frozen=True, kw_only=True):
    """A programme that can run, and what its author should look at again."""

    document: Document
    warnings: tuple[Problem, ...]


def check(*sources: Source | str) -> Checked | tuple[Problem, ...]:
    """Return the programme that the sources are together, or what is wrong with it in the order of the text.

    What is wrong is everything, or the first `PROBLEMS_MAX`. Several sources are the files of one programme:
    their sections are put together in the order given.
    """
    trees = [
        parse(source if isinstance(source, Source) else Source("programme", source)) for source in sources or ("",)
    ]
    unreadable = tuple(tree for tree in trees if isinstance(tree, Problem))
    if unreadable:
        return unreadable
    return _checked(merged([tree for tree in trees if isinstance(tree, Tree)]))


def read(*sources: Source | str) -> Document:
    """Return the document that the sources are together.

    Raises: BadProgrammeError, with everything that is wrong.
    """
    checked = check(*sources)
    if isinstance(checked, tuple):
        raise BadProgrammeError(checked)
    return checked.document


def findings_of(document: Document, names: Names | None = None) -> tuple[Conditions, list[Finding]]:
    """Return the conditions of a document, and what keeps it from running."""
    if names is None:
        names = Names(wallets=[*document.wallets], channels=[*document.channels], shops=[*document.shops])
    conditions, mistakes = checked_conditions(document)
    findings = [
        *check_basics(document),
        *check_texts(document),
        *check_wallets(document),
        *check_rules(document, names),
        *check_campaigns(document, names),
        *check_rewards(document, names),
        *check_tiers(document, names),
        *check_data_names(document),
        *mistakes,
    ]
    return conditions, findings


def _checked(tree: Tree) -> Checked | tuple[Problem, ...]:
    reader = Reader(tree, every_kind(), _zone_name(tree.value), _STAND_INS)
    document = _read(reader, tree.value)
    findings = list(reader.findings)
    conditions = Conditions()
    if isinstance(document, Document):
        conditions, more = findings_of(document, _names(tree.value))
        findings += _fresh(more, reader)
    if findings or tree.problems or not isinstance(document, Document):
        return _in_order((*tree.problems, *map(tree.locate, findings)))
    return Checked(document=document, warnings=_in_order(map(tree.locate, doubts(document, conditions))))


def _read(reader: Reader, value: Value) -> object:
    """Return the document as far as the value fits, or nothing where too much does not."""
    try:
        return reader.read(Document, value)
    except TooMuchWrongError:
        return None


def _zone_name(value: Value) -> str:
    """Return the zone in which the text's dates are meant, as far as it can be told yet."""
    name = value.get("timezone") if isinstance(value, dict) else None
    try:
        return zone(name).key if isinstance(name, str) else "UTC"
    except UnknownZone:
        return "UTC"


def _names(value: Value) -> Names:
    """Return what rules may name, from what is written: also what could not be read."""
    sections = value if isinstance(value, dict) else {}
    written = {name: section for name, section in sections.items() if isinstance(section, dict)}
    return Names(
        wallets=[*written.get("wallets", ())],
        channels=[*written.get("channels", ())],
        shops=[*written.get("shops", ())],
    )


def _fresh(findings: Iterable[Finding], reader: Reader) -> Iterator[Finding]:
    """Yield the findings by their paths in the text, without those that only follow from what did not fit."""
    known = [finding.path for finding in reader.findings]
    for finding in findings:
        path = reader.path_in_text(finding.path)
        if not any(path[: len(other)] == other or other[: len(path)] == path for other in known):
            yield structs.replace(finding, path=path)


def _in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return the problems file by file, each from top to bottom, and of too many the first."""
    listed = list(problems)
    files = {source: number for number, source in enumerate(dict.fromkeys(problem.source for problem in listed))}
    listed.sort(key=lambda problem: (files[problem.source], problem.line, problem.column))
    return tuple(listed[:PROBLEMS_MAX])
