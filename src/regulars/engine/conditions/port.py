"""The one door to cel-expr-python: parsing, type-checking and CEL's own evaluation.

The library is a C++ extension whose runtime errors are values, and whose check errors are text.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from cel_expr_python import cel  # type: ignore[import-untyped]
from msgspec import Struct

from regulars.engine.conditions import arithmetic
from regulars.engine.conditions.arithmetic import Failed
from regulars.engine.conditions.catalogue import Catalogue
from regulars.engine.conditions.kinds import Basic, Kind, ListOf, Record

_COMPLAINT: Final = re.compile(
    r"ERROR: <input>:(-?\d+):(-?\d+): (.*?)(?=\n \| |\nERROR: <input>|(?: \[[A-Z_]+\])?\Z)", re.DOTALL
)


class Complaint(Struct, frozen=True):
    """What CEL says is wrong; line and column count from 1, and are 0 where it does not say."""

    line: int
    column: int
    message: str


def parse(source: str, catalogue: Catalogue) -> bytes | tuple[Complaint, ...]:
    """Return CEL's checked tree in protobuf, or all that CEL has to say against the source."""
    try:
        serialized: bytes = _environment(catalogue).compile(source).serialize()
    except RuntimeError as error:
        return _complaints(str(error))
    return serialized


def evaluate(source: str, catalogue: Catalogue, facts: Mapping[str, object]) -> bool | Failed:
    """Return what CEL itself makes of a checked condition, given values by the names of fields."""
    data = {name: _plain(value) for name, value in facts.items()}
    try:
        value = _compiled(source, catalogue).eval(data=data)
    except RuntimeError as error:
        return Failed(str(error))
    outcome = value.plain_value()
    return outcome if value.type() == cel.Type.BOOL and isinstance(outcome, bool) else Failed(str(outcome))


@lru_cache(maxsize=256)
def _compiled(source: str, catalogue: Catalogue) -> cel.Expression:
    return _environment(catalogue).compile(source)


@lru_cache(maxsize=64)
def _environment(catalogue: Catalogue) -> cel.Env:
    # Fields of other events are declared too: using one is then our error, which says what is wrong.
    fields = catalogue.elsewhere | catalogue.available
    variables = {field.name: _type(field.kind) for field in fields.values()}
    return cel.NewEnv(variables=variables, functions=[_PERCENT])


_PERCENT: Final = cel.FunctionDecl(
    "percent",
    [
        cel.Overload(
            "percent_int_int",
            return_type=cel.Type.INT,
            parameters=[cel.Type.INT, cel.Type.INT],
            is_member=False,
            impl=arithmetic.percent,
        )
    ],
)

_BASIC: Final = {
    Basic.BOOL: cel.Type.BOOL,
    Basic.INT: cel.Type.INT,
    Basic.STRING: cel.Type.STRING,
    Basic.TIMESTAMP: cel.Type.TIMESTAMP,
    Basic.DURATION: cel.Type.DURATION,
    Basic.NULL: cel.Type.NULL,
    Basic.ANY: cel.Type.DYN,
    Basic.VALUES: cel.Type.Map(cel.Type.STRING, cel.Type.DYN),
}


def _type(kind: Kind) -> cel.Type:
    match kind:
        case Basic():
            return _BASIC[kind]
        case Record():
            # To CEL a record is a map; its attributes are held to their kinds by our own typing.
            return _BASIC[Basic.VALUES]
        case ListOf():
            return cel.Type.List(_type(kind.element))


def _plain(value: object) -> object:
    if isinstance(value, tuple | list | frozenset):
        return [_plain(element) for element in value]
    if isinstance(value, Struct):
        return {name: _plain(getattr(value, name)) for name in value.__struct_fields__}
    return value


def _complaints(message: str) -> tuple[Complaint, ...]:
    found = tuple(
        Complaint(max(int(line), 0), max(int(column), 0), text.strip())
        for line, column, text in _COMPLAINT.findall(message)
    )
    return found or (Complaint(0, 0, message),)
