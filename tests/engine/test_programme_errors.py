"""What does not fit is said at its line and column, with what to write instead; and everything is said."""

import pytest

from regulars import programme
from tests.engine.programmes import GOOD, SPEND, assert_problem, problems, with_rule, with_wallet

NAME = "a name: small letters, digits and _, a letter first, at most 63 of them"
COUNT = "a whole number from 1 to 1000000000"
KINDS = "action, first_purchase, issue_reward, per_line, product_bonus, set_attribute, spend, steps or visit"


@pytest.mark.parametrize(
    ("text", "path", "message", "hint"),
    [
        (GOOD + "«walets: {}\n", "walets", "there is no field 'walets' here", "Did you mean 'wallets'?"),
        (
            with_wallet("{expiry: {kind: rolling, days: 3, «xyz: 1}}"),
            "wallets.points.expiry.xyz",
            "there is no field 'xyz' here",
            "The fields are kind, months, days or round_to.",
        ),
        (GOOD.replace("id: club\n", "«"), "id", "is missing", f"Give {NAME}."),
        ("«- a\n- b\n", "", "must be a mapping of fields to values, and is a list", ""),
        ("«true\n", "", "must be a mapping of fields to values, and is true", ""),
        (GOOD.replace("club", "«Sun Club"), "id", f"must be {NAME}, and is 'Sun Club'", "For example sun_club."),
        (GOOD.replace("club", "«1st"), "id", f"must be {NAME}, and is '1st'", ""),
        (GOOD + "name: «2026\n", "name", "must be a text, and is 2026", 'Put it in quotes: "2026".'),
        (GOOD + "name: «007\n", "name", "must be a text, and is 7", 'Put it in quotes: "007".'),
        (GOOD + "name: «2026.50\n", "name", "must be a text, and is 2026.50", 'Put it in quotes: "2026.50".'),
        (GOOD + "«name:\n", "name", "must be a text, and is nothing", ""),
        (
            with_wallet("{name: «2026}"),
            "wallets.points.name",
            "must be a text, and is 2026",
            'Put it in quotes: "2026".',
        ),
        (
            with_wallet("{name: {en: Stars, fr: «5}}") + "languages: [en, fr]\n",
            "wallets.points.name.fr",
            "must be a text, and is 5",
            'Put it in quotes: "5".',
        ),
        (
            with_wallet("{name: {«FR: Étoiles}}"),
            "wallets.points.name.FR",
            "the name must be a language such as en or fr-CA",
            "",
        ),
        (
            GOOD + "languages: [«English]\n",
            "languages[0]",
            "must be a language such as en or fr-CA, and is 'English'",
            "",
        ),
        (GOOD + "channels: «web\n", "channels", "must be a mapping of names to values, and is 'web'", ""),
        (
            GOOD + "channels: {«In-store: {}}\n",
            "channels.In-store",
            f"the name must be {NAME}",
            "For example in_store.",
        ),
        (
            with_wallet("{spendable: «yes}"),
            "wallets.points.spendable",
            "must be true or false, and is 'yes'",
            "Write true.",
        ),
        (
            with_wallet("{spendable: «off}"),
            "wallets.points.spendable",
            "must be true or false, and is 'off'",
            "Write false.",
        ),
        (with_wallet("{decimals: «7}"), "wallets.points.decimals", "must be a whole number from 0 to 6, and is 7", ""),
        (
            with_wallet("{decimals: «true}"),
            "wallets.points.decimals",
            "must be a whole number from 0 to 6, and is true",
            "",
        ),
        (
            with_wallet("{debt: {limit: «-1}}"),
            "wallets.points.debt.limit",
            "must be a whole number of at least 0, and is -1",
            "",
        ),
        (
            with_wallet("{expiry: {kind: «roling, days: 3}}"),
            "wallets.points.expiry.kind",
            "must be never, fixed, rolling or inactivity, and is 'roling'",
            "Did you mean 'rolling'?",
        ),
        (
            with_wallet("{expiry: «{days: 3}}"),
            "wallets.points.expiry.kind",
            "is missing",
            "Give never, fixed, rolling or inactivity.",
        ),
        (
            with_wallet("{expiry: «never}"),
            "wallets.points.expiry",
            "must be a mapping of fields to values, and is 'never'",
            "",
        ),
        (
            GOOD + "policies: {rounding: «flor}\n",
            "policies.rounding",
            "must be ceiling, floor, half_even or half_up, and is 'flor'",
            "Did you mean 'floor'?",
        ),
    ],
)
def test_what_does_not_fit_the_document(text: str, path: str, message: str, hint: str) -> None:
    assert_problem(text, path, message, hint)


