"""What a field takes, in words, and what is wrong with a value that it does not take."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from msgspec import inspect

from regulars.engine.conditions.hints import did_you_mean

NAME_PATTERN: Final = "^[a-z][a-z0-9_]{0,62}$"
# What texts of a pattern are called, where the pattern itself would not help.
_FORMS: Final = {
    NAME_PATTERN: "a name: small letters, digits and _, a letter first, at most 63 of them",
    "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$": "a language such as en or fr-CA",
}
_SEPARATED: Final = re.compile(r"[-+]?[0-9]{1,3}(?:[_ ,.'][0-9]{3})+")
_QUOTED_NUMBER: Final = re.compile(r"(['\"])[-+]?[0-9.]+\1")
_NEGATIVE_WORDS: Final = frozenset({"no", "off", "n"})
_POSITIVE_WORDS: Final = frozenset({"yes", "on", "y"})


def expected(type: inspect.Type) -> str:
    """Return what a field of this type takes: `a whole number from 1 to 1000`."""
    match type:
        case inspect.IntType():
            return "a whole number" + _range(type.ge, type.le)
        case inspect.DecimalType():
            return "a number"
        case inspect.BoolType():
            return "true or false"
        case inspect.StrType():
            return _text(type)
        case inspect.DateTimeType():
            return "a date such as 2026-11-27, or a date and time such as 2026-11-27T09:00"
        case inspect.LiteralType():
            return listed(type.values)
        case inspect.DictType():
            return "a mapping of names to values"
        case inspect.ListType() | inspect.VarTupleType() | inspect.FrozenSetType() | inspect.SetType():
            return "a list"
        case inspect.StructType():
            return "a mapping of fields to values"
        case inspect.NoneType():
            return "null"
        case inspect.UnionType():
            return " or ".join(dict.fromkeys(expected(part) for part in type.types))
        case _:
            return f"a value of type {type.__class__.__name__.removesuffix('Type').lower()}"


def shown(value: object) -> str:
    """Return a value as a message quotes it."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case str():
            return repr(value if len(value) <= 40 else value[:39] + "…")
        case _:
            return str(value)


def way_out(type: inspect.Type, value: object, written: str) -> str:
    """Return what to write instead, where the value lets it be guessed; `written` is how the text has it."""
    match type, value:
        case inspect.StrType(pattern=None), int() | Decimal():
            return f'Put it in quotes: "{written}".'
        case inspect.StrType(pattern=pattern), str() if pattern == NAME_PATTERN and (name := _as_name(value)):
            return f"For example {name}."
        case inspect.IntType(), str() if _SEPARATED.fullmatch(value):
            return f"Write it without separators: {re.sub(r'[^0-9+-]', '', value)}."
        case inspect.IntType() | inspect.DecimalType(), str() if _QUOTED_NUMBER.fullmatch(written):
            return "Take it out of the quotes."
        case inspect.IntType(), Decimal():
            return "Points and money are counted in their smallest unit: 12.50 is written 1250."
        case inspect.BoolType(), str() if value.lower() in _NEGATIVE_WORDS | _POSITIVE_WORDS:
            return f"Write {'false' if value.lower() in _NEGATIVE_WORDS else 'true'}."
        case inspect.LiteralType(values=values), _:
            return did_you_mean(str(value), [str(known) for known in values])
        case inspect.VarTupleType(), str() | int():
            return f"Put it in brackets: [{written}]."
        case inspect.DateTimeType(), str() if re.match(r"[0-9]{1,2}[./][0-9]{1,2}[./][0-9]{4}", value):
            return "Write the year first."
        case _:
            return ""


def listed(words: Sequence[object]) -> str:
    """Return words as a choice: `floor, ceiling or half_up`."""
    spelt = [shown(word) if word is None or isinstance(word, bool) else str(word) for word in words]
    return spelt[0] if len(spelt) == 1 else f"{', '.join(spelt[:-1])} or {spelt[-1]}"


def _range(least: int | None, most: int | None) -> str:
    if least is None:
        return "" if most is None else f" of at most {most}"
    return f" of at least {least}" if most is None else f" from {least} to {most}"


def _text(type: inspect.StrType) -> str:
    if type.pattern is not None:
        return _FORMS.get(type.pattern, f"a text of the form {type.pattern}")
    if type.max_length is None:
        return "a text"
    least = f" {type.min_length} to" if type.min_length else " at most"
    return f"a text of{least} {type.max_length} characters"


def _as_name(text: str) -> str:
    """Return a name that is like the text, or nothing where no name is."""
    name = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:63]
    return name if re.fullmatch(NAME_PATTERN, name) else ""
