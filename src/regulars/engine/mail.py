"""Points on the way to another member: they keep the dates of the lots they left."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec
from msgspec.structs import replace

from regulars.engine.effects import Announced, Posted
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
    """Send off everything free in every lot, pending ones too, and what lapsed, and return it as parcels.

    The lots' dates go with them as they are: where inactivity lets points expire, the other membership of the
    same person keeps them alive. What lapsed, which returns ask for, arrives as points whose time is over.
    """
    lots = sorted(ledger.lots_at(at), key=_age)
    taken = [Taken(lot=lot, amount=lot.free) for lot in lots if lot.free]
    _into_transit(ledger, taken, at=at)
    lapsed = [_lapsed_parcel(ledger, lot, at=at) for lot in sorted(ledger.lapsed(), key=_age)]
    return (*(_parcel(part, expires_at=part.lot.expires_at) for part in taken), *lapsed)


def _age(lot: Lot) -> tuple[datetime, UUID]:
    return lot.earned_at, lot.id


def _lapsed_parcel(ledger: Ledger, lot: Lot, *, at: datetime) -> Parcel:
    assert lot.lapsed_at is not None, "what lapsed did so at an instant"
    ledger.post(
        Posted(
            wallet=lot.wallet, kind="transfer", source="expired", target="transit",
            amount=lot.lapsed, at=at, lot_id=lot.id,
        )
    )  # fmt: skip
    available_at = lot.available_at if lot.available_at < lot.lapsed_at else lot.earned_at
    dead = replace(lot, available_at=available_at)
    return _parcel(Taken(lot=dead, amount=lot.lapsed), expires_at=lot.lapsed_at)


def send(ledger: Ledger, taken: Sequence[Taken], *, at: datetime) -> tuple[Parcel, ...]:
    """Post points into transit and return them as parcels.

    They keep the day on which they would have expired here, so that nobody's activity can make a gift last
    longer than the giver's points.
    """
    _into_transit(ledger, taken, at=at)
    return tuple(_parcel(part, expires_at=part.lot.expires_at or ledger.expiry_of(part.lot)) for part in taken)


def _into_transit(ledger: Ledger, taken: Sequence[Taken], *, at: datetime) -> None:
    for part in taken:
        ledger.move(part.lot, part.amount, kind="transfer", target="transit", at=at)


def _parcel(part: Taken, *, expires_at: datetime | None) -> Parcel:
    lot = part.lot
    return Parcel(
        origin_id=lot.origin_id,
        wallet=lot.wallet,
        amount=part.amount,
        earned_at=lot.earned_at,
        available_at=lot.available_at,
        expires_at=expires_at,
    )


def unpack(ledger: Ledger, parcels: Sequence[Parcel], *, at: datetime) -> None:
    """Open a lot for each parcel, with the dates that it came with; what lapsed under way expires."""
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
        ledger.fill(lot, kind="receive", source="transit", at=at)
        ledger.freed(lot.id, at)
        if not ledger.lot(lot.id).lapsed:
            ledger.add(Announced("points.received", {"wallet": parcel.wallet, "points": parcel.amount}))
