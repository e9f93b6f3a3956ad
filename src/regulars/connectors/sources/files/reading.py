"""One way into files, whatever their form: their events in order, how many rows to expect, and the header."""

from collections.abc import Iterator
from pathlib import Path

from regulars.connectors.sources.files import delimited, jsonlines, parquet, tabular
from regulars.connectors.sources.files.moments import zone_of
from regulars.connectors.sources.files.opening import format_of
from regulars.connectors.sources.files.plan import plan
from regulars.connectors.sources.files.rows import Options, Row, Unreadable

DEFAULTS = Options()


def events(path: Path, options: Options = DEFAULTS) -> Iterator[Row]:
    """Return what the file tells, row by row, in constant memory; columns and options are checked at once.

    An event's row is never left out: what cannot be an event comes as a `BadRow` in its place. Blank lines
    and rows of empty cells are nothing.

    Raises: Unreadable, at once or where the file breaks off; DuckdbMissing.
    """
    match format_of(path, options):
        case "jsonl":
            if options.map is not None:
                raise Unreadable("JSON Lines have no columns, so they take no map")
            jsonlines.check(path)
            return jsonlines.rows(path, zone=zone_of(options.zone), after=options.after)
        case "csv":
            names, _ = delimited.header(path, options)
            return tabular.rows(delimited.records(path, options), plan(names, options), after=options.after)
        case "parquet":
            names = parquet.header(path)
            return tabular.rows(parquet.records(path), plan(names, options), after=options.after)


def count(path: Path, options: Options = DEFAULTS) -> int:
    """Return how many rows there are: no `Row.number` is larger.

    Raises: Unreadable, DuckdbMissing.
    """
    match format_of(path, options):
        case "jsonl":
            return jsonlines.count(path)
        case "csv":
            return delimited.count(path, options)
        case "parquet":
            return parquet.count(path)


def header(path: Path, options: Options = DEFAULTS) -> str | None:
    """Return the header of a CSV file as it stands, to write above rows that are set aside; else None.

    Raises: Unreadable.
    """
    return delimited.header(path, options)[1] if format_of(path, options) == "csv" else None
