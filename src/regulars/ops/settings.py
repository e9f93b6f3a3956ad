"""What an installation is told by its environment: every variable, its default and what it is for."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

import msgspec
from msgspec import Struct

from regulars.ops import private
from regulars.web.settings import WebSettings

_KEPT_IN: Final = "secret"
LogForm = Literal["json", "text", "auto"]


class BadSetting(ValueError):
    """A variable of the environment has a value that it cannot have."""


class Variable(Struct, frozen=True, kw_only=True):
    """One variable: `default` as people read it, `meaning` as a sentence or two."""

    name: str
    default: str
    meaning: str


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
    programme: str | None
    log_form: LogForm
    web: WebSettings


VARIABLES: Final = (
    Variable(
        name="REGULARS_HOME",
        default="var",
        meaning=(
            "The folder of everything that this installation keeps: the data of the PostgreSQL that Regulars brings "
            "along (`postgres/`), the secret, and notes of what was loaded."
        ),
    ),
    Variable(
        name="REGULARS_DATABASE_URL",
        default="none",
        meaning="The PostgreSQL to use, as `postgresql://…`. Without it Regulars starts one of its own.",
    ),
    Variable(
        name="REGULARS_SECRET",
        default="made and kept in the home",
        meaning=(
            "What personal data is sealed with and found by; at least 32 random characters. Required beside a "
            "database of your own. Keep it as safe as the database: without it the personal data is lost."
        ),
    ),
    Variable(name="REGULARS_HOST", default="127.0.0.1", meaning="The address that the API listens on."),
    Variable(name="PORT", default="8000", meaning="The port that the API listens on; 0 for any that is free."),
    Variable(
        name="REGULARS_CONNECTIONS",
        default="8",
        meaning="How many connections to the database each process may open. The worker opens three of its own.",
    ),
    Variable(
        name="REGULARS_ONE_BUCKET",
        default="0",
        meaning="1 on Citus: every transaction keeps to one bucket.",
    ),
    Variable(
        name="REGULARS_PROGRAMME",
        default="the only one",
        meaning="The programme that commands are about where they do not say (`--programme`).",
    ),
    Variable(
        name="REGULARS_LOG",
        default="auto",
        meaning="`json`: one object a line. `text`: for people. `auto`: text on a terminal, else JSON.",
    ),
    Variable(
        name="REGULARS_REQUESTS_PER_SECOND",
        default="2000",
        meaning="How many calls a second an API key may make, for each process.",
    ),
    Variable(name="REGULARS_BURST", default="4000", meaning="How many calls it may make at once."),
    Variable(
        name="REGULARS_KEY_CACHE_SECONDS",
        default="2",
        meaning="How long a process remembers a key: a revoked one is refused after this at the latest.",
    ),
    Variable(name="REGULARS_BODY_BYTES_MAX", default="1048576", meaning="The largest body of a call, in bytes."),
    Variable(name="REGULARS_BATCH_BYTES_MAX", default="33554432", meaning="The largest body of a batch, in bytes."),
    Variable(
        name="REGULARS_RETRY_AFTER_SECONDS",
        default="2",
        meaning="When clients are told to come again while the database is away.",
    ),
    Variable(
        name="REGULARS_WRONG_CODES_MAX",
        default="20",
        meaning="After how many wrong codes of vouchers within a quarter of an hour a key waits, by process.",
    ),
    Variable(name="REGULARS_SLOW_SECONDS", default="1", meaning="From when on a call is worth a line in the log."),
    Variable(
        name="REGULARS_POSTGRES_BIN",
        default="those of the wheel",
        meaning="The folder with the programs of PostgreSQL, 15 or newer, for the server that Regulars starts.",
    ),
    Variable(
        name="REGULARS_POSTGRES_OLD_BIN",
        default="looked for",
        meaning="The folder with the programs that made the data, where an upgrade does not find them.",
    ),
)


def read(environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings that the environment gives; a secret is made and kept where none is given.

    Raises: BadSetting.
    """
    given = os.environ if environment is None else environment
    home = Path(given.get("REGULARS_HOME") or "var").resolve()
    database_url = given.get("REGULARS_DATABASE_URL") or None
    return Settings(
        home=home,
        secret=_secret(given, home, kept=database_url is None),
        database_url=database_url,
        host=given.get("REGULARS_HOST") or "127.0.0.1",
        port=_whole(given, "PORT", 8000, 0, 65535),
        connections=_whole(given, "REGULARS_CONNECTIONS", 8, 1, 500),
        one_bucket=_whole(given, "REGULARS_ONE_BUCKET", 0, 0, 1) == 1,
        programme=given.get("REGULARS_PROGRAMME") or None,
        log_form=_log_form(given.get("REGULARS_LOG") or "auto"),
        web=_web(given),
    )


def page() -> str:
    """Return the reference page of the settings."""
    rows = [f"| `{one.name}` | {one.default} | {one.meaning} |" for one in VARIABLES]
    return "\n".join((*_PAGE_HEAD, *rows, ""))


_PAGE_HEAD: Final = (
    "# Settings",
    "",
    "<!-- Made from src/regulars/ops/settings.py by tools/reference.py. -->",
    "",
    "Regulars is set up by variables of its environment. None is needed to try it. A value that cannot be is",
    "refused at the start, with what it must be. Options of a command, such as `--port`, come before them.",
    "",
    "| variable | without it | what it is for |",
    "|---|---|---|",
)


def _whole(given: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = given.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdecimal()) or not least <= int(text) <= most:
        raise BadSetting(f"{name} is {text!r}; it must be a whole number from {least} to {most}")
    return int(text)


def _log_form(text: str) -> LogForm:
    match text:
        case "json" | "text" | "auto":
            return text
        case _:
            raise BadSetting(f"REGULARS_LOG is {text!r}; it must be json, text or auto")


def _web(given: Mapping[str, str]) -> WebSettings:
    names = {f"REGULARS_{field.upper()}": field for field in WebSettings.__struct_fields__}
    for name, field in names.items():
        text = given.get(name)
        if text:
            try:
                msgspec.convert({field: text}, WebSettings, strict=False)
            except msgspec.ValidationError as error:
                reason = str(error).partition(" - at ")[0]
                raise BadSetting(f"{name} is {text!r}; {reason[0].lower()}{reason[1:]}") from error
    found = {field: given[name] for name, field in names.items() if given.get(name)}
    return msgspec.convert(found, WebSettings, strict=False)


def _secret(given: Mapping[str, str], home: Path, *, kept: bool) -> bytes:
    text = given.get("REGULARS_SECRET", "")
    if text:
        return text.encode()
    if not kept:
        raise BadSetting(
            "REGULARS_SECRET is not set; beside a database of your own give at least 32 random characters, "
            "for example from `openssl rand -hex 32`, and keep them as safe as the database itself"
        )
    return private.text_of(home / _KEPT_IN, lambda: secrets.token_hex(32)).encode()
