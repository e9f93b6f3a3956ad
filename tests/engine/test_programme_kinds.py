"""A kind of rule is one class in one file, and everything else follows from it."""

import sys
from collections.abc import Iterator
from importlib import invalidate_caches
from pathlib import Path

import pytest

from regulars import programme
from regulars.programme.kinds import rule_kinds
from regulars.programme.reference import page
from tests.engine.programmes import GOOD

BIRTHDAY = '''
from typing import Literal

from regulars.engine.earning import Grant, Rule


class Birthday(Rule, frozen=True, kw_only=True, tag="birthday"):
    """Give fixed `points` on the member's birthday."""

    points: int
    greet: Literal["warmly", "coolly"] = "warmly"

    def event_types(self):
        return frozenset({"birthday"})

    def grant(self, facts, so_far):
        return Grant(self.points)
'''


@pytest.fixture
def plug_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Install a package with a kind of rule of its own for the time of a test."""
    (tmp_path / "birthdays.py").write_text(BIRTHDAY, encoding="utf-8")
    information = tmp_path / "birthdays-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: birthdays\nVersion: 1.0\n", encoding="utf-8")
    (information / "entry_points.txt").write_text("[regulars.rules]\nbirthday = birthdays\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    invalidate_caches()
    rule_kinds.cache_clear()
    yield
    rule_kinds.cache_clear()
    sys.modules.pop("birthdays", None)


@pytest.mark.usefixtures("plug_in")
def test_the_rule_of_a_plug_in_is_read_run_and_written() -> None:
    text = GOOD + "rules:\n  - {type: birthday, id: cake, points: 50, greet: coolly}\n"

    document = programme.read(text)

    (rule,) = document.rules
    assert rule.event_types() == {"birthday"}
    assert programme.run(document, 1).looking_at("birthday") == [rule]
    assert programme.read(programme.dump(document)) == document


@pytest.mark.usefixtures("plug_in")
def test_the_rule_of_a_plug_in_has_its_errors_schema_and_reference_page() -> None:
    outcome = programme.check(GOOD + "rules:\n  - {type: birthday, id: cake, points: 5, greet: cooly}\n")

    assert isinstance(outcome, tuple)
    expected = "programme:7:50: rules[0].greet: must be coolly or warmly, and is 'cooly'. Did you mean 'coolly'?"
    assert [str(problem) for problem in outcome] == [expected]
    assert programme.schema()["$defs"]["Birthday"]["properties"]["greet"]["default"] == "warmly"
    assert "## Rule: birthday\n\nGive fixed `points` on the member's birthday.\n" in page()


def test_without_the_plug_in_its_kind_is_unknown() -> None:
    outcome = programme.check(GOOD + "rules:\n  - {type: birthday, id: cake, points: 50}\n")

    assert isinstance(outcome, tuple)
    assert [problem.path for problem in outcome] == ["rules[0].type"]
