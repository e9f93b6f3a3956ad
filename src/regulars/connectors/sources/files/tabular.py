"""A table becomes events: one a row, or one for all the rows that tell of the same order."""

from collections.abc import Iterable, Iterator
from itertools import islice

import msgspec

from regulars.connectors.incoming import Incoming, Malformed
from regulars.connectors.sources.files.assembling import assemble, key_of
from regulars.connectors.sources.files.delimited import Record
from regulars.connectors.sources.files.gathering import Group, gathered
from regulars.connectors.sources.files.plan import Parsed, Plan
from regulars.connectors.sources.files.rows import BadRow, Row, Unfit

# As many lines as an order may have; more rows with one key are a mistake, and set aside in such pieces.
_ROWS_MAX = 1_000


def rows(records: Iterable[Record], plan: Plan, *, after: int) -> Iterator[Row]:
    """Yield an event, or a bad row, for what the records tell."""
    for group in _groups(records, plan, after):
        if group.number <= after:
            continue
        kept = list(islice(group.rows, _ROWS_MAX))
        piece = list(islice(group.rows, _ROWS_MAX))
        if not piece:
            yield Row(number=group.number, incoming=_told(kept, plan, group.suspect))
            continue
        reason = f"more than {_ROWS_MAX} rows have the same source, source_id and type; are these mapped rightly?"
        while kept:
            yield Row(number=group.number, incoming=_bad(reason, kept))
            kept, piece = piece, list(islice(group.rows, _ROWS_MAX))


def _groups(records: Iterable[Record], plan: Plan, after: int) -> Iterator[Group]:
    if plan.by_line:
        parsed = (plan.parse(record) for record in records if _filled(record))
        return gathered(parsed, lambda row: key_of(row, plan))
    alone = (plan.parse(record) for record in records if record.number > after and _filled(record))
    return (Group(row.number, iter([row]), None) for row in alone)


def _filled(record: Record) -> bool:
    """Return whether there is anything in a row: spreadsheets leave rows of empty cells behind."""
    return record.cells is None or any(cell not in (None, "") for cell in record.cells.values())


def _told(group: list[Parsed], plan: Plan, suspect: int | None) -> Incoming | BadRow:
    for row in group:
        if row.problem is not None:
            return _bad(row.problem if len(group) == 1 else f"row {row.number}: {row.problem}", group)
    if suspect is not None:
        return _bad(f"row {suspect}, next to this, cannot be read and may belong to it", group)
    try:
        return assemble(group, plan)
    except (Unfit, msgspec.ValidationError, Malformed) as error:
        return _bad(str(error), group)


def _bad(reason: str, group: list[Parsed]) -> BadRow:
    return BadRow(reason=reason, raw="\n".join(row.raw for row in group))
