"""What an event did to a member: the state before and the effects give the state after."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain
from uuid import UUID

from msgspec.structs import replace

from regulars.engine.effects import (
    Announced,
    Claimed,
    Counted,
    DayCounted,
    Described,
    Effect,
    Enrolled,
    HoldClosed,
    HoldOpened,
    Listed,
    LotOpened,
    MergedInto,
    OrderKept,
    Posted,
    Sent,
    SpendKept,
    StayedActive,
    TierKept,
    VoucherKept,
)
from regulars.engine.members import MemberState, WalletState, quiet_until
from regulars.engine.points import Lot


class Draft:
    """A member's state while effects are being applied to it: dictionaries that change in place."""

    __slots__ = (
        "_before", "_known", "_opened", "attributes", "counters", "days", "enrolled_at", "holds", "lists",
        "merged_into", "orders", "quiet_until", "spends", "standing", "tiers", "vouchers", "wallets",
    )  # fmt: skip

    def __init__(self, before: MemberState) -> None:
        self._before = before
        # Most events open a lot and touch none of the others: those are taken up by id when one of them moves.
        self._known: dict[UUID, Lot] | None = None
        self._opened: dict[UUID, Lot] = {}
        self.quiet_until = before.quiet_until
        self.holds = {hold.id: hold for hold in before.holds}
        self.wallets = dict(before.wallets)
        self.counters = dict(before.counters)
        self.attributes = dict(before.attributes)
        self.orders = dict(before.orders)
        self.spends = dict(before.spends)
        self.days = dict(before.days)
        self.tiers = dict(before.tiers)
        self.vouchers = dict(before.vouchers)
        self.lists = before.lists
        self.standing = before.standing
        self.enrolled_at = before.enrolled_at
        self.merged_into = before.merged_into

    def lots(self) -> Iterator[Lot]:
        """Return every lot as it stands, those that were opened last."""
        known = self._before.lots if self._known is None else self._known.values()
        return chain(known, self._opened.values())

    def lot(self, lot_id: UUID) -> Lot:
        """Return a lot as it stands."""
        return self._opened[lot_id] if lot_id in self._opened else self._by_id()[lot_id]

    def has(self, lot_id: UUID) -> bool:
        """Whether there is such a lot."""
        return lot_id in self._opened or lot_id in self._by_id()

    def open(self, lot: Lot) -> None:
        """Take in a new lot as it is: at once what `LotOpened` and the posting that fills it do in two steps."""
        self._opened[lot.id] = lot
        self._no_longer_quiet(lot)

    def look_again(self) -> None:
        """Find out until when it is quiet, after what was due has been posted."""
        self.quiet_until = quiet_until(self.lots(), self.wallets)

    def count(self, counted: Counted) -> None:
        """Move a counter."""
        self.counters[counted.name] = self.counters.get(counted.name, 0) + counted.by

    def apply(self, effect: Effect) -> None:
        """Apply one effect."""
        match effect:
            case Counted():
                self.count(effect)
            case Posted():
                self._post(effect)
            case LotOpened(lot):
                self.open(replace(lot, amount=0, remaining=0, held=0))
            case OrderKept(record):
                self.orders[record.order_id] = record
            case DayCounted(day, name, by):
                facts = self.days.get(day, {})
                self.days[day] = facts | {name: facts.get(name, 0) + by}
            case Announced() | Sent() | Claimed():
                pass
            case StayedActive(wallet, active_until):
                self.wallets[wallet] = replace(self._wallet(wallet), active_until=active_until)
                self.quiet_until = min(self.quiet_until, active_until)
            case SpendKept(record):
                self.spends[record.event_id] = record
            case VoucherKept(voucher):
                self.vouchers[voucher.id] = voucher
            case TierKept(tier_set, state):
                self.tiers[tier_set] = state
            case Listed(name, on):
                self.lists = tuple(sorted({*self.lists, name} if on else {*self.lists} - {name}))
            case HoldOpened(hold):
                self.holds[hold.id] = hold
            case HoldClosed(hold_id):
                del self.holds[hold_id]
            case Described(name, value):
                self.attributes.pop(name, None)
                if value is not None:
                    self.attributes[name] = value
            case Enrolled(at):
                self.standing, self.enrolled_at = "active", at
            case MergedInto(member_id):
                self.standing, self.merged_into = "merged", member_id

    def state(self, *, version: int | None = None) -> MemberState:
        """Return the state as it is now, at `version` where the event is over."""
        before = self._before
        after = MemberState(
            member_id=before.member_id,
            version=before.version if version is None else version,
            standing=self.standing,
            merged_into=self.merged_into,
            enrolled_at=self.enrolled_at,
            attributes=self.attributes,
            lots=tuple(self.lots()),
            holds=tuple(self.holds.values()),
            wallets=self.wallets,
            counters=self.counters,
            orders=self.orders,
            spends=self.spends,
            days=self.days,
            tiers=self.tiers,
            vouchers=self.vouchers,
            lists=self.lists,
        )
        # What is known of the lots already need not be found out again from all of them.
        after.__dict__["quiet_until"] = self.quiet_until
        return after

    def _by_id(self) -> dict[UUID, Lot]:
        if self._known is None:
            self._known = {lot.id: lot for lot in self._before.lots}
        return self._known

    def _post(self, posting: Posted) -> None:
        amount = posting.amount
        if posting.source == "debt" or posting.target == "debt":
            wallet = self._wallet(posting.wallet)
            change = amount if posting.source == "debt" else -amount
            self.wallets[posting.wallet] = replace(wallet, debt=wallet.debt + change)
        if posting.lot_id is not None:
            where = self._opened if posting.lot_id in self._opened else self._by_id()
            lot = where[posting.lot_id]
            moved = _moved(lot, posting, lot.expires_at or self._wallet(lot.wallet).active_until)
            where[posting.lot_id] = moved
            if posting.target in _INSIDE:
                self._no_longer_quiet(moved)

    def _no_longer_quiet(self, lot: Lot) -> None:
        """Take into account when the clock will move points that came to a lot."""
        self.quiet_until = min(self.quiet_until, quiet_until((lot,), self.wallets))

    def _wallet(self, name: str) -> WalletState:
        return self.wallets.get(name) or WalletState()


def evolve(state: MemberState, effects: Iterable[Effect]) -> MemberState:
    """Return the member's state after an event, one version later.

    Lots that are used up stay in it, since a later event may refer to them; memory gives only the open ones.
    """
    draft = Draft(state)
    for effect in effects:
        draft.apply(effect)
    return draft.state(version=state.version + 1)


_INSIDE = frozenset({"available", "pending", "held"})


def _moved(lot: Lot, posting: Posted, end: datetime | None) -> Lot:
    """Return the lot after a posting: points came in, went out, matured, or changed between free and held.

    `end` is when the lot's time is over: what lapses, lapses then.
    """
    amount, remaining, held, matured = lot.amount, lot.remaining, lot.held, lot.matured
    if posting.source not in _INSIDE:
        remaining += posting.amount
        if posting.kind in ("earn", "receive", "adjust"):
            amount += posting.amount
    if posting.target not in _INSIDE:
        remaining -= posting.amount
    held += posting.amount * ((posting.target == "held") - (posting.source == "held"))
    if posting.kind == "mature":
        matured = True
    lapsed = lot.lapsed + posting.amount * ((posting.target == "expired") - (posting.source == "expired"))
    return replace(
        lot, amount=amount, remaining=remaining, held=held, matured=matured,
        lapsed=lapsed, lapsed_at=(end if posting.target == "expired" else lot.lapsed_at) if lapsed else None,
    )  # fmt: skip
