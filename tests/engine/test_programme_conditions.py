"""Conditions are checked where they are written, against what the brand declares."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from regulars import programme
from regulars.engine.decide import decide
from regulars.engine.events import Action, Event, Scalar
from regulars.engine.members import MemberState
from regulars.engine.reasons import Refused

HEAD = """\
id: club
timezone: Europe/Paris
currency: EUR
wallets: {points: {}}
events:
  review: {data: {stars: integer, text: text, verified: boolean}}
  quiz: {}
rules:
"""
ALICE = UUID("0197a000-0000-7000-8000-00000000a11c")
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def action(condition: str, event: str = "review") -> str:
    """Return a programme with one rule on an event; the condition is in the last line."""
    return f"{HEAD}  - {{type: action, id: a, points: 1, event: {event}, when: '{condition}'}}\n"


def outcome(text: str) -> list[str]:
    """Return what is wrong with a text: line, column and sentence."""
    checked = programme.check(text)
    if not isinstance(checked, tuple):
        return []
    return [f"{problem.line}:{problem.column}: {problem.message}. {problem.hint}".strip() for problem in checked]


def test_a_slip_is_found_in_the_line_of_a_block_where_it_stands() -> None:
    rule = """\
  - type: spend
    id: base
    points: 1
    per_minor: 100
    when: |
      order.total_minor >= 5000
        && order.chanel == 'web'
        && local.hour < 'nine'
"""

    found = outcome(HEAD + rule)

    assert found == [
        "15:12: there is no field 'order.chanel'. Did you mean 'order.lines'?",
        "16:23: '<' cannot compare int with string.",
    ]


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("event.data.«strs >= 4", "'strs' is not among the data of review. Did you mean 'stars'?"),
        ("has(event.data.«strs)", "'strs' is not among the data of review. Did you mean 'stars'?"),
        ('event.data["«strs"] > 1', "'strs' is not among the data of review. Did you mean 'stars'?"),
        ("event.data.«colour > 1", "'colour' is not among the data of review. Declare it under events.review.data."),
        ('event.data.«stars == "x"', "'stars' is declared as integer, and is compared with a value of kind string."),
        ('"x" == event.data.«stars', "'stars' is declared as integer, and is compared with a value of kind string."),
        ("event.data.«verified == 1", "'verified' is declared as boolean, and is compared with a value of kind int."),
        ("«order.total_minor > 1", "'order.total_minor' is a field of purchase events, not of 'review'."),
    ],
)
def test_declared_data_is_held_to_its_declaration(condition: str, message: str) -> None:
    text = action(condition)
    column = text.splitlines()[-1].index("«") + 1

    found = outcome(text.replace("«", ""))

    assert found == [f"9:{column}: {message}"]


@pytest.mark.parametrize(
    "condition",
    [
        "event.data.stars >= 4",
        'has(event.data.text) && event.data.text.startsWith("good")',
        'event.data["stars"] > 1 && event.data.stars != null',
        "event.data.stars == event.data.text",
        "event.data.verified && member.attributes.vip == true",
    ],
)
def test_declared_data_can_be_asked_for(condition: str) -> None:
    assert outcome(action(condition)) == []


def test_without_declarations_events_may_say_anything() -> None:
    declared = HEAD[HEAD.index("events:") : HEAD.index("rules:")]

    assert outcome(action("event.data.anything == 1").replace(declared, "")) == []


@pytest.mark.parametrize(("stars", "points"), [(5, 1), (3, 0), ("five", 0), (None, 0)])
def test_a_source_may_send_something_else_than_was_declared(stars: Scalar, points: int) -> None:
    running = programme.run(programme.read(action("event.data.stars >= 4")), 1)
    event = Event(
        id=ALICE,
        member_id=ALICE,
        type="review",
        source="site",
        source_id="1",
        occurred_at=NOON,
        recorded_at=NOON,
        body=Action(data={"stars": stars}),
    )

    decision = decide(running, MemberState(member_id=ALICE), event)

    assert not isinstance(decision, Refused)
    assert decision.balances["points"].available == points


def test_a_condition_must_suit_every_event_that_its_rule_looks_at() -> None:
    rule = "  - {type: visit, id: v, nth: 2, points: 1, events: [purchase, quiz], when: order.total_minor > 1}\n"

    found = outcome(HEAD + rule)

    column = rule.index("order") + 1
    assert found == [f"9:{column}: 'order.total_minor' is a field of purchase events, not of 'quiz'."]
