"""A document that is written and read again is the same document."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given

from regulars import programme
from regulars.engine.earning import Limit
from regulars.engine.programme import Rolling, Scope, Shop, Wallet
from regulars.programme import Document
from regulars.rules.product_bonus import ProductBonus
from regulars.rules.spend import Spend
from tests.engine.documents import documents

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*/programme.yaml"))


@given(documents())
def test_what_is_written_is_read_as_the_same(document: Document) -> None:
    text = programme.dump(document)

    assert programme.read(text) == document
    assert programme.dump(programme.read(text)) == text


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_the_examples_are_the_same_when_written_and_read(path: Path) -> None:
    document = programme.read(path.read_text(encoding="utf-8"))

    assert programme.read(programme.dump(document)) == document


def test_what_is_as_by_default_is_not_written() -> None:
    document = Document(
        id="club",
        timezone="Europe/Paris",
        currency="EUR",
        wallets={"points": Wallet(expiry=Rolling(months=12))},
        shops={"17": Shop(name="Rue des Lilas")},
        rules=(
            Spend(id="base", points=1, per_minor=100, starts_at=datetime(2026, 11, 26, 23, tzinfo=UTC)),
            ProductBonus(
                id="fresh",
                name="Fruit: twice",
                scope=Scope(categories=("fruit", "1")),
                multiplier=Decimal("1.50"),
                when="local.hour >= 7 &&\n  local.hour < 11\n",
                limits=(Limit(per="day", times=1),),
            ),
        ),
    )

    text = programme.dump(document)

    assert (
        text
        == """\
id: club
timezone: Europe/Paris
currency: EUR
shops:
  "17": {name: Rue des Lilas}
wallets:
  points:
    expiry: {kind: rolling, months: 12}
rules:
  - type: spend
    id: base
    starts_at: 2026-11-27T00:00:00+01:00
    points: 1
    per_minor: 100
  - type: product_bonus
    id: fresh
    name: "Fruit: twice"
    when: |
      local.hour >= 7 &&
        local.hour < 11
    limits:
      - {per: day, times: 1}
    scope:
      categories: [fruit, "1"]
    multiplier: 1.50
"""
    )
