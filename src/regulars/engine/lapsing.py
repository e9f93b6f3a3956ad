"""Vouchers have their time: a reservation that nobody uses lapses, and a voucher that nobody uses expires."""

from datetime import datetime

from msgspec.structs import replace

from regulars.engine.counting import until_of
from regulars.engine.effects import Announced, Counted, VoucherKept
from regulars.engine.ledger import Ledger
from regulars.engine.vouchers import Voucher


def lapse_vouchers(ledger: Ledger, at: datetime) -> None:
    """Let every reservation lapse and every voucher expire whose time was over by `at`, inclusive.

    The points that were held for a reservation come free with their hold, which ends at the same instant.
    """
    for voucher in sorted(ledger.vouchers(), key=lambda one: one.id):
        if voucher.state == "reserved" and voucher.reserved_until is not None and voucher.reserved_until <= at:
            voucher = unreserved(ledger, voucher)
        if voucher.state == "issued" and voucher.valid_until is not None and voucher.valid_until <= at:
            keep(ledger, replace(voucher, state="expired"))


def unreserved(ledger: Ledger, voucher: Voucher) -> Voucher:
    """Let go of a reservation: what came about by it is cancelled, a voucher from before is the member's again."""
    if voucher.reserved_by == voucher.event_id:
        give_back_shared(ledger, voucher)
        return keep(ledger, replace(voucher, state="cancelled", hold_id=None, reserved_until=None, counted={}))
    return keep(ledger, replace(voucher, state="issued", order_id=None, reserved_until=None, reserved_by=None))


def give_back_shared(ledger: Ledger, voucher: Voucher) -> None:
    """Give back what a voucher took of what members share, and of the member's own limits.

    A code of a pool that somebody has seen stays taken.
    """
    for name, by in sorted(voucher.claims.items()):
        if voucher.number is None or not name.startswith("pool/"):
            ledger.claim(name, -by)
    ledger.count(Counted(name=name, by=-by, until=until_of(name)) for name, by in sorted(voucher.counted.items()))


def keep(ledger: Ledger, voucher: Voucher) -> Voucher:
    """Keep a voucher as it now stands, tell the world, and return it."""
    ledger.add(VoucherKept(voucher))
    ledger.add(Announced(f"reward.{voucher.state}", {"voucher": voucher.id, "reward": voucher.reward}))
    return voucher
