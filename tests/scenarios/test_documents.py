import re
from pathlib import Path

import pytest

from regulars.programme.scenarios import read_page, run_page
from regulars.programme.scenarios.events import COLUMNS
from regulars.programme.scenarios.expected import KINDS
from tests.scenarios.pages import EXAMPLES, PATHS, told

DOCS = EXAMPLES.parent / "docs"
HOW_TO = (DOCS / "how-to" / "write-a-scenario.md").read_text(encoding="utf-8")
REFERENCE = (DOCS / "reference" / "scenario-pages.md").read_text(encoding="utf-8")


def test_the_page_of_the_how_to_guide_is_true() -> None:
    (page,) = re.findall(r"^````markdown\n(.*?)^````$", HOW_TO, re.MULTILINE | re.DOTALL)

    differences = run_page(read_page(page, "write-a-scenario.md"))

    assert not differences, told(differences)


def test_the_reference_has_every_column_of_the_events() -> None:
    section = REFERENCE.partition("## Events")[2].partition("### Orders")[0]

    listed = re.findall(r"^\| `(\S+)`\s+\|", section.partition("| event ")[0], re.MULTILINE)

    assert sorted(listed) == sorted(COLUMNS)


def test_the_reference_has_every_table_with_its_columns() -> None:
    rows = dict(re.findall(r"^\| `([A-Z]\w+)`\s+\| (.*?)\s*\|$", REFERENCE, re.MULTILINE))

    assert {name.lower() for name in rows} == {*KINDS, "pools"}
    for name, kind in KINDS.items():
        columns = {column for needed in kind.needed for column in needed.split("|")} | set(kind.optional)
        assert set(re.findall(r"`([\w ]+)`", rows[name.capitalize()])) == columns


@pytest.mark.parametrize("list_of_pages", sorted(EXAMPLES.glob("*/README.md")), ids=lambda path: path.parent.name)
def test_the_pages_of_a_folder_are_all_in_its_list(list_of_pages: Path) -> None:
    listed = re.findall(r"\(scenarios/(\S+)\)", list_of_pages.read_text(encoding="utf-8"))

    assert sorted(listed) == [path.name for path in PATHS if path.parent.parent == list_of_pages.parent]
