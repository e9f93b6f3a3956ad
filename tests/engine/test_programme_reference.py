"""The pages and the schema that are made from the classes are those that are kept."""

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given

from regulars import programme
from regulars.engine.programme import Policies, Wallet
from regulars.programme import Document
from regulars.programme.currencies import CURRENCIES
from regulars.programme.parsing import parse
from regulars.programme.reference import defaults
from regulars.programme.tree import Source, Tree, Value
from tests.engine.documents import documents
from tools.reference import FOLDER, pages

POLICIES = (FOLDER / "policies.md").read_text(encoding="utf-8")
EXAMPLES = sorted((FOLDER.parents[1] / "examples").glob("*/programme.yaml"))
# These name things, or have a page and a default of their own.
PLAIN = {"name", "unit", "decimals"}


@pytest.mark.parametrize(("name", "text"), pages().items())
def test_a_made_page_is_the_one_that_is_kept(name: str, text: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == text, "run: python -m tools.reference"


@pytest.mark.parametrize(
    ("path", "default"),
    [*defaults(Policies), *(("wallet." + path, default) for path, default in defaults(Wallet) if path not in PLAIN)],
)
def test_every_policy_is_explained_with_its_true_default(path: str, default: str) -> None:
    section = re.search(rf"^### `{re.escape(path)}`$(.*?)(?=^##)", POLICIES + "\n## ", re.MULTILINE | re.DOTALL)

    assert section is not None, f"{path} has no section"
    assert f"**Default:** `{default}`" in section[1]
    assert "**Example.**" in section[1]
    assert "**Why.**" in section[1]


def test_no_policy_is_explained_that_is_not_there() -> None:
    known = {path for path, _ in defaults(Policies)} | {f"wallet.{path}" for path, _ in defaults(Wallet)}

    assert set(re.findall(r"^### `(.*)`$", POLICIES, re.MULTILINE)) <= known


def plain(value: Value) -> Any:
    """Return a text's values as JSON has them."""
    match value:
        case Decimal():
            return float(value)
        case dict():
            return {name: plain(part) for name, part in value.items()}
        case list():
            return [plain(part) for part in value]
        case _:
            return value


def value_of(text: str) -> Any:
    tree = parse(Source("programme", text))
    assert isinstance(tree, Tree)
    return plain(tree.value)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_the_schema_takes_the_examples(path: Path) -> None:
    value = value_of(path.read_text(encoding="utf-8"))

    jsonschema_rs.validate(programme.schema(), value)


@given(documents())
def test_the_schema_takes_every_document(document: Document) -> None:
    value = value_of(programme.dump(document))

    jsonschema_rs.validate(programme.schema(), value)


@pytest.mark.parametrize(
    "change",
    [
        {"walets": {}},
        {"timezone": None},
        {"wallets": {"Points": {}}},
        {"policies": {"rounding": "flor"}},
        {"rules": [{"type": "spend", "id": "base", "points": 1}]},
        {"rules": [{"type": "spnd", "id": "base"}]},
        {"rules": [{"type": "action", "id": "a", "event": "review", "points": 1, "starts_at": "27.11.2026"}]},
    ],
)
def test_the_schema_refuses_what_is_refused(change: dict[str, Any]) -> None:
    good = {"id": "club", "timezone": "Europe/Paris", "currency": "EUR", "wallets": {"points": {}}}
    jsonschema_rs.validate(programme.schema(), good)

    assert not jsonschema_rs.is_valid(programme.schema(), good | change)


def test_currencies_are_codes_of_three_capitals() -> None:
    assert {"EUR", "USD", "TRY", "JPY", "GBP"} < CURRENCIES
    assert all(re.fullmatch(r"[A-Z]{3}", code) for code in CURRENCIES)
