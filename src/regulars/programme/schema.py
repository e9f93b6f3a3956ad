"""What a programme may say, as a JSON Schema: editors complete and check by it while one types."""

from functools import reduce
from inspect import cleandoc
from operator import or_
from typing import Any, Final

from msgspec import json

from regulars.programme.document import Document
from regulars.programme.kinds import every_kind

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
# Where authors write more than the type says: a date alone, a time on the programme's clock; a bare number. What
# happens at an instant is called something_at throughout.
_INSTANT: Final = {
    "type": "string",
    "pattern": r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$",
}
_NUMBER: Final = {"type": ["number", "string"]}


def schema() -> dict[str, Any]:
    """Return the schema of a programme, with every kind that this installation knows."""
    bases = every_kind()
    unions = [reduce(or_, kinds.values()) for kinds in bases.values()]
    (_, *choices), definitions = json.schema_components((Document, *unions), ref_template="#/$defs/{name}")
    document = definitions.pop("Document")
    definitions |= {base.__name__: any_kind for base, any_kind in zip(bases, choices, strict=True)}
    written: dict[str, Any] = _as_written({**document, "title": "A Regulars programme", "$defs": definitions})
    return {"$schema": _DIALECT, **written}


def _as_written(part: Any, name: str = "") -> Any:
    """Return a part of the schema, or what `name` stands for in it, for what authors write."""
    match part:
        case {"type": "string"} if name.endswith("_at"):
            return _INSTANT
        case {"format": "decimal"}:
            return _NUMBER
        case dict():
            return {inner: _as_written(value, name if inner == "anyOf" else inner) for inner, value in part.items()}
        case list():
            return [_as_written(value, name) for value in part]
        case str() if name == "description":
            return cleandoc(part)
        case _:
            return part
