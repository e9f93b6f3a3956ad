"""What one programme would change in another: thing by thing and field by field, never letter by letter."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal

from msgspec import Struct, structs

from regulars.programme.document import Document, default_of, sections_of

Action = Literal["added", "removed", "changed", "moved"]
PLACE: Final = "place"


class FieldChange(Struct, frozen=True, kw_only=True):
    """A field by its path within the thing, `expiry.months`, and what it said and says; null where it says nothing.

    The field of what has moved is `place`: the id of what comes right before it, null where nothing does.
    """

    field: str
    before: Any
    after: Any


class Change(Struct, frozen=True, kw_only=True):
    """What became of one thing, such as the rule `welcome`; of what is added or removed, `fields` are all it says."""

    action: Action
    noun: str
    id: str
    fields: tuple[FieldChange, ...] = ()


def compare(before: Document | None, after: Document) -> tuple[Change, ...]:
    """Return what would change, in the order of the document's sections; nothing where both mean the same.

    Comments, layout, the order of names, and the order of rules of different stages mean nothing.
    """
    basics = tuple(_basics(before, after))
    if before is None:
        changes = [Change(action="added", noun="programme", id=after.id, fields=basics)]
    else:
        changes = [Change(action="changed", noun="programme", id=after.id, fields=basics)] if basics else []
    for field in sections_of(Document):
        old = getattr(before, field.name) if before is not None else None if field.required else default_of(field)
        changes += _section(_noun(field.encode_name), old, getattr(after, field.name))
    return tuple(changes)


def _basics(before: Document | None, after: Document) -> Iterator[FieldChange]:
    held = {field.name for field in sections_of(Document)}
    for field in structs.fields(Document):
        old = field.default if before is None and not field.required else getattr(before, field.name, None)
        if field.name not in held and (field.name != "id" or before is not None):
            yield from _fields(field.encode_name, old, getattr(after, field.name))


def _noun(section: str) -> str:
    """Return what one thing of a section is called: `policies` holds policy by policy."""
    word = section.replace("_", " ")
    return word.removesuffix("ies") + "y" if word.endswith("ies") else word.removesuffix("s")


def _section(noun: str, before: object, after: object) -> Iterator[Change]:
    match before, after:
        case ((None | Mapping()), Mapping()):
            yield from _held(noun, before or {}, after)
        case ((None | tuple()), tuple()):
            yield from _listed(noun, before or (), after)
        case Struct(), Struct():
            for field in _fields("", before, after):
                yield Change(action="changed", noun=noun, id=field.field, fields=(structs.replace(field, field=""),))
        case None, Struct():
            yield Change(action="added", noun=noun, id="", fields=_said(after))
        case Struct(), None:
            yield Change(action="removed", noun=noun, id="", fields=_said(before, removed=True))
        case _:
            pass


def _held(noun: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    """Yield what became of things by name."""
    for id, thing in after.items():
        if id not in before:
            yield Change(action="added", noun=noun, id=id, fields=_said(thing))
        elif fields := tuple(_of_thing(before[id], thing)):
            yield Change(action="changed", noun=noun, id=id, fields=fields)
    for id, thing in before.items():
        if id not in after:
            yield Change(action="removed", noun=noun, id=id, fields=_said(thing, removed=True))


def _listed(noun: str, before: Sequence[Any], after: Sequence[Any]) -> Iterator[Change]:
    """Yield what became of things in an order; each has an id."""
    yield from _held(noun, {thing.id: thing for thing in before}, {thing.id: thing for thing in after})
    for stage in sorted({_stage(thing) for thing in after}):
        old = [thing.id for thing in before if _stage(thing) == stage]
        new = [thing.id for thing in after if _stage(thing) == stage]
        for id in _moved(old, new):
            place = FieldChange(field=PLACE, before=_previous(old, id), after=_previous(new, id))
            yield Change(action="moved", noun=noun, id=id, fields=(place,))


def _stage(thing: object) -> int:
    """Return when a thing is decided, where that is more than its place in the list."""
    return int(getattr(thing, "stage", 0))


def _moved(before: Sequence[str], after: Sequence[str]) -> list[str]:
    """Return the fewest things whose moving makes the one order the other, of those that are in both."""
    places = {id: place for place, id in enumerate(before)}
    common = [id for id in after if id in places]
    best: list[tuple[str, ...]] = []  # the longest rows that stay, by the thing that each ends with
    for number, id in enumerate(common):
        rows = [row for row, last in zip(best, common[:number], strict=True) if places[last] < places[id]]
        best.append((*max(rows, key=len, default=()), id))
    staying = max(best, key=len, default=())
    return [id for id in common if id not in staying]


def _previous(ids: Sequence[str], id: str) -> str | None:
    place = ids.index(id)
    return ids[place - 1] if place else None


def _of_thing(before: Any, after: Any) -> Iterator[FieldChange]:
    """Yield what changed in a thing, which may have become one of another kind."""
    if not isinstance(after, Struct) or type(before) is type(after):
        yield from _fields("", before, after)
        return
    old, new = _by_name(_said(before)), _by_name(_said(after))
    for name in dict.fromkeys((*new, *old)):
        yield from _fields(name, old.get(name), new.get(name))


def _by_name(fields: Sequence[FieldChange]) -> dict[str, Any]:
    return {field.field: field.after for field in fields}


def _said(thing: Any, *, removed: bool = False) -> tuple[FieldChange, ...]:
    """Return a thing's kind and every field that differs from its default, as added or removed."""
    values: list[tuple[str, Any]] = [("", thing)]
    if isinstance(thing, Struct):
        config = thing.__struct_config__
        values = [(config.tag_field, config.tag)] if config.tag_field is not None else []
        for field in structs.fields(thing):
            value = getattr(thing, field.name)
            if field.name != "id" and (field.required or value != default_of(field)):
                values.append((field.encode_name, value))
    return tuple(
        FieldChange(field=name, before=value if removed else None, after=None if removed else value)
        for name, value in values
    )


def _fields(path: str, before: Any, after: Any) -> Iterator[FieldChange]:
    """Yield what differs between two values, down to what holds no further values."""
    if before == after:
        return
    if isinstance(before, Struct) and type(before) is type(after):
        for field in structs.fields(before):
            inner = f"{path}.{field.encode_name}" if path else field.encode_name
            yield from _fields(inner, getattr(before, field.name), getattr(after, field.name))
    elif isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in dict.fromkeys((*before, *after)):
            inner = f"{path}.{name}" if path else name
            yield from _fields(inner, before.get(name), after.get(name))
    elif (old := _by_id(before)) is not None and (new := _by_id(after)) is not None:
        for id in dict.fromkeys((*old, *new)):
            yield from _fields(f"{path}[{id}]", old.get(id), new.get(id))
        if [id for id in old if id in new] != [id for id in new if id in old]:
            yield FieldChange(field=path, before=tuple(old), after=tuple(new))
    else:
        yield FieldChange(field=path, before=before, after=after)


def _by_id(value: object) -> dict[str, Any] | None:
    """Return the elements of a list by their ids, where each has one of its own."""
    if not isinstance(value, tuple) or not all(hasattr(element, "id") for element in value):
        return None
    found = {element.id: element for element in value}
    return found if len(found) == len(value) else None
