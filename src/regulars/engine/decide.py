"""One event in, one decision out: pure, so that it can be tried, replayed and explained."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from regulars.engine import activity, booking, converting, earn, joining, qualifying, redeeming, refunding, segments
from regulars.engine.effects import Effect, Posted
from regulars.engine.events import (
    Absorb,
    Action,
    Adjust,
    Capture,
    Convert,
    Describe,
    Enrol,
    Event,
    Hold,
    Issue,
    Merge,
    Purchase,
    Receive,
    Release,
    Reserve,
    Restore,
    Return,
    Settle,
    Spend,
    Transfer,
    Undo,
    Use,
)
from regulars.engine.ledger import Ledger
from regulars.engine.members import MemberState
from regulars.engine.numbers import LARGEST
from regulars.engine.outcome import Result
from regulars.engine.points import Balance
from regulars.engine.reasons import Refused
from regulars.engine.running import Running
from regulars.engine.scarcity import NOTHING_USED
from regulars.engine.settling import settle
from regulars.engine.zones import EPOCH


class Decision(Struct, frozen=True, kw_only=True):
    """What an event does to a member, and why. `balances` are those at `recorded_at`, by wallet.

    `after` is the state that the effects lead to; it is not part of what is recorded. `seen` is what had been used
    of what members share, by name, where the decision asked for it.
    """

    event_id: UUID
    programme_version: int
    effects: tuple[Effect, ...]
    result: Result
    balances: dict[str, Balance]
    after: MemberState
    seen: dict[str, int] = {}


def decide(
    running: Running, state: MemberState, event: Event, shared: Mapping[str, int] = NOTHING_USED
) -> Decision | Refused:
    """Return what the event does under the programme, or why it is refused; a refusal changes nothing.

    Everything due up to the time the event happened is settled first. Rules, limits and expiry go by that
    time (`occurred_at`); the balances in the answer by the time it is recorded (`recorded_at`). `shared` is how
    much is used of what members share, by name, as far as is known; nothing of what is not named.
    """
    refused = _welcome(running, state, event)
    if refused is not None:
        return refused
    ledger = begin(state, event, shared)
    qualifying.settle(running, ledger, event)
    result = _decide(running, ledger, event)
    if isinstance(result, Refused):
        return result
    activity.start_clocks(running, ledger, event)
    changes = qualifying.requalify(running, ledger, event)
    if changes:
        result = replace(result, tiers=changes)
    result = redeeming.with_given(ledger, event, result)
    segments.follow(running, ledger, event)
    after = ledger.after()
    balances = after.balances(running.wallets, event.recorded_at)
    if _too_large(ledger.effects, balances.values()):
        return Refused(code="amount-too-large", detail={"largest": LARGEST})
    return Decision(
        event_id=event.id,
        programme_version=running.version,
        effects=tuple(ledger.effects),
        result=result,
        balances=balances,
        after=after,
        seen=ledger.seen(),
    )


def begin(state: MemberState, event: Event, shared: Mapping[str, int] = NOTHING_USED) -> Ledger:
    """Return the books as the rules find them: the member enrolled and described, and all that was due settled."""
    ledger = Ledger(state, event.id, shared)
    joining.enrol_unknown(ledger, event)
    settle(ledger, _settled_until(ledger, event))
    if isinstance(event.body, (Enrol, Describe)):
        joining.describe(ledger, event.body)
    return ledger


def _settled_until(ledger: Ledger, event: Event) -> datetime:
    """Return until when everything is settled first: the time at which the event happened.

    Where a debt or a reservation that has ended decides which points are there, it is the time at which the
    event is recorded, since a sweeper may have been there already.
    """
    until = event.recorded_at
    reserved = [one.reserved_until for one in ledger.vouchers() if one.reserved_until is not None]
    if ledger.owing() or any(end <= until for end in (*reserved, *(hold.expires_at for hold in ledger.holds()))):
        return max(event.occurred_at, until)
    return event.occurred_at


def _decide(running: Running, ledger: Ledger, event: Event) -> Result | Refused:
    match event.body:
        case Purchase() as body:
            return earn.purchase(running, ledger, event, body)
        case Action():
            return earn.action(running, ledger, event)
        case Return() as body:
            return earn.give_back(running, ledger, event, body)
        case Enrol():
            return joining.member_already(ledger) or earn.action(running, ledger, event)
        case Describe() as body:
            return joining.unknown_list(running.lists, body) or earn.action(running, ledger, event)
        case Spend() as body:
            return booking.spend(running, ledger, event, body)
        case Restore() as body:
            return converting.restore(ledger, event, body)
        case Hold() as body:
            return booking.hold(running, ledger, event, body)
        case Capture() as body:
            return booking.capture(ledger, event, body)
        case Release() as body:
            return booking.release(ledger, event, body)
        case Adjust() as body:
            return booking.adjust(running, ledger, event, body)
        case Transfer() as body:
            return booking.transfer(running, ledger, event, body)
        case Convert() as body:
            return converting.convert(running, ledger, event, body)
        case Receive() as body:
            return booking.receive(ledger, event, body)
        case Merge() as body:
            return joining.merge(ledger, event, body)
        case Absorb() as body:
            return joining.absorb(ledger, event, body)
        case Issue() as body:
            return redeeming.issue(running, ledger, event, body)
        case Reserve() as body:
            return redeeming.reserve(running, ledger, event, body)
        case Use() as body:
            return redeeming.use(running, ledger, event, body)
        case Undo() as body:
            return refunding.undo(running, ledger, event, body)
        case Settle():
            return Result()


def _welcome(running: Running, state: MemberState, event: Event) -> Refused | None:
    if state.standing == "merged":
        return Refused(code="member-merged", detail={"into": str(state.merged_into)})
    if state.standing == "unknown" and not _may_begin(running, event):
        return Refused(code="unknown-member")
    policies = running.policies
    if event.occurred_at < EPOCH:
        return Refused(code="event-before-1970", detail={"occurred_at": event.occurred_at.isoformat()})
    if event.occurred_at > event.recorded_at + timedelta(minutes=policies.future_tolerance_minutes):
        return Refused(code="event-in-the-future", detail={"occurred_at": event.occurred_at.isoformat()})
    if policies.late_events.beyond == "refuse" and running.is_late(event) and not _on_its_way(event):
        return Refused(code="event-too-late", detail={"window_days": policies.late_events.window_days})
    return None


def _on_its_way(event: Event) -> bool:
    """Whether it is the platform's own errand, which has to arrive however long it takes."""
    return isinstance(event.body, Receive | Absorb | Settle)


def _may_begin(running: Running, event: Event) -> bool:
    enrolling = isinstance(event.body, Enrol | Absorb | Receive)
    return enrolling or (
        running.policies.unknown_member == "enrol" and isinstance(event.body, Purchase | Return | Action)
    )


def _too_large(effects: Iterable[Effect], balances: Iterable[Balance]) -> bool:
    for effect in effects:
        if isinstance(effect, Posted) and effect.amount > LARGEST:
            return True
    for balance in balances:
        if balance.available + balance.debt + balance.pending + balance.held > LARGEST or balance.debt > LARGEST:
            return True
    return False
