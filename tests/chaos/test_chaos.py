"""Whatever is killed, nothing that was acknowledged is lost, nothing happens twice, and whoever asks again is told."""

import random
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from regulars.actions.deliver import deliver
from regulars.actions.replaying import replay
from tests.chaos.house import VICTIMS, House
from tests.chaos.proxy import Losses, losing
from tests.chaos.storm import clients_of, reckon, storm
from tests.counts import count
from tests.verified import assert_intact

KILLS = count(12, full=1000)
CALLS = count(100, full=5000)

pytestmark = pytest.mark.chaos


async def test_kills_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    chance = random.Random()
    victims = [VICTIMS[number % len(VICTIMS)] for number in range(KILLS)]
    chance.shuffle(victims)
    async with House(tmp_path) as house:
        async with clients_of(house, house.address) as clients:
            await storm(house, victims, chance, pause=(0.2, 1.2))
            await clients.stop()
        found = await reckon(house, clients)
        await assert_repeatable(house)

    tell(f"{len(victims)} kills {house.killed}: {found}")
    assert found.clean, str(found)
    assert found.acknowledged > KILLS
    assert "request.broke" not in house.log("api")


async def test_answers_that_get_lost_are_given_again(tmp_path: Path) -> None:
    losses = Losses(lost=0.20, cut=0.05, seed=3)
    async with House(tmp_path) as house:
        async with (
            losing(house.port, losses) as port,
            clients_of(house, f"http://127.0.0.1:{port}", calls_max=CALLS) as clients,
        ):
            await clients.done()
        found = await reckon(house, clients)
        await assert_repeatable(house)

    tell(f"{losses.lost} lost, {losses.cut} cut, {losses.passed} passed: {found}")
    assert found.clean, str(found)
    assert found.acknowledged == 2 * 4 * CALLS
    assert losses.lost > found.acknowledged * 0.1
    assert losses.cut > 0
    assert any(told.replayed for told in clients.testimony().told.values())


async def test_the_same_kills_are_seen_to_lose_what_is_not_flushed(tmp_path: Path) -> None:
    chance = random.Random(5)
    # Nothing is written out before the kill, so that the loss does not depend on the moment.
    forgetful = {
        "synchronous_commit": "off",
        "wal_writer_delay": "10s",
        "wal_writer_flush_after": "1GB",
        "wal_buffers": "64MB",
    }
    async with House(tmp_path, settings=forgetful, allow_data_loss=True) as house:
        async with clients_of(house, house.address) as clients:
            await storm(house, ["postgres", "postgres"], chance, pause=(2.0, 2.5))
        found = await reckon(house, clients, ask_again=False)

    tell(str(found))
    assert len(found.lost) > 5, str(found)


def tell(what: str) -> None:
    """Show figures to whoever runs this with -s; `make chaos` does."""
    sys.stderr.write(f"\n{what}\n")


async def assert_repeatable(house: House) -> None:
    """Once every message has arrived no promise is broken, and the log repeats what is stored."""
    memory = house.memory()
    try:
        while (await deliver(memory, now=datetime.now(UTC) + timedelta(hours=2))).taken:
            pass
        await assert_intact(memory)
        report = await replay(memory)
        assert report.identical, report.differing
    finally:
        await memory.close()
