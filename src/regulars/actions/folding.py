"""The event log is the truth: deciding it again, event by event, gives every state there ever was."""

from collections.abc import Iterable, Iterator, Mapping
from uuid import UUID

from msgspec.structs import replace

from regulars.actions.deciding import order_of
from regulars.db.events import RecordedEvent
from regulars.engine.decide import Decision, decide
from regulars.engine.events import Absorb
from regulars.engine.members import MemberState, OrderRecord
from regulars.engine.reasons import Refused
from regulars.engine.running import Running

Orders = dict[str, OrderRecord]


class CannotBeRepeated(Exception):
    """A recorded event is refused when it is decided again: the log or the programme was altered."""


def fold(
    log: Iterable[RecordedEvent], versions: Mapping[int, Running], left_behind: Mapping[UUID, Orders]
) -> Iterator[tuple[RecordedEvent, Decision]]:
    """Yield each of one member's events, from the first on, with the decision on it made again.

    `left_behind` holds the order records of the members that were merged into this one.

    Raises: CannotBeRepeated.
    """
    state: MemberState | None = None
    inherited: Orders = {}
    for recorded in log:
        event = recorded.event
        state = state or MemberState(member_id=event.member_id)
        order = order_of(event)
        if order is not None and order in inherited and order not in state.orders:
            state = replace(state, orders=state.orders | {order: inherited[order]})
        decision = decide(versions[recorded.programme_version], state, event)
        if isinstance(decision, Refused):
            raise CannotBeRepeated(f"event {event.id} was recorded, and is refused now: {decision.code}")
        yield recorded, decision
        state = decision.after
        if isinstance(event.body, Absorb):
            inherited = joined(inherited, left_behind.get(event.body.from_member, {}))


def joined(first: Orders, second: Orders) -> Orders:
    """Return the order records of two memberships; of one order, the record that knows the order itself."""
    return first | {name: record for name, record in second.items() if name not in first or record.event_id is not None}


def left_behind_by(decisions: Iterable[tuple[RecordedEvent, Decision]], left_behind: Mapping[UUID, Orders]) -> Orders:
    """Return the order records that a member leaves to whom it is merged into, its own and its inherited ones."""
    orders: Orders = {}
    for recorded, decision in decisions:
        if isinstance(recorded.event.body, Absorb):
            orders = joined(orders, left_behind.get(recorded.event.body.from_member, {}))
        orders |= decision.after.orders
    return orders
