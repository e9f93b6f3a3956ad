"""A map says which column of a shop's own export is which of our fields."""

import io
from typing import Literal

import msgspec
from msgspec import Struct, field
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError


class Constant(Struct, frozen=True, forbid_unknown_fields=True):
    """A value that every row has, though no column says so."""

    constant: str | int | bool


class Map(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Our field to their column, or to a constant; and how their cells are written.

    `zone`: where times without one are meant. `time_format`: as strptime takes it, for times that are not
    ISO 8601. `decimal_mark`: point or comma. `list_separator`: between the values of one cell.
    """

    fields: dict[str, str | Constant]
    zone: str | None = None
    time_format: str | None = None
    decimal_mark: Literal[".", ","] = "."
    list_separator: str = field(default="|")


class BadMap(ValueError):
    """The text of a map is not one; the message says where."""


def read_map(text: str) -> Map:
    """Return the map that a YAML text holds; whether its fields exist is seen when a file is read.

    Raises: BadMap.
    """
    try:
        return msgspec.convert(YAML(typ="safe", pure=True).load(io.StringIO(text)), Map)
    except (YAMLError, msgspec.ValidationError) as error:
        raise BadMap(f"this is not a map: {error}") from error
