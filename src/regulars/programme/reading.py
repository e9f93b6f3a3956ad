"""Values become the classes of a programme, and whatever does not fit is said: all of it, not only the first.

What msgspec.convert accepts is accepted, with two additions for authors: a date or a time without an offset
is meant in the programme's zone, and a class that stands for several kinds is told apart by its `type`.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from types import NoneType
from typing import Annotated, Final, get_args, get_origin

import msgspec
from msgspec import Struct, inspect, structs

from regulars.engine.conditions.hints import did_you_mean
from regulars.engine.zones import midnight, zone
from regulars.programme.expectations import expected, listed, shown, way_out
from regulars.programme.problems import Finding, Path
from regulars.programme.tree import Tree, Value

Kinds = Mapping[type[Struct], Mapping[str, type[Struct]]]
"""By a class that only stands for others: those, by their tags."""


class _Failed:
    """There is no value, since what was written does not fit."""


FAILED: Final = _Failed()
FINDINGS_MAX: Final = 100


class TooMuchWrongError(Exception):
    """There is no sense in reading on: nobody reads more than so many findings at once."""


class Reader:
    """Reads the values of one tree; `findings` are what did not fit, in the order of the fields.

    Elements that do not fit are left out, and fields that do not are given their default, so that the rest
    can still be checked. `stand_ins` are defaults for what the tree's first level must have.
    """

    def __init__(self, tree: Tree, kinds: Kinds, zone_name: str, stand_ins: Mapping[str, object]) -> None:
        self.findings: list[Finding] = []
        self._tree = tree
        self._kinds = kinds
        self._zone_name = zone_name
        self._stand_ins = stand_ins
        self._kept: dict[Path, list[int]] = {}

    def read(self, type: object, value: Value, path: Path = ()) -> object:
        """Return the value as one of the type, as far as it fits, or FAILED."""
        info = inspect.type_info(type)
        if isinstance(info, inspect.UnionType):
            return self._union(type, info, value, path)
        match info, value:
            case inspect.StructType(cls=cls), dict():
                return self._struct(self._kinds.get(cls, cls), value, path)
            case inspect.DictType(), dict():
                return self._mapping(type, value, path)
            case inspect.VarTupleType(), list():
                return self._list(type, value, path)
            case inspect.DateTimeType(), str():
                return self._instant(value, info, path)
            case _:
                return self._leaf(type, info, value, path)

    def _leaf(self, type: object, info: inspect.Type, value: Value, path: Path) -> object:
        try:
            return msgspec.convert(value, type)
        except msgspec.ValidationError:
            return self._unfit(info, value, path)

    def path_in_text(self, path: Path) -> Path:
        """Return where something of the read value is in the text, which may have had more elements."""
        found: Path = ()
        for part in path:
            kept = self._kept.get(found)
            found = (*found, kept[part] if isinstance(part, int) and kept is not None else part)
        return found

    def _union(self, type: object, info: inspect.UnionType, value: Value, path: Path) -> object:
        choices = [part for part in get_args(type) if part is not NoneType]
        if value is None and info.includes_none:
            return None
        if any(map(_is_mapping, choices)):
            choices = [part for part in choices if _is_mapping(part) == isinstance(value, dict)]
        if len(choices) == 1:
            return self.read(choices[0], value, path)
        tagged = {part.tag: part.cls for part in info.types if isinstance(part, inspect.StructType)}
        if tagged and isinstance(value, dict):
            return self._struct({str(tag): cls for tag, cls in tagged.items()}, value, path)
        return self._leaf(type, info, value, path)

    def _struct(
        self, offered: type[Struct] | Mapping[str, type[Struct]], value: dict[str, Value], path: Path
    ) -> object:
        cls = self._chosen(offered, value, path) if isinstance(offered, Mapping) else offered
        if cls is None:
            return FAILED
        fields = structs.fields(cls)
        tag_field = cls.__struct_config__.tag_field
        known = [*([tag_field] if tag_field is not None else []), *(field.encode_name for field in fields)]
        for name in value:
            if name not in known:
                hint = did_you_mean(name, known) or f"The fields are {listed(known)}."
                self._find((*path, name), f"there is no field {name!r} here", hint, at_name=True)
        given: dict[str, object] = {}
        for field in fields:
            if field.encode_name in value:
                given[field.name] = self.read(field.type, value[field.encode_name], (*path, field.encode_name))
            elif field.required:
                takes = expected(inspect.type_info(field.type))
                self._find((*path, field.encode_name), "is missing", f"Give {takes}.")
                given[field.name] = FAILED
        return self._made(cls, fields, given, path)

    def _made(
        self, cls: type[Struct], fields: Sequence[structs.FieldInfo], given: dict[str, object], path: Path
    ) -> object:
        defaults = self._stand_ins if not path else {}
        fit = {**defaults, **{name: value for name, value in given.items() if value is not FAILED}}
        if any(field.required and field.name not in fit for field in fields):
            return FAILED
        try:
            return cls(**fit)
        except (ValueError, TypeError) as error:
            if FAILED not in given.values():  # else it may only miss what did not fit
                self._find(*_said_of(str(error), given, path))
            return FAILED

    def _chosen(self, kinds: Mapping[str, type[Struct]], value: dict[str, Value], path: Path) -> type[Struct] | None:
        tag_field = next(iter(kinds.values())).__struct_config__.tag_field or "type"
        if tag_field not in value:
            self._find((*path, tag_field), "is missing", f"Give {listed(list(kinds))}.")
            return None
        tag = value[tag_field]
        if isinstance(tag, str) and tag in kinds:
            return kinds[tag]
        message = f"must be {listed(list(kinds))}, and is {shown(tag)}"
        self._find((*path, tag_field), message, did_you_mean(str(tag), kinds))
        return None

    def _mapping(self, type: object, value: dict[str, Value], path: Path) -> object:
        name_type, value_type = get_args(_plain(type))
        read: dict[str, object] = {}
        for name, element in value.items():
            try:
                msgspec.convert(name, name_type)
            except msgspec.ValidationError:
                info = inspect.type_info(name_type)
                message = f"the name must be {expected(info)}"
                self._find((*path, name), message, way_out(info, name, name), at_name=True)
                continue
            if (fit := self.read(value_type, element, (*path, name))) is not FAILED:
                read[name] = fit
        return read

    def _list(self, type: object, value: list[Value], path: Path) -> object:
        element_type = get_args(_plain(type))[0]
        read = [self.read(element_type, element, (*path, index)) for index, element in enumerate(value)]
        self._kept[path] = [index for index, element in enumerate(read) if element is not FAILED]
        return tuple(read[index] for index in self._kept[path])

    def _instant(self, text: str, info: inspect.Type, path: Path) -> object:
        try:
            if len(text) == 10:
                return midnight(date.fromisoformat(text), self._zone_name)
            instant = datetime.fromisoformat(text)
            local = instant.replace(tzinfo=zone(self._zone_name)) if instant.tzinfo is None else instant
            return local.astimezone(UTC)
        except (ValueError, OverflowError):
            return self._unfit(info, text, path)

    def _unfit(self, info: inspect.Type, value: Value, path: Path) -> _Failed:
        hint = way_out(info, value, self._tree.written(path))
        self._find(path, f"must be {expected(info)}, and is {shown(value)}", hint)
        return FAILED

    def _find(self, path: Path, message: str, hint: str = "", *, at_name: bool = False) -> None:
        self.findings.append(Finding(path=path, message=message, hint=hint, at_name=at_name))
        if len(self.findings) == FINDINGS_MAX:
            raise TooMuchWrongError


def _plain(type: object) -> object:
    return get_args(type)[0] if get_origin(type) is Annotated else type


def _is_mapping(type: object) -> bool:
    return isinstance(inspect.type_info(type), inspect.DictType)


def _said_of(sentence: str, given: Mapping[str, object], path: Path) -> tuple[Path, str]:
    """Return where a class's own sentence belongs: to the field that it starts with, or to the whole."""
    first, _, rest = sentence.partition(" ")
    return ((*path, first), rest) if first in given else (path, sentence)
