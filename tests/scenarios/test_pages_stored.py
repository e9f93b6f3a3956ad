from collections.abc import Iterator
from pathlib import Path

import pytest

from regulars.ops.postgres import Server
from regulars.programme.scenarios import run_page
from tests.scenarios.pages import PATHS, page_at, page_name, told
from tests.scenarios.stored import Database, Stored

every_page = pytest.mark.parametrize("path", PATHS, ids=page_name)


@pytest.fixture(scope="module")
def database(postgres: Server, migrated_template: str, worker_id: str) -> Iterator[Database]:
    """Yield one database for all pages, each with a programme of its own; nothing in it is broken after them."""
    name = f"scenarios_{worker_id}"
    postgres.create_database(name, template=migrated_template)
    database = Database(postgres.url(name))
    yield database
    try:
        assert database.broken() == ()
    finally:
        database.close()
    postgres.drop_database(name)


@every_page
def test_the_platform_does_what_the_page_says(path: Path, database: Database) -> None:
    stored = Stored(database, page_at(path), f"page_{PATHS.index(path)}")

    differences = run_page(page_at(path), stored)

    assert not differences, told(differences)


@every_page
def test_the_sweeper_makes_no_difference(path: Path, database: Database) -> None:
    stored = Stored(database, page_at(path), f"swept_{PATHS.index(path)}")

    differences = run_page(page_at(path), stored, sweeping=True)

    assert not differences, told(differences)
