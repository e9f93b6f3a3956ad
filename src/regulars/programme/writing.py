"""A document written out again: all that differs from its default, always in the same form."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from msgspec import Struct, structs
from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from regulars.engine.zones import zone
from regulars.programme.document import Document, default_of, sections_of
from regulars.programme.scalars import meaning

_TAG: Final = "tag:yaml.org,2002:"
_PLAIN: Final = re.compile(r"[^\W\d](?:[\w '/()-]*[\w')])?")
_WIDER_THAN_ANY_LINE: Final = 1_000_000
_FLOW_LENGTH_MAX: Final = 60


def dump(document: Document) -> str:
    """Return the document as YAML; reading it gives the same document.

    Comments and the order of names are those of the text that it was read from, and are not kept.
    """
    return _text_of(_said(document), document.timezone)


def split(document: Document) -> dict[str, str]:
    """Return the document as the texts of several files by their names; reading them together gives it again.

    `programme.yaml` holds what is said once, and every section that holds parts has a file of its own.
    """
    sections = {field.encode_name for field in sections_of(Document)}
    said = _said(document)
    files = {"programme.yaml": _text_of([item for item in said if item[0] not in sections], document.timezone)}
    for name, value in said:
        if name in sections:
            files[f"{name}.yaml"] = _text_of([(name, value)], document.timezone)
    return files


def _text_of(said: Sequence[tuple[str, object]], timezone: str) -> str:
    yaml = YAML(typ="safe", pure=True)
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = _WIDER_THAN_ANY_LINE
    yaml.allow_unicode = True
    lines = _Lines()
    yaml.serialize(_Writer(timezone).node(dict(said)), lines)
    return b"".join(lines.parts).decode()


class _Lines:
    """Takes what the emitter writes."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def write(self, text: bytes) -> None:
        """Take some more."""
        self.parts.append(text)


class _Writer:
    def __init__(self, zone_name: str) -> None:
        self._zone = zone(zone_name)

    def node(self, value: object) -> Node:
        """Return the YAML node that says a value."""
        match value:
            case None:
                return _scalar("null", "null")
            case bool():
                return _scalar("bool", "true" if value else "false")
            case int():
                return _scalar("int", str(value))
            case Decimal():
                text = format(value, "f")
                return _scalar("float" if "." in text else "int", text)
            case datetime():
                return _scalar("timestamp", self._local(value))
            case str():
                return _text(value)
            case Struct():
                return self._mapping(_said(value))
            case Mapping():
                return self._mapping(value.items())
            case tuple():
                return _collection(SequenceNode, "seq", [self.node(element) for element in value])
            case _:
                raise TypeError(f"a programme has no way to say {value!r}")

    def _mapping(self, items: Iterable[tuple[str, object]]) -> Node:
        return _collection(MappingNode, "map", [(_text(name), self.node(value)) for name, value in items])

    def _local(self, instant: datetime) -> str:
        """Return an instant on the programme's clock; in UTC from before offsets were whole minutes."""
        local = instant.astimezone(self._zone)
        offset = local.utcoffset() or timedelta()
        return (local if not offset % timedelta(minutes=1) else instant.astimezone(UTC)).isoformat()


def _said(struct: Struct) -> list[tuple[str, object]]:
    """Return a struct's tag, and every field that differs from its default."""
    config = struct.__struct_config__
    said: list[tuple[str, object]] = [] if config.tag_field is None else [(config.tag_field, config.tag)]
    for field in structs.fields(struct):
        value = getattr(struct, field.name)
        if field.required or value != default_of(field):
            said.append((field.encode_name, value))
    return said


def _text(text: str) -> ScalarNode:
    plain = _PLAIN.fullmatch(text) and meaning(text) == text
    style = None if plain else "|" if _is_block(text) else '"'
    return _scalar("str", text, style)


def _is_block(text: str) -> bool:
    """Tell whether a text of several lines reads best as it is."""
    lines = text.split("\n")
    return len(lines) > 1 and lines[0] == lines[0].lstrip() and all(map(_is_clean, lines))


def _is_clean(line: str) -> bool:
    return line.isprintable() and line == line.rstrip()


def _scalar(tag: str, text: str, style: str | None = None) -> ScalarNode:
    return ScalarNode(_TAG + tag, text, style=style)


def _collection(cls: type[MappingNode | SequenceNode], tag: str, parts: list[object]) -> Node:
    """Return a list or mapping: in one line where it is short and holds only what is simple."""
    inner = [node for part in parts for node in (part if isinstance(part, tuple) else (part,))]
    simple = all(isinstance(node, ScalarNode) and node.style != "|" for node in inner)
    length = sum(len(node.value) + 2 for node in inner)
    return cls(_TAG + tag, parts, flow_style=simple and length <= _FLOW_LENGTH_MAX)
