"""The event log is the truth: deciding it again, event by event, gives every state there ever was."""

from collections.abc import Iterable, Iterator, Mapping
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from regulars.actions.deciding import order_of
from regulars.db.events import RecordedEvent
from regulars.engine.decide import Decision, decide
from regulars.engine.events import Absorb, Event, Restore
from regulars.engine.members import MemberState, OrderRecord, SpendRecord
from regulars.engine.reasons import Refused
from regulars.engine.running import Running


class Heritage(Struct, frozen=True, kw_only=True):
    """What a membership leaves to the one that it is merged into, for its returns and for undoing its spends."""

    orders: dict[str, OrderRecord] = {}
    spends: dict[UUID, SpendRecord] = {}


class CannotBeRepeated(Exception):
    """A recorded event is refused when it is decided again: the log or the programme was altered."""


def fold(
    log: Iterable[RecordedEvent], versions: Mapping[int, Running], left_behind: Mapping[UUID, Heritage]
) -> Iterator[tuple[RecordedEvent, Decision]]:
    """Yield each of one member's events, from the first on, with the decision on it made again.

    `left_behind` holds what the members had recorded that were merged into this one.

    Raises: CannotBeRepeated.
    """
    state: MemberState | None = None
    inherited = Heritage()
    for recorded in log:
        event = recorded.event
        state = knowing(state or MemberState(member_id=event.member_id), event, inherited)
        decision = decide(versions[recorded.programme_version], state, event, recorded.seen)
        if isinstance(decision, Refused):
            raise CannotBeRepeated(f"event {event.id} was recorded, and is refused now: {decision.code}")
        yield recorded, decision
        state = decision.after
        if isinstance(event.body, Absorb):
            inherited = joined(inherited, left_behind.get(event.body.from_member, Heritage()))


def knowing(state: MemberState, event: Event, inherited: Heritage) -> MemberState:
    """Return the state with the inherited record that an event refers to, where the member has none of its own."""
    order = order_of(event)
    if order is not None and order in inherited.orders and order not in state.orders:
        return replace(state, orders=state.orders | {order: inherited.orders[order]})
    if isinstance(event.body, Restore) and event.body.spend_id in inherited.spends:
        return replace(state, spends={event.body.spend_id: inherited.spends[event.body.spend_id]} | state.spends)
    return state


def joined(first: Heritage, second: Heritage) -> Heritage:
    """Return the records of two memberships: the one that knows the order itself, or that the spend was undone."""
    orders = {name: one for name, one in second.orders.items() if name not in first.orders or one.event_id is not None}
    spends = {id: one for id, one in second.spends.items() if id not in first.spends or one.restored}
    return Heritage(orders=first.orders | orders, spends=first.spends | spends)


def left_behind_by(
    decisions: Iterable[tuple[RecordedEvent, Decision]], left_behind: Mapping[UUID, Heritage]
) -> Heritage:
    """Return the records that a member leaves to whom it is merged into, its own and its inherited ones."""
    heritage = Heritage()
    for recorded, decision in decisions:
        if isinstance(recorded.event.body, Absorb):
            heritage = joined(heritage, left_behind.get(recorded.event.body.from_member, Heritage()))
        after = decision.after
        heritage = Heritage(orders=heritage.orders | after.orders, spends=heritage.spends | after.spends)
    return heritage
