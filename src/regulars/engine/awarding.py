"""What the rules gave becomes lots, counters and the memory that returns will need."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from regulars.engine import activity
from regulars.engine.dates import active_until, available_at, expires_at
from regulars.engine.earning import SHIPPING, Granted
from regulars.engine.effects import Announced
from regulars.engine.events import Event, Order
from regulars.engine.ledger import Ledger
from regulars.engine.members import OrderAward, OrderRecord
from regulars.engine.programme import Inactivity, Wallet


def award(
    ledger: Ledger, event: Event, granted: Sequence[Granted], wallets: dict[str, Wallet], zone_name: str
) -> dict[str, UUID]:
    """Open one lot for each wallet that was given points, and return the lots' ids by wallet."""
    lots: dict[str, UUID] = {}
    totals: dict[str, int] = {}
    for grant in granted:
        if grant.counted:
            ledger.count(grant.counted)
        if grant.points:
            totals[grant.rule.wallet] = totals.get(grant.rule.wallet, 0) + grant.points
    for number, (name, points) in enumerate(totals.items()):
        lots[name] = _open_lot(ledger, event.occurred_at, name, wallets[name], points, number, zone_name)
    return lots


def _open_lot(
    ledger: Ledger, at: datetime, name: str, wallet: Wallet, points: int, number: int, zone_name: str
) -> UUID:
    available = available_at(wallet.pending, at, zone_name)
    expiry = expires_at(wallet, at, zone_name, available=available)
    lot = ledger.new_lot(name, points, number=number, earned_at=at, available_at=available, expires_at=expiry)
    ledger.open(lot, kind="earn", source="issued", at=at)
    topic = "points.earned" if available <= at else "points.pending"
    ledger.add(Announced(topic, {"wallet": name, "points": points, "lot": lot.id}))
    return lot.id


def stay_active(ledger: Ledger, event: Event, wallets: dict[str, Wallet], zone_name: str) -> None:
    """Move on the day on which inactivity lets points lapse; a late event never moves it back."""
    for name, wallet in wallets.items():
        if isinstance(wallet.expiry, Inactivity) and event.type in wallet.expiry.activities:
            until = active_until(wallet.expiry, event.occurred_at, zone_name)
            activity.stay_active(ledger, name, until, at=event.occurred_at)


def order_awards(order: Order, granted: Sequence[Granted], lots: dict[str, UUID]) -> tuple[OrderAward, ...]:
    """Return what each rule gave for the order, by line where it did."""
    names = [*[line.id for line in order.lines], SHIPPING]
    return tuple(
        [
            OrderAward(
                rule=grant.rule.id,
                wallet=grant.rule.wallet,
                lot_id=lots[grant.rule.wallet],
                points=grant.points,
                lines={names[index]: points for index, points in grant.by_line.items() if points},
            )
            for grant in granted
            if grant.points
        ]
    )


def order_record(event: Event, order: Order, awards: tuple[OrderAward, ...], before: OrderRecord | None) -> OrderRecord:
    """Return the memory of an order, with the returns that arrived before it did."""
    early = before or OrderRecord(order_id=order.id)
    return OrderRecord(
        order_id=order.id,
        event_id=event.id,
        quantities_milli={line.id: line.quantity_milli for line in order.lines},
        returned_milli=early.returned_milli,
        returned_wholly=early.returned_wholly,
        awards=awards,
    )
