"""The reference page of the programme, made from the classes themselves: their fields and what they say of them."""

import re
from collections.abc import Iterator, Mapping
from inspect import cleandoc
from typing import Final

from msgspec import Struct, inspect, structs

from regulars.engine.programme import Scope, Text
from regulars.programme.document import Document
from regulars.programme.expectations import NAME_PATTERN, expected, listed
from regulars.programme.kinds import every_kind

_OPENING: Final = """\
# The programme

Everything that a programme may say. This page is made from the code that reads it. A programme is a YAML text
(version 1.2, without aliases and tags); it may be split into files, whose sections are put together. Names are small
letters, digits and `_`. Money is in minor units of the programme's currency, points in the smallest unit of their
wallet. A date without a time is that day's midnight, and a time without an offset is on the clock of the programme's
`timezone`. Periods include the instant at which they start, and not the one at which they end.

Whole programmes are in the folder `examples`. What the policies mean, with numbers, is on
[Policies](policies.md). For editors, [programme.schema.json](programme.schema.json) says the same.
"""
_CLOSING: Final = """\
## One more kind of rule

A kind of rule is a class in a file of its own: a subclass of `Rule` with a tag, such as
`class Birthday(Rule, frozen=True, kw_only=True, tag="birthday")`. It is found where it lies: in `regulars/rules`, or
in a package that names its module as an entry point of the group `regulars.rules`. Its fields, this page, the
schema and the errors with line and column come from the class alone.

A kind of reward is found alike: a subclass of `Reward`, in `regulars/rewards` or by the group `regulars.rewards`.
"""

Titles = Mapping[type[Struct], str]
"""The heading under which each class is explained: that of the field that is the first to name it."""


def page() -> str:
    """Return the page in Markdown."""
    titles = {cls: title for title, cls in _sections()}
    sections = [_section(title, cls, titles) for cls, title in titles.items()]
    return "\n".join([_OPENING, *sections, _CLOSING])


def defaults(cls: type[Struct], path: str = "") -> Iterator[tuple[str, str]]:
    """Yield the path of every choice below a class whose fields all have defaults, and its default as YAML.

    A scope is one choice, not one for each of the things that it can name.
    """
    for field in structs.fields(cls):
        name = f"{path}{field.encode_name}"
        match inspect.type_info(field.type):
            case inspect.StructType(cls=inner) if inner is Scope:
                yield name, "{}"
            case inspect.StructType(cls=inner) if not any(part.required for part in structs.fields(inner)):
                yield from defaults(inner, f"{name}.")
            case _:
                yield name, _default(field)


def _sections() -> Iterator[tuple[str, type[Struct]]]:
    """Yield every class that a programme is made of under its heading, in the order in which they are met."""
    waiting: list[tuple[str, type[Struct]]] = [("Document", Document)]
    seen: set[type[Struct]] = set()
    while waiting:
        title, cls = waiting.pop(0)
        if cls in seen:
            continue
        seen.add(cls)
        yield title, cls
        for field in structs.fields(cls):
            waiting += _named(inspect.type_info(field.type), field.encode_name)
        waiting += [(f"{_words(cls.__name__)}: {tag}", kind) for tag, kind in every_kind().get(cls, {}).items()]


def _named(type: inspect.Type, field: str) -> list[tuple[str, type[Struct]]]:
    """Return the classes that a field's type holds, under their headings."""
    match type:
        case inspect.StructType(cls=cls, tag=tag):
            tagged = tag is not None and cls not in every_kind()
            return [(f"{field.capitalize()}: {tag}" if tagged else _words(cls.__name__), cls)]
        case inspect.DictType(value_type=inner) | inspect.VarTupleType(item_type=inner):
            return _named(inner, field)
        case inspect.UnionType(types=types):
            return [found for part in types for found in _named(part, field)]
        case _:
            return []


def _section(title: str, cls: type[Struct], titles: Titles) -> str:
    base = next((base for base in every_kind() if cls is not base and issubclass(cls, base)), None)
    shared = {field.encode_name for field in structs.fields(base)} if base is not None else ()
    rows = [_row(field, titles) for field in structs.fields(cls) if field.encode_name not in shared]
    config = cls.__struct_config__
    if config.tag_field is not None and cls not in every_kind():
        rows.insert(0, f"| `{config.tag_field}` | `{config.tag}` | required |")
    common = []
    if base is not None:
        word = _words(base.__name__)
        common = ["", f"Beside these, it has [what all {word.lower()}s have](#{_anchor(word)})."]
    table = ["| field | takes | default |", "|---|---|---|", *rows] if rows else []
    return "\n".join([f"## {title}", "", cleandoc(cls.__doc__ or ""), "", *table, *common, ""])


def _row(field: structs.FieldInfo, titles: Titles) -> str:
    is_text = field.type == Text
    takes = "a text, or one for each language" if is_text else _takes(inspect.type_info(field.type), titles)
    return f"| `{field.encode_name}` | {takes} | {_cell(_default(field))} |"


def _takes(type: inspect.Type, titles: Titles) -> str:
    match type:
        case inspect.StructType() | inspect.LiteralType() | inspect.UnionType():
            return listed(_choices(type, titles))
        case inspect.DictType(value_type=value):
            return f"for each name, {_takes(value, titles)}"
        case inspect.VarTupleType(item_type=item):
            return f"a list, each {_takes(item, titles)}"
        case inspect.StrType(pattern=pattern) if pattern == NAME_PATTERN:
            return "a name"
        case _:
            return expected(type)


def _choices(type: inspect.Type, titles: Titles) -> list[str]:
    """Return everything that a field may be, null last."""
    match type:
        case inspect.UnionType(types=types):
            return [each for part in types for each in _choices(part, titles)]
        case inspect.LiteralType(values=values):
            return [f"`{value}`" for value in values]
        case inspect.StructType(cls=cls):
            return [f"[{titles[cls]}](#{_anchor(titles[cls])})"]
        case _:
            return [_takes(type, titles)]


def _default(field: structs.FieldInfo) -> str:
    """Return a field's default as YAML, or that it is required, or that it has its own."""
    value = field.default_factory() if callable(field.default_factory) else field.default
    match value:
        case _ if field.required:
            return "required"
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case tuple():
            return f"[{', '.join(str(part) for part in value)}]"
        case dict():
            return "{}"
        case Struct():
            tag = value.__struct_config__.tag
            return f"{{{value.__struct_config__.tag_field}: {tag}}}" if tag is not None else "its own"
        case "":
            return '""'
        case _:
            return str(value)


def _cell(default: str) -> str:
    return default if default in ("required", "its own") else f"`{default}`"


def _words(name: str) -> str:
    """Return a class's name as a heading: `LateEvents` is Late events."""
    return re.sub(r"(?<!^)(?=[A-Z])", " ", name).capitalize()


def _anchor(title: str) -> str:
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
