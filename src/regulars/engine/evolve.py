"""What an event did to a member: the state before and the effects give the state after."""

from collections.abc import Iterable

from msgspec.structs import replace

from regulars.engine.effects import (
    Announced,
    Counted,
    Described,
    Effect,
    Enrolled,
    HoldClosed,
    HoldOpened,
    LotOpened,
    MergedInto,
    OrderKept,
    Posted,
    Sent,
    SpendKept,
    StayedActive,
)
from regulars.engine.members import MemberState, WalletState
from regulars.engine.points import Lot


class Draft:
    """A member's state while effects are being applied to it: dictionaries that change in place."""

    def __init__(self, before: MemberState) -> None:
        self._before = before
        self.lots = {lot.id: lot for lot in before.lots}
        self.holds = {hold.id: hold for hold in before.holds}
        self.wallets = dict(before.wallets)
        self.counters = dict(before.counters)
        self.attributes = dict(before.attributes)
        self.orders = dict(before.orders)
        self.spends = dict(before.spends)
        self.standing = before.standing
        self.enrolled_at = before.enrolled_at
        self.merged_into = before.merged_into

    def apply(self, effect: Effect) -> None:
        """Apply one effect."""
        match effect:
            case LotOpened(lot):
                self.lots[lot.id] = replace(lot, amount=0, remaining=0, held=0)
            case Posted():
                self._post(effect)
            case Counted():
                self.counters[effect.name] = self.counters.get(effect.name, 0) + effect.by
            case HoldOpened(hold):
                self.holds[hold.id] = hold
            case HoldClosed(hold_id):
                del self.holds[hold_id]
            case StayedActive(wallet, active_until):
                self.wallets[wallet] = replace(self._wallet(wallet), active_until=active_until)
            case Described(name, value):
                self.attributes.pop(name, None)
                if value is not None:
                    self.attributes[name] = value
            case Enrolled(at):
                self.standing, self.enrolled_at = "active", at
            case MergedInto(member_id):
                self.standing, self.merged_into = "merged", member_id
            case OrderKept(record):
                self.orders[record.order_id] = record
            case SpendKept(record):
                self.spends[record.event_id] = record
            case Announced() | Sent():
                pass

    def state(self, *, version: int | None = None) -> MemberState:
        """Return the state as it is now, at `version` where the event is over."""
        return replace(
            self._before,
            version=self._before.version if version is None else version,
            standing=self.standing,
            merged_into=self.merged_into,
            enrolled_at=self.enrolled_at,
            attributes=self.attributes,
            lots=tuple(self.lots.values()),
            holds=tuple(self.holds.values()),
            wallets=self.wallets,
            counters=self.counters,
            orders=self.orders,
            spends=self.spends,
        )

    def _post(self, posting: Posted) -> None:
        amount = posting.amount
        if posting.source == "debt" or posting.target == "debt":
            wallet = self._wallet(posting.wallet)
            change = amount if posting.source == "debt" else -amount
            self.wallets[posting.wallet] = replace(wallet, debt=wallet.debt + change)
        if posting.lot_id is not None:
            self.lots[posting.lot_id] = _moved(self.lots[posting.lot_id], posting)

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


def _moved(lot: Lot, posting: Posted) -> Lot:
    """Return the lot after a posting: points came in, went out, matured, or changed between free and held."""
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
    return replace(lot, amount=amount, remaining=remaining, held=held, matured=matured)
