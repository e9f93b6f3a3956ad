"""A data folder of PostgreSQL for every test that asks, copied, since creating one takes longer than a test."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from regulars.actions.memory import Memory
from regulars.db.sealing import Keyring
from regulars.ops.postgres import embedded
from tests.verified import assert_intact


@pytest.fixture(scope="session")
def made_data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Create a data folder and stop its server."""
    home = tmp_path_factory.mktemp("made") / "data"
    with embedded(home):
        return home


@pytest.fixture
def data_dir(made_data_dir: Path, tmp_path: Path) -> Iterator[Path]:
    """Yield a copy of that folder, which no server runs on, and delete it: it is large."""
    copy = shutil.copytree(made_data_dir, tmp_path / "data")
    yield copy
    shutil.rmtree(copy, ignore_errors=True)


SECRET = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def shop(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Make commands use a fresh, migrated database, and yield a folder to work in; nothing is broken after."""
    monkeypatch.setenv("REGULARS_DATABASE_URL", database_url)
    monkeypatch.setenv("REGULARS_SECRET", SECRET)
    monkeypatch.setenv("REGULARS_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("PORT", raising=False)
    yield tmp_path
    asyncio.run(assert_intact(Memory(database_url, Keyring(SECRET.encode()))))
