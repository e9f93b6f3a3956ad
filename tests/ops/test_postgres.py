"""The embedded PostgreSQL …"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from regulars.ops.postgres import QueryFailedError, Server, database, embedded
from regulars.ops.postgres_cluster import DataFolderUnusableError
from regulars.ops.postgres_start import StartFailedError


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Start a server with the product's own settings, for the tests that only look at it."""
    with embedded(tmp_path_factory.mktemp("running") / "data") as server:
        yield server


def test_keeps_its_data_from_one_start_to_the_next(data_dir: Path) -> None:
    server = embedded(data_dir)
    server.start()
    server.create_database("shop")
    stopped = server.stop()

    again = embedded(data_dir)
    again.start()
    databases = again.query("SELECT datname FROM pg_database WHERE datname = 'shop'")
    again.stop()

    assert stopped
    assert databases == ["shop"]
    assert not again.running()
    assert again.pid is None


def test_is_private_to_its_owner(running: Server) -> None:
    modes = {
        name: (running.data_dir / name).stat().st_mode & 0o777
        for name in ("", "cluster", "socket", "password", "server.lock")
    }

    assert modes == {"": 0o700, "cluster": 0o700, "socket": 0o700, "password": 0o600, "server.lock": 0o600}
    assert running.query("SHOW listen_addresses") == [""]


@pytest.mark.parametrize("password", ["wrong", ""])
async def test_asks_for_the_password(running: Server, password: str) -> None:
    host = str(running.data_dir / "socket")

    with pytest.raises((asyncpg.InvalidPasswordError, asyncpg.InternalClientError)):
        await asyncpg.connect(host=host, user="regulars", password=password, database="postgres")


async def test_answers_at_the_url_that_it_gives(running: Server) -> None:
    running.create_database("odd name/100%", exist_ok=True)
    running.create_database("odd name/100%", exist_ok=True)

    connection = await asyncpg.connect(running.url("odd name/100%"))
    try:
        name = await connection.fetchval("SELECT current_database()")
    finally:
        await connection.close()
    running.drop_database("odd name/100%")

    assert name == "odd name/100%"
    with pytest.raises(QueryFailedError, match="does not exist"):
        running.create_database("copy", template="odd name/100%")


def test_is_set_for_a_ledger(running: Server) -> None:
    names = "fsync full_page_writes synchronous_commit data_checksums jit TimeZone server_encoding"

    found = dict(
        line.split("|")
        for line in running.query(
            "SELECT name, setting FROM pg_settings WHERE name = ANY(string_to_array(:'names', ' '))",
            names=names,
        )
    )

    assert found == {
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        "data_checksums": "on",
        "jit": "off",
        "TimeZone": "UTC",
        "server_encoding": "UTF8",
    }


def test_sorts_text_by_code_point_whatever_the_machine(running: Server) -> None:
    assert running.query("SELECT string_agg(t, '' ORDER BY t) FROM unnest(ARRAY['é','a','Z','z']) t") == ["Zazé"]


def test_keeps_statements_and_values_out_of_its_log(running: Server) -> None:
    secret = "somebody@example.com"

    with pytest.raises(QueryFailedError, match="duplicate key"):
        running.query("BEGIN; CREATE TEMP TABLE t (v text UNIQUE); INSERT INTO t VALUES (:'v'), (:'v')", v=secret)

    log = (running.data_dir / "postgres.log").read_text()
    assert "duplicate key" in log
    assert secret not in log


def test_starts_where_the_path_is_too_long_for_a_socket(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60)

    with embedded(deep) as server:
        answer = server.query("SELECT 1")

    assert answer == ["1"]


def test_tells_what_it_waits_for(tmp_path: Path) -> None:
    told: list[str] = []

    with embedded(tmp_path / "data", on_progress=told.append) as server:
        version = server.version

    assert told == [f"creating a database with PostgreSQL {version}", "starting PostgreSQL"]


def test_begins_again_when_its_creation_was_interrupted(tmp_path: Path) -> None:
    half = tmp_path / "data" / "cluster.creating"
    half.mkdir(parents=True)
    (tmp_path / "data").chmod(0o700)
    (half / "PG_VERSION").write_text("18\n")

    with embedded(tmp_path / "data") as server:
        answer = server.query("SELECT 1")

    assert answer == ["1"]
    assert not half.exists()


def test_says_why_it_did_not_start_and_leaves_nothing_behind(data_dir: Path) -> None:
    server = embedded(data_dir, settings={"shared_buffers": "plenty"})

    with pytest.raises(StartFailedError, match='invalid value for parameter "shared_buffers": "plenty"'):
        server.start()

    with embedded(data_dir) as mended:
        assert mended.query("SELECT 1") == ["1"]


def test_refuses_a_folder_into_which_others_can_look(tmp_path: Path) -> None:
    (tmp_path / "mine").touch()
    tmp_path.chmod(0o755)

    with pytest.raises(DataFolderUnusableError, match="chmod 700"):
        embedded(tmp_path).start()


def test_says_when_the_password_is_gone(data_dir: Path) -> None:
    with embedded(data_dir):
        pass
    (data_dir / "password").unlink()

    with pytest.raises(DataFolderUnusableError, match="Restore it from your backup"):
        embedded(data_dir).start()


def test_is_not_started_when_a_server_is_named(tmp_path: Path) -> None:
    named = {"REGULARS_DATABASE_URL": "postgresql://db.example.com/shop"}

    with database(tmp_path / "data", environment=named) as url:
        assert url == "postgresql://db.example.com/shop"

    assert not (tmp_path / "data").exists()


async def test_brings_its_database_when_no_server_is_named(data_dir: Path) -> None:
    with database(data_dir, "shop", environment={}) as url:
        connection = await asyncpg.connect(url)
        name = await connection.fetchval("SELECT current_database()")
        await connection.close()

    assert name == "shop"
