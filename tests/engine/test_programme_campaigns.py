"""A programme's campaigns are checked: what is wrong is said where it is, and what leads nowhere is doubted."""

import pytest

from regulars import programme
from regulars.programme import Problem
from tests.engine.programmes import assert_problem

TOP = """\
id: club
timezone: Europe/Paris
currency: EUR
channels: {web: {}, app: {}}
shops: {"1": {region: north}}
wallets: {points: {}, stamps: {worth: {points: 1, amount_minor: 50}}}
lists: {vip: {}}
segments: {rich: {when: member.balance.points > 100}}
tiers:
  - id: ladder
    measures: {spent: {of: spend}}
    period: {kind: ever}
    levels: [{id: silver, enter: {all: {spent: 100}}}]
groups: {best: {mode: best}, all: {}}
rules:
  - {id: base, type: spend, points: 1, per_minor: 100}
  - {id: stamp, type: action, event: review, points: 1, wallet: stamps}
"""
GIFT = "effects: [{id: gift, type: action, event: purchase, points: 5}]"


def with_campaign(*campaigns: str) -> str:
    """Return a programme with campaigns that are each written in one line."""
    lines = "".join(f"  - {{{one}}}\n" for one in campaigns)
    return f"{TOP}campaigns:\n{lines}"


@pytest.mark.parametrize(
    ("campaign", "path", "message", "hint"),
    [
        (
            f"id: one, channels: [«wbe], reason: why, {GIFT}",
            "channels[0]",
            "there is no channel 'wbe'",
            "Did you mean 'web'?",
        ),
        (f'id: one, shops: [«"2"], {GIFT}', "shops[0]", "there is no shop '2'", "There are 1."),
        (f"id: one, regions: [«nord], {GIFT}", "regions[0]", "there is no region 'nord'", "Did you mean 'north'?"),
        (
            f"id: one, partners: [«bakery], {GIFT}",
            "partners[0]",
            "there is no partner 'bakery'",
            "Declare it under partners.",
        ),
        (f"id: one, group: «bst, {GIFT}", "group", "there is no group 'bst'", "Did you mean 'best'?"),
        (
            f"id: one, audience: {{segments: [«ritch]}}, {GIFT}",
            "audience.segments[0]",
            "there is no segment 'ritch'",
            "Did you mean 'rich'?",
        ),
        (
            f"id: one, audience: {{except_lists: [«vips]}}, {GIFT}",
            "audience.except_lists[0]",
            "there is no list 'vips'",
            "Did you mean 'vip'?",
        ),
        (
            f'id: one, audience: {{tiers: [«"ladder:sliver+"]}}, {GIFT}',
            "audience.tiers[0]",
            "there is no level 'sliver' in ladder",
            "Did you mean 'silver'?",
        ),
        (
            f'id: one, audience: {{tiers: [«"lader:silver"]}}, {GIFT}',
            "audience.tiers[0]",
            "there is no set of tiers 'lader'",
            "Did you mean 'ladder'?",
        ),
        (
            f"id: one, audience: {{attributes: {{city: «[]}}}}, {GIFT}",
            "audience.attributes.city",
            "nobody has one of no values",
            "Name the values that count.",
        ),
        (
            f"id: one, audience: {{new_within_days: 10, lapsed_for_days: «20}}, {GIFT}",
            "audience.lapsed_for_days",
            "nobody who joined 10 days ago has not bought for 20",
            "Keep one of the two.",
        ),
        (
            f'id: one, schedule: {{hours: [{{from: "10:00", to: «"10:00"}}]}}, {GIFT}',
            "schedule.hours[0].to",
            "the hours end when they begin, at 10:00",
            "For the whole day leave them out.",
        ),
        (
            f"id: one, schedule: {{recurrence: «{{rule: FREQ=DAILY}}}}, {GIFT}",
            "schedule.recurrence",
            "what comes again needs a start to count from",
            "Give starts_at beside the schedule.",
        ),
        (
            f"id: one, starts_at: 2026-01-01, schedule: {{recurrence: {{rule: «FREQ=HOURLY}}}}, {GIFT}",
            "schedule.recurrence.rule",
            "FREQ must be DAILY, WEEKLY, MONTHLY or YEARLY, and is HOURLY",
            "For example FREQ=MONTHLY;BYDAY=1SA.",
        ),
        (
            f"id: one, schedule: {{birthday: {{within: week, days_after: «3}}}}, {GIFT}",
            "schedule.birthday.days_after",
            "days are counted from the day, and this is within the week",
            "Leave them out, or write within: day.",
        ),
        ("id: one, effects: «[]", "effects", "a campaign without effects gives nothing",
         "Give it a rule, such as one of the type spend."),
        (
            f"id: one, starts_at: 2026-02-01, ends_at: «2026-01-01, {GIFT}",
            "ends_at",
            "the campaign ends before it starts; ends_at is the first instant at which it no longer counts",
            "Let it end later.",
        ),
        (
            (
                "id: one, budget: {points: «10}, effects: [{id: a, type: action, event: review, points: 5}, "
                "{id: b, type: action, event: review, points: 5, wallet: stamps}]"
            ),
            "budget.points",
            "points are counted in one wallet, and the campaign gives in 2",
            "Count money instead (budget: {amount_minor: …}), or make it two campaigns.",
        ),
        (
            f"id: one, budget: {{amount_minor: «10}}, {GIFT}",
            "budget.amount_minor",
            "what the points of 'points' are worth is not said",
            "Say it: wallets: {points: {worth: {points: 100, amount_minor: 100}}}.",
        ),
        (
            "id: one, budget: {amount_minor: «10}, effects: [{id: a, type: set_attribute, attribute: x, value: 1}]",
            "budget.amount_minor",
            "nothing that the campaign gives is paid in points",
            "Count times.",
        ),
        (
            "id: one, effects: [{id: «base, type: action, event: purchase, points: 5}]",
            "effects[0].id",
            "the id 'base' is taken by an earlier rule",
            "Every rule has an id of its own.",
        ),
        (
            "id: one, effects: [{id: a, type: issue_reward, reward: «coffee}]",
            "effects[0].reward",
            "there is no reward 'coffee'",
            "Declare it under rewards.",
        ),
        (
            f"id: one, when: «order.totl_minor > 1, {GIFT}",
            "when",
            "there is no field 'order.totl_minor'",
            "Did you mean 'order.total_minor'?",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_campaign_is_said_where_it_is(campaign: str, path: str, message: str, hint: str) -> None:
    assert_problem(with_campaign(campaign), f"campaigns[0].{path}", message, hint)


def test_every_campaign_has_an_id_of_its_own() -> None:
    other = "effects: [{id: other, type: action, event: review, points: 5}]"

    assert_problem(
        with_campaign(f"id: one, {GIFT}", f"id: «one, {other}"),
        "campaigns[1].id",
        "the id 'one' is taken by an earlier campaign",
        "Every campaign has an id of its own.",
    )


@pytest.mark.parametrize(
    ("when", "message", "hint"),
    [
        ("«order.total_minor > 5", "there is no field 'order.total_minor'", ""),
        ("«event.channel == 'web'", "there is no field 'event.channel'", ""),
        ("size(«member.segments) > 0", "there is no field 'member.segments'", "Did you mean 'member.lists'?"),
    ],
)
def test_a_segment_asks_for_nothing_but_the_member(when: str, message: str, hint: str) -> None:
    text = TOP.replace("rich: {when: member.balance.points > 100}", f'rich: {{when: "{when}"}}')
    outcome = programme.check(text.replace("«", ""))

    assert isinstance(outcome, tuple)
    assert [problem.path for problem in outcome] == ["segments.rich.when"]
    assert outcome[0].message == message
    if hint:
        assert outcome[0].hint == hint


def test_rivals_must_be_comparable() -> None:
    gift = "id: one, group: best, effects: [{id: a, type: action, event: review, points: 5}]"
    stamp = "id: two, group: best, effects: [{id: b, type: action, event: review, points: 5, wallet: stamps}]"
    note = "id: two, group: best, effects: [{id: b, type: set_attribute, attribute: x, value: 1}]"

    assert _said(gift, stamp) == [
        "groups.best.mode: what the points of 'points' are worth is not said, so that they cannot be compared"
    ]
    assert _said(gift, note) == ["groups.best.mode: 'b' gives no points, and cannot be compared"]


def _said(*campaigns: str) -> list[str]:
    outcome = programme.check(with_campaign(*campaigns))
    assert isinstance(outcome, tuple)
    return [f"{problem.path}: {problem.message}" for problem in outcome]


def doubts(text: str) -> dict[str, Problem]:
    """Return the warnings of a programme that can run, by their codes."""
    checked = programme.check(text)
    assert not isinstance(checked, tuple), [str(problem) for problem in checked]
    return {problem.code: problem for problem in checked.warnings}


def rival(id: str, more: str = "", rule: str = "") -> str:
    return f"id: {id}{more}, effects: [{{id: r_{id}, type: action, event: purchase, points: 5{rule}}}]"


@pytest.mark.parametrize(
    ("one", "other", "overlap"),
    [
        (rival("a"), rival("b"), True),
        (rival("a", ", group: all"), rival("b", ", group: all"), False),
        (rival("a", ", group: all"), rival("b"), True),
        (rival("a", ", ends_at: 2026-05-01"), rival("b", ", starts_at: 2026-05-01"), False),
        (rival("a", ", ends_at: 2026-05-02"), rival("b", ", starts_at: 2026-05-01"), True),
        (rival("a", ", channels: [web], reason: r"), rival("b", ", channels: [app], reason: r"), False),
        (rival("a"), rival("b", rule=", wallet: stamps"), False),
        (rival("a"), "id: b, effects: [{id: x, type: action, event: review, points: 5}]", False),
        (
            "id: a, effects: [{id: x, type: per_line, points: 5, scope: {products: [soap]}}]",
            "id: b, effects: [{id: y, type: per_line, points: 5, scope: {products: [bread]}}]",
            False,
        ),
    ],
)
def test_campaigns_that_may_meet_are_doubted_unless_a_group_says_how(one: str, other: str, overlap: bool) -> None:
    found = doubts(with_campaign(one, other))

    assert ("campaigns-overlap" in found) is overlap
    if overlap:
        assert found["campaigns-overlap"].path == "campaigns[1].id"


def test_each_campaign_is_doubted_once_however_many_it_meets() -> None:
    checked = programme.check(with_campaign(*(rival(f"c{number}") for number in range(9))))

    assert not isinstance(checked, tuple)
    assert [one.path for one in checked.warnings if one.code == "campaigns-overlap"] == [
        f"campaigns[{number}].id" for number in range(1, 9)
    ]


@pytest.mark.parametrize(
    ("campaign", "code", "path"),
    [
        (
            rival("a", ", ends_at: 2026-05-01", ", starts_at: 2026-06-01"),
            "effect-out-of-time",
            "campaigns[0].effects[0]",
        ),
        (
            rival("a", ", channels: [web], reason: r", ", channels: [app], reason: r"),
            "effect-out-of-place",
            "campaigns[0].effects[0].channels",
        ),
        (rival("a", ", channels: [web]"), "channels-without-reason", "campaigns[0].channels"),
        (rival("a", ', when: "true"'), "condition-always-true", "campaigns[0].when"),
        (rival("a"), "list-unused", "lists.vip"),
        (rival("a"), "segment-unused", "segments.rich"),
        (rival("a", ", group: best"), "group-of-one", "groups.best"),
        (
            rival("a", ", limits: [{per: day, times: 5}, {per: month, times: 5}]"),
            "limit-without-effect",
            "campaigns[0].limits[0]",
        ),
    ],
)
def test_what_leads_nowhere_is_doubted(campaign: str, code: str, path: str) -> None:
    # The groups of the programme hold nobody: of those that do not matter here the first is doubted.
    text = with_campaign(campaign).replace("groups: {best: {mode: best}, all: {}}", "groups: {best: {mode: best}}")

    assert doubts(text)[code].path == path


def test_what_is_asked_for_somewhere_is_used() -> None:
    asked = rival("a", ", audience: {segments: [rich], lists: [vip]}")

    assert not {"list-unused", "segment-unused"} & doubts(with_campaign(asked)).keys()