@pytest.mark.parametrize(
    ("text", "path", "message", "hint"),
    [
        (
            with_rule("type: «spnd, id: base"),
            "rules[0].type",
            f"must be {KINDS}, and is 'spnd'",
            "Did you mean 'spend'?",
        ),
        (with_rule("«id: base").replace("{«", "«{"), "rules[0].type", "is missing", f"Give {KINDS}."),
        (
            with_rule(SPEND.replace("points: 1", "points: «1.5")),
            "rules[0].points",
            f"must be {COUNT}, and is 1.5",
            "Points and money are counted in their smallest unit: 12.50 is written 1250.",
        ),
        (
            with_rule(SPEND.replace("100", "«'100'")),
            "rules[0].per_minor",
            f"must be {COUNT}, and is '100'",
            "Take it out of the quotes.",
        ),
        (
            with_rule(SPEND.replace("100", "«1_000")),
            "rules[0].per_minor",
            f"must be {COUNT}, and is '1_000'",
            "Write it without separators: 1000.",
        ),
        (
            with_rule(SPEND.replace(", per_minor: 100", "")).replace("{type", "«{type"),
            "rules[0].per_minor",
            "is missing",
            f"Give {COUNT}.",
        ),
        (
            with_rule(SPEND + ", channels: «web"),
            "rules[0].channels",
            "must be a list, and is 'web'",
            "Put it in brackets: [web].",
        ),
        (
            with_rule(SPEND + ", scope: {products: [«17]}"),
            "rules[0].scope.products[0]",
            "must be a text, and is 17",
            'Put it in quotes: "17".',
        ),
        (
            with_rule(SPEND + ", starts_at: «27.11.2026"),
            "rules[0].starts_at",
            "must be a date such as 2026-11-27, or a date and time such as 2026-11-27T09:00, and is '27.11.2026'",
            "Write the year first.",
        ),
        (
            with_rule(SPEND + ", starts_at: «2026-02-30"),
            "rules[0].starts_at",
            "must be a date such as 2026-11-27, or a date and time such as 2026-11-27T09:00, and is '2026-02-30'",
            "",
        ),
        (
            with_rule("«type: product_bonus, id: b, scope: {}").replace("{«", "«{"),
            "rules[0]",
            "give points_per_unit or multiplier, one of the two",
            "",
        ),
        (
            with_rule("type: product_bonus, id: b, scope: {}, multiplier: «0.5"),
            "rules[0].multiplier",
            "must be over 1 and at most 1000",
            "",
        ),
        (
            with_rule("type: product_bonus, id: b, scope: {}, multiplier: «twice"),
            "rules[0].multiplier",
            "must be a number, and is 'twice'",
            "",
        ),
    ],
)
def test_what_does_not_fit_a_rule(text: str, path: str, message: str, hint: str) -> None:
    assert_problem(text, path, message, hint)


def test_an_empty_text_lacks_everything() -> None:
    outcome = programme.check("# nothing yet\n")

    assert isinstance(outcome, tuple)
    lines = [str(problem) for problem in outcome]
    assert lines == [
        f"programme:1:1: id: is missing. Give {NAME}.",
        "programme:1:1: timezone: is missing. Give a text.",
        "programme:1:1: currency: is missing. Give a text.",
        "programme:1:1: wallets: is missing. Give a mapping of names to values.",
    ]


def test_all_mistakes_are_said_at_once_from_top_to_bottom() -> None:
    outcome = programme.check(
        "timezone: Mars\n"
        "wallets:\n"
        "  points: {decimals: 9}\n"
        "  points: {}\n"
        "policies: {rounding: up, thresholds: over}\n"
        "rules:\n"
        "  - {type: spend, id: base, points: none, per_minor: 1}\n"
        "  - {type: spend, id: more, points: 1, per_minor: 1, wallet: points, channels: [web]}\n"
        "  - {type: spend, id: most, points: 1, per_minor: 1, wallet: stars, when: order.totl > 1}\n"
        "currency: XYZ\n"
    )

    assert isinstance(outcome, tuple)
    assert [(problem.line, problem.column, problem.path) for problem in outcome] == [
        (1, 1, "id"),
        (1, 11, "timezone"),
        (3, 22, "wallets.points.decimals"),
        (4, 3, "wallets.points"),
        (5, 22, "policies.rounding"),
        (5, 38, "policies.thresholds"),
        (7, 37, "rules[0].points"),
        (8, 81, "rules[1].channels[0]"),
        (9, 62, "rules[2].wallet"),
        (9, 75, "rules[2].when"),
        (10, 11, "currency"),
    ]


def test_what_could_not_be_read_is_not_complained_of_twice() -> None:
    text = GOOD.replace("points: {}", "points: {decimals: «many}") + "rules:\n  - {" + SPEND + "}\n"

    found, place = problems(text)

    assert [(problem.line, problem.column) for problem in found] == [place]


def test_a_bad_document_does_not_run() -> None:
    document = programme.Document(id="club", timezone="UTC", currency="EUR", wallets={})

    with pytest.raises(programme.BadProgrammeError, match=r"^wallets: a programme has at least one wallet\. For ex"):
        programme.run(document, 1)


def test_of_a_thousand_mistakes_the_first_hundred_are_said() -> None:
    unknown = "".join(f"field_{number}: 1\n" for number in range(1000))

    outcome = programme.check(GOOD + unknown + "name: twice\n" * 500)

    assert isinstance(outcome, tuple)
    assert [problem.line for problem in outcome] == list(range(6, 106))


def test_no_text_at_all_is_an_empty_one() -> None:
    assert programme.check() == programme.check("")


def test_reading_raises_with_every_problem() -> None:
    with pytest.raises(programme.BadProgrammeError) as error:
        programme.read(programme.Source("club.yaml", GOOD.replace("EUR", "eur").replace("club", "Club")))

    assert str(error.value).splitlines() == [
        f"club.yaml:1:5: id: must be {NAME}, and is 'Club'. For example club.",
        "club.yaml:3:11: currency: 'eur' is not the code of a currency (ISO 4217). Write EUR.",
    ]
