"""People join, tell us about themselves, and turn out to be one person."""

from collections.abc import Collection, Sequence
from datetime import datetime

from msgspec.structs import replace

from regulars.engine import days
from regulars.engine.activity import stay_active
from regulars.engine.counting import until_of
from regulars.engine.effects import (
    Announced,
    Counted,
    Described,
    Enrolled,
    Listed,
    MergedInto,
    Posted,
    Sent,
    VoucherKept,
)
from regulars.engine.events import Absorb, Describe, Enrol, Event, Merge, Scalar
from regulars.engine.ledger import Ledger
from regulars.engine.mail import parcels_of, unpack, write
from regulars.engine.outcome import Result
from regulars.engine.reasons import Refused
from regulars.engine.vouchers import Voucher


def enrol_unknown(ledger: Ledger, event: Event) -> None:
    """Begin the membership of somebody of whom nothing is recorded yet."""
    if ledger.before.standing == "unknown":
        at = event.body.enrolled_at if isinstance(event.body, Absorb) else event.occurred_at
        ledger.add(Enrolled(at))
        ledger.add(Announced("member.created", {"channel": event.channel}))


def member_already(ledger: Ledger) -> Refused | None:
    """Return why somebody cannot join, if they are a member already."""
    if ledger.before.standing == "unknown":
        return None
    return Refused(code="already-a-member", detail={"member": str(ledger.before.member_id)})


def describe(ledger: Ledger, body: Enrol | Describe) -> None:
    """Change the member's attributes, and the lists that the member is on."""
    _describe(ledger, body.attributes)
    if isinstance(body, Describe):
        before = ledger.state().lists
        for name, on in body.lists.items():
            if on != (name in before):
                ledger.add(Listed(name, on))


def unknown_list(lists: Collection[str], body: Describe) -> Refused | None:
    """Return why somebody cannot be put on a list that the programme does not have."""
    missing = next((name for name, on in body.lists.items() if on and name not in lists), None)
    return None if missing is None else Refused(code="unknown-list", detail={"list": missing})


def merge(ledger: Ledger, event: Event, body: Merge) -> Result | Refused:
    """Send everything the member has to another membership, and close this one."""
    before = ledger.before
    if body.into_member == before.member_id:
        return Refused(code="merge-into-itself")
    reserved = _reservations(ledger)
    if reserved:
        return Refused(code="merge-with-open-holds", detail={"holds": reserved})
    at = event.occurred_at
    vouchers = _sent_along(ledger)
    parcels = parcels_of(ledger, at=at)
    wallets = ledger.state().wallets
    debts = {name: wallet.debt for name, wallet in wallets.items() if wallet.debt}
    for name, debt in sorted(debts.items()):
        ledger.post(Posted(wallet=name, kind="transfer", source="transit", target="debt", amount=debt, at=at))
    absorbed = Absorb(
        from_member=before.member_id,
        parcels=parcels,
        debts=debts,
        counters=before.counters,
        attributes=before.attributes,
        enrolled_at=before.enrolled_at or at,
        active_until={name: wallet.active_until for name, wallet in wallets.items() if wallet.active_until is not None},
        days=before.days,
        tiers=before.tiers,
        vouchers=vouchers,
        lists=before.lists,
    )
    ledger.add(Sent(body.into_member, "member.absorbed", write(absorbed)))
    ledger.add(MergedInto(body.into_member))
    ledger.add(Announced("member.merged", {"into": str(body.into_member)}))
    return Result()


def absorb(ledger: Ledger, event: Event, body: Absorb) -> Result:
    """Take over all that another membership of the same person had.

    Counters add up, so that limits and visits hold over both; the later activity counts; an attribute that is
    known here stays.
    """
    at = event.occurred_at
    for name, until in sorted(body.active_until.items()):
        stay_active(ledger, name, until, at=at)
    unpack(ledger, body.parcels, at=at)
    for name, debt in sorted(body.debts.items()):
        ledger.post(Posted(wallet=name, kind="receive", source="debt", target="transit", amount=debt, at=at))
        ledger.repay_all(name, at)
    ledger.count(Counted(name=name, by=value, until=until_of(name)) for name, value in sorted(body.counters.items()))
    days.absorb(ledger, body.days)
    _take_over(ledger, body.vouchers)
    for name in body.lists:
        if name not in ledger.before.lists:
            ledger.add(Listed(name, True))
    known = ledger.before.attributes
    _describe(ledger, {name: value for name, value in body.attributes.items() if name not in known})
    _begin_earlier(ledger, body.enrolled_at)
    return Result()


def _reservations(ledger: Ledger) -> int:
    """Return how many holds are open, and vouchers reserved without one."""
    reserved = [one for one in ledger.vouchers() if one.state == "reserved" and one.hold_id is None]
    return len(ledger.holds()) + len(reserved)


def _sent_along(ledger: Ledger) -> tuple[Voucher, ...]:
    """Let go of the vouchers of which something can still become, used ones too, and return them as they were.

    Whose store credit is spent in part stays: it can be undone no more.
    """
    there = sorted(ledger.vouchers(), key=lambda one: one.id)
    sent = tuple(one for one in there if one.state in ("issued", "redeemed", "expired") and _credit_whole(ledger, one))
    for voucher in sent:
        ledger.add(VoucherKept(replace(voucher, state="moved")))
    return sent


def _credit_whole(ledger: Ledger, voucher: Voucher) -> bool:
    return voucher.lot_id is None or any(lot.id == voucher.lot_id and lot.free == lot.amount for lot in ledger.lots())


def _take_over(ledger: Ledger, vouchers: Sequence[Voucher]) -> None:
    """Keep the vouchers of another membership, whose store credit has arrived in a lot of this one."""
    arrived = {lot.origin_id: lot.id for lot in ledger.opened()}
    for voucher in vouchers:
        lot_id = None if voucher.lot_id is None else arrived[voucher.lot_id]
        ledger.add(VoucherKept(replace(voucher, lot_id=lot_id, inherited=True)))


def _begin_earlier(ledger: Ledger, at: datetime) -> None:
    enrolled_at = ledger.state().enrolled_at
    if enrolled_at is not None and at < enrolled_at:
        ledger.add(Enrolled(at))


def _describe(ledger: Ledger, attributes: dict[str, Scalar]) -> None:
    for name, value in attributes.items():
        ledger.add(Described(name, value))
