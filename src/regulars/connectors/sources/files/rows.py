"""What comes out of a file: a numbered event, or a row that cannot be one, with the reason."""

from typing import Literal

from msgspec import Struct

from regulars.connectors.incoming import Incoming
from regulars.connectors.sources.files.mapping import Map

Format = Literal["jsonl", "csv", "parquet"]


class Unreadable(ValueError):
    """The file as a whole cannot be taken; the message says why and what to do."""


class Unfit(ValueError):
    """A row cannot be an event; the message says why."""


class BadRow(Struct, frozen=True, kw_only=True):
    """What is set aside: why, and the text as it stood in the file.

    Bytes that are no text are written `\\xe9`. Of a line too long to hold, only the beginning is kept.
    """

    reason: str
    raw: str


class Row(Struct, frozen=True, kw_only=True):
    """One event of a file, or what is in its place.

    `number` counts from 1: lines of JSON Lines, rows of a table below its header. An event that several rows
    tell of has the number of the first. Numbers ascend.
    """

    number: int
    incoming: Incoming | BadRow


class Options(Struct, frozen=True, kw_only=True):
    """How to read a file; whatever is None is found out from the file.

    `map`: which column is which field. `zone`: where times without one are meant, an IANA name, before the
    map's. `after`: rows up to this number were read before and are left out.
    """

    format: Format | None = None
    map: Map | None = None
    zone: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    after: int = 0
