"""The kinds of value that a condition can speak of: few, exact and without floating point."""

from enum import Enum

from msgspec import Struct


class Basic(Enum):
    """A kind without parts; its value is the word that error messages and the reference page use."""

    BOOL = "bool"
    INT = "int"
    STRING = "string"
    TIMESTAMP = "timestamp"
    DURATION = "duration"
    NULL = "null"
    # Brands send their own data: text, whole number, bool or null, known only when the event is there.
    ANY = "any"
    # Such data by name, as in `event.data`.
    VALUES = "values"


class RecordField(Struct, frozen=True):
    """One attribute that every element of a list of records has."""

    name: str
    kind: "Basic | ListOf"
    description: str


class Record(Struct, frozen=True):
    """Something with named attributes, as one line of an order."""

    name: str
    fields: tuple[RecordField, ...]

    def find(self, name: str) -> RecordField | None:
        """Return the attribute of that name."""
        return next((field for field in self.fields if field.name == name), None)


class ListOf(Struct, frozen=True):
    """Several values of one kind, in an order."""

    element: Basic | Record


Kind = Basic | Record | ListOf


def spell(kind: Kind) -> str:
    """Return the kind as authors read it in messages and in the reference."""
    match kind:
        case Basic():
            return kind.value
        case Record():
            return kind.name
        case ListOf():
            return f"list of {spell(kind.element)}"
