"""Every so many visits …"""

from datetime import UTC, datetime

import pytest

from regulars.engine.explain import explain
from regulars.rules.visit import Visit
from tests.engine.making import MONDAY_NOON, Story, bought, days, did, event, running


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _totals(rule: Visit, count: int) -> list[int]:
    story = Story(running(rule))
    return [
        story.tell(bought(100, id=f"A{n}"), MONDAY_NOON + days(n)).balances["points"].available for n in range(count)
    ]


def test_there_are_points() -> None:
    assert _totals(Visit(id="stamp", nth=3, points=10), 7) == [0, 0, 10, 10, 10, 20, 20]
    assert _totals(Visit(id="stamp", nth=1, points=10), 3) == [10, 20, 30]


def test_there_are_points_once_where_it_does_not_repeat() -> None:
    assert _totals(Visit(id="stamp", nth=3, points=10, repeats=False), 7) == [0, 0, 10, 10, 10, 10, 10]


@pytest.mark.parametrize(("once_a_day", "total"), [(True, 0), (False, 10)])
def test_a_second_one_on_the_same_local_day_counts_or_does_not(once_a_day: bool, total: int) -> None:
    story = Story(running(Visit(id="stamp", nth=2, points=10, once_a_day=once_a_day), timezone="Europe/Paris"))
    story.tell(bought(100, id="A1"), _at("2026-05-04T00:00+02:00"))

    assert story.tell(bought(100, id="A2"), _at("2026-05-04T23:59+02:00")).balances["points"].available == total


def test_one_after_midnight_counts() -> None:
    story = Story(running(Visit(id="stamp", nth=2, points=10), timezone="Europe/Paris"))
    story.tell(bought(100, id="A1"), _at("2026-05-04T23:59+02:00"))

    assert story.tell(bought(100, id="A2"), _at("2026-05-05T00:00+02:00")).balances["points"].available == 10


def test_a_visit_is_any_of_the_named_events() -> None:
    story = Story(running(Visit(id="stamp", nth=2, points=10, events=("checked_in", "purchase"), once_a_day=False)))
    story.tell(did())
    story.tell(did(), type="something_else")

    assert story.tell(bought(100)).balances["points"].available == 10


def test_the_others_are_told_how_far_they_got() -> None:
    programme = running(Visit(id="stamp", nth=3, points=10))
    story = Story(programme)

    [first] = explain(programme, story.state, event(bought(100)))
    story.tell(bought(100))
    [same_day] = explain(programme, story.state, event(bought(100, id="A2")))

    assert [(r.code, r.required, r.actual) for r in first.reasons] == [("not-the-nth-visit", 3, 1)]
    assert [r.code for r in same_day.reasons] == ["already-visited-today"]
