"""The words: a code and its numbers become a sentence in English, French or Turkish."""

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import cache
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path
from string import Formatter
from typing import Any, Final

from babel.core import Locale
from babel.dates import format_date, format_time
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal, get_currency_precision
from msgspec import Struct

from regulars.engine.programme import Wallet, in_language
from regulars.engine.reasons import Fact, Outcome, Reason
from regulars.engine.zones import zone
from regulars.web.languages import Language

LOCALE_FOLDER: Final = Path(__file__).parent.parent / "locale"

_LOCALES: Final[dict[Language, str]] = {"en": "en_GB", "fr": "fr_FR", "tr": "tr_TR"}
_SEGMENT: Final = re.compile(r"\[([^\[\]]*)\]")


_PLAIN: Final = Wallet()
# Where a unit stands by CLDR's kinds of numbers: star|stars, livre|livres|de livres.
_FORMS: Final = {"one": 0, "many": 2}


class Measures(Struct, frozen=True, kw_only=True):
    """In what the numbers of a sentence are counted: a programme's zone, currency and wallets."""

    timezone: str = "UTC"
    currency: str = "XXX"
    wallets: Mapping[str, Wallet] = {}

    def wallet(self, name: object) -> Wallet:
        """Return the wallet of a name; the only one where none is named; one of plain points where nobody knows."""
        if isinstance(name, str) and name in self.wallets:
            return self.wallets[name]
        return next(iter(self.wallets.values())) if len(self.wallets) == 1 else _PLAIN


class Wording:
    """One language's sentences, read from its catalogue."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.locale = Locale.parse(_LOCALES[language])
        self._catalogue = _catalogue(language)

    def has(self, id: str) -> bool:
        """Return whether there is a text of this id."""
        return self._catalogue.gettext(id) != id

    def text(self, id: str, facts: Mapping[str, Fact], measures: Measures) -> str:
        """Return the text of an id with its facts filled in.

        A part in brackets is left out where one of its facts is not there. Raises: KeyError, when there is
        no such text.
        """
        template = self._catalogue.gettext(id)
        if template == id:
            raise KeyError(id)
        filler = _Filler(self, facts, measures)
        return filler.format(_SEGMENT.sub(lambda found: _kept(found[1], facts), template))

    def names(self, id: str) -> frozenset[str]:
        """Return the names of the facts in the text of an id."""
        template = self._catalogue.gettext(id).replace("[", "").replace("]", "")
        return frozenset(name for _, name, _, _ in Formatter().parse(template) if name)

    def reason(self, reason: Reason, wallet: str, measures: Measures) -> str:
        """Return why a rule gave nothing, or less; `wallet` is the rule's.

        A code that has no words, as a plug-in's may, is named with what it says was asked for and found.
        """
        facts: dict[str, Fact] = {"wallet": wallet, "code": reason.code}
        facts |= {"required": reason.required, "actual": reason.actual, "subject": reason.subject}
        id = f"reason.{reason.code}"
        return self.text(id if self.has(id) else "reason.without-words", facts, measures)

    def outcome(self, outcome: Outcome, measures: Measures) -> str:
        """Return what became of a rule, as one or more sentences."""
        facts: dict[str, Fact] = {"wallet": outcome.wallet, "value": outcome.value}
        facts["desired_value"] = outcome.desired_value
        sentences = [self.reason(reason, outcome.wallet, measures) for reason in outcome.reasons]
        facts |= {"rewards": outcome.rewards, "attributes": tuple(outcome.attributes)}
        if outcome.attributes:
            sentences.insert(0, self.text("outcome.attributes", facts, measures))
        if outcome.rewards:
            sentences.insert(0, self.text("outcome.rewards", facts, measures))
        if outcome.applied and (outcome.value or not (outcome.rewards or outcome.attributes)):
            limited = outcome.value != outcome.desired_value
            sentences.insert(0, self.text("outcome.limited" if limited else "outcome.applied", facts, measures))
        return " ".join(sentences)

    def noun(self, name: str, number: int | Decimal, decimals: int = 0) -> str:
        """Return a number with its noun, in the plural form that the language has for it."""
        id, count = f"noun.{name}", self._count(number, decimals)
        return self._catalogue.ngettext(id, id, count).format(n=self.number(number, decimals))

    def points(self, amount: int, wallet: Wallet) -> str:
        """Return an amount of a wallet with the wallet's unit; what is called a point is a point in every language."""
        number = Decimal(amount).scaleb(-wallet.decimals)
        if wallet.unit == _PLAIN.unit:
            return self.noun("points", number, wallet.decimals)
        forms = in_language(wallet.unit, self.language).split("|")
        kind = self.locale.plural_form(self._count(number, wallet.decimals))
        form = min(_FORMS.get(kind, 1), len(forms) - 1)
        return f"{self.number(number, wallet.decimals)} {forms[form].strip()}"

    def number(self, number: int | Decimal, decimals: int = 0) -> str:
        """Return a number as the language writes it, with so many places after the point."""
        pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
        return format_decimal(number, format=pattern, locale=self.locale)

    def _count(self, number: int | Decimal, decimals: int) -> int:
        """Return which whole number a number is spoken of like."""
        # By CLDR a number with decimals is plural in English; in French its whole part decides.
        return int(number) if decimals == 0 or self.language == "fr" else 2


