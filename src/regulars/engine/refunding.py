"""Rewards go back: a checkout is given up, a use was a mistake, an order came back; points go to their lots."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec.structs import replace

from regulars.engine import booking
from regulars.engine.events import Event, Undo
from regulars.engine.lapsing import give_back_shared, keep, unreserved
from regulars.engine.ledger import Ledger
from regulars.engine.members import OrderRecord
from regulars.engine.outcome import Result, merged
from regulars.engine.points import Lot, SpentPart
from regulars.engine.reasons import Reason, Refused
from regulars.engine.reversing import Clawback
from regulars.engine.rewards import Reward
from regulars.engine.running import Running
from regulars.engine.vouchers import Voucher

# Lots that come back to another membership than they left are numbered apart from all others of the event.
_REFUNDS = 1_000_000_000


def undo(running: Running, ledger: Ledger, event: Event, body: Undo) -> Result | Refused:
    """Undo a reward or its use, or all that is reserved for an order."""
    if body.order_id is not None:
        reserved = [one for one in ledger.vouchers() if one.state == "reserved" and one.order_id == body.order_id]
        if not reserved:
            return Refused(code="nothing-reserved", detail={"order": body.order_id})
        return Result(vouchers=let_go(ledger, event, reserved))
    voucher = ledger.voucher(body.voucher_id) if body.voucher_id is not None else None
    if voucher is None:
        return Refused(code="unknown-voucher", detail={"voucher": str(body.voucher_id)})
    if voucher.state == "reserved":
        return Result(vouchers=let_go(ledger, event, [voucher]))
    reward = running.shelf.rewards.get(voucher.reward)
    reason = _stopped(voucher, reward, body, event.occurred_at)
    if reason is not None:
        return _refused(voucher, reason)
    if body.to == "voucher":
        return Result(vouchers=(_unused(ledger, voucher, event.occurred_at),))
    if not _credit_left(ledger, voucher):
        return _refused(voucher, Reason(code="credit-spent"))
    return _refunded(ledger, event, voucher)


def let_go(ledger: Ledger, event: Event, reserved: Iterable[Voucher]) -> tuple[Voucher, ...]:
    """Give up reservations: held points are free again, and others can have what was reserved."""
    freed = []
    for voucher in sorted(reserved, key=lambda one: one.id):
        if voucher.hold_id is not None:
            booking.release_all(ledger, event, voucher.hold_id)
        freed.append(unreserved(ledger, voucher))
    return tuple(freed)


def order_returned(running: Running, ledger: Ledger, event: Event, record: OrderRecord) -> Result:
    """Give back the vouchers of an order that has come back as a whole, as their rewards say."""
    back = Result()
    for voucher in sorted(ledger.vouchers(), key=lambda one: one.id):
        if voucher.state != "redeemed" or voucher.order_id != record.order_id or not _whole(record):
            continue
        reward = running.shelf.rewards.get(voucher.reward)
        policy = "voucher" if reward is None else reward.on_return
        if policy == "points" and _credit_left(ledger, voucher):
            back = merged(back, _refunded(ledger, event, voucher))
        elif policy == "voucher" and not (reward is not None and reward.at_once):
            back = merged(back, Result(vouchers=(_unused(ledger, voucher, event.occurred_at),)))
    return back


def _stopped(voucher: Voucher, reward: Reward | None, body: Undo, at: datetime) -> Reason | None:
    """Return why a voucher, or its use, cannot be undone at an instant, if it cannot."""
    redeemed = voucher.state == "redeemed"
    if not redeemed and (body.to == "voucher" or not voucher.usable(at)):
        return Reason(code="voucher-state", actual=voucher.state)
    if body.to == "voucher" and reward is not None and reward.at_once:
        return Reason(code="used-up-at-once")
    if body.reversal or (redeemed and _just_now(voucher, reward, at)):
        return None
    if redeemed and (body.to == "voucher" or reward is None or reward.refund != "always"):
        minutes = None if reward is None else reward.undo_minutes
        assert voucher.redeemed_at is not None, "what is redeemed was so at an instant"
        return Reason(code="too-late-to-undo", required=minutes, actual=voucher.redeemed_at.isoformat())
    if reward is not None and reward.refund == "never":
        return Reason(code="no-refund")
    return None if reward is None else reward.back_at(at)


def _just_now(voucher: Voucher, reward: Reward | None, at: datetime) -> bool:
    """Return whether a use is so recent that whoever made it may still undo it, and nothing shows that it mattered."""
    if reward is None or voucher.redeemed_at is None or voucher.number is not None:
        return False
    return at <= voucher.redeemed_at + timedelta(minutes=reward.undo_minutes)


def _unused(ledger: Ledger, voucher: Voucher, at: datetime) -> Voucher:
    """Give a used voucher back to the member, unless its time is over meanwhile."""
    over = voucher.valid_until is not None and voucher.valid_until <= at
    back = replace(voucher, state="issued", order_id=None, redeemed_at=None, redeemed_by=None)
    return keep(ledger, replace(back, state="expired") if over else back)


def _refunded(ledger: Ledger, event: Event, voucher: Voucher) -> Result:
    """Give the points back to the lots they came from, where those whose time is over expire on their way."""
    at = event.occurred_at
    back = _restored(ledger, event, voucher)
    clawbacks = () if voucher.lot_id is None else (_taken_back(ledger, voucher, ledger.lot(voucher.lot_id), at),)
    give_back_shared(ledger, voucher)
    returned = keep(ledger, replace(voucher, state="returned", counted={}, parts=back))
    return Result(taken=back, clawbacks=clawbacks, vouchers=(returned,))


def _taken_back(ledger: Ledger, voucher: Voucher, lot: Lot, at: datetime) -> Clawback:
    """Take the store credit back that a voucher brought."""
    ledger.move(lot, lot.free, kind="reverse", target="issued", at=at)
    return Clawback(
        rule=voucher.reward, wallet=lot.wallet, asked=lot.free, taken=lot.free, lapsed=0, owed=0, forgiven=0
    )


def _restored(ledger: Ledger, event: Event, voucher: Voucher) -> tuple[SpentPart, ...]:
    if voucher.wallet is None:
        return ()
    number = _REFUNDS + voucher.id.int % _REFUNDS
    return booking.put_back(ledger, event, voucher.wallet, voucher.parts, numbered_from=number)


def _credit_left(ledger: Ledger, voucher: Voucher) -> bool:
    """Return whether all of the store credit that a voucher brought is still there, where it brought any."""
    if voucher.lot_id is None:
        return True
    lots = [lot for lot in ledger.lots() if lot.id == voucher.lot_id]
    return bool(lots) and lots[0].free == lots[0].amount


def _whole(record: OrderRecord) -> bool:
    """Return whether all of an order has come back."""
    return all(record.back_milli(line_id) >= quantity for line_id, quantity in record.quantities_milli.items())


def _refused(voucher: Voucher, reason: Reason) -> Refused:
    required = reason.required if isinstance(reason.required, str | int | bool | None) else None
    actual = reason.actual if isinstance(reason.actual, str | int | bool | None) else None
    detail = {"voucher": str(voucher.id), "reward": voucher.reward, "reason": reason.code}
    return Refused(code="voucher-not-undoable", detail={**detail, "required": required, "actual": actual})
