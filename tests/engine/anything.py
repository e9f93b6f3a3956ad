"""Values of any part of a programme, drawn from its classes alone: a new section or kind needs no word here."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, get_args

from hypothesis import reject
from hypothesis import strategies as st
from msgspec import Struct, inspect, structs

from regulars.programme import Document
from regulars.programme.kinds import every_kind
from tests.engine.documents import texts

_WHOLE = 10**9
_FEW = 2


def anything(type: object) -> st.SearchStrategy[Any]:
    """Return a strategy for values of a type that a programme's classes use."""
    info = inspect.type_info(type)
    match info:
        case inspect.UnionType():
            return st.one_of([anything(part) for part in get_args(type)])
        case inspect.NoneType():
            return st.none()
        case inspect.BoolType():
            return st.booleans()
        case inspect.IntType(ge=least, le=most, gt=over, lt=under):
            low = least if least is not None else over + 1 if over is not None else -_WHOLE
            high = most if most is not None else under - 1 if under is not None else _WHOLE
            return st.integers(low, max(low, high))
        case inspect.DecimalType():
            return st.decimals(Decimal("0.0001"), 1000, places=4)
        case inspect.StrType(pattern=str(pattern)):
            return st.from_regex(pattern, fullmatch=True).map(lambda text: text.rstrip("\n"))
        case inspect.StrType(min_length=least, max_length=most):
            return texts.filter(lambda text: (least or 0) <= len(text) <= (most or len(text)))
        case inspect.DateTimeType():
            return st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
        case inspect.LiteralType(values=values):
            return st.sampled_from(values)
        case inspect.StructType(cls=cls):
            kinds = every_kind().get(cls)
            return st.one_of([struct(kind) for kind in kinds.values()]) if kinds is not None else struct(cls)
        case inspect.DictType(min_length=least):
            name, value = _arguments(type)
            return st.dictionaries(anything(name), anything(value), min_size=least or 0, max_size=_FEW)
        case inspect.VarTupleType(min_length=least):
            return st.lists(anything(_arguments(type)[0]), min_size=least or 0, max_size=_FEW).map(tuple)
        case _:
            raise TypeError(f"nothing is drawn for {info}; a programme has not had such a field before")


@st.composite
def struct(draw: st.DrawFn, cls: type[Struct]) -> Any:
    """Draw a value of a class: of the fields that have a default, any may be left out."""
    fields = {field.name: field for field in structs.fields(cls)}
    needed = [name for name, field in fields.items() if field.required]
    wanted = [name for name, field in fields.items() if field.required or draw(st.integers(0, 2)) == 0]
    values = {name: draw(anything(fields[name].type)) for name in wanted}
    # A class may hold its fields to each other: then with one of them less, or with one of those it can do without.
    less = [[name for name in wanted if name != left_out] for left_out in wanted if left_out not in needed]
    for names in (wanted, *less, *([*needed, name] for name in fields)):
        values |= {name: draw(anything(fields[name].type)) for name in names if name not in values}
        try:
            return cls(**{name: values[name] for name in names})
        except (ValueError, TypeError):
            continue
    return reject()


def documents_of_anything() -> st.SearchStrategy[Document]:
    """Return a strategy for documents of every section and kind, of which most could not run."""
    zones = st.sampled_from(["UTC", "Europe/Paris", "America/New_York", "Asia/Kolkata"])
    return st.builds(lambda document, zone: structs.replace(document, timezone=zone), struct(Document), zones)


def _arguments(type: object) -> tuple[object, ...]:
    plain = get_args(type)[0] if hasattr(type, "__metadata__") else type
    return get_args(plain)
