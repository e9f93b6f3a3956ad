"""What to take from each row of a table: which column is which field, and what every row has."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from msgspec import Struct

from regulars.connectors.sources.files.cells import Style, Value, parser
from regulars.connectors.sources.files.delimited import Record
from regulars.connectors.sources.files.fields import FIELDS, LINE, Kind, closest, kind_of, rival_of
from regulars.connectors.sources.files.mapping import Constant, Map
from regulars.connectors.sources.files.moments import zone_of
from regulars.connectors.sources.files.rows import Options, Unfit, Unreadable


class Column(NamedTuple):
    """A column and the field that it is; `key` is the field's name within its line, or the field itself."""

    name: str
    field: str
    key: str
    of_line: bool
    parse: Callable[[object, Style], Value]


class Parsed(NamedTuple):
    """What one row says of its event, None where it could not be read; of a line; and what is wrong with it."""

    number: int
    raw: str
    event: dict[str, Value] | None
    line: dict[str, Value]
    problem: str | None


class Plan(Struct, frozen=True, kw_only=True):
    """How the rows of one table are read; `by_line` where each is a line of an order."""

    columns: tuple[Column, ...]
    constants: dict[str, Value]
    line_constants: dict[str, Value]
    style: Style
    by_line: bool

    def parse(self, record: Record) -> Parsed:
        """Return the values of a row; the first cell that does not fit is its problem."""
        if record.cells is None:
            return Parsed(record.number, record.raw, None, {}, record.problem)
        event: dict[str, Value] = {}
        line: dict[str, Value] = {}
        problem: str | None = None
        for name, field, key, of_line, parse in self.columns:
            cell = record.cells[name]
            cell = cell.strip() if isinstance(cell, str) else cell
            if cell is None or cell == "":
                continue
            try:
                (line if of_line else event)[key] = parse(cell, self.style)
            except Unfit as unfit:
                where = name if name == field else f"{name} ({field})"
                problem = problem or f"column {where}: {unfit}"
        return Parsed(record.number, record.raw, event, line, problem)


def plan(header: Sequence[str], options: Options) -> Plan:
    """Return how to read a table with these columns.

    Raises: Unreadable, when a column or field is unknown, missing, or there twice.
    """
    given = options.map or Map(fields={name: name for name in header if name})
    sources = given.fields
    _check_fields(sources, mapped=options.map is not None)
    _check_columns(sources, header)
    _check_required(sources)
    style = Style(
        zone=zone_of(options.zone or given.zone),
        time_format=given.time_format,
        decimal_mark=given.decimal_mark,
        list_separator=given.list_separator,
    )
    columns = [_column(name, field) for field, name in sources.items() if isinstance(name, str)]
    constants = _constants(sources, style)
    return Plan(
        columns=tuple(columns),
        constants={field: value for field, value in constants.items() if not field.startswith(LINE)},
        line_constants={
            field.removeprefix(LINE): value for field, value in constants.items() if field.startswith(LINE)
        },
        style=style,
        by_line=any(column.of_line for column in columns),
    )


def _column(name: str, field: str) -> Column:
    return Column(name, field, field.removeprefix(LINE), field.startswith(LINE), parser(_kind(field)))


def _check_fields(sources: Mapping[str, str | Constant], *, mapped: bool) -> None:
    unknown = [name for name in sources if kind_of(name) is None]
    if unknown:
        named = ", ".join(f"{name!r}{_hint(name)}" for name in unknown)
        help_ = "" if mapped else "; rename the columns, or say in a map (--map) which field each of them is"
        raise Unreadable(f"these are not fields: {named}{help_}. Fields: {', '.join(FIELDS)}")
    for name in sources:
        rival = rival_of(name)
        if rival in sources:
            raise Unreadable(f"{name} and {rival} say the same thing; keep one of them")
        section = name.partition(".")[0]
        if section != name and section in sources:
            raise Unreadable(f"{section} holds {name} already; keep one of them")
    if "order" in sources and any(name.startswith((LINE, "tender.")) for name in sources):
        raise Unreadable("order holds lines and tenders already; keep one of them")
    totals = {"order.total", "order.total_minor"} & set(sources)
    if totals and any(name.startswith(LINE) for name in sources):
        raise Unreadable(f"leave {totals.pop()} out: where there are lines, their sum is the total")


def _hint(name: str) -> str:
    meant = closest(name)
    return f" (did you mean {meant}?)" if meant else ""


def _check_columns(sources: Mapping[str, str | Constant], header: Sequence[str]) -> None:
    wanted = {name for name in sources.values() if isinstance(name, str)}
    missing = sorted(wanted - set(header))
    if missing:
        raise Unreadable(f"the file has no column {', '.join(missing)}; it has {', '.join(header)}")
    twice = sorted(name for name in wanted if header.count(name) > 1)
    if twice:
        raise Unreadable(f"the file has more than one column {', '.join(twice)}; rename one of them")


def _check_required(sources: Mapping[str, str | Constant]) -> None:
    missing = [name for name in ("type", "source", "occurred_at") if name not in sources]
    if not {"source_id", "order.id"} & set(sources):
        missing.append("source_id")
    if missing:
        raise Unreadable(f"nothing says what {', '.join(missing)} is; add the column, or a constant in a map (--map)")


def _constants(sources: Mapping[str, str | Constant], style: Style) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for field, source in sources.items():
        if isinstance(source, Constant):
            try:
                values[field] = parser(_kind(field))(source.constant, style)
            except Unfit as unfit:
                raise Unreadable(f"the constant of {field}: {unfit}") from unfit
    return values


def _kind(field: str) -> Kind:
    kind = kind_of(field)
    assert kind is not None, "fields are checked first"
    return kind
