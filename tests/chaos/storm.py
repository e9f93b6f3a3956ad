"""Load, kills, and the reckoning afterwards: what was lost, doubled, or answered otherwise than before."""

from __future__ import annotations

import asyncio
import json
import random
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import asyncpg
import httpx2
import msgspec
from msgspec import Struct

from tests.chaos import journal
from tests.chaos.client import Instructions
from tests.chaos.house import House, Victim
from tests.chaos.journal import Told
from tests.house.repository import ROOT

_DRAIN_SECONDS: Final = 120
_CALL_SECONDS_MAX: Final = 0.25
_ASKED_AGAIN: Final = 1000

_DOUBLED = """
SELECT source || '/' || source_id || '/' || type
FROM event
WHERE source IN ('chaos', 'api')
GROUP BY source, source_id, type
HAVING count(*) > 1
"""


class Reckoning(Struct):
    """What the journals say against what is stored; each list holds keys or business keys."""

    asked: int
    acknowledged: int
    in_doubt: list[str]
    lost: list[str]
    doubled: list[str]
    otherwise: list[str]
    phantoms: list[str]
    broken: list[str]

    def __str__(self) -> str:
        wrong = {name: getattr(self, name) for name in self.__struct_fields__[2:]}
        counts = ", ".join(f"{len(found)} {name}" for name, found in wrong.items())
        examples = {name: found[:5] for name, found in wrong.items() if found}
        return f"{self.asked} asked, {self.acknowledged} acknowledged, {counts} {examples or ''}"

    @property
    def clean(self) -> bool:
        """Whether nothing at all is wrong."""
        return not any(getattr(self, name) for name in self.__struct_fields__[2:])


class Clients:
    """Processes of tills that work against one address."""

    def __init__(self, house: House, *, processes: int = 2, calls_max: int = 0) -> None:
        self._house = house
        self._journals = [house.folder / f"journal-{number}.jsonl" for number in range(processes)]
        self._calls_max = calls_max
        self._seconds = _DRAIN_SECONDS + calls_max * _CALL_SECONDS_MAX
        self._running: list[asyncio.subprocess.Process] = []

    async def start(self, address: str) -> None:
        """Begin."""
        for number, path in enumerate(self._journals):
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.chaos.client", cwd=ROOT,
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            )  # fmt: skip
            told = Instructions(
                name=f"c{number}", address=address, secret=self._house.secret, journal=str(path),
                members=self._house.members, calls_max=self._calls_max,
            )  # fmt: skip
            _say(process, msgspec.json.encode(told))
            self._running.append(process)

    async def stop(self) -> None:
        """Begin nothing new, and wait until nothing is in doubt any more."""
        for process in self._running:
            _say(process, b"stop")
        await self.done()

    async def done(self) -> None:
        """Wait until everything is settled."""
        for process in self._running:
            async with asyncio.timeout(self._seconds):
                assert process.stdout is not None
                assert await process.stdout.readline() == b"done\n"
                assert process.stdin is not None
                process.stdin.close()  # for which it waits, unless it was told to stop
                await process.wait()

    def give_up(self) -> None:
        """End at once, whatever is in doubt."""
        for process in self._running:
            if process.returncode is None:
                process.kill()

    def testimony(self) -> journal.Testimony:
        """Return what they wrote down."""
        return journal.read([path for path in self._journals if path.exists()])


def _say(process: asyncio.subprocess.Process, line: bytes) -> None:
    assert process.stdin is not None
    process.stdin.write(line + b"\n")


@asynccontextmanager
async def clients_of(house: House, address: str, *, calls_max: int = 0) -> AsyncIterator[Clients]:
    """Yield clients at work, who are gone afterwards."""
    clients = Clients(house, calls_max=calls_max)
    try:
        await clients.start(address)
        yield clients
    finally:
        clients.give_up()


async def storm(house: House, victims: list[Victim], chance: random.Random, *, pause: tuple[float, float]) -> None:
    """Kill one after the other, with some work in between; `pause` is the least and the most of it, in seconds."""
    for number, victim in enumerate(victims, start=1):
        await asyncio.sleep(chance.uniform(*pause))
        await house.kill(victim, chance)
        if number % 50 == 0:
            sys.stderr.write(f"{number} of {len(victims)} kills\n")
    await house.ready()


async def reckon(house: House, clients: Clients, *, ask_again: bool = True) -> Reckoning:
    """Hold every answer that was given against what is stored, and ask again under the same keys."""
    said = clients.testimony()
    connection = await asyncpg.connect(house.url)
    try:
        answers = {row[0].hex: row[1] for row in await connection.fetch("SELECT event_id, answer FROM event")}
        doubled = [row[0] for row in await connection.fetch(_DOUBLED)]
        stored = {row[0] for row in await connection.fetch("SELECT source_id FROM event WHERE source = 'chaos'")}
    finally:
        await connection.close()
    lost = [
        key
        for key, told in said.accepted.items()
        if any(answers.get(id) != text for id, text in _events(told)) or not stored.issuperset(_names(said.asked[key]))
    ]
    promised = {name for key in said.accepted for name in _names(said.asked[key])}
    return Reckoning(
        asked=len(said.asked),
        acknowledged=len(said.told),
        in_doubt=sorted(said.in_doubt),
        lost=lost,
        doubled=doubled,
        otherwise=await _answered_otherwise(house, said) if ask_again else [],
        phantoms=sorted(stored - promised) if not said.in_doubt else [],
        broken=[f"{one.key}: {one.status} {one.text}" for one in said.failed],
    )


def _events(told: Told) -> list[tuple[str, str]]:
    """Return the events that an answer tells of, with their own answers as they must be stored."""
    answer = json.loads(told.text)
    if "event" in answer:
        return [(_id(answer["event"]), told.text)]
    raw = msgspec.json.decode(told.text, type=_Batch)
    return [(_id(msgspec.json.decode(one.answer)["event"]), bytes(one.answer).decode()) for one in raw.results]


class _Result(Struct):
    answer: msgspec.Raw


class _Batch(Struct):
    results: list[_Result]


def _id(text: str) -> str:
    return text.removeprefix("evt_")


def _names(asked: journal.Asked) -> list[str]:
    """Return the source's own names of what a call tells."""
    events = asked.body.get("events", [asked.body])
    return [event["source_id"] for event in events if "source_id" in event]


async def _answered_otherwise(house: House, said: journal.Testimony) -> list[str]:
    """Ask some of what was answered again, and return the keys of what is answered otherwise now."""
    headers = {"Authorization": f"Bearer {house.secret}"}
    keys = random.Random(1).sample(sorted(said.told), min(_ASKED_AGAIN, len(said.told)))
    unlike = []
    async with httpx2.AsyncClient(base_url=house.address, headers=headers, timeout=30) as http:
        for key in keys:
            asked, told = said.asked[key], said.told[key]
            answer = await http.post(asked.path, json=asked.body, headers={"Idempotency-Key": key})
            if (answer.status_code, answer.text) != (told.status, told.text):
                unlike.append(f"{key}: {told.status} {told.text} became {answer.status_code} {answer.text}")
    return unlike
