"""The clock moves on: what is due becomes available, expires or lapses, in the order of the instants."""

from datetime import datetime

from regulars.engine.effects import HoldClosed, Posted
from regulars.engine.lapsing import lapse_vouchers
from regulars.engine.ledger import Ledger
from regulars.engine.points import Lot, OpenHold


def settle(ledger: Ledger, at: datetime) -> None:
    """Post everything that fell due up to and including `at`; doing it twice is doing it once.

    Of one instant lots expire first; then they mature; then holds lapse, and their points meet the fate of
    their lot. Debt takes what becomes free. Vouchers go after all that, since none of it depends on them.
    """
    for hold in sorted(ledger.holds(), key=lambda hold: (hold.expires_at, hold.id)):
        if hold.expires_at <= at:
            _settle_lots(ledger, hold.expires_at)
            lapse(ledger, hold)
    _settle_lots(ledger, at)
    lapse_vouchers(ledger, at)


def lapse(ledger: Ledger, hold: OpenHold) -> None:
    """Give back what a hold reserved that nobody captured in time."""
    for part in hold.parts:
        ledger.post(
            Posted(
                wallet=hold.wallet, kind="lapse", source="held", target="available",
                amount=part.amount, at=hold.expires_at, lot_id=part.lot_id,
            )
        )  # fmt: skip
        ledger.freed(part.lot_id, hold.expires_at)
    ledger.add(HoldClosed(hold.id))


def _settle_lots(ledger: Ledger, at: datetime) -> None:
    if ledger.quiet(at):
        return
    due = [(instant, rank, lot) for lot in ledger.lots() for instant, rank in _dues(ledger, lot, at)]
    for instant, rank, lot in sorted(due, key=lambda item: (item[0], item[1], item[2].earned_at, item[2].id)):
        if rank == 0:
            ledger.expire(lot.id, instant)
        else:
            ledger.mature(lot.id, instant)
    ledger.look_again()


def _dues(ledger: Ledger, lot: Lot, at: datetime) -> list[tuple[datetime, int]]:
    dues = []
    expiry = ledger.expiry_of(lot)
    if expiry is not None and expiry <= at and lot.free:
        dues.append((expiry, 0))
    if not lot.matured and lot.available_at <= at:
        dues.append((lot.available_at, 1))
    return dues
