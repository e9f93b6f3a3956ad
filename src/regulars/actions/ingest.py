"""An event comes in, a decision is made, one transaction remembers, and the answer says what happened and why."""

import asyncio
from collections.abc import Mapping, Sequence, Set
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from msgspec.structs import replace

from regulars.actions.applying import Round, apply
from regulars.actions.deciding import (
    Answered,
    Case,
    Decisions,
    Elsewhere,
    Verdict,
    by_member,
    decide_in_order,
    wanted,
)
from regulars.actions.idempotent import reconcile
from regulars.actions.memory import Memory, NoProgramme
from regulars.actions.recognising import Recognised, recognise
from regulars.actions.sharing import Tally
from regulars.actions.telling import Told
from regulars.connectors.incoming import MemberReference
from regulars.db import events, identities, members
from regulars.db.changes import MovedIdentities
from regulars.db.errors import TransientError
from regulars.db.members import Loaded
from regulars.engine.events import Absorb, Event, Merge
from regulars.engine.ids import at_time, external
from regulars.engine.reasons import Refused
from regulars.engine.running import Running

# A round that loses against another process starts again with what that one wrote; each round some process
# wins, so that this many lost ones in a row mean a crowd on one member rather than bad luck.
_ROUNDS_MAX: Final = 30
# A large batch goes in groups, on two connections in turn: while PostgreSQL writes one, the next is decided.
_GROUP: Final = 250
_LANES: Final = 2


async def ingest(memory: Memory, programme_id: str, told: Sequence[Told], *, now: datetime) -> list[Answered | Refused]:
    """Decide and remember events, in the order given, and return what became of each.

    What is told again is answered with the recorded decision. All that is not refused is committed when this
    returns; one bad event does not spoil its neighbours.

    Raises: TransientError, when others kept coming first; the errors of `db.errors`, after which
    nothing may be assumed but that telling the same again is safe.
    """
    verdicts: dict[int, Verdict] = {}
    asked = list(told)
    places = list(range(len(asked)))
    queues: set[str] = set()
    for _ in range(_ROUNDS_MAX):
        if not places:
            break
        made = await _round(memory, programme_id, asked, places, queues, now)
        _follow_merges(asked, made)
        verdicts |= made.verdicts
        places = sorted(made.again)
        queues |= made.queues
    if places:
        raise TransientError(f"{len(places)} events found no moment of their own in {_ROUNDS_MAX} attempts")
    outcomes = await _answers(memory, programme_id, [verdicts[place] for place in range(len(told))])
    return await reconcile(memory, programme_id, told, outcomes, now=now)


def _follow_merges(asked: list[Told], made: Round) -> None:
    """Send what was told of a merged membership on to the one that it was merged into.

    But for a further merge: the survivor must not be closed in the other's stead.
    """
    for place, verdict in made.verdicts.items():
        if not isinstance(verdict, Refused) or isinstance(asked[place].body, Merge):
            continue
        if verdict.code == "member-merged":
            into = external("mem", UUID(str(verdict.detail["into"])))
            asked[place] = replace(asked[place], member=MemberReference(id=into))
            made.again.add(place)


async def _round(
    memory: Memory, programme_id: str, told: Sequence[Told], places: Sequence[int], queues: Set[str], now: datetime
) -> Round:
    cases, verdicts = await cases_of(memory, programme_id, told, places, now)
    made = Round(verdicts)
    if cases:
        async with memory.in_turn((*(case.event.member_id for case in cases), *queues)):
            await _write(memory, programme_id, _groups(cases), made)
    return made


def _groups(cases: Sequence[Case]) -> list[list[Case]]:
    """Return the cases in groups that are written one by one, a member's cases all in the same."""
    groups: list[list[Case]] = []
    for own in by_member(cases).values():
        if not groups or len(groups[-1]) >= _GROUP:
            groups.append([])
        groups[-1] += own
    return groups


async def _write(memory: Memory, programme_id: str, groups: Sequence[Sequence[Case]], made: Round) -> None:
    if len(groups) == 1:
        await _decide_and_apply(memory, programme_id, groups[0], made)
        return
    lanes = [_lane(memory, programme_id, groups[first::_LANES], made) for first in range(_LANES)]
    # Every lane is waited for, so that nothing is written any more once somebody else has the turn.
    for raised in await asyncio.gather(*lanes, return_exceptions=True):
        if raised is not None:
            raise raised


async def _lane(memory: Memory, programme_id: str, groups: Sequence[Sequence[Case]], made: Round) -> None:
    for group in groups:
        await _decide_and_apply(memory, programme_id, group, made)


