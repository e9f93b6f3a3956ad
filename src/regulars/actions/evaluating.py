"""What would be answered if: the same decision, with every rule's reason, and nothing written."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from regulars.actions import answers
from regulars.actions.deciding import Case, order_of, wanted
from regulars.actions.explaining import explain_event
from regulars.actions.ingest import cases_of
from regulars.actions.memory import Memory
from regulars.actions.telling import Told
from regulars.connectors.incoming import MemberReference
from regulars.db import members
from regulars.engine.decide import decide
from regulars.engine.explain import explain
from regulars.engine.ids import external
from regulars.engine.members import MemberState
from regulars.engine.reasons import Outcome, Refused


class Evaluation(Struct, frozen=True, kw_only=True):
    """The answer as it would be given, word for word, and what every live rule would do.

    `recorded` where it was given already: then it is the recorded answer, by the version that made it, and the
    rules are those of that version. `timezone` is the one in which the rules' days are told.
    """

    text: bytes
    programme_version: int
    timezone: str
    explanation: tuple[Outcome, ...]
    recorded: bool = False


async def evaluate(
    memory: Memory, programme_id: str, told: Told, *, version: int | None = None, now: datetime
) -> Evaluation | Refused:
    """Return what telling of an event would be answered at `now`, under a version or the one in force.

    What was told before, also of an order that another source told of, is answered with what is recorded, as
    telling it again would be.

    Raises: NoProgramme, also where there is no such version.
    """
    while True:
        cases, verdicts = await cases_of(memory, programme_id, [told], [0], now)
        if not cases:
            refused = verdicts[0]
            assert isinstance(refused, Refused), "an event that is no case was refused"
            return refused
        found = await _evaluated(memory, programme_id, cases[0], version)
        if not isinstance(found, Refused) or found.code != "member-merged":
            return found
        into = external("mem", UUID(str(found.detail["into"])))
        told = replace(told, member=MemberReference(id=into))


async def _evaluated(memory: Memory, programme_id: str, case: Case, version: int | None) -> Evaluation | Refused:
    event = case.event
    async with memory.pool.connection() as connection:
        loaded = (await members.load(connection, programme_id, wanted([case])))[event.member_id]
    if loaded.recorded:
        return await _recorded(memory, programme_id, loaded.recorded[0].event_id)
    running = case.running if version is None else await memory.version(programme_id, version)
    await memory.sharing.look(programme_id)
    tally = memory.sharing.tally(programme_id)
    decision = decide(running, loaded.state, event, tally)
    if isinstance(decision, Refused):
        first = _teller(case, loaded.state) if decision.code == "order-already-recorded" else None
        return decision if first is None else await _recorded(memory, programme_id, first)
    return Evaluation(
        text=answers.write(event, decision),
        programme_version=decision.programme_version,
        timezone=running.timezone,
        explanation=explain(running, loaded.state, event, tally),
    )


def _teller(case: Case, state: MemberState) -> UUID | None:
    """The event that told of the order first."""
    order = order_of(case.event)
    return state.orders[order].event_id if order is not None else None


async def _recorded(memory: Memory, programme_id: str, event_id: UUID) -> Evaluation:
    found = await explain_event(memory, programme_id, event_id)
    assert found is not None, "what is recorded of a member is an event"
    recorded = found.recorded
    running = await memory.version(programme_id, recorded.programme_version)
    return Evaluation(
        text=recorded.answer.encode(),
        programme_version=recorded.programme_version,
        timezone=running.zone_of(recorded.event),
        explanation=found.outcomes,
        recorded=True,
    )
