"""Where points lapse when a member goes quiet, points that come to a quiet member start the clock."""

from datetime import datetime

from regulars.engine.dates import active_until
from regulars.engine.effects import StayedActive
from regulars.engine.events import Event
from regulars.engine.ledger import Ledger
from regulars.engine.programme import Inactivity
from regulars.engine.running import Running


def start_clocks(running: Running, ledger: Ledger, event: Event) -> None:
    """Let the lots that the event opened live for the whole span where no activity keeps their wallet alive.

    Without it they would never lapse in a wallet that has seen no activity yet, and be dead at once in one
    that has lapsed already. A wallet that is alive goes on as it is: points alone are no activity.
    """
    for name, wallet in running.wallets.items():
        if isinstance(wallet.expiry, Inactivity) and _alive_by_nothing(ledger, name, event.occurred_at):
            until = active_until(wallet.expiry, event.occurred_at, running.zone_of(event))
            ledger.add(StayedActive(name, until))


def stay_active(ledger: Ledger, wallet: str, until: datetime, *, at: datetime) -> None:
    """Move on the instant at which a wallet lapses; nothing moves it back.

    An activity at `at`, before that instant, brings back what lapsed then, when it is heard of afterwards.
    """
    before = ledger.wallet(wallet).active_until
    if before is None or before < until:
        ledger.add(StayedActive(wallet, until))
        if before is not None and at < before:
            _revive(ledger, wallet, before)


def _revive(ledger: Ledger, wallet: str, lapsed_at: datetime) -> None:
    for lot in ledger.lapsed():
        if lot.wallet == wallet and lot.expires_at is None and lot.lapsed_at == lapsed_at:
            ledger.revive(lot, lot.lapsed)
            ledger.freed(lot.id, lapsed_at)


def _alive_by_nothing(ledger: Ledger, wallet: str, at: datetime) -> bool:
    until = ledger.wallet(wallet).active_until
    if until is not None and until > at:
        return False
    return any(lot.wallet == wallet and lot.expires_at is None and lot.remaining for lot in ledger.opened())
