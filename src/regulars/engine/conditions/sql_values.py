"""How the values of a condition stand in SQL: as parameters, as columns of one type each, as JSON where any will do."""

from datetime import UTC, datetime, timedelta
from typing import Final

from regulars.engine.conditions.arithmetic import INT_MAX
from regulars.engine.conditions.kinds import Basic, Kind, ListOf
from regulars.engine.conditions.nodes import Constant

# What values of each kind are in SQL. Whole numbers do their sums as numeric, whose ends no sum of theirs can reach;
# instants and lengths of time are microseconds, since the calendar of the database is no business of a condition.
TYPES: Final = {
    Basic.BOOL: "boolean",
    Basic.INT: "numeric",
    Basic.STRING: "text",
    Basic.TIMESTAMP: "numeric",
    Basic.DURATION: "numeric",
    Basic.NULL: "jsonb",
    Basic.ANY: "jsonb",
    Basic.VALUES: "jsonb",
}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def microseconds(value: datetime | timedelta) -> int:
    """Return an instant as microseconds since 1970, or a length of time as microseconds."""
    return (value - _EPOCH if isinstance(value, datetime) else value) // _MICROSECOND


INSTANT_MIN: Final = microseconds(datetime.min.replace(tzinfo=UTC))
INSTANT_MAX: Final = microseconds(datetime.max.replace(tzinfo=UTC))
SPAN_MAX: Final = INT_MAX // 1000
"""The longest time between two instants, in microseconds: 64 bits of nanoseconds."""


class Parameters:
    """The parameters of one statement, in the order of their numbers; each value is there once."""

    def __init__(self) -> None:
        self.values: list[object] = []
        self._known: dict[tuple[str, object], str] = {}

    def bind(self, value: object, type: str) -> str:
        """Return what stands for a value of a type of PostgreSQL's."""
        key = (type, tuple(value) if isinstance(value, list) else value)
        if key not in self._known:
            self.values.append(value)
            self._known[key] = f"${len(self.values)}::{type}"
        return self._known[key]

    def text(self, value: str) -> str:
        """Return what stands for a text."""
        return self.bind(value, "text")

    def literal(self, value: Constant) -> str:
        """Return what stands for a value that the author wrote."""
        match value:
            case None:
                return "'null'::jsonb"
            case bool():
                return "true" if value else "false"
            case str():
                return self.text(value)
            case int():
                return self.bind(value, "bigint")
            case datetime() | timedelta():
                return self.bind(microseconds(value), "bigint")


def json_kind(kind: Kind) -> bool:
    """Tell whether values of the kind stand as JSON, as those that may be of any kind and null do."""
    return kind in (Basic.ANY, Basic.NULL)


def as_json(kind: Kind) -> str:
    """Return the template that makes JSON of a value of the kind, or a list of JSON of a list."""
    if isinstance(kind, ListOf):
        return "{}" if json_kind(kind.element) else _LIST_AS_JSON
    return "{}" if json_kind(kind) else "to_jsonb({})"


def of_kind(kind: Basic) -> str:
    """Return the template that takes a value of the kind out of JSON; null where it is of another kind."""
    found = f"jsonb_path_query_first({{}}, 'strict $ ? (@.type() == \"{_JSON_NAMES[kind]}\")')"
    return f"({found} #>> '{{{{}}}}')" if kind is Basic.STRING else f"({found})::{TYPES[kind]}"


def within(template: str, least: int, most: int) -> str:
    """Return the template of a number that is null outside `[least, most]`."""
    # A null counts as beyond the end, and is null again.
    clamped = f"greatest(least({template}, {most + 1}), {least - 1})"
    return f"nullif(nullif({clamped}, {most + 1}), {least - 1})"


_JSON_NAMES: Final = {Basic.BOOL: "boolean", Basic.INT: "number", Basic.STRING: "string"}
_LIST_AS_JSON: Final = (
    "(SELECT (SELECT coalesce(array_agg(to_jsonb(l.value) ORDER BY l.place), ARRAY[]::jsonb[]) "
    "FROM unnest(list.value) WITH ORDINALITY AS l (value, place)) "
    "FROM (SELECT {} AS value OFFSET 0) AS list WHERE list.value IS NOT NULL)"
)
