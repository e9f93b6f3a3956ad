"""Two processes that race each other on one database, with one memory to look at what came of it."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime

import msgspec
import pytest

from regulars.actions import programmes
from regulars.actions.memory import Memory
from regulars.actions.replaying import replay
from regulars.db.sealing import Keyring
from tests.actions.conftest import LONG_AGO, NOON, PROGRAMME
from tests.counts import count
from tests.house.repository import ROOT
from tests.races.racer import SECRET, Assignment, Errand, Outcome
from tests.verified import assert_intact

ROUNDS = 25


class Racers:
    """Two processes, each with a memory of its own, and the database that they fight over."""

    def __init__(self, memory: Memory, url: str, processes: "Sequence[subprocess.Popen[str]]") -> None:
        self.memory = memory
        self._url = url
        self._processes = processes

    async def race(self, *errands: Errand, now: datetime = NOON) -> list[Outcome]:
        """Deal errands out to the processes, let all begin at once, and return every outcome in the order dealt."""
        made = await asyncio.to_thread(self._race, errands, now)
        return [outcome for one in made for outcome in one]

    def _race(self, errands: Sequence[Errand], now: datetime) -> list[list[Outcome]]:
        count = len(self._processes)
        for number, process in enumerate(self._processes):
            own = Assignment(self._url, self.memory.one_bucket, "corner", now, list(errands[number::count]))
            _say(process, msgspec.json.encode(own).decode())
        for process in self._processes:
            assert _hear(process) == "ready\n"
        for process in self._processes:
            _say(process, "go")
        made = [msgspec.json.decode(_hear(process), type=list[list[Outcome]]) for process in self._processes]
        return [made[number % count][number // count] for number in range(len(errands))]


def _say(process: "subprocess.Popen[str]", line: str) -> None:
    assert process.stdin is not None
    process.stdin.write(line + "\n")
    process.stdin.flush()


def _hear(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, f"the racer died with {process.wait()}; see its error above"
    return line


@pytest.fixture(scope="session")
def processes() -> "Iterator[list[subprocess.Popen[str]]]":
    """Yield two racers, which wait between races."""
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.races.racer"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    yield started
    for process in started:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        process.wait(timeout=20)
        process.stdout.close()


@pytest.fixture(params=["together", "apart"])
def apart(request: pytest.FixtureRequest) -> bool:
    """Return whether a transaction writes one bucket, as on Citus."""
    return bool(request.param == "apart")


# A race that is won once proves little: which of two was first is up to the machine.
@pytest.fixture(params=range(1, count(1, full=ROUNDS) + 1), ids="round-{}".format)
async def racers(
    request: pytest.FixtureRequest, apart: bool, database_url: str, processes: "list[subprocess.Popen[str]]"
) -> AsyncIterator[Racers]:
    """Yield the racers on a fresh database, many times over; afterwards no promise is broken, and all is repeated."""
    memory = Memory(database_url, Keyring(SECRET), one_bucket=apart)
    async with memory.pool.transaction() as connection:
        await programmes.apply(memory, connection, PROGRAMME, by="test", starts_at=LONG_AGO, now=LONG_AGO)
    yield Racers(memory, database_url, processes)
    await assert_intact(memory)
    report = await replay(memory)
    assert report.identical, report.differing
    await memory.close()
