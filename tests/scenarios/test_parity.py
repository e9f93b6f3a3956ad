"""The same basket earns the same on the web, in the app, at the till, by receipt and by file, in every template.

Where a rule counts in some channels only, the programme says why, or the lint names the rule.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from regulars.engine.reasons import Refused
from regulars.ops.postgres import Server
from tests.scenarios.pages import EXAMPLES
from tests.scenarios.parity import (
    WAYS,
    Earned,
    apply,
    basket,
    differing,
    document_of,
    doubted,
    earned_by,
    excused,
    table,
)
from tests.scenarios.stored import Database

TEMPLATES = sorted(EXAMPLES.glob("*/programme.yaml"))
WEDNESDAY = datetime(2026, 6, 3, 12, tzinfo=UTC)
SATURDAY = datetime(2026, 6, 6, 12, tzinfo=UTC)

SHOP = """
id: shop
timezone: Europe/Paris
currency: EUR
channels: {web: {}, app: {}, shop: {}}
wallets: {points: {}}
rules:
  - {id: base, type: spend, points: 1, per_minor: 100}
"""
IN_ONE_FIELD = "  - {id: online, type: action, event: purchase, points: 5, channels: [web, app]}\n"
IN_A_CONDITION = "  - {id: hidden, type: action, event: purchase, points: 5, when: event.channel == 'web'}\n"


@pytest.fixture(scope="module")
def database(postgres: Server, migrated_template: str, worker_id: str) -> Iterator[Database]:
    """Yield one database for all templates."""
    name = f"parity_{worker_id}"
    postgres.create_database(name, template=migrated_template)
    database = Database(postgres.url(name))
    yield database
    database.close()
    postgres.drop_database(name)


def told_in_every_way(
    database: Database, programme_id: str, text: str, at: datetime, folder: Path
) -> dict[str, Earned]:
    """Return what the basket earned, by the name of the way."""
    memory, document = database.memory, document_of(text)
    database.run(apply(memory, programme_id, text))
    bought, shop = basket(text, document), next(iter(document.shops), "")
    by_way = {}
    for way in WAYS:
        earned = database.run(earned_by(memory, programme_id, bought, way, at=at, shop=shop, folder=folder))
        assert not isinstance(earned, Refused), f"{way.name}: {earned}"
        by_way[way.name] = earned
    return by_way


@pytest.mark.parametrize("at", [WEDNESDAY, SATURDAY], ids=["wednesday", "saturday"])
@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.parent.name)
def test_a_template_gives_the_same_in_every_channel_or_says_why_not(
    path: Path, at: datetime, database: Database, tmp_path: Path
) -> None:
    text = path.read_text(encoding="utf-8")

    by_way = told_in_every_way(database, f"{path.parent.name}_{at:%d}", text, at, tmp_path)

    different = differing(by_way)
    assert different.keys() <= excused(document_of(text)), table(different)
    assert not doubted(text)
    assert any(earned.rules for earned in by_way.values())
    if not different:
        assert len({str(earned.lots) for earned in by_way.values()}) == 1
        assert len({str(earned.levels) for earned in by_way.values()}) == 1


def test_a_rule_of_some_channels_is_named_by_the_lint_until_the_programme_says_why(
    database: Database, tmp_path: Path
) -> None:
    text = SHOP + IN_ONE_FIELD
    by_way = told_in_every_way(database, "parity_one_field", text, WEDNESDAY, tmp_path)

    assert differing(by_way) == {
        "online": {"web": "5 of 5", "app": "5 of 5", "till": "nothing", "receipt": "nothing", "file": "nothing"}
    }
    assert excused(document_of(text)) == set()
    assert doubted(text) == {"rules[1].channels"}

    said = text.replace("[web, app]", "[web, app], reason: the shops have stamps")
    assert excused(document_of(said)) == {"online"}
    assert doubted(said) == set()


def test_a_channel_in_a_condition_is_found_by_telling_and_not_excused(database: Database, tmp_path: Path) -> None:
    text = SHOP + IN_A_CONDITION

    different = differing(told_in_every_way(database, "parity_condition", text, WEDNESDAY, tmp_path))

    assert different.keys() == {"hidden"}
    assert excused(document_of(text)) == set()
    assert table(different).splitlines()[1:] == [
        "rule    web     app      till     receipt  file   ",
        "hidden  5 of 5  nothing  nothing  nothing  nothing",
    ]
