"""A ladder that leads nowhere is found before anybody climbs it, at its line and column."""

import pytest

from tests.engine.programmes import GOOD, SPEND, assert_problem
from tests.engine.test_programme_doubts import warnings

LADDER = f"""\
{GOOD}channels: {{web: {{}}}}
events: {{review: {{}}}}
rules:
  - {{{SPEND}}}
tiers:
  - id: status
    measures:
      spend: {{of: spend}}
      points: {{of: earned, wallet: points}}
    period: {{kind: calendar_year}}
    levels:
      - {{id: silver, enter: {{all: {{spend: 100}}}}}}
      - {{id: gold, enter: {{all: {{spend: 200, points: 5}}}}}}
"""


def ladder(*changes: tuple[str, str]) -> str:
    """Return the ladder with pieces of its text changed."""
    text = LADDER
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    return text


@pytest.mark.parametrize(
    ("text", "path", "message", "hint"),
    [
        (
            ladder(("wallet: points", "wallet: «point")),
            "tiers[0].measures.points.wallet",
            "there is no wallet 'point'",
            "Did you mean 'points'?",
        ),
        (
            ladder(("{of: spend}", "{of: purchases, channels: [«wob]}")),
            "tiers[0].measures.spend.channels[0]",
            "there is no channel 'wob'",
            "Did you mean 'web'?",
        ),
        (
            ladder(("{of: spend}", "{of: events, types: [«rewiew]}")),
            "tiers[0].measures.spend.types[0]",
            "no event 'rewiew' is declared",
            "Did you mean 'review'?",
        ),
        (
            ladder(("{of: spend}", "{of: events, types: [«purchase]}")),
            "tiers[0].measures.spend.types[0]",
            "purchases are a measure of their own",
            "Write of: purchases.",
        ),
        (
            ladder(("{spend: 100}", "{spent: «100}")),
            "tiers[0].levels[0].enter.all.spent",
            "there is no measure 'spent'",
            "Did you mean 'spend'?",
        ),
        (
            ladder(("spend: 200, points: 5", "spend: 100"), ("{id: gold, enter: ", "{id: gold, enter: «")),
            "tiers[0].levels[1].enter",
            "everybody who reaches silver reaches gold too, so that nobody stands at silver",
            "Levels go from the lowest to the highest.",
        ),
        (
            ladder(("enter: {all: {spend: 200, points: 5}}", "enter: «{}")),
            "tiers[0].levels[1].enter",
            "it asks for nothing",
            "Only the first may.",
        ),
        (
            ladder(("{spend: 100}}", "{spend: 100}}, keep: «{}")),
            "tiers[0].levels[0].keep",
            "it asks for nothing",
            "To keep a level for ever, write never_down: true.",
        ),
        (
            ladder(("id: gold", "id: «silver")),
            "tiers[0].levels[1].id",
            "the id 'silver' is taken by an earlier level",
            "Every level has an id of its own.",
        ),
        (
            ladder(("{kind: calendar_year}", "{kind: calendar_year, month: 4, day: «31}")),
            "tiers[0].period.day",
            "there is no day 31 in month 4",
            "The last one is 30.",
        ),
        (
            ladder(("{kind: calendar_year}", "«{kind: rolling}")),
            "tiers[0].period",
            "rolling needs months or days",
            "For example months: 12.",
        ),
        (
            ladder(("{spend: 100}}", "{spend: 100}}, benefits: {earn: {star: «2}}")),
            "tiers[0].levels[0].benefits.earn.star",
            "there is no wallet 'star'",
            "There are points.",
        ),
        (
            ladder(("{spend: 100}}", "{spend: 100}}, benefits: {rewards: [«mug]}")),
            "tiers[0].levels[0].benefits.rewards[0]",
            "there is no reward 'mug'",
            "Declare it under rewards.",
        ),
    ],
)
def test_what_could_not_work_is_said(text: str, path: str, message: str, hint: str) -> None:
    assert_problem(text, path, message, hint)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (ladder(("{spend: 100}}", "{spend: 100}}, keep: {all: {spend: 101}}")), "keep-harder-than-enter"),
        (ladder(("{spend: 100}}", "{spend: 100}}, keep: {all: {spend: 9}}, never_down: true")), "keep-without-effect"),
        (ladder(("spend: 200, points: 5", "spend: 99, points: 5")), "level-asks-for-less"),
        (ladder(("spend: 200, points: 5", "spend: 200")), "measure-not-used"),
        (ladder(("{kind: calendar_year}", "{kind: ever}\n    grace_days: 3")), "grace-without-effect"),
        (
            ladder(
                ("enter: {all: {spend: 100}}", "enter: {}"),
                ("{kind: calendar_year}", "{kind: ever}\n    landing: one_level"),
            ),
            "landing-without-effect",
        ),
    ],
)
def test_what_is_more_often_a_slip_is_doubted(text: str, code: str) -> None:
    [warning] = warnings(text)

    assert warning.endswith(f"[{code}]")


def test_a_ladder_that_leads_upwards_is_welcome() -> None:
    assert warnings(LADDER) == []
