"""A wallet's dates must leave its points a life: not dead on arrival, and not dead before they can be spent."""

from calendar import monthrange
from collections.abc import Iterator
from typing import Final

from regulars.engine.programme import Fixed, Inactivity, Never, Rolling, Wallet
from regulars.programme.basics import check_event_type
from regulars.programme.document import Document
from regulars.programme.problems import Finding, Path

_LEAP_YEAR: Final = 2028
_SHORTEST_MONTH: Final = 28
_UNIT_FORMS_MAX: Final = 3


def check_wallets(document: Document) -> Iterator[Finding]:
    """Yield what is wrong with the wallets' expiry and with what waits in them."""
    for name, wallet in document.wallets.items():
        path: Path = ("wallets", name)
        yield from _check_unit(wallet, path)
        yield from _check_expiry(wallet, path)
        yield from _check_life(wallet, path)
        yield from _check_conversions(name, wallet, path, document)
        if isinstance(wallet.expiry, Inactivity):
            for index, type in enumerate(wallet.expiry.activities):
                yield from check_event_type(type, (*path, "expiry", "activities", index), document)


def _check_unit(wallet: Wallet, path: Path) -> Iterator[Finding]:
    """Yield where a unit lacks a form; it has one for all numbers, or one each for one, several and millions."""
    texts = [wallet.unit] if isinstance(wallet.unit, str) else wallet.unit.values()
    for forms in (text.split("|") for text in texts):
        if len(forms) > _UNIT_FORMS_MAX or not all(form.strip() for form in forms):
            message = f"a unit has from one to {_UNIT_FORMS_MAX} forms with | between them, and none of them is empty"
            yield Finding(path=(*path, "unit"), message=message, hint="For example star, or star|stars.")


def _check_expiry(wallet: Wallet, path: Path) -> Iterator[Finding]:
    path = (*path, "expiry")
    match wallet.expiry:
        case Never():
            return
        case Fixed(month=month, day=day):
            last = monthrange(_LEAP_YEAR, month)[1]
            if day > last:
                message = f"there is no day {day} in month {month}"
                yield Finding(path=(*path, "day"), message=message, hint=f"The last one is {last}.")
        case Rolling(months=None, days=None) | Inactivity(months=None, days=None):
            message = f"{_kind(wallet.expiry)} needs months or days"
            yield Finding(path=path, message=message, hint="For example months: 12.")
        case Rolling() | Inactivity():
            if _shortest_life_days(wallet.expiry) == 0 and wallet.expiry.round_to == "none":
                message = "points would expire at the instant at which they are earned"
                yield Finding(path=path, message=message, hint="Give more days, or round_to: day.")
            if isinstance(wallet.expiry, Inactivity) and not wallet.expiry.activities:
                message = "inactivity needs an activity that it can miss"
                yield Finding(path=(*path, "activities"), message=message, hint="For example [purchase].")


def _check_life(wallet: Wallet, path: Path) -> Iterator[Finding]:
    # Points of the other kinds that would die while they wait count their life from the end of the wait.
    if isinstance(wallet.expiry, Inactivity) and waits_too_long(wallet):
        message = "points wait longer than they live where nothing else happens"
        hint = "Let them wait less, or live longer."
        yield Finding(path=(*path, "pending"), message=message, hint=hint)


def _check_conversions(name: str, wallet: Wallet, path: Path, document: Document) -> Iterator[Finding]:
    for into, terms in wallet.converts.items():
        here = (*path, "converts", into)
        if into not in document.wallets or into == name:
            others = ", ".join(other for other in document.wallets if other != name)
            hint = f"Name one of: {others}." if others else "A conversion needs a second wallet."
            yield Finding(path=here, message=f"points cannot be converted into {into!r}", hint=hint)
        if not wallet.spendable:
            yield Finding(path=here, message="points that cannot be spent cannot be converted", hint="Set spendable.")
        if terms.per_day is not None and terms.per_day < max(terms.take, terms.least):
            hint = f"Let it be {max(terms.take, terms.least)} or more."
            yield Finding(path=(*here, "per_day"), message="no conversion is as small as a day allows", hint=hint)


def waits_too_long(wallet: Wallet) -> bool:
    """Tell whether some points would end their span of life before they can be spent."""
    match wallet.expiry:
        case Never() | Fixed():
            return False
        case Rolling() | Inactivity():
            waiting = wallet.pending.days + (wallet.pending.until == "midnight")
            return 0 < waiting >= _shortest_life_days(wallet.expiry)


def _shortest_life_days(expiry: Rolling | Inactivity) -> int:
    """Return how many whole days points live at least; rounding only makes it longer."""
    return (expiry.months or 0) * _SHORTEST_MONTH + (expiry.days or 0)


def _kind(expiry: Rolling | Inactivity) -> str:
    return str(expiry.__struct_config__.tag)
