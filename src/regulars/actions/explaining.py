"""Why was it so? The member's history is folded again up to the event, and every rule is asked once more."""

from collections.abc import Sequence
from uuid import UUID

from msgspec import Struct

from regulars.actions.folding import Heritage, fold, left_behind_by
from regulars.actions.memory import Memory
from regulars.db import events, members
from regulars.db.connection import Connection
from regulars.db.events import RecordedEvent
from regulars.engine.events import Action, Purchase
from regulars.engine.explain import explain
from regulars.engine.members import MemberState
from regulars.engine.reasons import Outcome
from regulars.engine.running import Running


class Explanation(Struct, frozen=True, kw_only=True):
    """A recorded decision, and what became of every rule of the version that made it."""

    recorded: RecordedEvent
    outcomes: tuple[Outcome, ...]


async def explain_event(memory: Memory, programme_id: str, event_id: UUID) -> Explanation | None:
    """Return a recorded decision with its explanation; None where there is no such event.

    Nothing but the event log is asked: the state that the decision was made on is the fold of the member's
    events before it. Rules decide on purchases and actions only; other events have no outcomes.
    """
    async with memory.pool.snapshot() as connection:
        recorded = await events.by_id(connection, programme_id, event_id)
        if recorded is None:
            return None
        if not isinstance(recorded.event.body, Purchase | Action):
            return Explanation(recorded=recorded, outcomes=())
        member_id = recorded.event.member_id
        before = await events.of_member(connection, programme_id, member_id, below=recorded.member_version)
        others = await _merged_logs(connection, programme_id, member_id)
    logs = [before, *others]
    versions = {number: await memory.version(programme_id, number) for number in _numbers(logs, recorded)}
    state = _folded(member_id, before, others, versions)
    running = versions[recorded.programme_version]
    return Explanation(recorded=recorded, outcomes=explain(running, state, recorded.event, recorded.seen))


async def _merged_logs(connection: Connection, programme_id: str, member_id: UUID) -> list[list[RecordedEvent]]:
    """The logs of the members that were merged into this one, those furthest away first."""
    merged = await members.merged_from(connection, programme_id, member_id)
    return [await events.of_member(connection, programme_id, one) for one in reversed(merged)]


def _numbers(logs: Sequence[Sequence[RecordedEvent]], last: RecordedEvent) -> set[int]:
    return {one.programme_version for log in logs for one in log} | {last.programme_version}


def _folded(
    member_id: UUID,
    log: Sequence[RecordedEvent],
    others: Sequence[Sequence[RecordedEvent]],
    versions: dict[int, Running],
) -> MemberState:
    left_behind: dict[UUID, Heritage] = {}
    for other in others:
        left_behind[other[0].event.member_id] = left_behind_by(fold(other, versions, left_behind), left_behind)
    state = MemberState(member_id=member_id)
    for _, decision in fold(log, versions, left_behind):
        state = decision.after
    return state
