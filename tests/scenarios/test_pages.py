from pathlib import Path

import pytest

from regulars.programme.scenarios import run_page
from tests.scenarios.pages import PATHS, page_at, page_name, told

every_page = pytest.mark.parametrize("path", PATHS, ids=page_name)


@every_page
def test_the_engine_does_what_the_page_says(path: Path) -> None:
    page = page_at(path)

    differences = run_page(page)

    assert not differences, told(differences)


@every_page
def test_a_sweeper_makes_no_difference(path: Path) -> None:
    page = page_at(path)

    differences = run_page(page, sweeping=True)

    assert not differences, told(differences)
