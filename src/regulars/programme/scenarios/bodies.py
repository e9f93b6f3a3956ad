"""How a page writes what happened: a word for the kind of event, and its details in a few more."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from regulars.engine.events import (
    Action,
    Adjust,
    Body,
    Capture,
    Convert,
    Describe,
    Enrol,
    Hold,
    Merge,
    Release,
    Restore,
    Settle,
    Spend,
    Transfer,
)
from regulars.programme.scenarios import receipts, vouchers
from regulars.programme.scenarios.cells import Units, named_values
from regulars.programme.scenarios.markdown import Cell, Mistake
from regulars.programme.scenarios.orders import returned
from regulars.programme.scenarios.page import Told, held_by, page_id

_SPEND: Final = re.compile(r"(.+?)(?: for (\S+))?")
_HOLD: Final = re.compile(r"(.+?) until (.+)")
_CAPTURE: Final = re.compile(r"(?:(.+?) )?of (\S+)")
_OF: Final = re.compile(r"of (\S+)")
_LISTED: Final = re.compile(r"(on|off) ([a-z][a-z0-9_]*)")
_ADJUST: Final = re.compile(r"([+-].+?): (.+)")
_TRANSFER: Final = re.compile(r"(.+?) to (.+)")
_CONVERT: Final = re.compile(r"(.+?) into (\S+)")
_MERGE: Final = re.compile(r"into (.+)")
_ACTION: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")


class Above(Struct, frozen=True):
    """What a row may refer to: the events in the rows above, by label, how the page counts, and where it happens.

    `shop` and `day` (the page's local one) are the row's own.
    """

    told: Mapping[str, Told]
    units: Units
    shop: str
    day: date

    def event(self, details: Cell, label: str, type: str) -> Told:
        """Return the event of a type that a row refers to."""
        found = self.told.get(label)
        if found is None or found.type != type:
            raise Mistake(details, f"no row above called {label!r} is one of {type}", "Refer to a row by its #.")
        return found

    def member(self, details: Cell, name: str) -> UUID:
        """Return the page's id of a member that a row refers to."""
        if name not in {told.member for told in self.told.values()}:
            raise Mistake(details, f"no row above is about {name!r}", f"Enrol {name} first.")
        return page_id("member", name)


def body_of(event: Cell, details: Cell, label: str, above: Above) -> tuple[str, Body]:
    """Return the type and the body of the event that a row tells of; a word that is not ours is an action."""
    word = event.text
    if word == "purchase":
        return word, receipts.printed(details, label, above.units, above.shop, above.day)
    if word == "receipt":
        return "purchase", receipts.sent_in(details, above.units, above.shop, above.day)
    if word == "return":
        return word, returned(receipts.named_by_row(details, {label: told.body for label, told in above.told.items()}))
    if word in _PLATFORM:
        type, read = _PLATFORM[word]
        return type, read(details, above)
    if not _ACTION.fullmatch(word):
        known = ", ".join(["purchase", "receipt", "return", *_PLATFORM, "again"])
        hint = f"Write one of {known}, or a name of the brand's own such as review_posted."
        raise Mistake(event, f"{word!r} is not a kind of event", hint)
    return word, Action(data=named_values(details))


def _enrol(details: Cell, above: Above) -> Body:
    return Enrol(attributes=named_values(details))


def _describe(details: Cell, above: Above) -> Body:
    return Describe(attributes=named_values(details))


def _list(details: Cell, above: Above) -> Body:
    found = _said(_LISTED, details, "on vip, or off vip")
    return Describe(attributes={}, lists={found[2]: found[1] == "on"})


def _spend(details: Cell, above: Above) -> Body:
    found = _said(_SPEND, details, "40, or 40 stars for A1")
    amount, wallet = _amount(details, found[1], above)
    return Spend(wallet=wallet, amount=amount, order_id=found[2])


def _restore(details: Cell, above: Above) -> Body:
    label = _said(_OF, details, "of 3, the spend's number")[1]
    if label not in above.told:
        raise Mistake(details, f"no row above is called {label!r}", "Refer to a row by its #.")
    return Restore(spend_id=page_id("event", label))


def _hold(details: Cell, above: Above) -> Body:
    found = _said(_HOLD, details, "40 until 2025-03-01 10:00")
    amount, wallet = _amount(details, found[1], above)
    expires_at = above.units.instant(replace(details, text=found[2], column=details.column + found.start(2)))
    return Hold(wallet=wallet, amount=amount, expires_at=expires_at)


def _capture(details: Cell, above: Above) -> Body:
    found = _said(_CAPTURE, details, "of 3, the hold's number, or 25 of 3")
    held = above.event(details, found[2], "points.held").body
    assert isinstance(held, Hold), "events of this type are holds"
    amount = None if found[1] is None else above.units.points(replace(details, text=found[1]), held.wallet)
    return Capture(hold_id=held_by(found[2]), amount=amount)


def _release(details: Cell, above: Above) -> Body:
    label = _said(_OF, details, "of 3, the hold's number")[1]
    above.event(details, label, "points.held")
    return Release(hold_id=held_by(label))


def _adjust(details: Cell, above: Above) -> Body:
    found = _said(_ADJUST, details, "+50: apology for the queue, or -50 stars: typed twice")
    amount, wallet = above.units.amount(details, found[1])
    return Adjust(wallet=wallet, amount=amount, reason=found[2])


def _transfer(details: Cell, above: Above) -> Body:
    found = _said(_TRANSFER, details, "40 to Bea")
    amount, wallet = _amount(details, found[1], above)
    return Transfer(wallet=wallet, amount=amount, to_member=above.member(details, found[2]))


def _convert(details: Cell, above: Above) -> Body:
    found = _said(_CONVERT, details, "40 miles into points")
    amount, wallet = _amount(details, found[1], above)
    into = above.units.wallet(replace(details, text=found[2], column=details.column + found.start(2)))
    return Convert(wallet=wallet, amount=amount, into=into)


def _merge(details: Cell, above: Above) -> Body:
    return Merge(into_member=above.member(details, _said(_MERGE, details, "into Bea")[1]))


def _settle(details: Cell, above: Above) -> Body:
    return Settle()


def _amount(details: Cell, text: str, above: Above) -> tuple[int, str]:
    """Return points that somebody wants to move, and their wallet."""
    amount, wallet = above.units.amount(details, text)
    if amount <= 0:
        raise Mistake(details, f"{text} is no amount to move", "Write a number above zero.")
    return amount, wallet


def _said(pattern: re.Pattern[str], details: Cell, example: str) -> re.Match[str]:
    found = pattern.fullmatch(details.text)
    if found is None:
        raise Mistake(details, f"{details.text!r} does not say what is meant", f"Write it like {example}.")
    return found


def _issue(details: Cell, above: Above) -> Body:
    return vouchers.issue(details, redeem=False)


def _redeem(details: Cell, above: Above) -> Body:
    return vouchers.issue(details, redeem=True)


def _reserve(details: Cell, above: Above) -> Body:
    return vouchers.reserve(details, above.units)


def _use(details: Cell, above: Above) -> Body:
    return vouchers.use(details)


def _undo(details: Cell, above: Above) -> Body:
    return vouchers.undo(details)


_PLATFORM: Final[Mapping[str, tuple[str, Callable[[Cell, Above], Body]]]] = {
    "enrol": ("member.enrolled", _enrol),
    "describe": ("member.described", _describe),
    "list": ("member.described", _list),
    "spend": ("points.spent", _spend),
    "restore": ("points.restored", _restore),
    "hold": ("points.held", _hold),
    "capture": ("hold.captured", _capture),
    "release": ("hold.released", _release),
    "adjust": ("points.adjusted", _adjust),
    "transfer": ("points.transferred", _transfer),
    "convert": ("points.converted", _convert),
    "merge": ("member.merged", _merge),
    "issue": ("reward.issued", _issue),
    "redeem": ("reward.issued", _redeem),
    "reserve": ("reward.reserved", _reserve),
    "use": ("reward.used", _use),
    "undo": ("reward.undone", _undo),
    "settle": ("member.settled", _settle),
}
