"""What a page says of rewards: which are taken, reserved, used and undone, and which vouchers a member then has."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from msgspec.structs import replace

from regulars.engine.events import Chosen, Issue, Reserve, Undo, Use
from regulars.engine.ids import derive
from regulars.engine.members import MemberState
from regulars.engine.vouchers import Voucher, VoucherState
from regulars.programme.scenarios.cells import Units
from regulars.programme.scenarios.markdown import Cell, Mistake
from regulars.programme.scenarios.page import page_id

MOST_OF_AN_EVENT: Final = 8
"""So many vouchers of one event can a page refer to."""

_CHOSEN: Final = re.compile(r"([a-z][a-z0-9_]*)(?: paying (\d+))?(?: with ([a-z]\w*=[^,;]+(?:, ?[a-z]\w*=[^,;]+)*))?")
_FOR: Final = re.compile(r"(.+?)(?: for (\S+))?")
_RESERVE: Final = re.compile(r"(\S+) until ([^;]+?): (.+)")
_VOUCHER: Final = re.compile(r"of (?:gift ([a-z][a-z0-9_]*) of )?(\S+?)(?:/([1-8]))?")
_UNDO: Final = re.compile(r"(use )?(of .+?)( as reversal)?")
_ORDER: Final = re.compile(r"for (\S+)")


def chosen(details: Cell, text: str) -> Chosen:
    """Return the reward that a piece of a cell names: `coffee`, `off paying 70`, `shirt with size=m`."""
    found = _CHOSEN.fullmatch(text.strip())
    if found is None:
        hint = "Write a reward like five_off, part_off paying 70, or shirt with size=m."
        raise Mistake(details, f"{text!r} does not say which reward", hint)
    pairs = [pair.split("=", 1) for pair in (found[3] or "").split(",") if pair]
    options = {name.strip(): value.strip() for name, value in pairs}
    return Chosen(reward=found[1], amount=int(found[2]) if found[2] else None, options=options)


def issue(details: Cell, *, redeem: bool) -> Issue:
    """Return that a reward is taken, with the order that it is for where the cell names one."""
    found = _FOR.fullmatch(details.text)
    if found is None:
        raise Mistake(details, "it does not say which reward", "Write it like five_off, or five_off for A1.")
    return Issue(chosen=chosen(details, found[1]), redeem=redeem, order_id=found[2])


def reserve(details: Cell, units: Units) -> Reserve:
    """Return that a checkout lays hands on rewards and vouchers: `A1 until 2025-03-01 10:30: five_off; of 3`."""
    found = _RESERVE.fullmatch(details.text)
    if found is None:
        hint = "Write it like A1 until 2025-03-01 10:30: five_off; of 3."
        raise Mistake(details, f"{details.text!r} does not say what is reserved", hint)
    pieces = [piece.strip() for piece in found[3].split(";")]
    return Reserve(
        order_id=found[1],
        until=units.instant(replace(details, text=found[2], column=details.column + found.start(2))),
        chosen=tuple(chosen(details, piece) for piece in pieces if not piece.startswith("of ")),
        vouchers=tuple(voucher(details, piece) for piece in pieces if piece.startswith("of ")),
    )


def use(details: Cell) -> Use:
    """Return that a voucher is used: `of 3`, or in an order, `of 3 for A1`."""
    found = _FOR.fullmatch(details.text)
    assert found is not None, "any text but none fits"
    return Use(voucher_id=voucher(details, found[1]), order_id=found[2])


def undo(details: Cell) -> Undo:
    """Return that a reward goes back, `of 3`, its use alone, `use of 3`, or what is reserved for an order, `for A1`."""
    if found := _ORDER.fullmatch(details.text):
        return Undo(order_id=found[1])
    found = _UNDO.fullmatch(details.text)
    if found is None:
        hint = "Write it like of 3, use of 3, of 3 as reversal, or for A1."
        raise Mistake(details, f"{details.text!r} does not say what is undone", hint)
    to = "voucher" if found[1] else "points"
    return Undo(voucher_id=voucher(details, found[2]), to=to, reversal=bool(found[3]))  # type: ignore[arg-type]


def voucher(details: Cell, text: str) -> UUID:
    """Return the page's id of a voucher: `of 3`, the second one `of 3/2`, a rule's `of gift coffee of 3`."""
    found = _VOUCHER.fullmatch(text.strip())
    if found is None:
        hint = "Write of 3, of 3/2 for its second one, or of gift coffee of 3 for what a rule gave."
        raise Mistake(details, f"{text!r} does not say which voucher", hint)
    number = int(found[3] or 1) - 1
    cause = page_id("event", found[2])
    return bought_by(cause, number) if found[1] is None else given_by(cause, found[1], number)


def bought_by(cause: UUID, number: int) -> UUID:
    """Return the id of a voucher that an event bought, counted from zero."""
    return derive(cause, "voucher", number)


def given_by(cause: UUID, reward: str, number: int) -> UUID:
    """Return the id of a voucher that an event gave for nothing, counted from zero over all it gave."""
    return derive(cause, "voucher", "given", reward, number)


def known_as(page_cause: UUID, cause: UUID, rewards: Sequence[str]) -> dict[UUID, UUID]:
    """Return the ids of the vouchers that an event may have brought about, by the page's ids of them."""
    return {
        **{bought_by(page_cause, number): bought_by(cause, number) for number in range(MOST_OF_AN_EVENT)},
        **{
            given_by(page_cause, reward, number): given_by(cause, reward, number)
            for reward in rewards
            for number in range(MOST_OF_AN_EVENT)
        },
    }


def in_hand(state: MemberState, at: datetime) -> list[tuple[Voucher, VoucherState]]:
    """Return the vouchers that a member can still do something with at an instant, the oldest first.

    What lapses or expires by then is as the clock has it, whether or not a sweeper has run.
    """
    found: list[tuple[Voucher, VoucherState]] = []
    for one in sorted(state.vouchers.values(), key=lambda one: (one.issued_at, one.reward, one.id)):
        standing = one.standing(at)
        if standing in ("reserved", "issued"):
            found.append((one, standing))
    return found
