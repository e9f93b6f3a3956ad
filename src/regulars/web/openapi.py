"""The reference that machines read: OpenAPI 3.1, made from what stands beside the routes."""

import re
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import version
from typing import Any, Final

import msgspec
from litestar import Litestar
from litestar.routes import HTTPRoute

from regulars import programme
from regulars.web.operations import PROGRAMME, YAML, Operation, every_problem, operation_of
from regulars.web.problems import MEDIA_TYPE, STATUS, Fact, Problem, problem
from regulars.web.scopes import MEANING
from regulars.web.wording import wording

_PARAMETER: Final = re.compile(r"\{(\w+):\w+\}")
_ID_PREFIXES: Final = {
    "member_id": ("mem", "A member."),
    "decision_id": ("dec", "A decision."),
    "event_id": ("evt", "An event."),
    "hold_id": ("hld", "A hold."),
    "key_id": ("key", "An API key."),
}
_EXAMPLE_DIGITS: Final = "0198c3f0a5b07c1e9d2f4b6a8c0e1f23"
_TAGS: Final = {
    "Programme": "What the brand runs, as one document, version by version.",
    "Members": "People, found by any of their identities.",
    "Points": "Balances, lots, and what moves them by hand.",
    "Events": "What happened, in any channel; each is answered with its decision.",
    "Decisions": "Why points were given, or not.",
    "Keys": "Who may call.",
    "Health": "How the installation is.",
}

Json = dict[str, Any]


def document(app: Litestar) -> Json:
    """Return the OpenAPI document of all declared operations of an application."""
    found = operations(app)
    schemas = _Schemas([operation for _, _, operation in found])
    paths: Json = {}
    for method, path, operation in found:
        paths.setdefault(_PARAMETER.sub(r"{\1}", path), {})[method.lower()] = _operation(path, operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": _info(),
        "servers": [{"url": "/"}],
        "tags": [{"name": name, "description": text} for name, text in _TAGS.items()],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": {**schemas.components, PROGRAMME: _programme()},
            "headers": _HEADERS,
            "examples": {f"problem-{code}": _example(code) for code in sorted(STATUS)},
            "securitySchemes": {"key": _security()},
        },
    }


def _programme() -> Json:
    """Return what a programme may say, with every kind that is installed here."""
    described = {name: part for name, part in programme.schema().items() if name != "$schema"}
    text = msgspec.json.encode(described).replace(b'"#/$defs/', f'"#/components/schemas/{PROGRAMME}/$defs/'.encode())
    found: Json = msgspec.json.decode(text)
    return found


def operations(app: Litestar) -> list[tuple[str, str, Operation]]:
    """Return method, path and operation of every declared route, by path and method."""
    found = [
        (method, route.path, operation)
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        if (operation := operation_of(handler)) is not None and operation.listed
        for method in handler.http_methods
    ]
    return sorted(found, key=lambda one: (one[1], one[0]))


class _Schemas:
    """JSON Schemas of every type in use, by reference."""

    def __init__(self, found: Sequence[Operation]) -> None:
        types: list[Any] = [Problem]
        for operation in found:
            types += [kind for kind in (operation.takes, operation.gives, operation.query) if kind is not None]
        distinct = list(dict.fromkeys(types))
        schemas, self.components = msgspec.json.schema_components(distinct, ref_template="#/components/schemas/{name}")
        self._by_type = dict(zip(distinct, schemas, strict=True))

    def of(self, kind: Any) -> Json:
        """Return the schema of a type: a reference, where it is a struct."""
        schema: Json = self._by_type[kind]
        return schema

    def properties(self, kind: Any) -> Iterable[tuple[str, Json, bool]]:
        """Yield name, schema and whether it is required of each field of a struct."""
        schema = self.components[self._by_type[kind]["$ref"].rpartition("/")[2]]
        for name, field in schema["properties"].items():
            yield name, field, name in schema.get("required", ())


def _operation(path: str, operation: Operation, schemas: _Schemas) -> Json:
    described: Json = {
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": operation.summary,
        "responses": _responses(operation, schemas),
    }
    if operation.description:
        described["description"] = operation.description
    if operation.scope is not None:
        described["security"] = [{"key": []}]
        described["x-scope"] = operation.scope
        described["description"] = f"{operation.description}\n\nNeeds the scope `{operation.scope}`.".strip()
    parameters = [*_path_parameters(path), *_query_parameters(operation, schemas), *_header_parameters(operation)]
    if parameters:
        described["parameters"] = parameters
    if operation.takes is not None:
        described["requestBody"] = {"required": True, "content": _body(operation, schemas)}
    return described


