"""The words, in English, French and Turkish."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import regulars
from regulars.engine.programme import Wallet
from regulars.engine.reasons import Fact, Outcome, Reason
from regulars.web.languages import LANGUAGES, Language, negotiate
from regulars.web.problems import STATUS
from regulars.web.wording import LOCALE_FOLDER, Measures, wording

SOURCE = Path(regulars.__file__).parent
MEASURES = Measures(timezone="Europe/Paris", currency="EUR", wallets={"points": Wallet(), "cash": Wallet(decimals=2)})


def codes_of(name: str) -> Iterator[str]:
    """Yield every code that the source gives to calls of a class, both of a choice between two."""
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
                for keyword in node.keywords:
                    if keyword.arg == "code":
                        yield from _constants(keyword.value)


def _constants(value: ast.expr) -> Iterator[str]:
    match value:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp(body=body, orelse=other):
            yield from _constants(body)
            yield from _constants(other)
        case _:
            raise AssertionError(f"a code is a constant, not {ast.unparse(value)}")


def ids_of(language: Language) -> set[str]:
    with (LOCALE_FOLDER / language / "LC_MESSAGES" / "regulars.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    ids: set[str] = set()
    for message in catalogue:
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        if message.id and all(texts):
            ids.add(message.id if isinstance(message.id, str) else message.id[0])
    return ids


@pytest.mark.parametrize("language", LANGUAGES)
def test_are_there_for_everything_that_can_be_said(language: Language) -> None:
    said = {f"reason.{code}" for code in codes_of("Reason")}
    said |= {f"problem.{code}.{part}" for code in STATUS for part in ("title", "detail", "hint")}

    assert said
    assert said - ids_of(language) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_are_the_same_set_in_every_language_and_use_the_same_facts(language: Language) -> None:
    assert ids_of(language) == ids_of("en")
    for id in (id for id in ids_of("en") if not id.startswith("noun.")):
        assert wording(language).names(id) == wording("en").names(id), id


ENGLISH = "Available: 120 points; needed: 2,000,000 points. More on 1 March 2027: 1 point."
FRENCH = (
    "Disponible\u00a0: 120 points\u00a0; nécessaire\u00a0: 2\u202f000\u202f000 de points. "
    "De plus le 1 mars 2027\u00a0: 1 point."
)
TURKISH = "Kullan\u0131labilir: 120 puan; gereken: 2.000.000 puan. 1 Mart 2027 tarihinde eklenecek: 1 puan."


@pytest.mark.parametrize(("language", "sentence"), [("en", ENGLISH), ("fr", FRENCH), ("tr", TURKISH)])
def test_put_numbers_plurals_and_days_as_the_language_does(language: Language, sentence: str) -> None:
    facts: dict[str, Fact] = {
        "wallet": "points",
        "available": 120,
        "needed": 2_000_000,
        "more": 1,
        "more_at": "2027-02-28T23:00:00+00:00",
    }

    assert wording(language).text("problem.insufficient-points.detail", facts, MEASURES) == sentence


def test_leave_out_what_nobody_knows() -> None:
    facts: dict[str, Fact] = {"wallet": "points", "available": 1, "needed": 2, "more": None, "more_at": None}

    text = wording("en").text("problem.insufficient-points.detail", facts, MEASURES)

    assert text == "Available: 1 point; needed: 2 points."


@pytest.mark.parametrize(("language", "amount"), [("en", "1.50 points"), ("fr", "1,50 point"), ("tr", "1,50 puan")])
def test_count_points_in_the_decimals_of_the_wallet(language: Language, amount: str) -> None:
    outcome = Outcome(rule="base", applied=True, wallet="cash", value=150, desired_value=150)

    assert amount in wording(language).outcome(outcome, MEASURES)


STARS = Wallet(unit={"en": "star|stars", "fr": "étoile|étoiles|d\u2019étoiles", "tr": "y\u0131ld\u0131z"}, decimals=1)


@pytest.mark.parametrize(
    ("language", "one", "several", "millions"),
    [
        ("en", "1.0 stars", "2.5 stars", "1,000,000.0 stars"),
        ("fr", "1,0 étoile", "2,5 étoiles", "1\u202f000\u202f000,0 d\u2019étoiles"),
        ("tr", "1,0 y\u0131ld\u0131z", "2,5 y\u0131ld\u0131z", "1.000.000,0 y\u0131ld\u0131z"),
    ],
)
def test_count_in_the_wallets_own_unit(language: Language, one: str, several: str, millions: str) -> None:
    amounts = [wording(language).points(amount, STARS) for amount in (10, 25, 10_000_000)]

    assert amounts == [one, several, millions]


@pytest.mark.parametrize(
    ("unit", "amounts"), [("stamp|stamps", ["1 stamp", "2 stamps"]), ("baht", ["1 baht", "2 baht"])]
)
def test_take_a_unit_as_it_is_written(unit: str, amounts: list[str]) -> None:
    wallet = Wallet(unit=unit)

    assert [wording("en").points(amount, wallet) for amount in (1, 2)] == amounts


def test_use_the_unit_of_the_wallet_that_a_reason_is_about() -> None:
    measures = Measures(wallets={"points": Wallet(), "stamps": Wallet(unit="stamp|stamps")})
    limited = Outcome(
        rule="card",
        applied=True,
        wallet="stamps",
        value=1,
        desired_value=2,
        reasons=(Reason(code="limit-points", subject="day", required=3, actual=2),),
    )

    text = wording("en").outcome(limited, measures)

    assert text == "Gave 1 stamp of 2 stamps. This rule gives at most 3 stamps a day; it has given 2 stamps."


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "The rule gives “moon-not-full” as its reason. Needed: 100. Found: 40."),
        ("fr", "La règle donne «\u00a0moon-not-full\u00a0» comme raison. Demandé\u00a0: 100. Constaté\u00a0: 40."),
        ("tr", "Kural neden olarak “moon-not-full” diyor. Gereken: 100. Bulunan: 40."),
    ],
)
def test_name_the_reason_of_a_plug_in_that_brings_no_words(language: Language, sentence: str) -> None:
    reason = Reason(code="moon-not-full", required=100, actual=40)

    assert wording(language).reason(reason, "points", MEASURES) == sentence


def test_say_what_a_limit_left_over() -> None:
    outcome = Outcome(
        rule="base",
        applied=True,
        wallet="points",
        value=20,
        desired_value=50,
        reasons=(Reason(code="limit-points", subject="day", required=100, actual=80),),
    )

    text = wording("en").outcome(outcome, MEASURES)

    assert text == "Gave 20 points of 50 points. This rule gives at most 100 points a day; it has given 80 points."


def test_name_lists_and_their_absence() -> None:
    reason = Reason(code="another-channel", required=("web", "app"), actual="")

    text = wording("en").reason(reason, "points", MEASURES)

    assert text == "The rule counts in web and app; the event\u2019s channel: none."


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("fr", "fr"),
        ("tr-TR,tr;q=0.9,en;q=0.8", "tr"),
        ("de, fr;q=0.5, en;q=0.4", "fr"),
        ("de", "en"),
        ("*", "en"),
        ("fr;q=nonsense, tr;q=0.1", "tr"),
        ("fr;q=0", "en"),
    ],
)
def test_are_in_the_language_that_the_caller_reads_best(header: str | None, language: Language) -> None:
    assert negotiate(header) == language
