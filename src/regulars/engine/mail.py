"""Points on the way to another member: they keep the dates of the lots they left."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from regulars.engine.effects import Announced
from regulars.engine.events import Body, Parcel
from regulars.engine.ledger import Ledger
from regulars.engine.points import Lot, Taken

_DECODER: Final = msgspec.json.Decoder(Body)


def write(body: Body) -> bytes:
    """Return an event's body as JSON, for the outbox and the event log."""
    return msgspec.json.encode(body)


def read(text: bytes | str) -> Body:
    """Return the body that `write` wrote.

    Raises: msgspec.ValidationError, when it is none.
    """
    body: Body = _DECODER.decode(text)
    return body


def parcels_of(ledger: Ledger, *, at: datetime) -> tuple[Parcel, ...]:
    """Send off everything free in every lot, pending ones too, and return it as parcels."""
    lots = sorted(ledger.lots(), key=lambda lot: (lot.earned_at, lot.id))
    return send(ledger, [Taken(lot=lot, amount=lot.free) for lot in lots if lot.free], at=at)


def send(ledger: Ledger, taken: Sequence[Taken], *, at: datetime) -> tuple[Parcel, ...]:
    """Post points into transit and return them as parcels."""
    for part in taken:
        ledger.move(part.lot, part.amount, kind="transfer", target="transit", at=at)
    return tuple(_parcel(ledger, part.lot, part.amount) for part in taken)


def _parcel(ledger: Ledger, lot: Lot, amount: int) -> Parcel:
    return Parcel(
        origin_id=lot.origin_id,
        wallet=lot.wallet,
        amount=amount,
        earned_at=lot.earned_at,
        available_at=lot.available_at,
        expires_at=ledger.expiry_of(lot),
    )


def unpack(ledger: Ledger, parcels: Sequence[Parcel], *, at: datetime) -> None:
    """Open a lot for each parcel, with the dates that it came with."""
    for number, parcel in enumerate(parcels):
        lot = ledger.new_lot(
            parcel.wallet,
            parcel.amount,
            number=number,
            earned_at=parcel.earned_at,
            available_at=parcel.available_at,
            expires_at=parcel.expires_at,
            origin_id=parcel.origin_id,
        )
        ledger.open(lot, kind="receive", source="transit", at=at)
        ledger.add(Announced("points.received", {"wallet": parcel.wallet, "points": parcel.amount}))