def _body(operation: Operation, schemas: _Schemas) -> Json:
    content: Json = {}
    for media in operation.media:
        text = media != "application/json"
        content[media] = {"schema": {"type": "string", "minLength": 1, **YAML} if text else schemas.of(operation.takes)}
        example = operation.example.get("document") if text else operation.example
        if example is not None:
            content[media]["example"] = example
    return content


def _responses(operation: Operation, schemas: _Schemas) -> Json:
    headers: Json = {"X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"}}
    if operation.scope is not None:
        headers |= {name: {"$ref": f"#/components/headers/{name}"} for name in ("RateLimit", "RateLimit-Policy")}
    good: Json = {"description": operation.summary, "headers": dict(headers)}
    if operation.keyed:
        good["headers"]["Idempotent-Replayed"] = {"$ref": "#/components/headers/Idempotent-Replayed"}
    if operation.tagged:
        good["headers"]["ETag"] = {"$ref": "#/components/headers/ETag"}
    if operation.gives is not None:
        content: Json = {"schema": schemas.of(operation.gives)}
        if operation.answer is not None:
            content["example"] = operation.answer
        good["content"] = {operation.gives_media: content}
    responses = {str(operation.status): good}
    by_status: dict[int, list[str]] = {}
    for code in every_problem(operation):
        by_status.setdefault(STATUS[code], []).append(code)
    for status, codes in sorted(by_status.items()):
        responses[str(status)] = _refusal(status, codes, schemas)
    return responses


def _refusal(status: int, codes: list[str], schemas: _Schemas) -> Json:
    headers: Json = {"X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"}}
    if status in (429, 503):
        headers["Retry-After"] = {"$ref": "#/components/headers/Retry-After"}
    content: Json = {"schema": schemas.of(Problem)}
    content["examples"] = {code: {"$ref": f"#/components/examples/problem-{code}"} for code in codes}
    return {
        "description": "; ".join(f"`{code}`: {problem(code).title}" for code in codes),
        "headers": headers,
        "content": {MEDIA_TYPE: content},
    }


def _example(code: str) -> Json:
    parts = (f"problem.{code}.{part}" for part in ("title", "detail", "hint"))
    names = frozenset().union(*(wording("en").names(part) for part in parts))
    facts = {name: _FACTS[name] for name in sorted(names - {"id"})} | _OTHER_FACTS.get(code, {})
    worded = problem(code, facts, id="9f2c41d07a33be18" if "id" in names else "")
    return {"summary": worded.title, "value": msgspec.to_builtins(worded)}


def _path_parameters(path: str) -> Iterator[Json]:
    for name in _PARAMETER.findall(path):
        if name in _ID_PREFIXES:
            prefix, description = _ID_PREFIXES[name]
            schema: Json = {"type": "string", "pattern": f"^{prefix}_[0-9a-f]{{32}}$"}
            example = f"{prefix}_{_EXAMPLE_DIGITS}"
        elif name == "code":
            description, example = "A voucher's code, however it is typed, or its id.", "7ZQ4-M2XK-9HVCT"
            schema = {"type": "string", "minLength": 1, "maxLength": 60, "pattern": r"^[^/\x00-\x1f]+$"}
        elif name == "version":
            description, example = "The number of a version of the programme.", "3"
            schema = {"type": "string", "pattern": "^[1-9][0-9]{0,8}$"}
        elif name == "segment":
            description, example = "A segment's id in the programme.", "regulars"
            schema = {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,62}$"}
        else:
            description, example = "The order's id, as it was told.", "order-2027-0815"
            schema = {"type": "string", "minLength": 1, "maxLength": 200, "pattern": r"^[^/\x00-\x1f]+$"}
        yield {
            "name": name,
            "in": "path",
            "required": True,
            "description": description,
            "schema": schema,
            "example": example,
        }


def _query_parameters(operation: Operation, schemas: _Schemas) -> Iterator[Json]:
    if operation.query is None:
        return
    for name, schema, required in schemas.properties(operation.query):
        rest = {key: value for key, value in schema.items() if key != "description"}
        described: Json = {"name": name, "in": "query", "required": required, "schema": rest}
        if "description" in schema:
            described["description"] = schema["description"]
        yield described


