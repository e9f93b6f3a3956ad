"""Tills that never give up: a process of clients that send calls until they are answered, whatever happens.

Run as `python -m tests.chaos.client`, with its instructions on the first line of its input. A second line ends
it: nothing new is begun, and what is in doubt is asked again under its key until it is settled.
"""

import asyncio
import random
import sys
from pathlib import Path
from typing import Any

import httpx2
import msgspec
from msgspec import Struct

from tests.chaos.journal import Asked, Failed, Journal, Told

_FINAL = frozenset({200, 201, 404, 409, 422})


class Instructions(Struct):
    """Where to send what: `name` begins every key, `calls_max` ends it early (0: never)."""

    name: str
    address: str
    secret: str
    journal: str
    members: list[str]
    tills: int = 4
    calls_max: int = 0
    timeout_seconds: float = 5.0


class Till:
    """One client: it thinks of a call, writes it down, and sends it until it is answered."""

    def __init__(self, number: int, told: Instructions, http: httpx2.AsyncClient, journal: Journal) -> None:
        self._name = f"{told.name}-{number}"
        self._chance = random.Random(self._name)
        self._members = told.members
        self._http = http
        self._journal = journal
        self._calls = 0

    async def work(self, stop: asyncio.Event, calls_max: int) -> None:
        """Send calls until told to stop, or until there were enough; the last one is settled first."""
        while not stop.is_set() and (self._calls < calls_max or not calls_max):
            self._calls += 1
            await self._settle(self._invent(f"{self._name}-{self._calls}"))

    def _invent(self, key: str) -> Asked:
        chance, one = self._chance, self._chance.choice(self._members)
        match chance.random():
            case roll if roll < 0.6:
                return Asked(key, "/v1/events", self._purchase(key, one))
            case roll if roll < 0.65:
                several = [self._purchase(f"{key}-{n}", chance.choice(self._members)) for n in range(5)]
                return Asked(key, "/v1/events/batch", {"events": several})
            case roll if roll < 0.7:
                return Asked(key, "/v1/events", {**self._event(key, "review", one), "data": {"stars": 5}})
            case roll if roll < 0.9:
                return Asked(key, f"/v1/members/{one}/spends", {"wallet": "points", "amount": chance.randint(1, 30)})
            case _:
                gift = {"wallet": "points", "amount": chance.randint(1, 9), "to": chance.choice(self._members)}
                return Asked(key, f"/v1/members/{one}/transfers", gift)

    def _purchase(self, key: str, member: str) -> dict[str, Any]:
        line = {"id": "1", "product": "soap", "amount_minor": self._chance.randint(100, 5000)}
        order = {"id": key, "currency": "EUR", "lines": [line]}
        return {**self._event(key, "purchase", member), "order": order}

    def _event(self, key: str, type: str, member: str) -> dict[str, Any]:
        return {"type": type, "source": "chaos", "source_id": key, "member": {"id": member}, "channel": "shop"}

    async def _settle(self, asked: Asked) -> None:
        self._journal.write(asked)
        while True:
            try:
                answer = await self._http.post(asked.path, json=asked.body, headers={"Idempotency-Key": asked.key})
            except httpx2.HTTPError:
                await asyncio.sleep(self._chance.uniform(0.05, 0.3))
                continue
            if answer.status_code in _FINAL:
                replayed = answer.headers.get("idempotent-replayed") == "true"
                self._journal.write(Told(asked.key, answer.status_code, answer.text, replayed))
                return
            if answer.status_code != 503:
                self._journal.write(Failed(asked.key, answer.status_code, answer.text))
            await asyncio.sleep(self._chance.uniform(0.05, 0.3))


async def work(told: Instructions) -> None:
    """Let all tills of this process work."""
    stop = asyncio.Event()
    ends = asyncio.create_task(asyncio.to_thread(sys.stdin.readline))
    ends.add_done_callback(lambda _: stop.set())
    journal = Journal(Path(told.journal))
    async with httpx2.AsyncClient(
        base_url=told.address,
        headers={"Authorization": f"Bearer {told.secret}"},
        timeout=told.timeout_seconds,
        limits=httpx2.Limits(max_connections=told.tills),
    ) as http:
        tills = [Till(number, told, http, journal) for number in range(told.tills)]
        await asyncio.gather(*(till.work(stop, told.calls_max) for till in tills))
    journal.close()
    sys.stdout.write("done\n")
    sys.stdout.flush()


def main() -> None:
    """Work as the first line says."""
    told = msgspec.json.decode(sys.stdin.readline(), type=Instructions)
    asyncio.run(work(told))


if __name__ == "__main__":
    main()
