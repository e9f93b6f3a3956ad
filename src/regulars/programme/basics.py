"""What must be true of a programme before any rule counts: its zone, its money, its shops, its events."""

import re
from collections.abc import Iterator
from typing import Final
from zoneinfo import available_timezones

from regulars.engine.conditions.hints import did_you_mean
from regulars.engine.zones import UnknownZone, zone
from regulars.programme.currencies import CURRENCIES
from regulars.programme.document import Document
from regulars.programme.expectations import listed
from regulars.programme.problems import Finding, Path

RESERVED: Final = ("purchase", "return")
EARNING: Final = ("purchase", "member.enrolled", "member.described")
"""The event types that have a meaning of their own and that rules may look at."""

_EVENT_TYPE: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")


def check_basics(document: Document) -> Iterator[Finding]:
    """Yield what is wrong with the zones, the currency, the wallets' number and the events' names."""
    yield from _check_zone(document.timezone, ("timezone",))
    for id, shop in document.shops.items():
        if shop.timezone is not None:
            yield from _check_zone(shop.timezone, ("shops", id, "timezone"))
    if document.currency not in CURRENCIES:
        like = document.currency.strip().upper()
        hint = f"Write {like}." if like in CURRENCIES else did_you_mean(like, sorted(CURRENCIES))
        message = f"{document.currency!r} is not the code of a currency (ISO 4217)"
        yield Finding(path=("currency",), message=message, hint=hint or "For example EUR.")
    if not document.wallets:
        yield Finding(path=("wallets",), message="a programme has at least one wallet", hint="For example points: {}.")
    for name in RESERVED:
        if name in document.events:
            message = f"{name!r} has a meaning of its own and is not declared"
            yield Finding(path=("events", name), message=message, hint="Choose another name.", at_name=True)


def check_event_type(type: str, path: Path, document: Document) -> Iterator[Finding]:
    """Yield why events of this type never earn, if they never do."""
    if type in EARNING:
        return
    if type == "return":
        message = "a return takes back what was given, and earns nothing"
        yield Finding(path=path, message=message, hint="Name another event.")
    elif "." in type:
        message = f"{type!r} is not an event that rules look at"
        hint = did_you_mean(type, EARNING) or f"Of the platform's own, they look at {listed(EARNING)}."
        yield Finding(path=path, message=message, hint=hint)
    elif not _EVENT_TYPE.fullmatch(type):
        message = f"{type!r} cannot be the type of an event: small letters, digits and _, a letter first"
        yield Finding(path=path, message=message)
    elif document.events and type not in document.events:
        hint = did_you_mean(type, [*document.events, *EARNING]) or f"Declare it: events: {{{type}: {{}}}}."
        yield Finding(path=path, message=f"no event {type!r} is declared", hint=hint)


def _check_zone(name: str, path: Path) -> Iterator[Finding]:
    try:
        zone(name)
    except UnknownZone:
        hint = did_you_mean(name, sorted(available_timezones())) or "Write an IANA name such as Europe/Paris."
        yield Finding(path=path, message=f"{name!r} is not a time zone", hint=hint)
