"""What may be meant but is more often a slip is said as a warning, where it is certain."""

import pytest

from regulars import programme
from tests.engine.programmes import ACTION, GOOD, SPEND, with_rule


def warnings(text: str) -> list[str]:
    """Return the warnings of a programme that can run."""
    checked = programme.check(text.replace("«", ""))
    assert not isinstance(checked, tuple), [str(problem) for problem in checked]
    return [f"{problem.path}: {problem.message}. {problem.hint}".strip() for problem in checked.warnings]


def place(text: str) -> tuple[int, int]:
    index = text.index("«")
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        (
            with_rule(SPEND).replace("points: {}\n", "points: {}\n  «stamps: {}\n"),
            "wallets.stamps: no rule gives to this wallet. Only adjustments, transfers and merges would fill it.",
        ),
        (
            with_rule(SPEND).replace("points: {}", "points: {debt: {policy: clamp, limit: «100}}"),
            "wallets.points.debt.limit: the limit has no effect: with clamp there is no debt.",
        ),
        (
            with_rule(SPEND).replace(
                "points: {}", "points: {pending: «{days: 28}, expiry: {kind: rolling, months: 1}}"
            ),
            (
                "wallets.points.pending: points wait longer than they live, "
                "so that their life is counted from the end of the wait."
            ),
        ),
        (
            with_rule(SPEND, more="policies: {day_of: «shop}\n"),
            "policies.day_of: no shop has a timezone, so that the programme's day counts everywhere.",
        ),
        (
            with_rule(SPEND, more="policies: {late_events: {window_days: null, beyond: «without_points}}\n"),
            "policies.late_events.beyond: without a window no event is late.",
        ),
        (
            with_rule(SPEND, more="policies: {excluded: «{except_tags: [gift_card]}}\n"),
            "policies.excluded: nothing is excluded: name what is, and except from that.",
        ),
        (
            with_rule(SPEND + ", channels: «[web, app]"),
            "rules[0].channels: these are all the channels there are. Leave them out.",
        ),
        (
            with_rule(SPEND + ", channels: «[app]"),
            (
                "rules[0].channels: the rule counts in app only, and nothing says why. "
                "Members expect a rule to count everywhere. Give it a name that says so, or leave channels out."
            ),
        ),
        (
            with_rule(SPEND + ", when: «'false'"),
            "rules[0].when: the condition is never true, so that the rule never counts. Take the rule out.",
        ),
        (
            with_rule(SPEND + ", when: «'true'"),
            "rules[0].when: the condition is always true. Leave it out.",
        ),
        (
            with_rule("«" + SPEND + ", carry: true", more="policies: {rounding_level: line}\n").replace("{«", "«{"),
            "rules[0]: carry has no effect where points are rounded line by line.",
        ),
        (
            with_rule("«" + SPEND + ", carry: true, rounding: half_up").replace("{«", "«{"),
            "rules[0]: with carry points are rounded down, whatever rounding says.",
        ),
        (
            with_rule("«type: product_bonus, id: b, scope: {}, multiplier: 2", ACTION).replace("{«", "«{"),
            "rules[0]: there is nothing to multiply: no other rule earns points on lines.",
        ),
    ],
)
def test_a_doubt_is_said_where_it_is_written(text: str, warning: str) -> None:
    checked = programme.check(text.replace("«", ""))

    assert warnings(text) == [warning]
    assert not isinstance(checked, tuple)
    assert (checked.warnings[0].line, checked.warnings[0].column) == place(text)


@pytest.mark.parametrize(
    "text",
    [
        with_rule(SPEND),
        with_rule(SPEND + ", channels: [app], name: Our thanks for using the app"),
        with_rule(SPEND + ", carry: true"),
        with_rule(SPEND, "type: product_bonus, id: b, scope: {}, multiplier: 2"),
        with_rule(SPEND, "type: product_bonus, id: b, scope: {}, points_per_unit: 2"),
        with_rule(SPEND, more="policies: {day_of: shop}\n").replace("'1': {}", "'1': {timezone: Europe/Istanbul}"),
        GOOD.replace("points: {}", "points: {debt: {limit: 100}}") + f"rules:\n  - {{{SPEND}}}\n",
    ],
)
def test_what_makes_sense_raises_no_doubt(text: str) -> None:
    assert warnings(text) == []
