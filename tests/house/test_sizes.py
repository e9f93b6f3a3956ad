from pathlib import Path

import pytest

from tools.sizes import Piece, Sizes, largest_knot, measure, past_goals


def test_the_package_is_within_its_goals() -> None:
    assert not past_goals(measure())


@pytest.mark.parametrize(
    ("imports", "knot"),
    [
        ({"web": {"actions"}, "actions": {"engine"}}, 0),
        ({"engine": {"engine"}}, 0),
        ({"web": {"actions"}, "actions": {"web"}}, 2),
        ({"ops": {"web"}, "web": {"actions"}, "actions": {"db"}, "db": {"web"}}, 3),
    ],
)
def test_a_knot_is_a_group_that_imports_itself_in_a_circle(imports: dict[str, set[str]], knot: int) -> None:
    assert largest_knot(imports) == knot


def test_relative_and_absolute_imports_both_count(tmp_path: Path) -> None:
    package = tmp_path / "regulars"
    (package / "web").mkdir(parents=True)
    (package / "web" / "page.py").write_text("from regulars.db import members\n", encoding="utf-8")
    (package / "db").mkdir()
    (package / "db" / "members.py").write_text("from .. import web\n", encoding="utf-8")

    sizes = measure(package)

    assert sizes.knot == 2


def test_what_is_too_long_is_named() -> None:
    sizes = Sizes(files=[Piece(401, "a.py")], functions=[Piece(71, "a.py:f")], knot=2)

    sentences = past_goals(sizes)

    assert [sentence.split(" ")[0] for sentence in sentences] == ["file", "function", "a.py", "a.py:f", "2"]
