"""What would happen if: the same decision, with every rule's reason, and nothing written."""

from datetime import datetime

from msgspec import Struct

from regulars.actions import answers
from regulars.actions.answers import EventAnswer
from regulars.actions.deciding import wanted
from regulars.actions.ingest import cases_of
from regulars.actions.memory import Memory
from regulars.actions.telling import Told
from regulars.db import members
from regulars.engine.decide import decide
from regulars.engine.explain import explain
from regulars.engine.reasons import Outcome, Refused


class Evaluation(Struct, frozen=True, kw_only=True):
    """The decision as it would be, and what every live rule would do."""

    answer: EventAnswer
    explanation: tuple[Outcome, ...]


async def evaluate(
    memory: Memory, programme_id: str, told: Told, *, version: int | None = None, now: datetime
) -> Evaluation | Refused:
    """Return what an event would bring about at `now`, under a version or the one in force.

    Raises: NoProgramme, also where there is no such version.
    """
    cases, verdicts = await cases_of(memory, programme_id, [told], [0], now)
    if not cases:
        refused = verdicts[0]
        assert isinstance(refused, Refused), "an event that is no case was refused"
        return refused
    case = cases[0]
    running = case.running if version is None else await memory.version(programme_id, version)
    async with memory.pool.connection() as connection:
        loaded = await members.load(connection, programme_id, wanted([case]))
    state = loaded[case.event.member_id].state
    decision = decide(running, state, case.event)
    if isinstance(decision, Refused):
        return decision
    return Evaluation(answer=answers.answer(case.event, decision), explanation=explain(running, state, case.event))
