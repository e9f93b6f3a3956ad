"""All that the engine knows of a member when it decides: one value, loaded in one go."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Final, Literal
from uuid import UUID

from msgspec import Struct

from regulars.engine.dates import end_of
from regulars.engine.events import Scalar
from regulars.engine.numbers import divide
from regulars.engine.points import Balance, HeldPart, Lot, OpenHold, SpentPart
from regulars.engine.standing import TierState
from regulars.engine.vouchers import Voucher

Standing = Literal["unknown", "active", "merged"]


class WalletState(Struct, frozen=True, kw_only=True):
    """What a wallet remembers beside its lots; `active_until` only where inactivity lets points expire."""

    debt: int = 0
    active_until: datetime | None = None


class OrderAward(Struct, frozen=True, kw_only=True):
    """What one rule gave for an order, and to which lot, so that a return can take back exactly that.

    `lines` holds each line's part by the line's id. Without it the award belongs to the order as a whole.
    """

    rule: str
    wallet: str
    lot_id: UUID
    points: int
    lines: dict[str, int] = {}


class OrderRecord(Struct, frozen=True, kw_only=True):
    """What is remembered of an order for its returns; `event_id` is null while only returns have arrived.

    `spend` is the money that earns by the line's id, as it was counted on the local `day` of the order, and
    `spend_reversed` what of it has been taken back.
    """

    order_id: str
    event_id: UUID | None = None
    quantities_milli: dict[str, int] = {}
    returned_milli: dict[str, int] = {}
    returned_wholly: bool = False
    awards: tuple[OrderAward, ...] = ()
    reversed: dict[str, int] = {}
    day: date | None = None
    spend: dict[str, int] = {}
    spend_reversed: int = 0

    def back_milli(self, line_id: str) -> int:
        """Return the quantity of a line that came back."""
        whole = self.quantities_milli.get(line_id, 0)
        return whole if self.returned_wholly else min(whole, self.returned_milli.get(line_id, 0))

    def came_back(self, parts: Mapping[str, int]) -> int:
        """Return what came back of amounts by line: in proportion to the quantity, rounded down.

        Everything where every line is back, also what belongs to no line, such as the shipping.
        """
        if all(self.back_milli(line_id) >= quantity for line_id, quantity in self.quantities_milli.items()):
            return sum(parts.values())
        return sum(
            divide(amount * self.back_milli(line_id), whole, "floor")
            for line_id, amount in parts.items()
            if (whole := self.quantities_milli.get(line_id, 0))
        )


class Converted(Struct, frozen=True, kw_only=True):
    """What points were converted into: a lot, all of which has to be there to undo it, until an instant, inclusive."""

    lot_id: UUID
    points: int
    counter: str
    undo_until: datetime


class SpendRecord(Struct, frozen=True, kw_only=True):
    """What a spend took from which lot; `restored` when it has been undone.

    `inherited` where another membership spent it, which was merged into the one that undid it. `into` where it was
    converted rather than spent.
    """

    event_id: UUID
    wallet: str
    parts: tuple[SpentPart, ...]
    restored: bool = False
    inherited: bool = False
    into: Converted | None = None


class MemberState(Struct, frozen=True, kw_only=True, dict=True):
    """A member at a version; version 0 is somebody of whom nothing is recorded yet.

    `lots` are those with anything remaining and those that the event in hand refers to, `holds` the open
    ones, `orders` and `spends` those that the event refers to. Counters are named by the rules. `days` holds
    what happened by local day and name, for as far back as the programme asks; `vouchers` are the open ones and
    those that the event refers to by themselves or by their order, with the lots that they were paid from; `tiers`
    by the set's id, `lists` the static lists that the member is on.
    """

    member_id: UUID
    version: int = 0
    standing: Standing = "unknown"
    merged_into: UUID | None = None
    enrolled_at: datetime | None = None
    attributes: dict[str, Scalar] = {}
    lots: tuple[Lot, ...] = ()
    holds: tuple[OpenHold, ...] = ()
    wallets: dict[str, WalletState] = {}
    counters: dict[str, int] = {}
    orders: dict[str, OrderRecord] = {}
    spends: dict[UUID, SpendRecord] = {}
    days: dict[date, dict[str, int]] = {}
    tiers: dict[str, TierState] = {}
    vouchers: dict[UUID, Voucher] = {}
    lists: tuple[str, ...] = ()

    @cached_property
    def quiet_until(self) -> datetime:
        """Before this instant, at least, the clock moves no points of the lots: nothing matures, nothing expires."""
        return quiet_until(self.lots, self.wallets)

    @property
    def open_lots(self) -> tuple[Lot, ...]:
        """The lots with anything remaining, in the order of their ids."""
        return tuple(sorted((lot for lot in self.lots if lot.remaining), key=lambda lot: lot.id))

    def wallet(self, name: str) -> WalletState:
        """Return what the wallet remembers, empty where nothing has been."""
        return self.wallets.get(name, _EMPTY)

    def expiry_of(self, lot: Lot) -> datetime | None:
        """Return the instant at which the lot dies: its own, or the wallet's for inactivity; none for never."""
        return end_of(lot.expires_at, self.wallet(lot.wallet).active_until)

    def balance(self, wallet: str, at: datetime) -> Balance:
        """Return the balance at an instant, from the instants alone, whether or not a sweeper has run."""
        return self._balance(wallet, [lot for lot in self.lots if lot.wallet == wallet], at)

    def balances(self, wallets: Mapping[str, object], at: datetime) -> dict[str, Balance]:
        """Return the balance of every named wallet at an instant."""
        lots: dict[str, list[Lot]] = {name: [] for name in wallets}
        for lot in self.lots:
            if lot.remaining and lot.wallet in lots:
                lots[lot.wallet].append(lot)
        return {name: self._balance(name, own, at) for name, own in lots.items()}

    def _balance(self, wallet: str, lots: Sequence[Lot], at: datetime) -> Balance:
        available = pending = held = 0
        remembered = self.wallet(wallet)
        debt, active_until = remembered.debt, remembered.active_until
        paid = self._repaid(wallet, debt, at) if debt else _NOTHING
        for lot in lots:
            expiry = lot.expires_at or active_until
            held += lot.held
            if expiry is not None and expiry <= at:
                continue
            if lot.available_at > at:
                pending += lot.remaining - lot.held
            else:
                available += lot.remaining - lot.held
                if paid:
                    available -= paid.get(lot.id, 0)
        for hold in self.holds:
            if hold.wallet == wallet and hold.expires_at <= at:
                lapsed = self._live_part(hold, at)
                held, available = held - hold.amount, available + lapsed
        debt -= sum(paid.values())
        return Balance(available=available - debt, pending=pending, held=held, debt=debt)

    def _live_part(self, hold: OpenHold, at: datetime) -> int:
        lots = {lot.id: lot for lot in self.lots}
        total = 0
        for part in hold.parts:
            expiry = self.expiry_of(lots[part.lot_id])
            total += part.amount if expiry is None or expiry > at else 0
        return total

    def _repaid(self, wallet: str, debt: int, at: datetime) -> dict[UUID, int]:
        """Return what a debt takes of each lot that becomes free up to an instant, in the order of the instants.

        It matters when points become free, pay the debt and would expire before anybody settles.
        """
        lots = {lot.id: lot for lot in self.lots if lot.wallet == wallet}
        dues: list[tuple[datetime, int, datetime, UUID, tuple[HeldPart, ...]]] = [
            (lot.available_at, 0, lot.earned_at, lot.id, (HeldPart(lot_id=lot.id, amount=lot.free),))
            for lot in lots.values()
            if not lot.matured and lot.available_at <= at
        ]
        dues += [
            (hold.expires_at, 1, hold.expires_at, hold.id, hold.parts)
            for hold in self.holds
            if hold.wallet == wallet and hold.expires_at <= at
        ]
        paid: dict[UUID, int] = {}
        for instant, _, _, _, parts in sorted(dues, key=lambda due: due[:4]):
            for part in parts:
                end = self.expiry_of(lots[part.lot_id])
                if end is None or end > instant:
                    amount = min(part.amount, debt)
                    paid[part.lot_id] = paid.get(part.lot_id, 0) + amount
                    debt -= amount
        return paid


def quiet_until(lots: Iterable[Lot], wallets: Mapping[str, WalletState]) -> datetime:
    """Return the first instant at which the clock moves points of the lots; holds go by instants of their own."""
    quiet = FOREVER
    ends = {name: wallet.active_until for name, wallet in wallets.items()}
    for lot in lots:
        if lot.remaining:
            if not lot.matured and lot.available_at < quiet:
                quiet = lot.available_at
            end = lot.expires_at or ends.get(lot.wallet)
            if end is not None and end < quiet and lot.remaining > lot.held:
                quiet = end
    return quiet


FOREVER: Final = datetime.max.replace(tzinfo=UTC)
"""Later than any instant that is due."""
_EMPTY = WalletState()
_NOTHING: dict[UUID, int] = {}
