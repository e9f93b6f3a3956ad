"""What a programme may say, as a JSON Schema: editors complete and check by it while one types."""

from functools import reduce
from inspect import cleandoc
from operator import or_
from typing import Any, Final

from msgspec import json

from regulars.engine.earning import Rule
from regulars.programme.document import Document
from regulars.programme.kinds import rule_kinds

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
# Where reading takes more than the type says: a date alone, or a time on the programme's clock; a bare number.
_INSTANT: Final = {
    "type": "string",
    "pattern": r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$",
}
_NUMBER: Final = {"type": ["number", "string"]}


def schema() -> dict[str, Any]:
    """Return the schema of a programme, with every kind of rule that this installation knows."""
    kinds = reduce(or_, rule_kinds().values())
    (_, any_rule), definitions = json.schema_components((Document, kinds), ref_template="#/$defs/{name}")
    document = definitions.pop("Document")
    definitions[Rule.__name__] = any_rule
    written: dict[str, Any] = _as_written({**document, "title": "A Regulars programme", "$defs": definitions})
    return {"$schema": _DIALECT, **written}


def _as_written(part: Any) -> Any:
    """Return a part of the schema for what authors write rather than for what is read from it."""
    match part:
        case {"format": "date-time"}:
            return _INSTANT
        case {"format": "decimal"}:
            return _NUMBER
        case dict():
            return {
                name: cleandoc(value) if name == "description" and isinstance(value, str) else _as_written(value)
                for name, value in part.items()
            }
        case list():
            return [_as_written(value) for value in part]
        case _:
            return part
