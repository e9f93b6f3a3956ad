"""The folder in which the embedded PostgreSQL lives: its data, password, locks, socket and log."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import tempfile
from pathlib import Path

import msgspec

from regulars.ops.postgres_binaries import Binaries, WrongVersionError
from regulars.ops.postgres_process import PostgresError, RunAs

SUPERUSER = "regulars"
_LOG_BYTES_MAX = 8 * 1024 * 1024
# The address of a Unix socket holds 104 bytes on macOS and 108 on Linux, with a zero at the end.
_SOCKET_PATH_BYTES_MAX = 103
_SOCKET_NAME = ".s.PGSQL.5432"


class DataFolderUnusableError(PostgresError):
    """The data folder is not in a state from which PostgreSQL can be started."""


class CreationFailedError(PostgresError):
    """A new, empty PostgreSQL could not be created."""


class Layout(msgspec.Struct, frozen=True):
    """The names of everything in the data folder."""

    home: Path

    @property
    def cluster(self) -> Path:
        """Return PostgreSQL's own folder."""
        return self.home / "cluster"

    @property
    def creating(self) -> Path:
        """Return where a new cluster is made before it gets its name, so that half of one never has it."""
        return self.home / "cluster.creating"

    @property
    def upgrading(self) -> Path:
        """Return where the upgraded copy of a cluster is made."""
        return self.home / "cluster.upgrading"

    @property
    def password(self) -> Path:
        """Return the file with the superuser's password."""
        return self.home / "password"

    @property
    def log(self) -> Path:
        """Return what the server and its tools write."""
        return self.home / "postgres.log"

    @property
    def start_lock(self) -> Path:
        """Return the lock of whoever is starting."""
        return self.home / "start.lock"

    @property
    def users_lock(self) -> Path:
        """Return the lock shared by everybody who uses the server."""
        return self.home / "users.lock"

    @property
    def server_lock(self) -> Path:
        """Return the lock of the server's processes themselves."""
        return self.home / "server.lock"

    @property
    def keeper_lock(self) -> Path:
        """Return the lock of the process that stops the server when nobody is left."""
        return self.home / "keeper.lock"

    def backup(self, major: int) -> Path:
        """Return where an upgrade leaves the data of the older version."""
        return self.home / f"cluster.{major}-before-upgrade"


def prepare_home(layout: Layout, run_as: RunAs) -> None:
    """Make the data folder, private to the user who runs PostgreSQL, and the files that must be there first.

    Raises:
        DataFolderUnusableError: the folder belongs to somebody else, or is open to others and not empty.
    """
    layout.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = layout.home.stat()
    if status.st_uid not in (os.geteuid(), run_as.owner):
        raise DataFolderUnusableError(
            f"{layout.home} belongs to user {status.st_uid}, not to you. Start as that user, or choose another folder."
        )
    if status.st_mode & 0o077:
        if any(layout.home.iterdir()):
            raise DataFolderUnusableError(
                f"Others can look into {layout.home}. Run `chmod 700 {layout.home}`, or choose another."
            )
        layout.home.chmod(0o700)
    run_as.own(layout.home)
    for path in (layout.start_lock, layout.users_lock, layout.server_lock, layout.keeper_lock):
        path.touch(mode=0o600)
        run_as.own(path)


def password_of(layout: Layout) -> str:
    """Return the superuser's password, made at random with the cluster, in a file that only its owner reads.

    Raises:
        DataFolderUnusableError: there is no such file.
    """
    try:
        return layout.password.read_text().strip()
    except FileNotFoundError:
        raise DataFolderUnusableError(
            f"{layout.password} is missing, and without it nobody can open the data in {layout.cluster}. "
            "Restore it from your backup of the folder; where there is no data yet, start the server first."
        ) from None


def create_cluster(layout: Layout, binaries: Binaries, run_as: RunAs, *, folder: Path, lock: int) -> None:
    """Make a new cluster in `folder`: page checksums, passwords for everybody, a fixed order of text.

    Text sorts by code point in every version and on every machine, so that no index depends on the
    operating system's library: the builtin C.UTF-8 where PostgreSQL has it (17), else C.

    Raises:
        CreationFailedError: initdb refused; the message has its last words.
    """
    _make_password(layout, run_as)
    shutil.rmtree(folder, ignore_errors=True)
    builtin = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if binaries.major >= 17 else []
    status = run_as.run(
        [
            binaries.tool("initdb"),
            f"--pgdata={folder}",
            f"--username={SUPERUSER}",
            f"--pwfile={layout.password}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            *builtin,
            "--data-checksums",
            "--no-instructions",
        ],
        log=layout.log,
        lock=lock,
    )
    if status != 0:
        raise CreationFailedError(
            f"PostgreSQL {binaries.version} could not create its data in {folder}:\n{log_tail(layout)}\n"
            f"The whole output is in {layout.log}. If the folder cannot be reached or the disk is full, "
            "choose another data folder."
        )


def settle_cluster(layout: Layout, folder: Path) -> None:
    """Give a finished cluster its final name, durably."""
    folder.rename(layout.cluster)
    sync_folder(layout.home)


def cluster_major(layout: Layout) -> int | None:
    """Return the major version that made the data, or None when there is no data yet.

    Raises:
        DataFolderUnusableError: an upgrade's backup is there, but no data; a new start would hide that.
        WrongVersionError: the data has no version that we know.
    """
    try:
        text = (layout.cluster / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        kept = sorted(layout.home.glob("cluster.*-before-upgrade"))
        if kept:
            raise DataFolderUnusableError(
                f"{layout.cluster} is missing, but {kept[-1]} is there. Rename that to `cluster` to go on."
            ) from None
        return None
    if not re.fullmatch(r"\d+", text):
        raise WrongVersionError(f"{layout.cluster} was made by PostgreSQL {text}, which Regulars cannot read.")
    return int(text)


def socket_folder(layout: Layout, run_as: RunAs) -> Path:
    """Return a private folder for the server's socket: in the data folder if its path is short enough.

    Raises:
        DataFolderUnusableError: the folder in the temporary directory belongs to somebody else.
    """
    folder = layout.home / "socket"
    if len(os.fsencode(folder / _SOCKET_NAME)) + len(".lock") > _SOCKET_PATH_BYTES_MAX:
        name = hashlib.sha256(os.fsencode(layout.home)).hexdigest()[:16]
        folder = Path(tempfile.gettempdir()) / f"regulars-{name}"
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.lstat()
    ours = status.st_uid in (os.geteuid(), run_as.owner) and folder.is_dir() and not folder.is_symlink()
    if not ours or status.st_mode & 0o077:
        raise DataFolderUnusableError(f"{folder} is not private to you. Remove it, or choose a shorter data folder.")
    run_as.own(folder)
    return folder


def turn_log(layout: Layout) -> None:
    """Begin a new log when the last has grown large, and keep that one."""
    if layout.log.exists() and layout.log.stat().st_size > _LOG_BYTES_MAX:
        layout.log.rename(layout.log.with_suffix(".log.1"))


def log_tail(layout: Layout, lines: int = 12) -> str:
    """Return the last lines of the log."""
    return "\n".join(layout.log.read_text(errors="replace").splitlines()[-lines:])


def sync_folder(folder: Path) -> None:
    """Make renames in a folder survive a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _make_password(layout: Layout, run_as: RunAs) -> None:
    if layout.password.exists():
        return
    partial = layout.home / "password.creating"
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(32))
        file.flush()
        os.fsync(file.fileno())
    run_as.own(partial)
    partial.rename(layout.password)
