"""What changes in a programme is told by what it is about, and what means the same is no change."""

from pathlib import Path

import pytest
from hypothesis import given, settings

from regulars import programme
from regulars.programme import Document, compare
from regulars.programme.telling import summary, title, told
from tests.counts import count
from tests.engine.documents import documents
from tests.engine.programmes import ACTION, GOOD, SPEND, with_rule

GROCERY = Path(__file__).parents[2] / "examples" / "grocery" / "programme.yaml"
BONUS = "type: product_bonus, id: bonus, scope: {tags: [new]}, multiplier: 2"
THREE = "type: visit, id: {id}, nth: 10, points: 5"


def lines(before: str, after: str) -> list[str]:
    """Return what is told of the changes that lead from one text to another."""
    old, new = programme.read(before), programme.read(after)
    return [
        " | ".join((f"{change.action} {title(change)}", *told(change, new.timezone))) for change in compare(old, new)
    ]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (GOOD, GOOD.replace("EUR", "USD"), ["changed programme club | currency: EUR → USD"]),
        (GOOD, GOOD + "name: Sun Club\n", ["changed programme club | name: none → Sun Club"]),
        (
            GOOD,
            GOOD.replace("points: {}", "points: {expiry: {kind: rolling, months: 12}, spendable: false}"),
            ["changed wallet points | spendable: yes → no | expiry: never → rolling, months 12"],
        ),
        (
            GOOD.replace("{}", "{expiry: {kind: rolling, months: 12}}"),
            GOOD.replace("{}", "{expiry: {kind: rolling, months: 24}}"),
            ["changed wallet points | expiry.months: 12 → 24"],
        ),
        (
            GOOD.replace("{}", "{name: Points}") + "languages: [en, fr]\n",
            GOOD.replace("{}", "{name: {en: Points, fr: Points}}") + "languages: [en, fr]\n",
            ["changed wallet points | name: Points → en: Points, fr: Points"],
        ),
        (
            GOOD + "policies: {excluded: {tags: [gift_card]}}\n",
            GOOD + "policies: {late_events: {window_days: null}, excluded: {tags: [gift_card, fuel]}}\n",
            [
                "changed policy late_events.window_days | 30 → none",
                "changed policy excluded.tags | gift_card → gift_card, fuel",
            ],
        ),
        (
            GOOD + "channels: {web: {}, app: {name: App}}\n",
            GOOD + "channels: {app: {name: App}}\n",
            ["removed channel web"],
        ),
        (
            GOOD,
            GOOD + "shops: {'17': {name: Rue des Lilas}}\nevents: {quiz: {data: {right: boolean}}}\n",
            ["added shop 17 | name: Rue des Lilas", "added event quiz | data: right: boolean"],
        ),
        (
            with_rule(SPEND),
            with_rule(SPEND + ", starts_at: 2027-01-01, ends_at: '2027-02-01T09:30', limits: [{per: day, times: 1}]"),
            [
                (
                    "changed rule base | starts_at: none → 2027-01-01 | ends_at: none → 2027-02-01 09:30:00"
                    " | limits: none → per day, times 1"
                )
            ],
        ),
        (
            with_rule(BONUS),
            with_rule(BONUS.replace("2", "2.5")),
            ["changed rule bonus | multiplier: 2 → 2.5"],
        ),
        (
            with_rule(SPEND),
            with_rule(ACTION),
            ["changed rule base | type: spend → action | event: none → review | per_minor: 100 → none"],
        ),
        (
            with_rule(*(THREE.format(id=id) for id in ("a", "b", "c"))),
            with_rule(*(THREE.format(id=id) for id in ("c", "a", "b"))),
            ["moved rule c | comes first, and came after b"],
        ),
        (
            with_rule(*(THREE.format(id=id) for id in ("a", "b", "c"))),
            with_rule(*(THREE.format(id=id) for id in ("b", "new", "a", "c"))),
            [
                "added rule new | type: visit | nth: 10 | points: 5",
                "moved rule a | comes after new, and came first",
            ],
        ),
    ],
)
def test_a_change_is_told_by_what_it_is_about(before: str, after: str, expected: list[str]) -> None:
    found = lines(before, after)

    assert [line.split(" | ")[0] if line.startswith("removed") else line for line in found] == expected


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (GOOD, "# The club\n" + GOOD.replace("points: {}", "points:\n    spendable: true")),
        (GOOD + "channels: {web: {}, app: {}}\n", GOOD + "channels: {app: {}, web: {}}\n"),
        # A bonus is decided after what is spent, wherever it is written.
        (with_rule(SPEND, BONUS), with_rule(BONUS, SPEND)),
    ],
)
def test_what_means_the_same_is_no_change(before: str, after: str) -> None:
    assert lines(before, after) == []


def test_the_first_version_adds_everything() -> None:
    document = programme.read(GROCERY.read_text(encoding="utf-8"))

    changes = compare(None, document)

    assert {change.noun for change in changes} == {"programme", "channel", "wallet", "policy", "event", "rule"}
    assert sum(change.noun == "rule" for change in changes) == len(document.rules)
    assert summary(changes) == "the first version"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (with_rule(SPEND), with_rule(SPEND), ""),
        (with_rule(SPEND), with_rule(SPEND, BONUS), "rule bonus added"),
        (
            with_rule(*(THREE.format(id=id) for id in "abcd")),
            with_rule(THREE.format(id="a").replace("10", "9")),
            "rule a changed, rules b, c and d removed",
        ),
        (with_rule(SPEND), with_rule(SPEND, *(THREE.format(id=id) for id in "abcd")), "4 rules added"),
        (
            GOOD,
            GOOD + "policies: {rounding: ceiling, thresholds: exclusive}\n",
            "policies rounding and thresholds changed",
        ),
    ],
)
def test_changes_are_summed_up_in_a_line(before: str, after: str, expected: str) -> None:
    assert summary(compare(programme.read(before), programme.read(after))) == expected


@settings(max_examples=count(25, full=1000))
@given(documents(), documents())
def test_only_what_is_different_is_told(before: Document, after: Document) -> None:
    assert compare(before, before) == ()
    if before != after:
        changes = compare(before, after)
        ordered = tuple(sorted(after.rules, key=lambda rule: rule.stage))
        assert changes or ordered == tuple(sorted(before.rules, key=lambda rule: rule.stage))
        assert all(list(told(change, after.timezone)) or change.action in ("added", "removed") for change in changes)
