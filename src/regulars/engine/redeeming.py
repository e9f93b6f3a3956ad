"""Rewards change hands: a voucher is reserved, issued, used, or given by a campaign, and its points are paid."""

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from msgspec.structs import replace

from regulars.engine import booking, refunding
from regulars.engine.carts import price
from regulars.engine.events import Event, Issue, Order, Purchase, Reserve, Use
from regulars.engine.ids import derive
from regulars.engine.lapsing import keep
from regulars.engine.ledger import Ledger
from regulars.engine.outcome import Result, dates_of
from regulars.engine.points import HeldPart
from regulars.engine.reasons import Reason, Refused
from regulars.engine.running import Running
from regulars.engine.selling import bought, issued, new_voucher, told, unavailable
from regulars.engine.shelf import misplaced
from regulars.engine.vouchers import Voucher

UNDISCOUNTED: Final = "vouchers-without-discount"
"""What is remarked of an order that used vouchers and has no discount: somebody paid too much."""


def issue(running: Running, ledger: Ledger, event: Event, body: Issue) -> Result | Refused:
    """Let the member have a reward: pay for it, take it from what there is, and use it at once where asked to."""
    voucher = bought(running, ledger, event, body.chosen, number=0, until=None, order_id=body.order_id)
    if isinstance(voucher, Refused):
        return voucher
    reward = running.shelf.rewards[voucher.reward]
    if body.redeem and not reward.at_once:
        if (reason := reward.use_at(event.occurred_at)) is not None:
            return _unusable(voucher, reason)
        voucher = _used(ledger, event, voucher, body.order_id)
    return Result(taken=voucher.parts, vouchers=(voucher,))


def reserve(running: Running, ledger: Ledger, event: Event, body: Reserve) -> Result | Refused:
    """Lay hands on rewards and vouchers for a checkout, in place of what was reserved for it before."""
    if body.until <= event.occurred_at:
        return Refused(code="hold-already-over", detail={"expires_at": body.until.isoformat()})
    if not body.chosen and not body.vouchers:
        return Refused(code="nothing-to-reserve")
    refunding.let_go(ledger, event, reserved_for(ledger, body.order_id))
    kept: list[Voucher] = []
    for voucher_id in body.vouchers:
        voucher = _usable(running, ledger, event, voucher_id, body.order_id)
        if isinstance(voucher, Refused):
            return voucher
        if voucher.state == "reserved":
            return Refused(code="voucher-named-twice", detail={"voucher": str(voucher_id)})
        kept.append(keep(ledger, replace(
            voucher, state="reserved", order_id=body.order_id, reserved_until=body.until, reserved_by=event.id
        )))  # fmt: skip
    for number, chosen in enumerate(body.chosen):
        made = bought(running, ledger, event, chosen, number=number, until=body.until, order_id=body.order_id)
        if isinstance(made, Refused):
            return made
        kept.append(made)
    return Result(taken=tuple(part for one in kept if one.hold_id for part in one.parts), vouchers=tuple(kept))


def use(running: Running, ledger: Ledger, event: Event, body: Use) -> Result | Refused:
    """Use a voucher, in whatever channel: once."""
    voucher = _usable(running, ledger, event, body.voucher_id, body.order_id)
    if isinstance(voucher, Refused):
        return voucher
    return Result(vouchers=(_used(ledger, event, voucher, body.order_id),))


def commit(running: Running, ledger: Ledger, event: Event, body: Purchase) -> Result | Refused:
    """Use the vouchers that an order names, and all that is reserved for it; what was held for them is spent."""
    if not body.vouchers and not ledger.vouchers():
        return Result()
    named = dict.fromkeys((*body.vouchers, *(one.id for one in reserved_for(ledger, body.order.id))))
    used: list[Voucher] = []
    taken: list[HeldPart] = []
    for voucher_id in named:
        voucher = _usable(running, ledger, event, voucher_id, body.order.id)
        if isinstance(voucher, Refused):
            return voucher
        if voucher.hold_id is not None:
            taken += voucher.parts
        used.append(_committed(running, ledger, event, voucher, body.order.id))
    note = UNDISCOUNTED if _undiscounted(running, body.order, used) else None
    return Result(vouchers=tuple(used), taken=tuple(taken), note=note)


def give(running: Running, ledger: Ledger, event: Event, reward_id: str, number: int) -> Voucher | Refused:
    """Give the member a reward for nothing, as campaigns and tiers do; `number` tells it from the event's others.

    Its stock must last, and so must its time; who could buy it where, and how often, does not matter.
    """
    reward = running.shelf.rewards[reward_id]
    sold_out = running.shelf.sold_out(reward, ledger.shared)
    if sold_out:
        return unavailable(reward, sold_out[0])
    end = reward.end(event.occurred_at, running.zone_of(event))
    if end is not None and end <= event.occurred_at:
        return unavailable(reward, Reason(code="over", required=end.isoformat(), actual=event.occurred_at.isoformat()))
    value = None if reward.part_payment is None else reward.part_payment.value(reward.part_payment.bounds[0])
    assert not isinstance(value, Reason), "the least that can be paid can be paid"
    voucher = new_voucher(running, ledger, event, reward, derive(event.id, "voucher", "given", reward_id, number))
    return issued(running, ledger, event, reward, replace(voucher, value_minor=value))


