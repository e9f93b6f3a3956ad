"""The reference for machines."""

import os
import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec
import pytest
from litestar import Litestar

from regulars.programme.kinds import every_kind
from regulars.web.openapi import document, operations
from regulars.web.operations import Operation
from regulars.web.problems import STATUS
from tests.web.calling import Api

GOLDEN = Path(__file__).parents[2] / "docs" / "reference" / "openapi.json"
HOW = "run REGULARS_UPDATE_GOLDEN=1 pytest tests/web/test_openapi.py and look at the difference"


@pytest.fixture
def reference(app: Litestar) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(document(app)))
    return found


def test_is_the_one_in_the_docs(reference: dict[str, Any]) -> None:
    text = msgspec.json.format(msgspec.json.encode(reference), indent=2).decode() + "\n"
    if os.environ.get("REGULARS_UPDATE_GOLDEN"):
        GOLDEN.write_text(text, encoding="utf-8")

    assert GOLDEN.read_text(encoding="utf-8") == text, HOW


async def test_is_served(api: Api, reference: dict[str, Any]) -> None:
    assert (await api.using(None).get("/v1/openapi.json")).json() == reference


def test_names_every_operation_once(app: Litestar) -> None:
    ids = [operation.id for _, _, operation in operations(app)]

    assert len(ids) > 20
    assert len(set(ids)) == len(ids)


def test_has_an_example_of_every_body_and_every_answer(app: Litestar) -> None:
    for _, path, operation in operations(app):
        assert operation.takes is None or operation.example is not None, path
        assert operation.gives in (None, str) or operation.answer is not None, path


def test_has_examples_that_are_valid(reference: dict[str, Any]) -> None:
    components = reference["components"]
    for path, methods in reference["paths"].items():
        for method, operation in methods.items():
            bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
            for content in (content for body in bodies for content in body.get("content", {}).values()):
                if "example" in content:
                    schema = {**content["schema"], "components": components}
                    errors = [error.message for error in jsonschema_rs.iter_errors(schema, content["example"])]
                    assert errors == [], f"{method} {path}"


def test_has_examples_of_problems_without_gaps(reference: dict[str, Any]) -> None:
    for name, example in reference["components"]["examples"].items():
        assert example["value"]["code"] == name.removeprefix("problem-")
        assert "none" not in example["value"]["detail"], name


def test_leads_nowhere_but_into_itself(reference: dict[str, Any]) -> None:
    text = msgspec.json.encode(reference).decode()

    for reference_ in set(re.findall(r'"\$ref":"#/([^"]+)"', text)):
        found: Any = reference
        for part in reference_.split("/"):
            found = found[part]
        assert found
    assert re.findall(r"https?://", text) == []


def test_agrees_with_the_page_that_people_read(app: Litestar) -> None:
    page = (GOLDEN.parent / "api.md").read_text(encoding="utf-8")

    calls = {f"| `{method} {_plain(path)}` | {_scope(operation)} |" for method, path, operation in operations(app)}
    codes = {f"`{code}`" for code in STATUS}
    assert {call for call in calls if call not in page} == set()
    assert page.count("\n| `") == len(calls)
    assert {code for code in codes if page.count(code) == 0} == set()


def _plain(path: str) -> str:
    return path.replace(":str", "")


def _scope(operation: Operation) -> str:
    return f"`{operation.scope}`" if operation.scope is not None else "\u2013"


def test_knows_every_kind_that_a_programme_may_name(reference: dict[str, Any]) -> None:
    document = reference["components"]["schemas"]["ProgrammeDocument"]
    text = reference["paths"]["/v1/programme"]["put"]["requestBody"]["content"]["application/yaml"]["schema"]

    assert text["contentSchema"] == {"$ref": "#/components/schemas/ProgrammeDocument"}
    for kinds in every_kind().values():
        assert {kind.__name__ for kind in kinds.values()} <= set(document["$defs"])
