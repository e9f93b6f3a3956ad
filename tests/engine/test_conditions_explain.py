from datetime import UTC, datetime

import pytest

from regulars.engine.conditions import CheckedCondition, Failed, Operand, check, explain_condition
from tests.engine.conditions_grammar import CATALOGUE

FACTS = {
    "event.channel": "web",
    "event.shop": "",
    "event.occurred_at": datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
    "event.data": {"stars": 4, "gift": True},
    "order.total_minor": 4120,
    "order.subtotal_minor": 5000,
    "order.discount_minor": 880,
    "order.tags": ("new", "sale"),
    "order.lines": (),
}


def explained(source: str) -> tuple[Operand, ...]:
    condition = check(source, CATALOGUE)
    assert isinstance(condition, CheckedCondition), condition
    return explain_condition(condition, FACTS)


def texts(source: str) -> list[str]:
    return [operand.text for operand in explained(source)]


def test_a_comparison_tells_what_was_asked_and_what_was_there() -> None:
    total, channel = explained("order.total_minor >= 5000 && event.channel == 'web'")

    assert total == Operand(
        text="order.total_minor >= 5000",
        held=False,
        subject="order.total_minor",
        operator=">=",
        required=5000,
        actual=4120,
    )
    assert (channel.held, channel.required, channel.actual) == (True, "web", "web")


@pytest.mark.parametrize(
    ("source", "subject", "operator", "required", "actual"),
    [
        ("5000 <= order.total_minor", "order.total_minor", ">=", 5000, 4120),
        ("order.total_minor + 880 == 5000", "order.total_minor + 880", "==", 5000, 5000),
        ("order.discount_minor <= percent(order.subtotal_minor, 10)", "order.discount_minor", "<=", 500, 880),
        ("event.channel in ['app', 'pos']", "event.channel", "in", ("app", "pos"), "web"),
        ("'shoes' in order.tags", "order.tags", "contains", "shoes", ("new", "sale")),
        ("size(order.lines) > 0", "size(order.lines)", ">", 0, 0),
        ("(event.channel) . startsWith ('po')", "event.channel", "startsWith", "po", "web"),
        ("!event.data.gift", "event.data.gift", "==", False, True),
        ("event.data.gift && true", "event.data.gift", "==", True, True),
        (
            "event.occurred_at < timestamp('2026-01-01T00:00:00Z')",
            "event.occurred_at",
            "<",
            "2026-01-01T00:00:00+00:00",
            "2026-03-29T01:30:00+00:00",
        ),
        (
            "event.occurred_at - timestamp('2026-03-28T00:00:00Z') < duration('1h')",
            "event.occurred_at - timestamp('2026-03-28T00:00:00Z')",
            "<",
            "1h",
            "25h30m",
        ),
    ],
)
def test_the_subject_is_what_the_event_had(
    source: str, subject: str, operator: str, required: object, actual: object
) -> None:
    operand = explained(source)[0]

    assert (operand.subject, operand.operator) == (subject, operator)
    assert (operand.required, operand.actual) == (required, actual)


def test_a_value_that_is_not_there_fails_its_own_part_only() -> None:
    letter, stars = explained("event.data.letter == 'x' && event.data.stars >= 4")

    assert letter.held == Failed("there is no value named 'letter'")
    assert (letter.required, letter.actual) == ("x", None)
    assert stars.held is True


def test_data_that_is_no_condition_fails_its_part() -> None:
    stars, _ = explained("event.data.stars && true")

    assert isinstance(stars.held, Failed)
    assert (stars.required, stars.actual) == (True, 4)


def test_parts_are_cut_where_the_author_joined_them() -> None:
    lines = (
        "order.total_minor > 1 // && not here",
        " && ((event.channel == 'a && b') && (event.shop == '' || 'x' in order.tags && true))",
        " && order.lines.all(line, line.product != '' && line.amount_minor > 0)",
        " && (order.total_minor > 1 ? event.shop == '' && true : false)",
        " && event.channel != r'\\n' && event.channel != '''&&''' && event.channel != '\\'&&'",
    )

    assert texts("\n".join(lines)) == [
        "order.total_minor > 1",
        "event.channel == 'a && b'",
        "event.shop == '' || 'x' in order.tags && true",
        "order.lines.all(line, line.product != '' && line.amount_minor > 0)",
        "order.total_minor > 1 ? event.shop == '' && true : false",
        "event.channel != r'\\n'",
        "event.channel != '''&&'''",
        "event.channel != '\\'&&'",
    ]


def test_a_condition_without_and_is_one_part() -> None:
    assert texts("(true || false)") == ["true || false"]
    assert texts("!(true && false)") == ["!(true && false)"]


def test_a_part_that_compares_nothing_has_its_outcome_only() -> None:
    (operand,) = explained("order.lines.exists(line, line.product == 'x')")

    assert operand == Operand(text="order.lines.exists(line, line.product == 'x')", held=False)
