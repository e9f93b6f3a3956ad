import re
from pathlib import Path

import pytest

from regulars.connectors.sources import files
from regulars.connectors.sources.files import Options, read_map
from regulars.connectors.sources.files.fields import FIELDS, kind_of, rival_of
from tests.connectors.reading import good

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "import-events.md"


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text(encoding="utf-8")


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page, re.MULTILINE | re.DOTALL)


def test_shows_files_that_can_be_imported(page: str, tmp_path: Path) -> None:
    (lines,) = blocks(page, "json")
    (chosen,) = blocks(page, "yaml")
    by_event, by_line, export = blocks(page, "csv")
    kinds = {"lines.jsonl": lines, "by_event.csv": by_event, "by_line.csv": by_line, "export.csv": export}
    for name, text in kinds.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    options = {"export.csv": Options(map=read_map(chosen))}

    told = {name: good(files.events(tmp_path / name, options.get(name, Options()))) for name in kinds}

    assert {name: [event.type for event in events] for name, events in told.items()} == {
        "lines.jsonl": ["visit"],
        "by_event.csv": ["purchase", "return", "review"],
        "by_line.csv": ["purchase", "purchase"],
        "export.csv": ["purchase"],
    }
    assert [len(event.order.lines) for event in told["by_line.csv"] if event.order] == [2, 1]


def test_names_every_field_and_no_other(page: str) -> None:
    table = page.partition("## The fields")[2].partition("\n## ")[0]
    named = {
        name for row in table.splitlines() for name in re.findall(r"`([^`]+)`", row.split("|")[1] if "|" in row else "")
    }
    in_other_units = {rival for name in FIELDS if (rival := rival_of(name))}

    assert named | in_other_units == set(FIELDS)
    assert all(kind_of(name) for name in named)
