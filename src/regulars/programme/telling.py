"""Changes of a programme told to people: a line for each thing, and one for each of its fields."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from msgspec import Struct, structs

from regulars.engine.zones import zone
from regulars.programme.diff import Action, Change
from regulars.programme.document import default_of

_SHOWN_BY_ID: Final = 3
_ORDER: Final[tuple[Action, ...]] = ("added", "changed", "moved", "removed")


def title(change: Change) -> str:
    """Return what a line about a change starts with: `rule welcome`."""
    return f"{change.noun} {change.id}".rstrip()


def told(change: Change, timezone: str) -> Iterator[str]:
    """Yield the change's fields in plain words: `expiry.months: 12 → 24`; instants are on the clock of `timezone`."""
    for field in change.fields:
        name = f"{field.field}: " if field.field else ""
        if change.action == "moved":
            yield f"comes {_place(field.after)}, and came {_place(field.before)}"
        elif change.action == "added":
            yield f"{name}{said(field.after, timezone)}"
        elif change.action == "removed":
            yield f"{name}{said(field.before, timezone)}"
        else:
            yield f"{name}{said(field.before, timezone)} → {said(field.after, timezone)}"


def summary(changes: Sequence[Change]) -> str:
    """Return changes in one line: by name where they are few, else how many of which: `2 rules added`."""
    if any(change.noun == "programme" and change.action == "added" for change in changes):
        return "the first version"
    groups: dict[tuple[Action, str], list[str]] = {}
    for action in _ORDER:
        for change in changes:
            if change.action == action:
                groups.setdefault((action, change.noun), []).append(change.id)
    return ", ".join(_group(noun, action, ids) for (action, noun), ids in groups.items())


def said(value: object, timezone: str) -> str:
    """Return a value in plain words; instants on the clock of `timezone`."""
    match value:
        case None | "" | ():
            return "none"
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return format(value, "f")
        case datetime():
            local = value.astimezone(zone(timezone)).replace(tzinfo=None)
            return local.date().isoformat() if local.time() == datetime.min.time() else local.isoformat(" ")
        case str():
            return " ".join(value.split()) or repr(value)
        case Struct():
            return ", ".join(_parts(value, timezone)) or "as by default"
        case Mapping():
            return ", ".join(f"{name}: {said(inner, timezone)}" for name, inner in value.items()) or "none"
        case tuple():
            between = "; " if any(isinstance(element, Struct) for element in value) else ", "
            return between.join(said(element, timezone) for element in value)
        case _:
            return str(value)


def _parts(struct: Struct, timezone: str) -> Iterator[str]:
    """Yield a struct's kind, and what it says beside its defaults."""
    config = struct.__struct_config__
    if config.tag is not None:
        yield str(config.tag)
    for field in structs.fields(struct):
        value = getattr(struct, field.name)
        if field.required or value != default_of(field):
            yield f"{field.encode_name} {said(value, timezone)}"


def _place(previous: str | None) -> str:
    return "first" if previous is None else f"after {previous}"


def _group(noun: str, action: Action, ids: Sequence[str]) -> str:
    if len(ids) == 1:
        return f"{noun} {ids[0]} {action}".replace("  ", " ")
    if len(ids) <= _SHOWN_BY_ID:
        return f"{_plural(noun)} {', '.join(ids[:-1])} and {ids[-1]} {action}"
    return f"{len(ids)} {_plural(noun)} {action}"


def _plural(noun: str) -> str:
    return noun.removesuffix("y") + "ies" if noun.endswith("y") else noun + "s"
