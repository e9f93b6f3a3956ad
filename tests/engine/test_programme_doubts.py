"""What may be meant but is more often a slip is said as a warning, where it is certain."""

from collections.abc import Sequence

import pytest
from msgspec import structs

from regulars import programme
from regulars.engine.doubting import Beside, Doubt
from regulars.engine.earning import Rule
from regulars.engine.programme import Wallet
from regulars.engine.running import Conditions
from regulars.programme.doubts import doubts
from tests.engine.programmes import ACTION, GOOD, SPEND, with_rule


def warnings(text: str) -> list[str]:
    """Return the warnings of a programme that can run."""
    checked = programme.check(text.replace("«", ""))
    assert not isinstance(checked, tuple), [str(problem) for problem in checked]
    return [
        f"{problem.path}: {problem.message}. {problem.hint}".strip() + f" [{problem.code}]"
        for problem in checked.warnings
    ]


def place(text: str) -> tuple[int, int]:
    index = text.index("«")
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        (
            with_rule(SPEND).replace("points: {}\n", "points: {}\n  «stamps: {}\n"),
            (
                "wallets.stamps: no rule gives to this wallet. Only adjustments, transfers and "
                "merges would fill it. [wallet-never-filled]"
            ),
        ),
        (
            with_rule(SPEND).replace("points: {}", "points: {debt: {policy: clamp, limit: «100}}"),
            (
                "wallets.points.debt.limit: the limit has no effect: with clamp there is no "
                "debt. [debt-limit-without-effect]"
            ),
        ),
        (
            with_rule(SPEND).replace(
                "points: {}", "points: {pending: «{days: 28}, expiry: {kind: rolling, months: 1}}"
            ),
            (
                "wallets.points.pending: points wait longer than they live, "
                "so that their life is counted from the end of the wait. [wait-longer-than-life]"
            ),
        ),
        (
            with_rule(SPEND, more="policies: {day_of: «shop}\n"),
            (
                "policies.day_of: no shop has a timezone, so that the programme's day counts "
                "everywhere. [day-of-shop-without-zones]"
            ),
        ),
        (
            with_rule(SPEND, more="policies: {late_events: {window_days: null, beyond: «without_points}}\n"),
            "policies.late_events.beyond: without a window no event is late. [late-without-window]",
        ),
        (
            with_rule(SPEND, more="policies: {excluded: «{except_tags: [gift_card]}}\n"),
            "policies.excluded: nothing is excluded: name what is, and except from that. [exception-without-exclusion]",
        ),
        (
            with_rule(SPEND + ", channels: «[web, app]"),
            "rules[0].channels: these are all the channels there are. Leave them out. [all-channels-named]",
        ),
        (
            with_rule(SPEND + ", channels: «[app]"),
            (
                "rules[0].channels: it counts in app only, and nothing says why. Members expect the same everywhere. "
                "Say why not in reason, or leave channels out. [channels-without-reason]"
            ),
        ),
        (
            with_rule(SPEND + ", when: «'false'"),
            (
                "rules[0].when: the condition is never true, so that the rule never counts. Take "
                "the rule out. [condition-never-true]"
            ),
        ),
        (
            with_rule(SPEND + ", when: «'true'"),
            "rules[0].when: the condition is always true. Leave it out. [condition-always-true]",
        ),
        (
            with_rule(SPEND + ", carry: «true", more="policies: {rounding_level: line}\n"),
            ("rules[0].carry: carry has no effect where points are rounded line by line. [carry-without-effect]"),
        ),
        (
            with_rule(SPEND + ", carry: true, rounding: «half_up"),
            "rules[0].rounding: with carry points are rounded down, whatever rounding says. [rounding-without-effect]",
        ),
        (
            with_rule("type: product_bonus, id: b, scope: {}, multiplier: «2", ACTION),
            (
                "rules[0].multiplier: there is nothing to multiply: no other rule earns points "
                "on lines. [nothing-to-multiply]"
            ),
        ),
        (
            with_rule(SPEND + ", limits: [«{per: day, times: 3}, {per: month, times: 3}]"),
            (
                "rules[0].limits[0]: the limit has no effect: that of the month is reached before it. "
                "Leave it out. [limit-without-effect]"
            ),
        ),
        (
            with_rule(SPEND + ", limits: [{per: ever, points: 10}, «{per: week, points: 20}]"),
            (
                "rules[0].limits[1]: the limit has no effect: that for ever is reached before it. "
                "Leave it out. [limit-without-effect]"
            ),
        ),
        (
            with_rule(SPEND + ", when: event.channel == «'ap'"),
            "rules[0].when: no channel 'ap' is declared. Did you mean 'app'? [unknown-channel]",
        ),
        (
            with_rule(SPEND + ", when: \"event.shop in ['1', «'2']\""),
            "rules[0].when: no shop '2' is declared. Declare it under shops. [unknown-shop]",
        ),
        (
            with_rule(SPEND + ", name: «Base", more="languages: [en, fr, tr]\n"),
            ("rules[0].name: the text is not there in fr and tr. Members would read it in en. [translation-missing]"),
        ),
        (
            with_rule(SPEND, more="languages: [en, fr]\n").replace("web: {}", "web: {name: «{en: Web shop}}"),
            "channels.web.name: the text is not there in fr. Members would read it in en. [translation-missing]",
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
        with_rule(SPEND + ", channels: [app], reason: We thank those who order ahead"),
        with_rule(SPEND + ", name: {en: Base, fr: Base}", more="languages: [en, fr]\n"),
        with_rule(SPEND + ", name: Base", more="languages: [en]\n"),
        with_rule(SPEND, more="languages: [en, fr]\n").replace("'1': {}", "'1': {name: Rue des Lilas}"),
        with_rule(SPEND + ", limits: [{per: day, times: 3}, {per: month, times: 4}, {per: month, points: 1}]"),
        with_rule(SPEND + ", limits: [{per: week, times: 3}, {per: month, times: 3}]"),
        with_rule(SPEND + ", when: \"event.shop == '' || event.channel in ['web', 'app']\""),
        with_rule(SPEND + ", carry: true"),
        with_rule(SPEND, "type: product_bonus, id: b, scope: {}, multiplier: 2"),
        with_rule(SPEND, "type: product_bonus, id: b, scope: {}, points_per_unit: 2"),
        with_rule(SPEND, more="policies: {day_of: shop}\n").replace("'1': {}", "'1': {timezone: Europe/Istanbul}"),
        GOOD.replace("points: {}", "points: {debt: {limit: 100}}") + f"rules:\n  - {{{SPEND}}}\n",
    ],
)
def test_what_makes_sense_raises_no_doubt(text: str) -> None:
    assert warnings(text) == []


def test_every_part_of_a_programme_may_doubt() -> None:
    class Careful(Wallet, frozen=True, kw_only=True):
        def doubts(self, beside: Beside) -> Sequence[Doubt]:
            rules = [rule.id for rule in beside.of(Rule) if rule.wallet == beside.name_of(self)]
            wallets = len(beside.named(Wallet))
            return (Doubt(code="seen", message=f"{wallets} wallets, {rules}", path=("pending", "days")),)

    document = programme.read(with_rule(SPEND))
    careful = structs.replace(document, wallets={"coins": Wallet(), "points": Careful()})

    found = [finding for finding in doubts(careful, Conditions()) if finding.code == "seen"]

    assert [finding.path for finding in found] == [("wallets", "points", "pending", "days")]
    assert found[0].message == "2 wallets, ['base']"
