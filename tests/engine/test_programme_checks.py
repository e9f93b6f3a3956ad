"""What could not work is said of a programme before it runs, at its line and column."""

import pytest

from regulars import programme
from tests.engine.programmes import ACTION, GOOD, SPEND, assert_problem, with_rule, with_wallet


@pytest.mark.parametrize(
    ("text", "path", "message", "hint"),
    [
        (
            GOOD.replace("Europe/Paris", "«Europe/Pariss"),
            "timezone",
            "'Europe/Pariss' is not a time zone",
            "Did you mean 'Europe/Paris'?",
        ),
        (
            GOOD.replace("Europe/Paris", "«Nowhere"),
            "timezone",
            "'Nowhere' is not a time zone",
            "Write an IANA name such as Europe/Paris.",
        ),
        (GOOD.replace("EUR", "«eur"), "currency", "'eur' is not the code of a currency (ISO 4217)", "Write EUR."),
        (GOOD.replace("EUR", "«€"), "currency", "'€' is not the code of a currency (ISO 4217)", "For example EUR."),
        (
            GOOD.replace("wallets:\n  points: {}", "wallets: «{}"),
            "wallets",
            "a programme has at least one wallet",
            "For example points: {}.",
        ),
        (
            GOOD + "shops: {'1': {timezone: «Mars}}\n",
            "shops.1.timezone",
            "'Mars' is not a time zone",
            "Write an IANA name such as Europe/Paris.",
        ),
        (GOOD + "languages: [en, fr, «en]\n", "languages[2]", "'en' is here twice", "Keep one of them."),
        (
            GOOD.replace("{}", "{name: {en: Stars, «de: Sterne}}") + "languages: [en]\n",
            "wallets.points.name.de",
            "'de' is not a language of the programme",
            "Declare it: languages: [en, de].",
        ),
        (
            GOOD.replace("{}", "{name: {«fr: Étoiles}}"),
            "wallets.points.name.fr",
            "'fr' is not a language of the programme",
            "Declare it: languages: [fr].",
        ),
        (
            GOOD.replace("{}", "{name: «{fr: Étoiles}}") + "languages: [en, fr]\n",
            "wallets.points.name",
            "there is no en, which the other languages fall back on",
            "Add en, the default language.",
        ),
        (
            GOOD.replace("{}", "{converts: {miles: «{take: 3, give: 2}}}"),
            "wallets.points.converts.miles",
            "points cannot be converted into 'miles'",
            "A conversion needs a second wallet.",
        ),
        (
            GOOD.replace("{}", "{converts: {miles: {take: 3, give: 2, per_day: «2}}}\n  miles: {}"),
            "wallets.points.converts.miles.per_day",
            "no conversion is as small as a day allows",
            "Let it be 3 or more.",
        ),
        (
            GOOD.replace("{}", "{unit: «star|}"),
            "wallets.points.unit",
            "a unit has from one to 3 forms with | between them, and none of them is empty",
            "For example star, or star|stars.",
        ),
        (
            GOOD.replace("{}", "{name: «{}}"),
            "wallets.points.name",
            "the text is in no language",
            "Write it, or leave the field out.",
        ),
        (
            GOOD + "events: {«purchase: {}}\n",
            "events.purchase",
            "'purchase' has a meaning of its own and is not declared",
            "Choose another name.",
        ),
        (
            GOOD + "events: {quiz: {data: {«class: text}}}\n",
            "events.quiz.data.class",
            "'class' cannot be asked for in a condition",
            "Choose another name.",
        ),
    ],
)
def test_what_is_wrong_with_the_basics(text: str, path: str, message: str, hint: str) -> None:
    assert_problem(text, path, message, hint)


@pytest.mark.parametrize(
    ("wallet", "path", "message", "hint"),
    [
        ("{expiry: «{kind: rolling}}", "expiry", "rolling needs months or days", "For example months: 12."),
        ("{expiry: «{kind: inactivity}}", "expiry", "inactivity needs months or days", "For example months: 12."),
        (
            "{expiry: {kind: inactivity, months: 6, activities: «[]}}",
            "expiry.activities",
            "inactivity needs an activity that it can miss",
            "For example [purchase].",
        ),
        (
            "{expiry: {kind: inactivity, months: 6, activities: [«return]}}",
            "expiry.activities[0]",
            "a return takes back what was given, and earns nothing",
            "Name another event.",
        ),
        (
            "{expiry: {kind: fixed, month: 2, day: «30}}",
            "expiry.day",
            "there is no day 30 in month 2",
            "The last one is 29.",
        ),
        (
            "{expiry: «{kind: rolling, days: 0, round_to: none}}",
            "expiry",
            "points would expire at the instant at which they are earned",
            "Give more days, or round_to: day.",
        ),
        (
            "{pending: «{days: 30}, expiry: {kind: inactivity, days: 30}}",
            "pending",
            "points wait longer than they live where nothing else happens",
            "Let them wait less, or live longer.",
        ),
        (
            "{pending: «{days: 27, until: midnight}, expiry: {kind: inactivity, months: 1}}",
            "pending",
            "points wait longer than they live where nothing else happens",
            "Let them wait less, or live longer.",
        ),
    ],
)
def test_what_is_wrong_with_a_wallet(wallet: str, path: str, message: str, hint: str) -> None:
    assert_problem(with_wallet(wallet), f"wallets.points.{path}", message, hint)


