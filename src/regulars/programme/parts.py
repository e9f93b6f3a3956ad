"""A programme is made of parts within parts: its sections, what they hold, and what that holds."""

from collections.abc import Iterator, Mapping

from msgspec import Struct, structs

from regulars.programme.document import Document
from regulars.programme.problems import Path


def parts_of(document: Document) -> dict[Path, Struct]:
    """Return the document and every part within it by its path, in the order of the document."""
    return dict(_within(document, ()))


def _within(value: object, path: Path) -> Iterator[tuple[Path, Struct]]:
    match value:
        case Struct():
            yield path, value
            for field in structs.fields(value):
                yield from _within(getattr(value, field.name), (*path, field.encode_name))
        case Mapping():
            for name, element in value.items():
                yield from _within(element, (*path, name))
        case tuple():
            for index, element in enumerate(value):
                yield from _within(element, (*path, index))
        case _:
            pass
