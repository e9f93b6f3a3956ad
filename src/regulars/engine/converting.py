"""Points of one wallet become points of another at a stated rate, and back while nothing of them is used."""

from datetime import timedelta

from msgspec.structs import replace

from regulars.engine import booking
from regulars.engine.counting import until_of
from regulars.engine.dates import expires_at
from regulars.engine.effects import Announced, Counted, SpendKept
from regulars.engine.events import Convert, Event, Restore, Scalar
from regulars.engine.ledger import Ledger
from regulars.engine.members import Converted, SpendRecord
from regulars.engine.outcome import LotDates, Result
from regulars.engine.points import Lot
from regulars.engine.programme import Conversion
from regulars.engine.reasons import Refused
from regulars.engine.reversing import Clawback
from regulars.engine.running import Running
from regulars.engine.zones import zone


def undone(wallet: str) -> str:
    """Return what stands in the place of a rule where a conversion into a wallet is undone; no rule is called so."""
    return f"$converted/{wallet}"


def convert(running: Running, ledger: Ledger, event: Event, body: Convert) -> Result | Refused:
    """Take points, the soonest to expire first, and open a lot of the other wallet, which lives as what is earned."""
    refused = booking.enough(running, ledger, event, body.wallet, body.amount)
    if refused is not None:
        return refused
    terms = running.wallets[body.wallet].converts.get(body.into)
    if terms is None:
        return Refused(code="not-convertible", detail={"wallet": body.wallet})
    counter = _counter(running, event, body)
    refused = _against(terms, body, ledger.before.counters.get(counter, 0))
    if refused is not None:
        return refused
    at = event.occurred_at
    taken = ledger.take(body.wallet, body.amount, kind="spend", target="spent", at=at)
    lot = _opened(running, ledger, event, body.into, body.amount // terms.take * terms.give)
    ledger.count([Counted(name=counter, by=body.amount, until=until_of(counter))])
    undo_until = at + timedelta(minutes=terms.undo_minutes)
    into = Converted(lot_id=lot.id, points=lot.amount, counter=counter, undo_until=undo_until)
    parts = booking.spent_parts_of(taken)
    ledger.add(SpendKept(SpendRecord(event_id=event.id, wallet=body.wallet, parts=parts, into=into)))
    converted: dict[str, object] = {
        "wallet": body.wallet,
        "points": body.amount,
        "into": body.into,
        "gives": lot.amount,
    }
    ledger.add(Announced("points.converted", converted))
    return Result(taken=booking.parts_of(taken), lots=(_dates(ledger, lot),))


def restore(ledger: Ledger, event: Event, body: Restore) -> Result | Refused:
    """Undo a spend; of a conversion what it gave goes first, as long as all of it is there and the time allows it."""
    record = ledger.before.spends.get(body.spend_id)
    if record is None or record.restored or record.into is None:
        return booking.restore(ledger, event, body)
    clawback = _take_back(ledger, event, record, record.into)
    if isinstance(clawback, Refused):
        return clawback
    back = booking.restore(ledger, event, body)
    return back if isinstance(back, Refused) else replace(back, clawbacks=(clawback,))


def _counter(running: Running, event: Event, body: Convert) -> str:
    day = event.occurred_at.astimezone(zone(running.zone_of(event))).date()
    return f"converted/{body.wallet}/{body.into}/day/{day.isoformat()}"


def _against(terms: Conversion, body: Convert, before: int) -> Refused | None:
    """Return what stands against a conversion, where so much was converted on the day before."""
    if body.amount % terms.take or body.amount < terms.least:
        return Refused(code="conversion-not-whole", detail={"multiple": terms.take, "least": terms.least})
    if terms.per_day is not None and before + body.amount > terms.per_day:
        detail: dict[str, Scalar] = {
            "wallet": body.wallet,
            "per_day": terms.per_day,
            "left": max(0, terms.per_day - before),
        }
        return Refused(code="conversion-limit", detail=detail)
    return None


def _opened(running: Running, ledger: Ledger, event: Event, wallet: str, points: int) -> Lot:
    at = event.occurred_at
    expiry = expires_at(running.wallets[wallet], at, running.zone_of(event), available=at)
    lot = ledger.new_lot(wallet, points, number=0, earned_at=at, available_at=at, expires_at=expiry)
    ledger.open(lot, kind="earn", source="issued", at=at)
    return lot


def _take_back(ledger: Ledger, event: Event, record: SpendRecord, into: Converted) -> Clawback | Refused:
    if event.occurred_at > into.undo_until:
        return Refused(code="conversion-final", detail={"until": into.undo_until.isoformat()})
    # By where the points were first: the lot is another one after a merge.
    there = [lot for lot in ledger.lots() if lot.origin_id == into.lot_id]
    if len(there) != 1 or there[0].free != into.points:
        free = sum(lot.free for lot in there)
        return Refused(code="conversion-used", detail={"given": into.points, "left": free})
    lot = there[0]
    ledger.move(lot, into.points, kind="reverse", target="issued", at=event.occurred_at)
    converted = sum(part.amount for part in record.parts)
    ledger.count([Counted(name=into.counter, by=-converted, until=until_of(into.counter))])
    points = into.points
    return Clawback(
        rule=undone(lot.wallet), wallet=lot.wallet, asked=points, taken=points, lapsed=0, owed=0, forgiven=0
    )


def _dates(ledger: Ledger, lot: Lot) -> LotDates:
    return LotDates(
        lot_id=lot.id,
        wallet=lot.wallet,
        points=lot.amount,
        available_at=lot.available_at,
        expires_at=ledger.expiry_of(lot),
    )
