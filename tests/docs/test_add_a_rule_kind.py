import re
import sys
from collections.abc import Iterator
from importlib import invalidate_caches
from pathlib import Path

import pytest

from regulars import programme
from regulars.programme.kinds import rule_kinds
from regulars.programme.reference import page
from regulars.programme.scenarios import read_page, run_page
from regulars.programme.telling import told

GUIDE = (Path(__file__).parents[2] / "docs" / "how-to" / "add-a-rule-kind.md").read_text(encoding="utf-8")
PAGE = """
# The third thing in the basket earns five more

## Programme

```yaml
id: shop
timezone: Europe/Paris
currency: EUR
wallets:
  points: {}
%s
```

## Events

| # | when             | member | event    | details                         |
|---|------------------|--------|----------|---------------------------------|
| 1 | 2025-03-03 10:00 | Ada    | purchase | soap 1.00; tea 1.00             |
| 2 | 2025-03-04 10:00 | Ada    | purchase | soap 1.00; tea 1.00; bread 1.00 |
| 3 | 2025-03-05 10:00 | Ada    | return   | of 2                            |

## Awards

| event | rule   | points | reasons            |
|-------|--------|--------|--------------------|
| 1     | base   | 2      |                    |
| 1     | family | 0      | nothing-to-earn-on |
| 2     | base   | 3      |                    |
| 2     | family | 5      |                    |

## Balances

| after | member | available |
|-------|--------|-----------|
| 2     | Ada    | 10        |
| 3     | Ada    | 2         |
"""


def block(language: str) -> str:
    """Return the guide's one block of code in a language."""
    (text,) = re.findall(rf"^```{language}\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    return str(text)


@pytest.fixture
def acme_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Install the guide's package, as its entry point says, for the time of a test."""
    group, entry = re.findall(r'entry-points\."(.+?)"\]\n(.+)', block("toml"))[0]
    package, information = tmp_path / "acme_rules", tmp_path / "acme_rules-1.0.dist-info"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "big_basket.py").write_text(block("python"), encoding="utf-8")
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-rules\nVersion: 1.0\n", encoding="utf-8")
    (information / "entry_points.txt").write_text(f"[{group}]\n{entry.replace(chr(34), '')}", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    invalidate_caches()
    rule_kinds.cache_clear()
    yield
    rule_kinds.cache_clear()
    for module in ("acme_rules.big_basket", "acme_rules"):
        sys.modules.pop(module, None)


@pytest.mark.usefixtures("acme_rules")
def test_the_kind_of_the_guide_earns_and_is_taken_back() -> None:
    page = read_page(PAGE % block("yaml").rstrip(), "big-basket.md")

    assert run_page(page) == ()


@pytest.mark.usefixtures("acme_rules")
def test_a_slip_in_a_field_of_the_kind_is_said_as_the_guide_shows() -> None:
    head = "id: shop\ntimezone: Europe/Paris\ncurrency: EUR\nwallets: {points: {}}\n"
    source = programme.Source("programme.yaml", head + block("yaml").replace("lines_free", "lines_fre"))

    outcome = programme.check(source)

    assert isinstance(outcome, tuple)
    assert "".join(f"{problem}\n" for problem in outcome) == block("text")


@pytest.mark.usefixtures("acme_rules")
def test_the_kind_is_in_the_schema_and_has_a_part_of_the_reference() -> None:
    definitions = programme.schema()["$defs"]

    assert definitions["BigBasket"]["properties"]["lines_free"]["default"] == 10
    assert {"$ref": "#/$defs/BigBasket"} in definitions["Rule"]["anyOf"]
    assert block("markdown") in page()


@pytest.mark.usefixtures("acme_rules")
def test_the_kind_is_compared_written_and_read_like_any() -> None:
    head = "id: shop\ntimezone: Europe/Paris\ncurrency: EUR\nwallets: {points: {}}\n"
    document = programme.read(head + block("yaml"))
    changed = programme.read(head + block("yaml").replace("lines_free: 2", "lines_free: 3"))

    (change,) = programme.compare(document, changed)

    assert (change.noun, change.id, *told(change, "UTC")) == ("rule", "family", "lines_free: 2 → 3")
    assert programme.read(programme.dump(changed)) == changed


def test_the_condition_that_the_guide_offers_instead_is_one() -> None:
    condition = re.findall(r"`when: (.+?)`", GUIDE)[0]
    rule = f"rules:\n  - {{id: big, type: action, event: purchase, points: 5, when: {condition}}}\n"

    outcome = programme.check(f"id: shop\ntimezone: Europe/Paris\ncurrency: EUR\nwallets: {{points: {{}}}}\n{rule}")

    assert isinstance(outcome, programme.Checked), outcome
