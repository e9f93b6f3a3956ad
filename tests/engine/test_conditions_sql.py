"""A segment's condition as SQL: nothing of its author's is in the text, and what SQL cannot hold is refused at once."""

import json

import pytest

from regulars.engine.conditions import STANDARD, CheckedCondition, check
from regulars.engine.conditions.sql import sql_of
from regulars.engine.conditions.sql_values import Parameters
from regulars.programme import check as check_programme
from tests.db.crowds import PROGRAMME

COLUMNS = {"member.attributes": "member.attributes", "member.lists": "lists.value", "member.age_days": "age.value"}


def checked(source: str) -> CheckedCondition:
    condition = check(source, STANDARD)
    assert isinstance(condition, CheckedCondition), condition
    return condition


@pytest.mark.parametrize(
    "source",
    [
        "member.attributes.q42x == 'v42y'",
        "has(member.attributes.q42x) && member.attributes['v42y'] != null",
        "'v42y' in member.lists || member.lists.exists(q42x, q42x.startsWith('v42y') && size(q42x) > 4242)",
        "member.lists.map(q42x, q42x + \"'; DROP TABLE member; --\") == ['v42y', '{}', '$1']",
        "member.age_days in [4242, 42420] || percent(member.age_days, 4242) % 42421 > 4242",
    ],
)
def test_nothing_of_the_author_is_in_the_text(source: str) -> None:
    parameters = Parameters()

    text = sql_of(checked(source), COLUMNS, parameters)

    assert "42" not in text.replace("numeric", "")
    assert "DROP" not in text
    assert any("42" in str(value) for value in parameters.values)


def test_a_value_is_one_parameter_however_often_it_is_written() -> None:
    parameters = Parameters()

    sql_of(checked("member.lists == ['a', 'b', 'a'] && !('a' in member.lists)"), COLUMNS, parameters)

    assert parameters.values == ["a", "b"]


def test_the_text_grows_no_faster_than_the_condition() -> None:
    sizes = []
    for depth in (8, 16):
        source = "member.age_days" + " % 7" * depth + " == 1"
        sizes.append(len(sql_of(checked(source), COLUMNS, Parameters())))

    assert sizes[1] < 2.2 * sizes[0]


def test_a_text_that_the_database_cannot_hold_is_a_mistake_with_its_place() -> None:
    when = json.dumps(r"member.attributes.city == 'a\000'")

    problems = check_programme(f"{PROGRAMME}segments:\n  odd:\n    when: {when}\n")

    assert isinstance(problems, tuple)
    assert [(problem.path, problem.line) for problem in problems] == [("segments.odd.when", PROGRAMME.count("\n") + 3)]
    assert "U+0000" in problems[0].message
