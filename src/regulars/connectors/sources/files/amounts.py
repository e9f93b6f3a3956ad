"""Amounts as people write them, 19.99, become whole minor units; nothing is rounded away."""

import re
from decimal import Decimal
from functools import cache

from babel.numbers import get_currency_precision

from regulars.connectors.sources.files.rows import Unfit

_CURRENCY = re.compile(r"[A-Z]{3}")
_PLAIN = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,12})?")
_SPACES = re.compile(r"[\s\u00a0\u202f']")
# What a binary fraction cannot hold lies far behind this.
_FRACTION_DIGITS = 6
_LARGEST = 10**15
_SWAPPED = str.maketrans(",.", ".,")


def decimal(value: object, *, mark: str) -> Decimal:
    """Return the number that a cell holds, `mark` being its decimal mark.

    Spaces and apostrophes between digits are passed over. Other thousands separators are refused: 1,234 is
    a thousand in one country and one in another. Raises: Unfit.
    """
    if isinstance(value, Decimal) and abs(value) < _LARGEST:
        return round(value, _FRACTION_DIGITS)
    text = _SPACES.sub("", str(value))
    plain = text.translate(_SWAPPED) if mark == "," else text
    if not _PLAIN.fullmatch(plain):
        raise Unfit(f"{value!r} is not an amount such as 1234{mark}50; the map's decimal_mark is {mark!r}")
    return Decimal(plain)


def minor(amount: str, *, currency: object) -> int:
    """Return an amount in the smallest unit of its currency.

    Raises: Unfit, when the currency is missing or the amount has more decimals than the currency.
    """
    if not isinstance(currency, str) or not _CURRENCY.fullmatch(currency):
        raise Unfit("order.currency is missing or is not three capitals, and the amounts need it")
    digits = _digits(currency)
    return _whole(amount, digits, f"{currency} has {digits} decimals")


def milli(quantity: Decimal) -> int:
    """Return a quantity in thousandths.

    Raises: Unfit, when it is finer than that.
    """
    return _whole(quantity, 3, "quantities have 3 decimals")


def _whole(number: Decimal | str, digits: int, limit: str) -> int:
    scaled = Decimal(number).scaleb(digits)
    if scaled != int(scaled):
        raise Unfit(f"{number} is too fine: {limit} at most")
    return int(scaled)


@cache
def _digits(currency: str) -> int:
    return get_currency_precision(currency)
