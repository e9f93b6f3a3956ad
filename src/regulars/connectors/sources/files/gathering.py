"""Rows of one order are brought together, wherever they stand, in the same memory for any size of file."""

from collections.abc import Callable, Iterable, Iterator
from hashlib import blake2b
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, NamedTuple

import msgspec

from regulars.connectors.sources.files.plan import Parsed
from regulars.connectors.tables import connect

Key = tuple[str, str, str]
_CHUNK = 10_000
_IN_ORDER = """
SELECT min(number) OVER (PARTITION BY key) AS first, number, place, key
FROM read_csv($index, header = false, auto_detect = false,
    columns = {'number': 'BIGINT', 'place': 'BIGINT', 'key': 'VARCHAR'})
ORDER BY first, number
"""
_decoder = msgspec.json.Decoder(Parsed)


class Place(NamedTuple):
    """Where a row lies in the temporary file, and the number of the first row with the same key."""

    first: int
    number: int
    place: int
    key: str


class Group(NamedTuple):
    """The rows of one event, to be used up before the next group.

    `suspect` is the number of an unreadable row that stands next to one of them and may belong to them.
    """

    number: int
    rows: Iterator[Parsed]
    suspect: int | None


def gathered(rows: Iterable[Parsed], key_of: Callable[[Parsed], Key | None]) -> Iterator[Group]:
    """Yield the rows of each key, in the order in which the keys first appear; a row without key is alone.

    The rows are written to a temporary file first, about as large as the table; only their places are sorted.

    Raises: DuckdbMissing.
    """
    with TemporaryDirectory(prefix="regulars-import-") as folder, connect() as connection:
        spool, index = Path(folder) / "rows", Path(folder) / "index"
        suspects = _write(rows, key_of, spool, index)
        found = connection.execute(_IN_ORDER, {"index": str(index)})
        places = (Place(*row) for part in iter(lambda: found.fetchmany(_CHUNK), []) for row in part)
        with spool.open("rb") as file:
            for (number, key), group in groupby(places, key=attrgetter("first", "key")):
                yield Group(number, _read(file, group), suspects.get(key))


def _write(rows: Iterable[Parsed], key_of: Callable[[Parsed], Key | None], spool: Path, index: Path) -> dict[str, int]:
    """Write the rows, and where each is; return the keys that stand next to an unreadable row."""
    suspects: dict[str, int] = {}
    before, unreadable = "", 0
    place = 0
    with spool.open("wb") as file, index.open("w", encoding="ascii") as places:
        for row in rows:
            key = _digest(key_of(row) or ("", "", str(row.number)))
            if row.event is None:
                unreadable = row.number
                suspects.setdefault(before, unreadable)
            elif unreadable == row.number - 1 and unreadable:
                suspects.setdefault(key, unreadable)
            before = key
            places.write(f"{row.number},{place},{key}\n")
            place += file.write(msgspec.json.encode(row) + b"\n")
    return suspects


def _read(file: IO[bytes], places: Iterable[Place]) -> Iterator[Parsed]:
    for place in places:
        file.seek(place.place)
        yield _decoder.decode(file.readline())


def _digest(key: Key) -> str:
    return blake2b(msgspec.json.encode(key), digest_size=16).hexdigest()
