"""Points are used, reserved, given, corrected and passed on."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from msgspec.structs import replace

from regulars.engine import mail
from regulars.engine.dates import expires_at
from regulars.engine.effects import Announced, HoldClosed, HoldOpened, Posted, Sent, SpendKept
from regulars.engine.events import (
    Adjust,
    Capture,
    Event,
    Hold,
    Receive,
    Release,
    Restore,
    Scalar,
    Spend,
    Transfer,
)
from regulars.engine.ids import derive
from regulars.engine.ledger import Ledger
from regulars.engine.members import SpendRecord
from regulars.engine.outcome import Result
from regulars.engine.points import HeldPart, Lot, OpenHold, SpentPart, Taken, take
from regulars.engine.reasons import Refused
from regulars.engine.running import Running


def spend(running: Running, ledger: Ledger, event: Event, body: Spend) -> Result | Refused:
    """Pay with points, the soonest to expire first."""
    refused = enough(running, ledger, event, body.wallet, body.amount)
    if refused is not None:
        return refused
    taken = ledger.take(body.wallet, body.amount, kind="spend", target="spent", at=event.occurred_at)
    return _spent(ledger, event, body.wallet, parts_of(taken))


def restore(ledger: Ledger, event: Event, body: Restore) -> Result | Refused:
    """Undo a spend: the points go back to the lots they came from and keep those lots' dates.

    What would have expired meanwhile expires on its way back. What a membership spent that was merged into this
    one comes back in lots of this one, with the same dates.
    """
    record = ledger.before.spends.get(body.spend_id)
    if record is None:
        return Refused(code="unknown-spend", detail={"spend": str(body.spend_id)})
    if record.restored:
        return Refused(code="spend-already-restored", detail={"spend": str(body.spend_id)})
    inherited = not all(ledger.has(part.lot_id) for part in record.parts)
    back = put_back(ledger, event, record.wallet, record.parts)
    ledger.add(SpendKept(replace(record, parts=back, restored=True, inherited=inherited)))
    return Result(taken=tuple(HeldPart(lot_id=part.lot_id, amount=part.amount) for part in back))


def put_back(
    ledger: Ledger, event: Event, wallet: str, parts: Sequence[SpentPart], *, numbered_from: int = 0
) -> tuple[SpentPart, ...]:
    """Give points that were spent back to their lots, and return what came back to which.

    Where the lots were those of a membership that was merged into this one, lots like them are opened.
    """
    return tuple(
        _put_back(ledger, event, wallet, part) if ledger.has(part.lot_id)
        else _reopened(ledger, event, wallet, part, number)
        for number, part in enumerate(parts, start=numbered_from)
    )  # fmt: skip


def _put_back(ledger: Ledger, event: Event, wallet: str, part: SpentPart) -> SpentPart:
    ledger.post(
        Posted(
            wallet=wallet, kind="restore", source="spent", target="available",
            amount=part.amount, at=event.occurred_at, lot_id=part.lot_id,
        )
    )  # fmt: skip
    ledger.freed(part.lot_id, event.occurred_at)
    return part


def _reopened(ledger: Ledger, event: Event, wallet: str, part: SpentPart, number: int) -> SpentPart:
    lot = ledger.new_lot(
        wallet,
        part.amount,
        number=number,
        earned_at=part.earned_at,
        available_at=part.available_at,
        expires_at=part.expires_at,
        origin_id=part.origin_id,
    )
    ledger.fill(lot, kind="receive", source="spent", at=event.occurred_at)
    ledger.freed(lot.id, event.occurred_at)
    return replace(part, lot_id=lot.id)


def hold(running: Running, ledger: Ledger, event: Event, body: Hold) -> Result | Refused:
    """Reserve points until the hold is captured, released, or lapses."""
    if body.expires_at <= event.occurred_at:
        return Refused(code="hold-already-over", detail={"expires_at": body.expires_at.isoformat()})
    refused = enough(running, ledger, event, body.wallet, body.amount)
    if refused is not None:
        return refused
    taken = ledger.take(body.wallet, body.amount, kind="hold", target="held", at=event.occurred_at)
    opened = OpenHold(
        id=derive(event.id, "hold"), wallet=body.wallet, parts=parts_of(taken), expires_at=body.expires_at
    )
    ledger.add(HoldOpened(opened))
    return Result(taken=opened.parts, hold_id=opened.id)


def capture(ledger: Ledger, event: Event, body: Capture) -> Result | Refused:
    """Spend what a hold reserved, or part of it; the rest is free again."""
    held = _open_hold(ledger, body.hold_id)
    if isinstance(held, Refused):
        return held
    amount = held.amount if body.amount is None else body.amount
    if amount <= 0:
        return Refused(code="amount-not-positive", detail={"amount": amount})
    if amount > held.amount:
        return Refused(code="captured-more-than-held", detail={"held": held.amount, "asked": amount})
    captured: list[HeldPart] = []
    for part in held.parts:
        used = min(part.amount, amount)
        amount -= used
        _unhold(ledger, event, held, HeldPart(lot_id=part.lot_id, amount=used), "capture")
        _unhold(ledger, event, held, HeldPart(lot_id=part.lot_id, amount=part.amount - used), "release")
        if used:
            captured.append(HeldPart(lot_id=part.lot_id, amount=used))
    ledger.add(HoldClosed(held.id))
    return _spent(ledger, event, held.wallet, tuple(captured))


def release(ledger: Ledger, event: Event, body: Release) -> Result | Refused:
    """Free what a hold reserved."""
    held = _open_hold(ledger, body.hold_id)
    if isinstance(held, Refused):
        return held
    release_all(ledger, event, held.id)
    return Result()


def adjust(running: Running, ledger: Ledger, event: Event, body: Adjust) -> Result | Refused:
    """Give or take points by hand; more than there is cannot be taken."""
    if body.amount == 0:
        return Refused(code="nothing-to-adjust")
    refused = _known(running, body.wallet) or _covered(ledger, event, body.wallet, -body.amount)
    if refused is not None:
        return refused
    at = event.occurred_at
    if body.amount > 0:
        expiry = expires_at(running.wallets[body.wallet], at, running.zone_of(event), available=at)
        lot = ledger.new_lot(body.wallet, body.amount, number=0, earned_at=at, available_at=at, expires_at=expiry)
        ledger.open(lot, kind="adjust", source="adjusted", at=at)
    else:
        ledger.take(body.wallet, -body.amount, kind="adjust", target="adjusted", at=at)
    ledger.add(Announced("points.adjusted", {"wallet": body.wallet, "points": body.amount}))
    return Result(note=body.reason)


def transfer(running: Running, ledger: Ledger, event: Event, body: Transfer) -> Result | Refused:
    """Send points to another member, the soonest to expire first; they keep their dates."""
    if body.to_member == event.member_id:
        return Refused(code="transfer-to-oneself")
    refused = enough(running, ledger, event, body.wallet, body.amount)
    if refused is not None:
        return refused
    lots = ledger.spendable(body.wallet, event.occurred_at)
    parcels = mail.send(ledger, take(lots, body.amount), at=event.occurred_at)
    received = Receive(from_member=event.member_id, parcels=parcels)
    ledger.add(Sent(body.to_member, "points.received", mail.write(received)))
    ledger.add(Announced("points.transferred", {"wallet": body.wallet, "points": body.amount}))
    return Result()


def receive(ledger: Ledger, event: Event, body: Receive) -> Result:
    """Take in points that another member sent."""
    mail.unpack(ledger, body.parcels, at=event.occurred_at)
    return Result()


def enough(running: Running, ledger: Ledger, event: Event, wallet: str, amount: int) -> Refused | None:
    """Return why so many points cannot be paid, if they cannot."""
    refused = _known(running, wallet)
    if refused is not None:
        return refused
    if amount <= 0:
        return Refused(code="amount-not-positive", detail={"amount": amount})
    if not running.wallets[wallet].spendable:
        return Refused(code="wallet-not-spendable", detail={"wallet": wallet})
    return _covered(ledger, event, wallet, amount)


def parts_of(taken: tuple[Taken, ...]) -> tuple[HeldPart, ...]:
    """Return what was taken in the form in which it is remembered."""
    return tuple(HeldPart(lot_id=part.lot.id, amount=part.amount) for part in taken)


def spent_parts_of(taken: tuple[Taken, ...]) -> tuple[SpentPart, ...]:
    """Return what was taken in the form in which it is remembered for going back."""
    return tuple(_spent_part(part.lot, part.amount) for part in taken)


def capture_all(ledger: Ledger, event: Event, hold_id: UUID) -> None:
    """Spend all that an open hold reserved."""
    _end(ledger, event, hold_id, "capture")


def release_all(ledger: Ledger, event: Event, hold_id: UUID) -> None:
    """Free all that an open hold reserved."""
    _end(ledger, event, hold_id, "release")


def _known(running: Running, wallet: str) -> Refused | None:
    return None if wallet in running.wallets else Refused(code="unknown-wallet", detail={"wallet": wallet})


def _covered(ledger: Ledger, event: Event, wallet: str, amount: int) -> Refused | None:
    at = event.occurred_at
    available = sum(lot.free for lot in ledger.spendable(wallet, at)) - ledger.wallet(wallet).debt
    if available >= amount or amount <= 0:
        return None
    pending = [lot for lot in ledger.lots_at(at, wallet) if lot.available_at > at and lot.free]
    soon = min((lot.available_at for lot in pending), default=None)
    more = sum(lot.free for lot in pending if lot.available_at == soon)
    detail: dict[str, Scalar] = {"wallet": wallet, "needed": amount, "available": available}
    detail |= {"more": more, "more_at": soon.isoformat()} if soon is not None else {"more": None, "more_at": None}
    return Refused(code="insufficient-points", detail=detail)


def _spent(ledger: Ledger, event: Event, wallet: str, parts: tuple[HeldPart, ...]) -> Result:
    spent = tuple(_spent_part(ledger.lot(part.lot_id), part.amount) for part in parts)
    ledger.add(SpendKept(SpendRecord(event_id=event.id, wallet=wallet, parts=spent)))
    points = sum(part.amount for part in parts)
    ledger.add(Announced("points.spent", {"wallet": wallet, "points": points}))
    return Result(taken=parts)


def _spent_part(lot: Lot, amount: int) -> SpentPart:
    return SpentPart(
        lot_id=lot.id,
        amount=amount,
        origin_id=lot.origin_id,
        earned_at=lot.earned_at,
        available_at=lot.available_at,
        expires_at=lot.expires_at,
    )


def _open_hold(ledger: Ledger, hold_id: UUID) -> OpenHold | Refused:
    """Return a hold that may be captured or released by itself: one of a voucher ends with the voucher."""
    for voucher in ledger.vouchers():
        if voucher.hold_id == hold_id and voucher.state == "reserved":
            return Refused(code="hold-of-a-voucher", detail={"hold": str(hold_id), "order": voucher.order_id})
    for held in ledger.holds():
        if held.id == hold_id:
            return held
    return Refused(code="hold-not-open", detail={"hold": str(hold_id)})


def _end(ledger: Ledger, event: Event, hold_id: UUID, kind: Literal["capture", "release"]) -> None:
    held = next(one for one in ledger.holds() if one.id == hold_id)
    for part in held.parts:
        _unhold(ledger, event, held, part, kind)
    ledger.add(HoldClosed(hold_id))


def _unhold(ledger: Ledger, event: Event, held: OpenHold, part: HeldPart, kind: Literal["capture", "release"]) -> None:
    ledger.post(
        Posted(
            wallet=held.wallet, kind=kind, source="held", target="spent" if kind == "capture" else "available",
            amount=part.amount, at=event.occurred_at, lot_id=part.lot_id,
        )
    )  # fmt: skip
    if kind == "release":
        ledger.freed(part.lot_id, event.occurred_at)
