"""Kinds that live one to a file are found by looking: the folder is the list."""

import re
from collections.abc import Iterable, Iterator
from importlib import import_module
from importlib.metadata import entry_points
from inspect import getmembers, isclass
from pkgutil import iter_modules
from types import ModuleType
from typing import Final, TypeVar

from msgspec import Struct

Kind = TypeVar("Kind", bound=Struct)

_TAG: Final = re.compile(r"[a-z][a-z0-9_]*")


class BadKindError(Exception):
    """A file that should hold exactly one kind does not; the message names the file and says what to do."""


def discover(package: ModuleType, base: type[Kind], entry_point_group: str) -> dict[str, type[Kind]]:
    """Return the kinds of a package, then those of plug-ins, by their tag.

    Every module of the package must hold exactly one subclass of `base`, and so must every module that an
    entry point of the group names. Kinds come in the order of their modules' names, plug-ins last.

    Raises: BadKindError, naming the file.
    """
    kinds: dict[str, type[Kind]] = {}
    places: dict[str, str] = {}
    for module in (*_modules(package), *_plug_ins(entry_point_group)):
        kind = _only_kind(module, base)
        tag, place = kind.__struct_config__.tag, _place(module)
        if not isinstance(tag, str) or not _TAG.fullmatch(tag):
            message = f"{place}: the tag {tag!r} of {kind.__name__} is not a word in small letters"
            raise BadKindError(f"{message}; write tag='…' after its base")
        if tag in kinds:
            raise BadKindError(f"{place}: the tag {tag!r} is taken by {places[tag]}; choose another one")
        kinds[tag], places[tag] = kind, place
    return kinds


def _modules(package: ModuleType) -> Iterator[ModuleType]:
    for name in sorted(module.name for module in iter_modules(package.__path__)):
        yield _imported(f"{package.__name__}.{name}", f"{package.__path__[0]}/{name}.py")


def _plug_ins(group: str) -> Iterator[ModuleType]:
    for entry in sorted(entry_points(group=group), key=lambda entry: (entry.name, entry.value)):
        distribution = entry.dist.name if entry.dist is not None else "an unknown distribution"
        place = f"entry point {entry.name!r} of {distribution}"
        if entry.attr:
            raise BadKindError(f"{place}: name the module that holds the kind, {entry.module!r}, not its class")
        yield _imported(entry.module, place)


def _imported(name: str, place: str) -> ModuleType:
    try:
        return import_module(name)
    except Exception as error:
        raise BadKindError(f"{place}: cannot be imported: {error}") from error


def _only_kind(module: ModuleType, base: type[Kind]) -> type[Kind]:
    found = [
        value
        for _, value in getmembers(module, isclass)
        if value.__module__ == module.__name__ and issubclass(value, base) and value is not base
    ]
    if len(found) != 1:
        held = f"holds {_listed(kind.__name__ for kind in found)}" if found else "holds none"
        message = f"{_place(module)}: must hold exactly one subclass of {base.__name__}, and {held}"
        raise BadKindError(f"{message}; give every kind a file of its own")
    return found[0]


def _place(module: ModuleType) -> str:
    return module.__file__ or module.__name__


def _listed(names: Iterable[str]) -> str:
    return " and ".join(sorted(names))
