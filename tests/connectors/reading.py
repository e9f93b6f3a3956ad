"""Small files written for a test, and what came out of them."""

from collections.abc import Iterator
from pathlib import Path

from regulars.connectors.incoming import Incoming
from regulars.connectors.sources.files import BadRow, Row


def written(folder: Path, name: str, *lines: str) -> Path:
    """Write the lines to a file, in UTF-8."""
    path = folder / name
    path.write_bytes("".join(f"{line}\n" for line in lines).encode())
    return path


def good(rows: Iterator[Row] | list[Row]) -> list[Incoming]:
    """Return the events, after making sure that there is nothing else."""
    found = list(rows)
    assert [row for row in found if isinstance(row.incoming, BadRow)] == []
    return [row.incoming for row in found if isinstance(row.incoming, Incoming)]


def set_aside(rows: Iterator[Row] | list[Row]) -> dict[int, BadRow]:
    """Return the bad rows by number."""
    return {row.number: row.incoming for row in rows if isinstance(row.incoming, BadRow)}
