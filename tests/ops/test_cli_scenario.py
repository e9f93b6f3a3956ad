from __future__ import annotations

from pathlib import Path

import pytest

from tests.ops.shell import regulars

EXAMPLES = Path(__file__).parents[2] / "examples"
PAGE = EXAMPLES / "policies" / "scenarios" / "first-purchase.md"


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """Copy a page of the examples, with the examples that it links to."""
    (tmp_path / "policies" / "scenarios").mkdir(parents=True)
    path = tmp_path / "policies" / "scenarios" / PAGE.name
    path.write_text(PAGE.read_text(encoding="utf-8"), encoding="utf-8")
    return path


def test_a_page_that_is_as_it_says_ends_well(page: Path) -> None:
    ran = regulars("scenario", page)

    assert (ran.status, ran.out) == (0, "")
    assert "1 page: 1 as they say, 0 differ" in ran.err


def test_a_folder_of_pages_is_played_with_the_files_that_they_link_to() -> None:
    ran = regulars("scenario", EXAMPLES / "beauty", "--sweeping")

    assert ran.status == 0, ran.out
    assert "0 unreadable" in ran.err


def test_what_differs_is_a_table(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert "| 50     |" in text
    page.write_text(text.replace("| 50     |", "| 51     |"), encoding="utf-8")

    ran = regulars("scenario", page)

    assert ran.status == 1
    heading, head, _, *rows = ran.out.splitlines()
    assert heading == f"{page}:"
    assert head.split() == ["line", "what", "page", "platform"]
    assert rows
    assert all(row.split()[0].isdecimal() for row in rows)


def test_a_page_that_cannot_be_read_is_told_with_its_place(page: Path) -> None:
    page.write_text(page.read_text(encoding="utf-8").replace("| when", "| whence", 1), encoding="utf-8")

    ran = regulars("scenario", page)

    assert ran.status == 2
    assert ran.out.startswith(f"{page}:")


@pytest.mark.parametrize("name", ["gone.md", "."])
def test_what_is_no_page_is_a_sentence(tmp_path: Path, name: str) -> None:
    ran = regulars("scenario", tmp_path / name)

    assert ran.status == 2
    assert str(tmp_path) in ran.err
