"""What a cell of a scenario page says: times by the programme's clock, money and points with their decimals."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from regulars.engine.events import Scalar
from regulars.engine.programme import Wallet
from regulars.engine.zones import zone
from regulars.programme.scenarios.markdown import Cell, Mistake

# ISO 4217: the currencies whose minor unit is not a hundredth.
_WHOLE_UNITS: Final = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THOUSANDTHS: Final = "BHD IQD JOD KWD LYD OMR TND"

NUMBER: Final = r"\d+(?:\.\d+)?"
_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d)?))?\s*(Z|[+-]\d\d:\d\d)?")
_AMOUNT: Final = re.compile(rf"([+-]?{NUMBER})(?:\s+([a-z][a-z0-9_]*))?")
_WHOLE: Final = re.compile(r"[+-]?\d{1,18}")


class Units(Struct, frozen=True, kw_only=True):
    """In what a page counts: the programme's zone, its currency and its wallets."""

    timezone: str
    currency: str
    wallets: Mapping[str, Wallet]

    def instant(self, cell: Cell) -> datetime:
        """Return the instant, in UTC, that the cell names by the programme's clock or with an offset."""
        found = _TIME.fullmatch(cell.text)
        if found is None:
            raise Mistake(cell, f"{cell.text!r} is not a time", "Write it like 2025-03-01 10:00.")
        day, time, offset = found.groups()
        try:
            written = datetime.fromisoformat(f"{day}T{time or '00:00'}{offset or ''}")
        except ValueError as error:
            raise Mistake(cell, f"{cell.text!r} is not in the calendar: {error}", "Write one that is.") from error
        return written.astimezone(UTC) if offset else self._local(cell, written)

    def _local(self, cell: Cell, written: datetime) -> datetime:
        first = written.replace(tzinfo=zone(self.timezone))
        second = first.replace(fold=1)
        if first.utcoffset() != second.utcoffset():
            if first.astimezone(UTC).astimezone(zone(self.timezone)).replace(tzinfo=None) != written:
                raise Mistake(cell, f"the clock of {self.timezone} skips {cell.text}", "Write another time.")
            raise Mistake(
                cell,
                f"it is {cell.text} twice in {self.timezone}",
                f"Say which, as in {cell.text} {first.isoformat()[-6:]} or {second.isoformat()[-6:]}.",
            )
        return first.astimezone(UTC)

    def day(self, at: datetime) -> date:
        """Return the local day of an instant."""
        return at.astimezone(zone(self.timezone)).date()

    def money(self, cell: Cell, text: str, currency: str | None = None) -> int:
        """Return an amount of money in minor units."""
        name = currency or self.currency
        return exactly(cell, text, _minor_digits(name), name)

    def wallet(self, cell: Cell) -> str:
        """Return the name of a wallet: the only one where the cell is empty."""
        if cell.text in self.wallets:
            return cell.text
        known = ", ".join(self.wallets)
        if cell.text:
            raise Mistake(cell, f"there is no wallet {cell.text!r}", f"The programme has: {known}.")
        if len(self.wallets) != 1:
            raise Mistake(cell, "it does not say which wallet", f"Name one of: {known}.")
        return next(iter(self.wallets))

    def points(self, cell: Cell, wallet: str) -> int:
        """Return the cell's points in the wallet's smallest unit; an empty cell is none."""
        return exactly(cell, cell.text or "0", self.wallets[wallet].decimals, wallet)

    def amount(self, cell: Cell, text: str) -> tuple[int, str]:
        """Return points and their wallet, as in `40`, `40 stars` or `-2.5 stars`."""
        found = _AMOUNT.fullmatch(text)
        if found is None:
            raise Mistake(cell, f"{text!r} is not an amount of points", "Write it like 40, or 40 stars.")
        wallet = self.wallet(replace(cell, text=found[2] or ""))
        return exactly(cell, found[1], self.wallets[wallet].decimals, wallet), wallet

    def shown(self, value: object, wallet: str | None = None) -> str:
        """Return a value as the page would write it."""
        match value:
            case datetime():
                local = value.astimezone(zone(self.timezone)).replace(tzinfo=None)
                return local.isoformat(" ", "seconds").removesuffix(":00")
            case int() if wallet is not None and (digits := self.wallets[wallet].decimals):
                return f"{Decimal(value).scaleb(-digits):.{digits}f}"
            case _:
                return str(value)

    def money_shown(self, amount_minor: int) -> str:
        """Return an amount of money as the page would write it."""
        digits = _minor_digits(self.currency)
        return f"{Decimal(amount_minor).scaleb(-digits):.{digits}f}"


def _minor_digits(currency: str) -> int:
    return 0 if currency in _WHOLE_UNITS.split() else 3 if currency in _THOUSANDTHS.split() else 2


def exactly(cell: Cell, text: str, digits: int, unit: str) -> int:
    """Return a decimal number in units of which `digits` places after the point are counted."""
    if not re.fullmatch(rf"[+-]?{NUMBER}", text):
        raise Mistake(cell, f"{text!r} is not a number", "Write it with digits and a point, like 12.50.")
    value = Decimal(text).scaleb(digits)
    if value != value.to_integral_value():
        places = f"{digits} digits" if digits else "no digits"
        raise Mistake(cell, f"{text} is finer than {unit} is counted", f"{unit} has {places} after the point.")
    return int(value)


def scalar(text: str) -> Scalar:
    """Return what a word in details means: null, true, false, a whole number, or text, quoted or not."""
    words: dict[str, Scalar] = {"null": None, "true": True, "false": False}
    if text in words:
        return words[text]
    return int(text) if _WHOLE.fullmatch(text) else text.strip('"')


def named_values(cell: Cell) -> dict[str, Scalar]:
    """Return the values of a cell like `city=Lyon, visits=3`."""
    values: dict[str, Scalar] = {}
    for piece in filter(None, (piece.strip() for piece in cell.text.split(","))):
        name, equals, value = (part.strip() for part in piece.partition("="))
        if not equals or not name:
            raise Mistake(cell, f"{piece!r} is not a name with a value", "Write it like city=Lyon, visits=3.")
        values[name] = scalar(value)
    return values
