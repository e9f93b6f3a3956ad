"""A whole installation in processes that can be killed: PostgreSQL, the API, the worker."""

from __future__ import annotations

import asyncio
import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal, Self

import httpx2
import psutil

from regulars.actions import keys, programmes
from regulars.actions.ingest import ingest
from regulars.actions.memory import Memory
from regulars.actions.telling import Told
from regulars.connectors.incoming import MemberReference
from regulars.db.migrate import migrate
from regulars.db.sealing import Keyring
from regulars.engine.events import Adjust
from regulars.engine.ids import external
from regulars.ops.postgres import embedded
from regulars.web.scopes import SCOPES
from tests.actions.conftest import PROGRAMME
from tests.actions.tellings import accepted
from tests.house.repository import ROOT

Victim = Literal["postgres", "backend", "api", "worker"]
VICTIMS: Final[tuple[Victim, ...]] = ("postgres", "backend", "api", "worker")
SECRET: Final = "0123456789abcdef0123456789abcdef"
_READY_SECONDS: Final = 60


class House:
    """Start it, kill parts of it, and they come back."""

    def __init__(
        self, folder: Path, *, settings: Mapping[str, str] | None = None, allow_data_loss: bool = False
    ) -> None:
        self.folder = folder
        self.postgres = embedded(folder / "postgres", settings=settings, allow_data_loss=allow_data_loss)
        self.port = _free_port()
        self.secret = ""
        self.members: list[str] = []
        self.killed: dict[Victim, int] = dict.fromkeys(VICTIMS, 0)
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self.postgres.start)
        self.postgres.create_database("house")
        await migrate(self.url)
        await self._furnish()
        self.postgres.query("CHECKPOINT")  # what was there before the storm is not at stake
        self._start("api")
        self._start("worker")
        await self.ready()
        return self

    async def __aexit__(self, *_error: object) -> None:
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            await asyncio.to_thread(process.wait, 30)
        await asyncio.to_thread(self.postgres.stop)

    @property
    def url(self) -> str:
        """The owner's address of the database."""
        return self.postgres.url("house")

    @property
    def address(self) -> str:
        """Where the API is."""
        return f"http://127.0.0.1:{self.port}"

    def memory(self) -> Memory:
        """Return a memory of the database, for somebody who closes it."""
        return Memory(self.url, Keyring(SECRET.encode()))

    def log(self, name: str) -> str:
        """Return what a process has written."""
        return (self.folder / f"{name}.log").read_text()

    async def ready(self) -> None:
        """Wait until the API serves calls again."""
        async with httpx2.AsyncClient(base_url=self.address) as http:
            deadline = time.monotonic() + _READY_SECONDS
            while time.monotonic() < deadline:
                try:
                    if (await http.get("/health/ready")).status_code == 200:
                        return
                except httpx2.HTTPError:
                    pass
                await asyncio.sleep(0.05)
        raise TimeoutError(f"the API was not ready after {_READY_SECONDS} s:\n{self.log('api')[-3000:]}")

    async def kill(self, victim: Victim, chance: random.Random) -> None:
        """Kill -9 a part, and bring it back as its supervisor would."""
        self.killed[victim] += 1
        match victim:
            case "postgres":
                await asyncio.to_thread(self._kill_postgres)
            case "backend":
                await asyncio.to_thread(self._kill_backend, chance)
            case "api" | "worker":
                self._processes[victim].kill()
                await asyncio.to_thread(self._processes[victim].wait)
                self._start(victim)

    def _kill_postgres(self) -> None:
        main = psutil.Process(self._postmaster())
        family = [main, *main.children(recursive=True)]
        for process in family:
            _kill(process)
        self.postgres.start()

    def _kill_backend(self, chance: random.Random) -> None:
        children = psutil.Process(self._postmaster()).children()
        serving = [process for process in children if _does(process, "[local]")]
        if serving:
            _kill(chance.choice(serving))
        time.sleep(0.1)
        self.postgres.start()  # which waits until it has come through the crash by itself

    def _postmaster(self) -> int:
        self.postgres.start()
        pid = self.postgres.pid
        assert pid is not None, "it was started a moment ago"
        return pid

    def _start(self, name: str) -> None:
        command = ["serve", "--port", str(self.port)] if name == "api" else ["work"]
        environment = {
            **os.environ,
            "REGULARS_DATABASE_URL": self.url,
            "REGULARS_SECRET": SECRET,
            "REGULARS_HOME": str(self.folder / "home"),
            "REGULARS_LOG": "json",
        }
        with (self.folder / f"{name}.log").open("ab") as log:
            self._processes[name] = subprocess.Popen(
                [sys.executable, "-m", "regulars", *command], cwd=ROOT, env=environment, stdout=log, stderr=log
            )

    async def _furnish(self) -> None:
        """Apply a programme, make a key, and let some members have points."""
        now = datetime.now(UTC)
        memory = self.memory()
        async with memory.pool.transaction() as connection:
            begin = now - timedelta(days=1)
            await programmes.apply(memory, connection, PROGRAMME, by="test", starts_at=begin, now=begin)
            made = await keys.create(connection, "corner", name="chaos", scopes=SCOPES, by="test", now=now)
        self.secret = made.secret
        told = [_welcome(number) for number in range(20)]
        outcomes = await ingest(memory, "corner", [one(kind) for one in told for kind in ("", "gift")], now=now)
        self.members = [external("mem", accepted(outcome).member_id) for outcome in outcomes[::2]]
        await memory.close()


def _welcome(number: int) -> Callable[[str], Told]:
    member = MemberReference(email=f"m{number}@example.com")

    def told(kind: str) -> Told:
        from regulars.engine.events import Enrol

        body = Adjust(wallet="points", amount=500, reason="welcome") if kind else Enrol()
        type = "points.adjusted" if kind else "member.enrolled"
        return Told(type=type, source="test", source_id=f"{kind}{number}", body=body, member=member)

    return told


def _does(process: psutil.Process, words: str) -> bool:
    try:
        return words in " ".join(process.cmdline())
    except psutil.Error:
        return False


def _kill(process: psutil.Process) -> None:
    try:
        process.kill()
    except psutil.NoSuchProcess:
        return


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
