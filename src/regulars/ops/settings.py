"""What an installation is told by its environment: every variable, its default and what it is for."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from msgspec import Struct

_KEPT_IN: Final = "secret"


class BadSetting(ValueError):
    """A variable of the environment has a value that it cannot have."""


class Settings(Struct, frozen=True, kw_only=True):
    """Where things are and how they run.

    Without `database_url` Regulars starts a PostgreSQL of its own, whose data lies below `home`. `secret` is
    what personal data is sealed with and found by: who loses it loses the personal data.
    """

    home: Path
    secret: bytes
    database_url: str | None
    host: str
    port: int
    connections: int
    one_bucket: bool


def read(environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings that the environment gives; a secret is made and kept where none is given.

    `REGULARS_HOME` (var), `REGULARS_DATABASE_URL` (none), `REGULARS_SECRET` (kept in the home; required
    beside a database of your own), `REGULARS_HOST` (127.0.0.1), `PORT` (8000), `REGULARS_CONNECTIONS` (8),
    `REGULARS_ONE_BUCKET` (0; 1 for Citus).

    Raises: BadSetting.
    """
    given = os.environ if environment is None else environment
    home = Path(given.get("REGULARS_HOME", "var")).resolve()
    database_url = given.get("REGULARS_DATABASE_URL") or None
    return Settings(
        home=home,
        secret=_secret(given, home, kept=database_url is None),
        database_url=database_url,
        host=given.get("REGULARS_HOST", "127.0.0.1"),
        port=_whole(given, "PORT", 8000, 1, 65535),
        connections=_whole(given, "REGULARS_CONNECTIONS", 8, 1, 500),
        one_bucket=_whole(given, "REGULARS_ONE_BUCKET", 0, 0, 1) == 1,
    )


def _whole(given: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = given.get(name, "")
    if not text:
        return default
    if not text.isdecimal() or not least <= int(text) <= most:
        raise BadSetting(f"{name} is {text!r}; it must be a whole number from {least} to {most}")
    return int(text)


def _secret(given: Mapping[str, str], home: Path, *, kept: bool) -> bytes:
    text = given.get("REGULARS_SECRET", "")
    if text:
        return text.encode()
    if not kept:
        raise BadSetting(
            "REGULARS_SECRET is not set; beside a database of your own give at least 32 random characters, "
            "for example from `openssl rand -hex 32`, and keep them as safe as the database itself"
        )
    path = home / _KEPT_IN
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
    return path.read_bytes().strip()
