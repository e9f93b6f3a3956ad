"""What was decided is written: all of it that still holds, while the rest is left for another round."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from itertools import groupby
from uuid import UUID

from msgspec import Struct, field

from regulars.actions.deciding import Decisions, Verdict, change_of
from regulars.actions.idempotent import KEY_REUSED
from regulars.actions.memory import Memory
from regulars.actions.sharing import Tally
from regulars.db import members
from regulars.db.apart import apply_apart
from regulars.db.changes import Change, Fault
from regulars.db.claims import claimed_by
from regulars.db.connection import Connection
from regulars.db.members import Applied, Loaded
from regulars.engine.effects import Claimed
from regulars.engine.ids import bucket_of
from regulars.engine.reasons import Refused


class Round(Struct):
    """What one attempt brought: verdicts by place, and the places that must be tried again.

    `shared_out` where something that members share was gone already; where it was the next number of something,
    `queues` has the name, by which those who want it are to wait for each other.
    """

    verdicts: dict[int, Verdict]
    again: set[int] = field(default_factory=set)
    queues: set[str] = field(default_factory=set)
    shared_out: bool = False


async def apply(
    memory: Memory,
    connection: Connection,
    programme_id: str,
    loaded: Mapping[UUID, Loaded],
    decisions: Mapping[UUID, Decisions],
    tally: Tally,
    made: Round,
) -> None:
    """Write the decisions on members, in one transaction or bucket by bucket, and take note of what was not."""
    ids = sorted(member_id for member_id, one in decisions.items() if one.decided)
    groups = (
        [list(group) for _, group in groupby(sorted(ids, key=bucket_of), bucket_of)] if memory.one_bucket else [ids]
    )
    write = apply_apart if memory.one_bucket else members.apply
    for group in groups:
        changes = {id: change_of(programme_id, loaded[id].state, decisions[id].decided) for id in group}
        await _apply_group(connection, write, changes, decisions, made)
        if tally.asked:
            memory.sharing.written(programme_id, tally, _claimed(changes.values()))
    if made.shared_out:
        memory.sharing.ask_again(programme_id)


def _claimed(changes: Iterable[Change]) -> dict[str, int]:
    claimed: dict[str, int] = {}
    for change in changes:
        for decided in change.decided:
            for name, by in claimed_by(decided.effects).items():
                claimed[name] = claimed.get(name, 0) + by
    return claimed


async def _apply_group(
    connection: Connection,
    write: Callable[[Connection, Sequence[Change]], Awaitable[Applied]],
    changes: dict[UUID, Change],
    decisions: Mapping[UUID, Decisions],
    made: Round,
) -> None:
    """Write changes all together; those of members that came too late are taken out, and left for the next round."""
    while changes:
        ids = list(changes)
        applied = await write(connection, list(changes.values()))
        if not applied.faults:
            return
        told = {(fault.place, fault.decided) for fault in applied.faults if fault.kind == "event-told"}
        for fault in applied.faults:
            late = decisions[ids[fault.place]]
            changes.pop(ids[fault.place], None)
            made.again.update(late.places)
            # What another telling of the same event has just recorded is answered with that in the next round.
            if (fault.place, fault.decided) not in told:
                _settle_fault(fault, late, made)


def _settle_fault(fault: Fault, late: Decisions, made: Round) -> None:
    """Give the verdict where trying again would only run into the same fault."""
    if fault.decided is None:
        return
    place, decided = late.places[fault.decided], late.decided[fault.decided]
    if fault.kind == "order-taken" and fault.member_id != decided.event.member_id:
        made.verdicts[place] = Refused(code="order-of-another-member")
        made.again.discard(place)
    elif fault.kind == "key-used":
        # Told under a key that was used for something else, or refused: `reconcile` finds out which.
        made.verdicts[place] = KEY_REUSED
        made.again.discard(place)
    elif fault.kind == "claim":
        made.shared_out = True
        claims = (effect for effect in decided.effects if isinstance(effect, Claimed))
        made.queues |= {claimed.name for claimed in claims if claimed.exact}
