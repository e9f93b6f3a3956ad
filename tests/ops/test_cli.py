from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from regulars.ops import cli, mistakes
from tests.ops.shell import PROGRAMME, regulars

HEAVY = ("asyncpg", "cryptography", "duckdb", "litestar", "uvicorn", "uvloop", "ruamel")


def test_help_lists_every_command() -> None:
    ran = regulars("--help")

    assert ran.status == 0
    for name in ("demo", "up", "check", "plan", "apply", "history", "rollback", "pull", "keys", "scenario", "import"):
        assert name in ran.out


def test_help_loads_nothing_heavy() -> None:
    code = f"import sys, regulars.ops.cli; print([name for name in {HEAVY!r} if name in sys.modules])"

    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert told.stdout.strip() == "[]"


def test_the_version_is_told() -> None:
    ran = regulars("--version")

    assert ran.out.startswith("regulars 0.")


def test_a_misspelt_command_is_recognised() -> None:
    ran = regulars("chek")

    assert ran.status == mistakes.WRONG_INPUT
    assert "check" in ran.err


def test_a_wrong_setting_is_a_sentence(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGULARS_CONNECTIONS", "many")

    ran = regulars("verify")

    assert ran.status == mistakes.WRONG_INPUT
    assert ran.err == "regulars: REGULARS_CONNECTIONS is 'many'; it must be a whole number from 1 to 500\n"


def test_a_database_that_is_away_is_a_sentence(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGULARS_DATABASE_URL", f"postgresql://nobody@/nothing?host={shop}")

    ran = regulars("verify")

    assert ran.status == mistakes.NOT_READY
    assert "PostgreSQL" in ran.err
    assert "Traceback" not in ran.err


def test_a_short_secret_is_a_sentence(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGULARS_SECRET", "short")

    ran = regulars("verify")

    assert ran.status == mistakes.WRONG_INPUT
    assert "openssl rand" in ran.err


def test_a_database_that_was_not_migrated_says_what_to_do(
    shop: Path, empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGULARS_DATABASE_URL", empty_database_url)

    before, migrated, again, after = (regulars(command) for command in ("verify", "migrate", "migrate", "verify"))

    assert before.status == mistakes.NOT_READY
    assert "regulars migrate" in before.err
    assert migrated.status == again.status == after.status == 0
    assert again.out == "the database is up to date\n"


def test_without_a_programme_the_next_step_is_named(shop: Path) -> None:
    ran = regulars("keys", "create", "till", "--scope", "all")

    assert ran.status == mistakes.NOT_READY
    assert "regulars apply" in ran.err


def test_a_mistake_of_ours_is_not_hidden(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("regulars.programme.check", broken)
    (shop / "programme.yaml").write_text(PROGRAMME, encoding="utf-8")

    with pytest.raises(ZeroDivisionError):
        regulars("check", shop / "programme.yaml")


def test_ctrl_c_says_that_nothing_is_lost(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("regulars.programme.check", interrupted)
    (shop / "programme.yaml").write_text(PROGRAMME, encoding="utf-8")

    ran = regulars("check", shop / "programme.yaml")

    assert ran.status == mistakes.INTERRUPTED
    assert "kept" in ran.err


def test_every_command_has_an_example_that_names_it() -> None:
    root = typer.main.get_command(cli.app)
    found = {name: command.epilog for name, command in _leaves(root, ())}

    assert found
    for name, epilog in found.items():
        assert f"regulars {name}" in (epilog or ""), name


def _leaves(command: Any, path: tuple[str, ...]) -> list[tuple[str, Any]]:
    below = getattr(command, "commands", None)
    if below is None:
        return [(" ".join(path), command)]
    return [leaf for name, child in below.items() for leaf in _leaves(child, (*path, name))]
