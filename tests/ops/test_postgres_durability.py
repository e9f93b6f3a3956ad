"""The embedded PostgreSQL, when it is killed or set wrongly, …"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import time
from pathlib import Path

import asyncpg
import pytest

from regulars.ops.postgres import Server, database, embedded
from regulars.ops.postgres_settings import DURABLE, DataLossSettingsError

WRITERS = 4
ACKNOWLEDGED_BEFORE_THE_KILL = 200


async def insert_until_it_dies(url: str, writer: int, acknowledged: set[int], enough: asyncio.Event) -> None:
    connection = await asyncpg.connect(url)
    try:
        for number in range(writer, 1_000_000, WRITERS):
            await connection.execute("INSERT INTO journal VALUES ($1)", number)
            acknowledged.add(number)
            if len(acknowledged) >= ACKNOWLEDGED_BEFORE_THE_KILL:
                enough.set()
    except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError):
        return
    finally:
        connection.terminate()


async def kill_in_the_middle(pid: int, enough: asyncio.Event) -> None:
    await enough.wait()
    os.kill(pid, signal.SIGKILL)


async def test_keeps_every_acknowledged_row_when_killed_while_writing(data_dir: Path) -> None:
    server = embedded(data_dir)
    server.start()
    server.query("CREATE TABLE journal (number int PRIMARY KEY)")
    pid = server.pid
    assert pid is not None
    acknowledged: set[int] = set()
    enough = asyncio.Event()

    url = server.url("postgres")
    writers = [insert_until_it_dies(url, writer, acknowledged, enough) for writer in range(WRITERS)]
    await asyncio.gather(*writers, kill_in_the_middle(pid, enough))
    await asyncio.to_thread(server.start)
    kept = {int(row) for row in server.query("SELECT number FROM journal")}
    new_pid = server.pid
    server.stop()

    assert len(acknowledged) >= ACKNOWLEDGED_BEFORE_THE_KILL
    assert acknowledged <= kept
    assert len(kept - acknowledged) <= WRITERS  # at most the one that each writer was waiting for
    assert new_pid not in (None, pid)


def test_recovers_though_another_process_has_the_number_of_the_killed_one(data_dir: Path) -> None:
    told: list[str] = []
    server = embedded(data_dir, on_progress=told.append)
    server.start()
    pid = server.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    pid_file = data_dir / "cluster" / "postmaster.pid"
    # Ourselves: the same user, alive, and no PostgreSQL, as after the restart of a container.
    pid_file.write_text(pid_file.read_text().replace(str(pid), str(os.getpid()), 1))

    server.start()
    answer = server.query("SELECT 1")
    server.stop()

    assert answer == ["1"]
    assert "recovering PostgreSQL after a crash" in told


def test_starts_at_once_after_a_kill(data_dir: Path) -> None:
    server = embedded(data_dir)
    server.start()

    for _ in range(5):
        pid = server.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        server.start()

    keepers = subprocess.run(["pgrep", "-fc", f"keeper.py {data_dir}"], capture_output=True, text=True, check=False)
    assert server.query("SELECT 1") == ["1"]
    assert server.stop()
    assert keepers.stdout == "1\n"


def test_stops_though_it_was_killed(data_dir: Path) -> None:
    server = embedded(data_dir)
    server.start()
    pid = server.pid
    assert pid is not None

    os.kill(pid, signal.SIGKILL)
    begun = time.monotonic()
    stopped = server.stop()

    assert stopped
    assert time.monotonic() - begun < 20


@pytest.mark.parametrize("name", DURABLE)
def test_refuses_a_setting_that_loses_data(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataLossSettingsError, match=f"{name} = off"):
        embedded(tmp_path / "data", settings={name: "off"})


def test_accepts_such_a_setting_from_a_test_that_wants_it(data_dir: Path) -> None:
    off = {"synchronous_commit": "off"}

    with embedded(data_dir, settings=off, allow_data_loss=True) as server:
        found = server.query("SHOW synchronous_commit")

    assert found == ["off"]


def test_refuses_to_join_a_server_that_loses_data(data_dir: Path) -> None:
    with embedded(data_dir, settings={"fsync": "off"}, allow_data_loss=True) as server:
        with pytest.raises(DataLossSettingsError, match="fsync = off"):
            embedded(data_dir).start()

        assert server.running()


def test_refuses_a_role_with_a_lossy_setting_of_its_own(data_dir: Path) -> None:
    with embedded(data_dir) as server:
        server.query("ALTER ROLE regulars SET synchronous_commit = off")

    with pytest.raises(DataLossSettingsError, match="synchronous_commit=off for role regulars"):
        embedded(data_dir).start()


def test_is_started_again_while_somebody_uses_it(data_dir: Path) -> None:
    told: list[str] = []

    with database(data_dir, "shop", environment={}, on_progress=told.append) as url:
        killed = embedded(data_dir).pid
        assert killed is not None
        os.kill(killed, signal.SIGKILL)
        revived = _pid_other_than(killed, embedded(data_dir))
        answer = asyncio.run(_one(url))

    assert revived != killed
    assert answer == 1
    assert "PostgreSQL has died; starting it again" in told
    assert not embedded(data_dir).running()


def _pid_other_than(killed: int, server: Server) -> int:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        pid = server.pid
        if pid not in (None, killed):
            return pid
        time.sleep(0.1)
    raise AssertionError("nobody started PostgreSQL again")


async def _one(url: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval("SELECT 1")
    finally:
        await connection.close()
