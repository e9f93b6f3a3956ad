"""The demo under other templates: every programme that comes with Regulars takes the purchases …"""

import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from regulars.actions.memory import Memory
from regulars.connectors.sources import completejourney
from regulars.db import programmes
from regulars.db.sealing import Keyring
from regulars.ops import demo, examples
from regulars.ops.mistakes import Mistake
from regulars.programme import read
from tests.ops.shell import applied, regulars
from tests.scenarios.pages import EXAMPLES
from tests.verified import assert_intact

HOUSEHOLDS = 1


async def test_each_takes_all_of_the_purchases_beside_the_others(
    database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    memory = Memory(database_url, Keyring(b"0123456789abcdef0123456789abcdef"))
    baskets = completejourney.count(HOUSEHOLDS)

    opened = [await demo.prepare(memory, tmp_path, HOUSEHOLDS, demo.choose(one)) for one in examples.templates()]

    assert len(opened) >= 15
    assert {one.events for one in opened} == {baskets}
    assert len({one.key for one in opened}) == len(opened)
    assert "refused" not in capsys.readouterr().err
    await assert_intact(memory)
    await memory.close()


async def test_the_programme_is_open_to_the_past_only_while_the_year_is_loaded(
    database_url: str, tmp_path: Path
) -> None:
    memory = Memory(database_url, Keyring(b"0123456789abcdef0123456789abcdef"))

    await demo.prepare(memory, tmp_path, HOUSEHOLDS, demo.choose("burgers"))

    async with memory.pool.connection() as connection:
        present, past = await programmes.history(connection, "burgers")
    await memory.close()
    assert read(past.document).policies.late_events.window_days is None
    assert present.document == examples.template("burgers").text
    assert read(present.document).policies.late_events.window_days == 30


@pytest.mark.parametrize("name", examples.templates())
def test_each_has_the_name_of_its_folder(name: str) -> None:
    assert examples.template(name).document.id == name


def test_the_list_of_examples_names_each() -> None:
    listed = re.findall(r"\]\((\w+)/programme\.yaml\)", (EXAMPLES / "README.md").read_text(encoding="utf-8"))

    assert tuple(listed) == examples.templates()


def test_only_money_with_as_many_digits_can_stand_as_it_is() -> None:
    weekend = examples.template("weekend")
    yen = replace(weekend, document=replace(weekend.document, currency="JPY"))

    assert weekend.takes_money_of("USD")
    assert not yen.takes_money_of("USD")


def test_another_kind_of_money_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    stars = examples.template("stars")
    yen = replace(stars, document=replace(stars.document, currency="JPY"))
    monkeypatch.setattr(demo, "template", lambda name: yen)

    with pytest.raises(Mistake, match="cents, which JPY has not"):
        demo.choose("stars")


def test_a_name_that_is_none_is_answered_with_those_there_are() -> None:
    ran = regulars("demo", "--template", "cars")

    assert ran.status == 2
    assert "there is no template cars" in ran.err
    assert "clawback" in ran.err


def test_somebody_elses_programme_of_the_same_name_is_left_alone(shop: Path) -> None:
    applied(shop, examples.template("stars").text)

    ran = regulars("demo", "--template", "stars", "--port", "0", "--households", "1")

    assert ran.status == 2
    assert "this installation runs stars" in ran.err