def give_all(running: Running, ledger: Ledger, event: Event, rewards: Iterable[str]) -> None:
    """Give the member what rules give beside points; what there is none left of is not given."""
    for number, reward_id in enumerate(rewards):
        give(running, ledger, event, reward_id, number)


def with_given(ledger: Ledger, event: Event, result: Result) -> Result:
    """Return what an event brought about with the rewards that it gave, and the store credit of all it gave or sold."""
    ours = [one for one in ledger.vouchers() if one.event_id == event.id]
    if not ours:
        return result
    known, told = {one.id for one in result.vouchers}, {one.lot_id for one in result.lots}
    credit = [ledger.lot(one.lot_id) for one in ours if one.lot_id is not None and one.lot_id not in told]
    given = [one for one in ours if one.id not in known]
    return replace(result, vouchers=(*result.vouchers, *given), lots=(*result.lots, *dates_of(ledger, credit)))


def _undiscounted(running: Running, order: Order, used: Iterable[Voucher]) -> bool:
    """Return whether an order has no discount at all although its vouchers would take something off."""
    if order.discount_minor or any(line.discount_minor for line in order.lines):
        return False
    rewards = ((one, running.shelf.rewards.get(one.reward)) for one in used)
    discounts = [reward.discount(one) for one, reward in rewards if reward is not None]
    priced = price(order, [one for one in discounts if one is not None])
    return any(one.lines for one in priced.applied)


def reserved_for(ledger: Ledger, order_id: str) -> Sequence[Voucher]:
    """Return the vouchers that are reserved for an order, in the order of their ids."""
    return reserved_in(ledger.vouchers(), order_id)


def reserved_in(vouchers: Iterable[Voucher], order_id: str) -> Sequence[Voucher]:
    """Return those of a member's vouchers that are reserved for an order, in the order of their ids."""
    there = (one for one in vouchers if one.state == "reserved" and one.order_id == order_id)
    return sorted(there, key=lambda one: one.id)


def _usable(
    running: Running, ledger: Ledger, event: Event, voucher_id: UUID, order_id: str | None
) -> Voucher | Refused:
    """Return a voucher that can be used where and when an event happens, for an order or for none."""
    voucher = ledger.voucher(voucher_id)
    if voucher is None:
        return Refused(code="unknown-voucher", detail={"voucher": str(voucher_id)})
    at = event.occurred_at
    if not voucher.usable(at):
        until = voucher.valid_until.isoformat() if voucher.valid_until is not None else None
        return _unusable(voucher, Reason(code="voucher-state", required=until, actual=voucher.state))
    if voucher.state == "reserved" and voucher.order_id != order_id:
        assert voucher.reserved_until is not None, "a reservation ends"
        return _unusable(voucher, Reason(code="voucher-reserved", actual=voucher.reserved_until.isoformat()))
    reward = running.shelf.rewards.get(voucher.reward)
    if reward is None:
        return voucher
    reasons = misplaced(reward, event)
    if (reason := reward.use_at(at)) is not None:
        reasons.append(reason)
    return _unusable(voucher, reasons[0]) if reasons else voucher


def _used(ledger: Ledger, event: Event, voucher: Voucher, order_id: str | None) -> Voucher:
    """Keep a voucher as used; points that were held for it are spent."""
    if voucher.hold_id is not None:
        booking.capture_all(ledger, event, voucher.hold_id)
    used = replace(
        voucher,
        state="redeemed",
        order_id=order_id,
        redeemed_at=event.occurred_at,
        redeemed_by=event.id,
        hold_id=None,
        reserved_until=None,
        reserved_by=None,
    )
    return keep(ledger, used)


def _committed(running: Running, ledger: Ledger, event: Event, voucher: Voucher, order_id: str) -> Voucher:
    """Use a voucher in an order; one that was bought with it and takes nothing off, such as a seat, is issued."""
    reward = running.shelf.rewards.get(voucher.reward)
    with_it = voucher.state == "reserved" and voucher.reserved_by == voucher.event_id
    if reward is None or not with_it or reward.discount(voucher) is not None:
        return _used(ledger, event, voucher, order_id)
    if voucher.hold_id is not None:
        booking.capture_all(ledger, event, voucher.hold_id)
    free = replace(voucher, state="issued", hold_id=None, reserved_until=None, reserved_by=None)
    return issued(running, ledger, event, reward, free)


def _unusable(voucher: Voucher, reason: Reason) -> Refused:
    detail = {"voucher": str(voucher.id), "reward": voucher.reward, "reason": reason.code, **told(reason)}
    return Refused(code="voucher-not-usable", detail=detail)
