"""How data of an older PostgreSQL becomes data of the one in use: a copy is made, then takes its place.

The old data is only read, and kept as a backup. Until the copy is complete it bears another name, and the
mark of completeness is the last thing written into it; so whatever interrupts an upgrade, the next start
either begins it again from the old data or finishes the change of names.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from regulars.ops import postgres_cluster as clusters
from regulars.ops.postgres_binaries import Binaries
from regulars.ops.postgres_process import PostgresError, RunAs, capture

_MARK = "upgrade-complete"
_SPARE_BYTES = 256 * 1024 * 1024  # a new, empty cluster and its first log


class UpgradeFailedError(PostgresError):
    """The data could not be upgraded; it is as it was."""


def finish_interrupted(layout: clusters.Layout) -> None:
    """Finish an upgrade that ended between its two changes of names.

    A complete copy beside data that is still in its place is no reason to use the copy: the old version may
    have run since. It is made again.
    """
    if not layout.cluster.exists() and (layout.upgrading / _MARK).exists():
        _take_place(layout)


def upgrade(
    layout: clusters.Layout,
    run_as: RunAs,
    *,
    old: Binaries,
    new: Binaries,
    lock: int,
    tell: Callable[[str], None],
) -> None:
    """Replace the data by a copy of it in the new version's format, and keep it as a backup.

    Raises:
        UpgradeFailedError: with what stands in the way; the old data is untouched.
    """
    backup = layout.backup(old.major)
    _refuse_hopeless(layout, backup, new)
    tell(f"upgrading the data from PostgreSQL {old.major} to {new.major}; this can take minutes")
    _shut_down_cleanly(layout, run_as, old, lock=lock)
    clusters.create_cluster(layout, new, run_as, folder=layout.upgrading, lock=lock)
    _copy(layout, run_as, old=old, new=new, lock=lock)
    (layout.upgrading / _MARK).touch(mode=0o600)
    clusters.sync_folder(layout.upgrading)
    layout.cluster.rename(backup)
    clusters.sync_folder(layout.home)
    _take_place(layout)
    tell(f"upgraded; the data of PostgreSQL {old.major} is kept in {backup}: delete it once you are content")


def _take_place(layout: clusters.Layout) -> None:
    clusters.settle_cluster(layout, layout.upgrading)
    (layout.cluster / _MARK).unlink()


def _refuse_hopeless(layout: clusters.Layout, backup: Path, new: Binaries) -> None:
    if backup.exists():
        raise UpgradeFailedError(
            f"{backup} is there already, from an earlier upgrade. Move it elsewhere or delete it, then start."
        )
    needed = _size_bytes(layout.cluster) + _SPARE_BYTES
    free = shutil.disk_usage(layout.home).free
    if free < needed:
        raise UpgradeFailedError(
            f"The upgrade to PostgreSQL {new.major} copies the data: it needs {needed // 2**20} MiB in "
            f"{layout.home}, and {free // 2**20} MiB are free. Make room, and start again."
        )


def _shut_down_cleanly(layout: clusters.Layout, run_as: RunAs, old: Binaries, *, lock: int) -> None:
    control = capture([*run_as.prefix, old.tool("pg_controldata"), str(layout.cluster)])
    if any(line.split() == ["Database", "cluster", "state:", "shut", "down"] for line in control.stdout.splitlines()):
        return
    # After a crash, the old version itself must replay its log: a session without input does, and ends well.
    command = [old.tool("postgres"), "--single", "-D", str(layout.cluster), "postgres"]
    if run_as.run(command, log=layout.log, lock=lock) != 0:
        raise UpgradeFailedError(
            f"PostgreSQL {old.version} could not recover the data in {layout.cluster} before the upgrade:\n"
            f"{clusters.log_tail(layout)}\nThe whole output is in {layout.log}."
        )


def _copy(layout: clusters.Layout, run_as: RunAs, *, old: Binaries, new: Binaries, lock: int) -> None:
    command = [
        new.tool("pg_upgrade"),
        f"--old-bindir={old.folder}",
        f"--new-bindir={new.folder}",
        f"--old-datadir={layout.cluster}",
        f"--new-datadir={layout.upgrading}",
        f"--username={clusters.SUPERUSER}",
        f"--socketdir={clusters.socket_folder(layout, run_as)}",
    ]
    password = {"PGPASSWORD": clusters.password_of(layout)}
    if run_as.run(command, log=layout.log, lock=lock, environment=password) != 0:
        raise UpgradeFailedError(
            f"pg_upgrade {new.version} could not upgrade the data in {layout.cluster}, which is as it was:\n"
            f"{clusters.log_tail(layout, lines=20)}\n"
            f"The whole output is in {layout.log} and {layout.upgrading}/pg_upgrade_output.d. To go on with "
            f"PostgreSQL {old.major} meanwhile, set REGULARS_POSTGRES_BIN to {old.folder}."
        )


def _size_bytes(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir())
