"""What must always be true of a member's books, whatever has happened: checked from the postings alone."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from regulars.engine.effects import Effect, LotOpened, Posted
from regulars.engine.ledger import Ledger
from regulars.engine.members import MemberState
from regulars.engine.points import Lot
from regulars.engine.settling import settle

Accounts = Counter[tuple[str, str]]
"""The balance of each account, by wallet and account."""


def accounts(effects: Iterable[Effect]) -> Accounts:
    """Add up postings; every posting takes from one account what it gives to another."""
    sums: Accounts = Counter()
    for effect in effects:
        if isinstance(effect, Posted):
            assert effect.amount > 0
            assert effect.source != effect.target or effect.kind == "mature"
            sums[effect.wallet, effect.source] -= effect.amount
            sums[effect.wallet, effect.target] += effect.amount
    return sums


def check_books(state: MemberState, sums: Mapping[tuple[str, str], int]) -> None:
    """Check that the lots, holds and debts of a member are what all the postings so far say."""
    held_by_holds: Counter[UUID] = Counter()
    for hold in state.holds:
        assert hold.amount > 0
        for part in hold.parts:
            held_by_holds[part.lot_id] += part.amount
    for lot in state.lots:
        assert 0 <= lot.held <= lot.remaining <= lot.amount, lot
        assert lot.held == held_by_holds[lot.id], lot
    for wallet in {name for name, _ in sums} | set(state.wallets) | {lot.wallet for lot in state.lots}:
        lots = [lot for lot in state.lots if lot.wallet == wallet]
        assert sums.get((wallet, "available"), 0) == sum(lot.free for lot in lots if lot.matured)
        assert sums.get((wallet, "pending"), 0) == sum(lot.remaining for lot in lots if not lot.matured)
        assert sums.get((wallet, "held"), 0) == sum(lot.held for lot in lots)
        assert sums.get((wallet, "debt"), 0) == -state.wallet(wallet).debt <= 0
        assert sum(amount for (name, _), amount in sums.items() if name == wallet) == 0


def check_debts(state: MemberState, at: datetime) -> None:
    """Check that nobody owes while something that could pay lies free."""
    for wallet, remembered in state.wallets.items():
        if remembered.debt:
            assert not [lot for lot in state.lots if lot.wallet == wallet and lot.matured and _lives(state, lot, at)]


def _lives(state: MemberState, lot: Lot, at: datetime) -> bool:
    end = state.expiry_of(lot)
    return lot.free > 0 and (end is None or end > at)


def settled(state: MemberState, at: datetime) -> MemberState:
    """Return the state when the sweeper has come by at an instant."""
    ledger = Ledger(state, UUID(int=0))
    settle(ledger, at)
    return ledger.state()


def check_sweeper_unneeded(state: MemberState, wallets: Iterable[str], at: datetime) -> None:
    """Check that the balance at an instant is the same whether the sweeper has come by or not."""
    swept = settled(state, at)
    for wallet in wallets:
        assert state.balance(wallet, at) == swept.balance(wallet, at)


def opened(effects: Iterable[Effect]) -> list[Lot]:
    """Return the lots that effects opened."""
    return [effect.lot for effect in effects if isinstance(effect, LotOpened)]