@pytest.mark.parametrize(
    "wallet",
    [
        "{pending: {days: 26, until: midnight}, expiry: {kind: inactivity, months: 1}}",
        "{pending: {days: 30}, expiry: {kind: rolling, days: 30}}",
        "{pending: {days: 14}, expiry: {kind: fixed, month: 12, day: 31}}",
        "{expiry: {kind: fixed, month: 2, day: 29}}",
        "{expiry: {kind: rolling, days: 0, round_to: month}}",
    ],
)
def test_a_wallet_whose_points_have_a_life_is_welcome(wallet: str) -> None:
    assert isinstance(programme.check(with_wallet(wallet)), programme.Checked)


@pytest.mark.parametrize(
    ("text", "path", "message", "hint"),
    [
        (
            with_rule(SPEND, SPEND.replace("base", "«base")),
            "rules[1].id",
            "the id 'base' is taken by an earlier rule",
            "Every rule has an id of its own.",
        ),
        (
            with_rule(SPEND + ", wallet: «pints"),
            "rules[0].wallet",
            "there is no wallet 'pints'",
            "Did you mean 'points'?",
        ),
        (with_rule(SPEND + ", wallet: «gold"), "rules[0].wallet", "there is no wallet 'gold'", "There are points."),
        (
            with_rule(SPEND + ", channels: [web, «ap]"),
            "rules[0].channels[1]",
            "there is no channel 'ap'",
            "Did you mean 'app'?",
        ),
        (with_rule(SPEND + ", shops: [«'17']"), "rules[0].shops[0]", "there is no shop '17'", "Did you mean '1'?"),
        (
            GOOD + f"rules:\n  - {{{SPEND}, channels: [«web]}}\n",
            "rules[0].channels[0]",
            "there is no channel 'web'",
            "Declare it under channels.",
        ),
        (
            with_rule(SPEND + ", starts_at: 2026-12-24, ends_at: «2026-12-01"),
            "rules[0].ends_at",
            "the rule ends before it starts; ends_at is the first instant at which it no longer counts",
            "Let it end later.",
        ),
        (
            with_rule(SPEND + ", starts_at: 2026-12-24, ends_at: «2026-12-24"),
            "rules[0].ends_at",
            "the rule ends before it starts; ends_at is the first instant at which it no longer counts",
            "Let it end later.",
        ),
        (
            with_rule(SPEND + ", limits: [«{per: day}]"),
            "rules[0].limits[0]",
            "a limit has times or points, one of the two",
            "For both, write two limits.",
        ),
        (
            with_rule(SPEND + ", limits: [«{per: day, times: 1, points: 2}]"),
            "rules[0].limits[0]",
            "a limit has times or points, one of the two",
            "For both, write two limits.",
        ),
        (
            with_rule(SPEND + ", limits: [{per: day, times: 2}, {per: day, points: 9}, «{per: day, times: 1}]"),
            "rules[0].limits[2]",
            "there is a limit of times for the day already",
            "Keep the smaller one.",
        ),
        (
            with_rule("type: product_bonus, id: b, points_per_unit: 1, scope: «{tags: [a, b], except_tags: [b, a]}"),
            "rules[0].scope",
            "everything named here is excepted again, so that no line is left",
            "Name it once.",
        ),
        (
            with_rule(SPEND + ", scope: «{categories: [FUEL]}", more="policies: {excluded: {categories: [FUEL]}}\n"),
            "rules[0].scope",
            "policies.excluded excludes everything named here, so that no line is left",
            "Take it out of one of the two.",
        ),
        (
            with_rule("type: visit, id: v, nth: 2, points: 1, events: []").replace("{type", "«{type"),
            "rules[0]",
            "the rule looks at no event",
            "Name one, such as purchase.",
        ),
        (
            with_rule("type: visit, id: v, nth: 2, points: 1, events: [purchase, «return]"),
            "rules[0].events[1]",
            "a return takes back what was given, and earns nothing",
            "Name another event.",
        ),
        (
            with_rule(ACTION.replace("review", "«points.spent")),
            "rules[0].event",
            "'points.spent' is not an event that rules look at",
            "Of the platform's own, they look at purchase, member.enrolled or member.described.",
        ),
        (
            with_rule(ACTION.replace("review", "«Review")),
            "rules[0].event",
            "'Review' cannot be the type of an event: small letters, digits and _, a letter first",
            "",
        ),
        (
            with_rule(ACTION.replace("review", "«reveiw"), more="events: {review: {}}\n"),
            "rules[0].event",
            "no event 'reveiw' is declared",
            "Did you mean 'review'?",
        ),
        (
            with_rule(ACTION.replace("review", "«quiz"), more="events: {review: {}}\n"),
            "rules[0].event",
            "no event 'quiz' is declared",
            "Declare it: events: {quiz: {}}.",
        ),
    ],
)
def test_what_keeps_a_rule_from_counting(text: str, path: str, message: str, hint: str) -> None:
    assert_problem(text, path, message, hint)