async def cases_of(
    memory: Memory, programme_id: str, told: Sequence[Told], places: Sequence[int], now: datetime
) -> tuple[list[Case], dict[int, Verdict]]:
    """Return the events as cases, with their members recognised, and the refusals of those that have none."""
    asked = [told[place] for place in places]
    recognised = await recognise(memory, programme_id, asked, now=now)
    cases: list[Case] = []
    verdicts: dict[int, Verdict] = {}
    for place, one, whose in zip(places, asked, recognised, strict=True):
        case = whose if isinstance(whose, Refused) else await _case(memory, programme_id, place, one, whose, now)
        if isinstance(case, Refused):
            verdicts[place] = case
        else:
            cases.append(case)
    return cases, verdicts


async def _case(
    memory: Memory, programme_id: str, place: int, told: Told, whose: Recognised, now: datetime
) -> Case | Refused:
    try:
        running = await memory.running(programme_id, told.occurred_at or now)
    except NoProgramme:
        # What happened before the first version is refused alone: those it travels with are welcome.
        return Refused(code="no-programme")
    event = _event(told, whose, _on_our_clock(told, running, now), now)
    moved = await _moved(memory, programme_id, event)
    return Case(place=place, event=event, running=running, claims=whose.claims, moved=moved, call=told.call)


async def _moved(memory: Memory, programme_id: str, event: Event) -> MovedIdentities:
    """The identities that lead to the survivor once a closed membership arrives with all it had.

    Not when it closes: merges that cross could lead them to a membership which another one closes at that
    moment. Who comes by one of them meanwhile is sent on. Those of memberships that the arriving one took in
    are looked at as well, as on Citus they may still be on their way to it.
    """
    if not isinstance(event.body, Absorb):
        return MovedIdentities()
    arriving = event.body.from_member
    async with memory.pool.connection() as connection:
        closed = (arriving, *await members.merged_from(connection, programme_id, arriving))
        found = [await identities.of_member(connection, programme_id, member_id) for member_id in closed]
    return MovedIdentities(key_hashes=tuple(one.key_hash for own in found for one in own), closed=closed)


def _on_our_clock(told: Told, running: Running, now: datetime) -> datetime:
    """When it happened; now, where the source's clock is ahead by no more than the programme puts up with."""
    at = told.occurred_at or now
    tolerance = timedelta(minutes=running.policies.future_tolerance_minutes)
    return now if now < at <= now + tolerance else at


def _event(told: Told, whose: Recognised, at: datetime, now: datetime) -> Event:
    return Event(
        id=at_time(at, "event", whose.member_id.hex, *told.business_key),
        member_id=whose.member_id,
        type=told.type,
        source=told.source,
        source_id=told.source_id,
        occurred_at=at,
        recorded_at=now,
        body=told.body,
        channel=told.channel,
        shop=told.shop,
        associate=told.associate,
    )


async def _decide_and_apply(memory: Memory, programme_id: str, cases: Sequence[Case], made: Round) -> None:
    async with memory.pool.connection() as connection:
        loaded = await members.load(connection, programme_id, wanted(cases))
        tally, decisions = _decide(memory, programme_id, loaded, cases)
        if not memory.sharing.suffices(programme_id, tally):
            await memory.sharing.refresh(connection, programme_id)
            tally, decisions = _decide(memory, programme_id, loaded, cases)
        for one in decisions.values():
            made.verdicts |= one.verdicts
        await apply(memory, connection, programme_id, loaded, decisions, tally, made)


def _decide(
    memory: Memory, programme_id: str, loaded: Mapping[UUID, Loaded], cases: Sequence[Case]
) -> tuple[Tally, dict[UUID, Decisions]]:
    """Decide every member's cases, and return what they took of what members share."""
    tally = memory.sharing.tally(programme_id)
    decisions = {
        member_id: decide_in_order(memory.keyring, programme_id, loaded[member_id], own, tally)
        for member_id, own in by_member(cases).items()
    }
    return tally, decisions


async def _answers(memory: Memory, programme_id: str, verdicts: Sequence[Verdict]) -> list[Answered | Refused]:
    """Return the verdicts, with the recorded answer where another telling of the same order has it."""
    return [
        await _recorded_answer(memory, programme_id, verdict) if isinstance(verdict, Elsewhere) else verdict
        for verdict in verdicts
    ]


async def _recorded_answer(memory: Memory, programme_id: str, verdict: Elsewhere) -> Answered:
    async with memory.pool.connection() as connection:
        recorded = await events.by_id(connection, programme_id, verdict.event_id)
    assert recorded is not None, "an order's record names the event that told of it"
    return Answered(
        text=recorded.answer.encode(),
        event_id=recorded.event.id,
        member_id=recorded.event.member_id,
        repeated=True,
    )
