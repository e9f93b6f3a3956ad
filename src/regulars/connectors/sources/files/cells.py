"""What a cell of a table holds, as the field takes it: text from CSV, typed values from Parquet."""

import re
from collections.abc import Callable
from datetime import tzinfo
from decimal import Decimal

import msgspec
from msgspec import Struct

from regulars.connectors.sources.files import amounts, moments
from regulars.connectors.sources.files.fields import Kind
from regulars.connectors.sources.files.rows import Unfit

Value = str | int | bool | list[str] | dict[str, object]
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
# A leading zero says that it is a code and not a number.
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,14})")
_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


class Style(Struct, frozen=True, kw_only=True):
    """How the cells of a file are written, see `Map`."""

    zone: tzinfo | None
    time_format: str | None
    decimal_mark: str
    list_separator: str


def parser(kind: Kind) -> Callable[[object, Style], Value]:
    """Return what makes a value of a cell that is not empty, and raises Unfit where it cannot.

    Text comes without the spaces around it. Amounts stay decimal text until the currency is known.
    """
    return _PARSERS[kind]


def _text(cell: object, _: Style) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, Decimal):
        cell = _without_fraction(cell)  # what spreadsheets and data frames make of the number 1234: 1234.0
    if isinstance(cell, list | dict):
        raise Unfit("holds several values where one text belongs")
    return str(cell).lower() if isinstance(cell, bool) else str(cell)


def _whole(cell: object, _: Style) -> int:
    cell = _without_fraction(cell) if isinstance(cell, Decimal) else cell
    if not _WHOLE.fullmatch(str(cell)):
        raise Unfit(f"{_shown(cell)} is not a whole number")
    return int(str(cell))


def _money(cell: object, style: Style) -> str:
    return format(amounts.decimal(cell, mark=style.decimal_mark), "f")


def _quantity(cell: object, style: Style) -> int:
    return amounts.milli(amounts.decimal(cell, mark=style.decimal_mark))


def _flag(cell: object, _: Style) -> bool:
    found = _FLAGS.get(str(cell).lower())
    if found is None:
        raise Unfit(f"{_shown(cell)} is neither true nor false")
    return found


def _time(cell: object, style: Style) -> str:
    return moments.moment(str(cell), form=style.time_format, zone=style.zone).isoformat()


def _list(cell: object, style: Style) -> list[str]:
    parts = cell if isinstance(cell, list) else str(cell).split(style.list_separator)
    texts = [_text(part, style).strip() for part in parts if part is not None]
    return [text for text in texts if text]


def _scalar(cell: object, style: Style) -> str | int | bool:
    """Return true and false as such, whole numbers as numbers, all else as text."""
    if isinstance(cell, bool | int):
        return cell
    text = _text(cell, style)
    if text in ("true", "false"):
        return text == "true"
    return int(text) if _NUMBER.fullmatch(text) else text


def _nested(cell: object, _: Style) -> dict[str, object]:
    """Return an object that a Parquet column holds as such and a CSV cell as JSON; nothing is null in it."""
    try:
        cell = _filled(msgspec.json.decode(cell) if isinstance(cell, str) else cell)
    except (msgspec.DecodeError, RecursionError) as error:
        raise Unfit(f"is not JSON that can be read: {error}") from error
    if not isinstance(cell, dict):
        raise Unfit("is not an object")
    return cell


def _filled(value: object) -> object:
    if isinstance(value, dict):
        return {name: _filled(part) for name, part in value.items() if part is not None}
    if isinstance(value, list):
        return [_filled(part) for part in value]
    return _without_fraction(value) if isinstance(value, Decimal) else value


def _without_fraction(number: Decimal) -> int | Decimal:
    return int(number) if number == number.to_integral_value() else number


def _shown(cell: object) -> str:
    return repr(cell) if isinstance(cell, str) else str(cell)


_PARSERS: dict[Kind, Callable[[object, Style], Value]] = {
    "text": _text,
    "whole": _whole,
    "money": _money,
    "quantity": _quantity,
    "flag": _flag,
    "time": _time,
    "list": _list,
    "scalar": _scalar,
    "nested": _nested,
}
