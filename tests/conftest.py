"""The PostgreSQL of the tests: one embedded server a run, and a database for every test that asks."""

from __future__ import annotations

import asyncio
import os
import shutil
import uuid
from collections.abc import Iterator

import pytest
import structlog

from regulars.ops.postgres import Server, embedded

# As durable as in production; only smaller, since the databases of tests are tiny and the runs many.
TEST_SETTINGS = {"shared_buffers": "64MB", "max_connections": "100", "max_wal_size": "256MB"}


def pytest_configure() -> None:
    """Let REGULARS_TEST_POSTGRES_BIN choose other programs than the wheel's, for child processes too."""
    if os.environ.get("REGULARS_TEST_POSTGRES_BIN"):
        os.environ["REGULARS_POSTGRES_BIN"] = os.environ["REGULARS_TEST_POSTGRES_BIN"]


@pytest.fixture(autouse=True)
def _log_as_it_was() -> Iterator[None]:
    """Forget where a command sent its log: what stood for standard output is closed when the test is over."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Server]:
    """Start the server of this run.

    The workers of one run join the same server, and the last one out stops it.
    """
    run = tmp_path_factory.getbasetemp()
    home = (run if worker_id == "master" else run.parent) / "postgres"
    server = embedded(home, settings=TEST_SETTINGS)
    server.start()
    yield server
    if server.stop():
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def migrated_template(postgres: Server, worker_id: str) -> str:
    """Return the name of a database that was migrated once and that nobody connects to."""
    from regulars.db.migrate import migrate  # here, so that tests of the server alone do not need it

    name = f"template_{worker_id}"
    postgres.create_database(name)
    asyncio.run(migrate(postgres.url(name)))
    return name


@pytest.fixture
def database_url(postgres: Server, migrated_template: str) -> Iterator[str]:
    """Yield the URL of a fresh, migrated database."""
    yield from _database(postgres, template=migrated_template)


@pytest.fixture
def empty_database_url(postgres: Server) -> Iterator[str]:
    """Yield the URL of a fresh, empty database."""
    yield from _database(postgres, template="template1")


def _database(postgres: Server, *, template: str) -> Iterator[str]:
    name = f"test_{uuid.uuid4().hex}"
    postgres.create_database(name, template=template)
    yield postgres.url(name)
    postgres.drop_database(name)