def _header_parameters(operation: Operation) -> Iterator[Json]:
    if operation.keyed:
        yield {
            "name": "Idempotency-Key",
            "in": "header",
            "required": True,
            "description": "A new unique text for each operation; the same one again gets the same answer.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
            "example": "5f0c1f7e-3c1b-4a57-9a57-0a6f8f0d2b11",
        }
    if operation.conditional:
        yield {
            "name": "If-Match",
            "in": "header",
            "required": False,
            "description": "Do it only if this is still the ETag of what is changed.",
            "schema": {"type": "string"},
            "example": '"3.3"',
        }
    if operation.scope is not None:
        yield {
            "name": "Accept-Language",
            "in": "header",
            "required": False,
            "description": "The language of titles, hints and reasons: en (otherwise), fr or tr.",
            "schema": {"type": "string"},
            "example": "fr",
        }


def _info() -> Json:
    return {
        "title": "Regulars",
        "version": version("regulars"),
        "summary": "Events come in from every channel; a pure engine decides; one transaction remembers.",
        "description": (
            "Money is in minor units, points are integers in the wallet's smallest unit, times are RFC 3339 in "
            "UTC. Every call that changes something needs an `Idempotency-Key`. Refusals are problems "
            "(RFC 9457) with a stable `code`. Lists go on where `next` says."
        ),
        "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    }


def _security() -> Json:
    scopes = "\n".join(f"- `{scope}`: {meaning}" for scope, meaning in MEANING.items())
    return {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "rk_<prefix>_<secret>",
        "description": f"An API key; it belongs to one programme and has scopes.\n\n{scopes}",
    }


# What the examples of problems are about, by the name of the fact, and where one name means two things.
_FACTS: Final[dict[str, Fact]] = {
    "accepted": "application/json",
    "amount": 0,
    "asked": 200,
    "available": 120,
    "document": "other",
    "expires_at": "2027-02-03T16:50:00+00:00",
    "explanation": "Its state is: redeemed.",
    "field": "member",
    "given": 60,
    "held": 150,
    "hold": f"hld_{_EXAMPLE_DIGITS}",
    "holds": 1,
    "into": f"mem_{_EXAMPLE_DIGITS}",
    "key": "perfumery",
    "largest": 9_007_199_254_740_991,
    "least": 90,
    "left": 30,
    "left_milli": 1000,
    "limit": 1_048_576,
    "line": "2",
    "member": f"mem_{_EXAMPLE_DIGITS}",
    "method": "PUT",
    "more": 80,
    "more_at": "2027-03-01T00:00:00+00:00",
    "multiple": 3,
    "needed": 200,
    "occurred_at": "2027-02-04T16:20:00+00:00",
    "order": "order-2027-0815",
    "per_day": 300,
    "problem": "this is not an e-mail address",
    "programme": "EUR",
    "quantity_milli": 0,
    "reason": "Input data was truncated",
    "list": "gala",
    "reward": "five_off",
    "scope": "points:write",
    "segment": "newcomers",
    "spend": f"evt_{_EXAMPLE_DIGITS}",
    "until": "2027-02-03T16:50:00+00:00",
    "version": 3,
    "voucher": f"vch_{_EXAMPLE_DIGITS}",
    "wait": 2,
    "wallet": "points",
    "window_days": 30,
    "within_hours": 48,
}
_OTHER_FACTS: Final[dict[str, dict[str, Fact]]] = {"currency-mismatch": {"order": "USD"}}

_HEADERS: Final[Json] = {
    "X-Request-Id": {"description": "Names the request in our logs.", "schema": {"type": "string"}},
    "RateLimit": {"description": "Requests left, and seconds until there are more.", "schema": {"type": "string"}},
    "RateLimit-Policy": {"description": "How many requests in how many seconds.", "schema": {"type": "string"}},
    "Idempotent-Replayed": {
        "description": "`true` where the answer was given before and is repeated.",
        "schema": {"type": "string", "enum": ["true"]},
    },
    "ETag": {"description": "Names the state of what was read, for `If-Match`.", "schema": {"type": "string"}},
    "Retry-After": {"description": "Seconds to wait before the next try.", "schema": {"type": "integer"}},
}
