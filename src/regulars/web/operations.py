"""What stands beside a route: who may call it, what it takes and gives, and how it may refuse."""

from collections.abc import Mapping
from typing import Any, Final

from litestar.handlers import BaseRouteHandler
from msgspec import Struct

from regulars.web.scopes import Scope

JSON: Final = "application/json"
PROGRAMME: Final = "ProgrammeDocument"
"""The name under which the reference says what a programme's text may hold."""
YAML: Final[dict[str, Any]] = {
    "contentMediaType": "application/yaml",
    "contentSchema": {"$ref": f"#/components/schemas/{PROGRAMME}"},
}
"""What the schema of a text says beside: that it is a programme."""


class Operation(Struct, frozen=True, kw_only=True):
    """One call of the API, as the reference and the front door know it.

    `scope` null: anybody may call it. A `keyed` call changes something, so it needs an Idempotency-Key.
    `takes` and `gives` are the types of the bodies, `example` and `answer` an example of each; `media` are
    the media types that it takes and `gives_media` the one it gives. `query` is a struct of query parameters.
    A `conditional` call is made only if the state that its If-Match names is still there, and a `tagged` one is
    answered with that. A `large` call takes bodies of the size of a batch. `problems` are the codes beside those
    that every call may answer. What is not `listed` is for people, not part of the API.
    """

    id: str
    tag: str
    summary: str
    description: str = ""
    scope: Scope | None
    keyed: bool = False
    takes: Any = None
    example: Any = None
    media: tuple[str, ...] = (JSON,)
    gives: Any = None
    answer: Any = None
    gives_media: str = JSON
    status: int = 200
    query: type[Struct] | None = None
    problems: tuple[str, ...] = ()
    conditional: bool = False
    tagged: bool = False
    large: bool = False
    listed: bool = True


_OPTION: Final = "operation"


def declared(operation: Operation) -> dict[str, Any]:
    """Return the options that declare a route handler to be the operation."""
    return {_OPTION: operation}


def operation_of(handler: BaseRouteHandler) -> Operation | None:
    """Return the operation that a route handler was declared to be, if it was."""
    options: Mapping[str, Any] = handler.opt
    found = options.get(_OPTION)
    return found if isinstance(found, Operation) else None


def every_problem(operation: Operation) -> tuple[str, ...]:
    """Return all codes that the operation may answer with, in a stable order."""
    codes = {*operation.problems, "internal", "malformed-request"}
    if operation.scope is not None:
        codes |= {"credentials-missing", "credentials-invalid", "scope-missing", "too-many-requests", "unavailable"}
    if operation.takes is not None:
        codes |= {"malformed-json", "invalid", "body-too-large", "media-type-unsupported"}
    if operation.query is not None:
        codes.add("invalid")
    if operation.keyed:
        codes |= {"idempotency-key-missing", "idempotency-key-invalid", "idempotency-key-reused"}
    return tuple(sorted(codes))