@cache
def wording(language: Language) -> Wording:
    """Return the language's wording, read once."""
    return Wording(language)


def _catalogue(language: Language) -> GNUTranslations:
    path = LOCALE_FOLDER / language / "LC_MESSAGES" / "regulars.po"
    with path.open("rb") as file:
        catalogue = read_po(file, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)


def _kept(segment: str, facts: Mapping[str, Fact]) -> str:
    names = [name for _, name, _, _ in Formatter().parse(segment) if name]
    return segment if all(facts.get(name) not in (None, (), "") for name in names) else ""


class _Filler(Formatter):
    """Puts facts into a template; `{name:kind}` says how the fact is written."""

    def __init__(self, wording: Wording, facts: Mapping[str, Fact], measures: Measures) -> None:
        self._wording = wording
        self._facts = facts
        self._measures = measures

    def get_value(self, key: int | str, args: Any, kwargs: Any) -> Fact:
        return self._facts.get(str(key))

    def format_field(self, value: Any, format_spec: str) -> str:
        words, measures = self._wording, self._measures
        match format_spec, value:
            case "", str() | int():
                return str(value)
            case "number", int():
                return words.number(value)
            case "quantity", int():
                return words.number(Decimal(value) / 1000, 0 if value % 1000 == 0 else 3)
            case "points", int():
                return words.points(value, measures.wallet(self._facts.get("wallet")))
            case "money", int():
                digits = get_currency_precision(measures.currency)
                return format_currency(Decimal(value).scaleb(-digits), measures.currency, locale=words.locale)
            case "date", str():
                return format_date(self._local(value), format="long", locale=words.locale)
            case "instant", str():
                return self._instant(value)
            case "period", str():
                return self._lookup(f"period.{value}")
            case ("list", tuple()) | ("value", tuple()):
                return format_list([str(item) for item in value], locale=words.locale)
            case "value", bool():
                return self._lookup("value.true" if value else "value.false")
            case "value" | "name" | "list", str() | int() if value != "":
                return str(value)
            case _, int():
                return words.noun(format_spec, value)
            case _:
                return self._lookup("value.none")

    def _lookup(self, id: str) -> str:
        return self._wording.text(id, {}, self._measures)

    def _instant(self, text: str) -> str:
        local, locale = self._local(text), self._wording.locale
        day, clock = format_date(local, "long", locale), format_time(local, "short", locale=locale)
        return f"{day}, {clock} ({self._measures.timezone})"

    def _local(self, text: str) -> datetime:
        return datetime.fromisoformat(text).astimezone(zone(self._measures.timezone))
