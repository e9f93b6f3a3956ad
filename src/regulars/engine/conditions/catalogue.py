"""The published list of what a condition may ask: every field by name, kind and a line of explanation."""

import keyword
import re
from functools import cached_property
from typing import Final

from msgspec import Struct

from regulars.engine.conditions.kinds import Kind, ListOf, Record

_NAME: Final = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)+")
_ATTRIBUTE: Final = re.compile(r"[a-z][a-z0-9_]*")
# What CEL and Python keep for themselves. Locals hold an underscore, attributes are checked here.
_RESERVED: Final = frozenset(
    {*keyword.kwlist, "const", "false", "function", "let", "loop", "namespace", "null", "package", "true"}
    | {"var", "void"}
)


class BadFieldError(ValueError):
    """A field of the catalogue cannot be spoken of in a condition, or is there twice."""


class Field(Struct, frozen=True, kw_only=True):
    """Something a condition can ask. `event_types` of None: it is there for events of every type.

    A field that is not `required` may be missing from the facts, or None there; asking for it then is an
    error of that evaluation, which counts as no match.
    """

    name: str
    kind: Kind
    description: str
    event_types: frozenset[str] | None = None
    required: bool = True

    def there_for(self, event_type: str | None) -> bool:
        """Tell whether events of this type have the field; None asks for fields that all events have."""
        return self.event_types is None or event_type in self.event_types

    @property
    def local(self) -> str:
        """The name of the Python variable that holds the field's value in generated code."""
        return local_name(self.name)


def local_name(field_name: str) -> str:
    """Return the Python variable of a field: `order.total_minor` becomes `order_total_minor`."""
    return field_name.replace(".", "_")


class Catalogue(Struct, frozen=True, dict=True):
    """The fields there are, seen from one type of event (None: from any event whatever)."""

    fields: tuple[Field, ...]
    event_type: str | None = None

    def __post_init__(self) -> None:
        for field in self.fields:
            _check_names(field)
        for event_type in {None}.union(*(field.event_types or {None} for field in self.fields)):
            _check_distinct([field.name for field in self.fields if field.there_for(event_type)])

    def with_fields(self, *fields: Field) -> "Catalogue":
        """Return the catalogue with more fields, such as the typed data of a brand's own event type.

        Raises: BadFieldError where a name cannot be written in CEL or is taken for the same type of event.
        """
        return Catalogue((*self.fields, *fields), self.event_type)

    def for_event(self, event_type: str) -> "Catalogue":
        """Return the catalogue as a rule on events of this type sees it."""
        return Catalogue(self.fields, event_type)

    @cached_property
    def available(self) -> dict[str, Field]:
        """The fields that may be used, by name."""
        return {field.name: field for field in self.fields if field.there_for(self.event_type)}

    @cached_property
    def elsewhere(self) -> dict[str, Field]:
        """The fields that only events of other types have, by name."""
        return {field.name: field for field in self.fields if field.name not in self.available}

    @cached_property
    def roots(self) -> frozenset[str]:
        """The first words of all names: `event`, `order`, …"""
        return frozenset(field.name.partition(".")[0] for field in self.fields)


def _check_names(field: Field) -> None:
    words = field.name.split(".")
    if not _NAME.fullmatch(field.name) or not _RESERVED.isdisjoint(words):
        raise BadFieldError(f"{field.name!r} cannot be a field: write small words joined by dots, as in order.id")
    kind = field.kind.element if isinstance(field.kind, ListOf) else field.kind
    if isinstance(kind, Record):
        for attribute in kind.fields:
            if not _ATTRIBUTE.fullmatch(attribute.name) or attribute.name in _RESERVED:
                raise BadFieldError(f"{attribute.name!r} cannot be an attribute of {field.name}")


def _check_distinct(names: list[str]) -> None:
    taken: dict[str, str] = {}
    for name in names:
        local = local_name(name)
        if local in taken:
            both = f"{taken[local]!r} and {name!r}"
            raise BadFieldError(f"{both} cannot both be fields of one event: rename one of them")
        taken[local] = name
