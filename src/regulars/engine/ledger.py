"""The member's books while one event is being decided: every movement is posted here, once."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from regulars.engine.dates import end_of
from regulars.engine.effects import Counted, Effect, LotOpened, Posted
from regulars.engine.evolve import Draft
from regulars.engine.ids import derive
from regulars.engine.members import MemberState, WalletState
from regulars.engine.points import Account, Lot, MovementKind, OpenHold, Taken, soonest_to_expire_first, take
from regulars.engine.scarcity import NOTHING_USED, Shared
from regulars.engine.vouchers import Voucher


class Ledger:
    """The effects of an event so far, and the member's state with them applied."""

    def __init__(self, state: MemberState, event_id: UUID, shared: Mapping[str, int] = NOTHING_USED) -> None:
        self.before = state
        self.event_id = event_id
        self.effects: list[Effect] = []
        self._opened: list[UUID] = []
        self._draft = Draft(state)
        self._shared = Shared(shared)

    def add(self, effect: Effect) -> None:
        """Take note of an effect, and apply it."""
        self.effects.append(effect)
        self._draft.apply(effect)

    def post(self, posting: Posted) -> None:
        """Move points, unless there are none to move."""
        if posting.amount:
            assert posting.amount > 0, "a posting's direction is in its accounts"
            self.add(posting)

    def count(self, counted: Iterable[Counted]) -> None:
        """Move counters, those that move at all."""
        for effect in counted:
            if effect.by:
                self.effects.append(effect)
                self._draft.count(effect)

    def shared(self, name: str) -> int:
        """Return how much is used of what members share under a name, what this decision has claimed included."""
        return self._shared.used(name)

    def claim(self, name: str, by: int, most: int | None = None, *, exact: bool = False) -> int:
        """Take some of what members share, or give back by a negative number; return what was used before.

        No more than `most` may be used in all: ask `shared` first. `exact` takes the very next one of what is
        numbered, so that the returned number is nobody else's.
        """
        claimed = self._shared.claim(name, by, most, exact=exact)
        self.add(claimed)
        return claimed.seen

    def seen(self) -> dict[str, int]:
        """Return what the decision saw of what members share, before it took any itself."""
        return self._shared.seen

    def state(self) -> MemberState:
        """Return the member's state with the effects so far."""
        return self._draft.state() if self.effects else self.before

    def after(self) -> MemberState:
        """Return the member's state after the event."""
        return self._draft.state(version=self.before.version + 1)

    def opened(self) -> list[Lot]:
        """Return the lots that the event opened, as they stand."""
        return [self.lot(lot_id) for lot_id in self._opened]

    def lots(self, wallet: str | None = None) -> list[Lot]:
        """Return the lots with anything remaining, of one wallet or of all."""
        return [lot for lot in self._draft.lots() if lot.remaining and wallet in (None, lot.wallet)]

    def lots_at(self, at: datetime, wallet: str | None = None) -> list[Lot]:
        """Return the lots with anything remaining, with what they still had at an instant and has lapsed since.

        So a late event finds the same points whether or not a sweeper has run in between.
        """
        return [
            lot
            for known in self._draft.lots()
            if (wallet is None or known.wallet == wallet)
            and (lot := known if known.lapsed_at is None else _before_it_lapsed(known, at)).remaining
        ]

    def lapsed(self) -> list[Lot]:
        """Return the lots of which points lapsed."""
        return [lot for lot in self._draft.lots() if lot.lapsed]

    def quiet(self, at: datetime) -> bool:
        """Whether the clock has moved none of the lots by an instant, inclusive."""
        return at < self._draft.quiet_until

    def look_again(self) -> None:
        """Find out until when it is quiet, after what was due has been posted."""
        self._draft.look_again()

    def lot(self, lot_id: UUID) -> Lot:
        """Return a lot as it stands."""
        return self._draft.lot(lot_id)

    def has(self, lot_id: UUID) -> bool:
        """Whether a lot is the member's."""
        return self._draft.has(lot_id)

    def holds(self) -> Sequence[OpenHold]:
        """Return the open holds."""
        return tuple(self._draft.holds.values())

    def vouchers(self) -> Collection[Voucher]:
        """Return the vouchers: the open ones, and those that the event refers to."""
        return self._draft.vouchers.values()

    def voucher(self, voucher_id: UUID) -> Voucher | None:
        """Return a voucher as it stands, if the member has one of this id."""
        return self._draft.vouchers.get(voucher_id)

    def wallet(self, name: str) -> WalletState:
        """Return what a wallet remembers."""
        return self._draft.wallets.get(name) or WalletState()

    def owing(self) -> bool:
        """Whether the member owes anything in any wallet."""
        return any(wallet.debt for wallet in self._draft.wallets.values())

    def expiry_of(self, lot: Lot) -> datetime | None:
        """Return the instant at which the lot dies; none for never."""
        return end_of(lot.expires_at, self.wallet(lot.wallet).active_until)

    def spendable(self, wallet: str, at: datetime) -> list[Lot]:
        """Return the lots that can be spent from at an instant, the soonest to expire first."""
        until = self.wallet(wallet).active_until
        live = [
            lot
            for lot in self.lots_at(at, wallet)
            if lot.remaining > lot.held
            and lot.available_at <= at
            and ((end := lot.expires_at or until) is None or end > at)
        ]
        return soonest_to_expire_first(live, active_until=until)

    def open(self, lot: Lot, *, kind: MovementKind, source: Account, at: datetime) -> None:
        """Open a lot and fill it from an account; debt takes its part at once where the lot is available."""
        self.fill(lot, kind=kind, source=source, at=at)
        if lot.available_at <= at:
            self.repay(self.lot(lot.id), at)

    def fill(self, lot: Lot, *, kind: MovementKind, source: Account, at: datetime) -> None:
        """Open a lot and fill it from an account."""
        matured = lot.available_at <= at
        if lot.matured != matured:
            lot = replace(lot, matured=matured)
        target: Account = "available" if matured else "pending"
        self.effects.append(LotOpened(lot))
        if lot.amount:
            self.effects.append(
                Posted(
                    wallet=lot.wallet, kind=kind, source=source, target=target, amount=lot.amount, at=at, lot_id=lot.id,
                )
            )  # fmt: skip
        self._opened.append(lot.id)
        self._draft.open(lot)

    def mature(self, lot_id: UUID, at: datetime) -> None:
        """Make a pending lot available; what the member owes is taken from it first."""
        lot = self.lot(lot_id)
        if lot.remaining == 0:
            return
        self.add(
            Posted(
                wallet=lot.wallet, kind="mature", source="pending", target="available",
                amount=lot.remaining, at=at, lot_id=lot_id,
            )
        )  # fmt: skip
        self.repay(self.lot(lot_id), at)

    def repay(self, lot: Lot, at: datetime) -> None:
        """Let the debt of the lot's wallet take what the lot has free."""
        debt = self.wallet(lot.wallet).debt
        if debt:
            self.move(lot, min(lot.free, debt), kind="repay", target="debt", at=at)

    def repay_all(self, wallet: str, at: datetime) -> None:
        """Let a wallet's new debt take what is free in all its lots, also in those that came after a late event.

        Those give in the order in which they became available, as they would have done had the debt been known.
        """
        if self.wallet(wallet).debt:
            later = [lot for lot in self.lots_at(at, wallet) if lot.matured and lot.available_at > at]
            later.sort(key=lambda lot: (lot.available_at, lot.earned_at, lot.id))
            for lot in (*self.spendable(wallet, at), *later):
                self.repay(lot, max(at, lot.available_at))

    def freed(self, lot_id: UUID, at: datetime) -> None:
        """Let points that came to a lot meet their fate: they expire where it has ended, and repay debt else."""
        lot = self.lot(lot_id)
        end = self.expiry_of(lot)
        if end is not None and end <= at:
            self.expire(lot_id, at)
        elif lot.matured:
            self.repay(lot, at)

    def expire(self, lot_id: UUID, at: datetime) -> None:
        """Let what is free in a lot lapse."""
        lot = self.lot(lot_id)
        self.move(lot, lot.free, kind="expire", target="expired", at=at)

    def revive(self, lot: Lot, amount: int) -> None:
        """Bring back points that would not have lapsed, had it been known then what is known now."""
        if amount > 0:
            lot = self.lot(lot.id)
            assert lot.lapsed_at is not None, "points come back that have lapsed"
            self.add(
                Posted(
                    wallet=lot.wallet, kind="revive", source="expired", target=lot.account,
                    amount=amount, at=lot.lapsed_at, lot_id=lot.id,
                )
            )  # fmt: skip

    def move(self, lot: Lot, amount: int, *, kind: MovementKind, target: Account, at: datetime) -> None:
        """Move free points of a lot to another account; what has lapsed since the lot stood like that comes back."""
        self.revive(lot, amount - self.lot(lot.id).free)
        self.post(
            Posted(
                wallet=lot.wallet, kind=kind, source=lot.account, target=target,
                amount=amount, at=at, lot_id=lot.id,
            )
        )  # fmt: skip

    def take(self, wallet: str, amount: int, *, kind: MovementKind, target: Account, at: datetime) -> tuple[Taken, ...]:
        """Take points from the spendable lots, the soonest to expire first, as many as there are up to `amount`."""
        taken = take(self.spendable(wallet, at), amount)
        for part in taken:
            self.move(part.lot, part.amount, kind=kind, target=target, at=at)
        return taken

    def new_lot(self, wallet: str, amount: int, *, number: int, earned_at: datetime, available_at: datetime,
                expires_at: datetime | None, origin_id: UUID | None = None) -> Lot:  # fmt: skip
        """Return a lot that this event opens; `number` tells it from the event's other lots."""
        id = derive(self.event_id, "lot", number)
        return Lot(
            id=id,
            origin_id=origin_id or id,
            event_id=self.event_id,
            wallet=wallet,
            amount=amount,
            remaining=amount,
            earned_at=earned_at,
            available_at=available_at,
            expires_at=expires_at,
            matured=available_at <= earned_at,
        )


def _before_it_lapsed(lot: Lot, at: datetime) -> Lot:
    if lot.lapsed_at is None or lot.lapsed_at <= at:
        return lot
    return replace(lot, remaining=lot.remaining + lot.lapsed, lapsed=0, lapsed_at=None)
