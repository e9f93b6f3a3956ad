"""A long history comes in by chunks: within one, different members' events are decided and written side by side."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from regulars.actions.deciding import Answered
from regulars.actions.ingest import ingest
from regulars.actions.memory import Memory, NoProgramme
from regulars.actions.recognising import recognise
from regulars.actions.telling import Told
from regulars.engine.reasons import Refused

# While one lane waits for PostgreSQL, the other one decides; a third would wait for both.
_LANES: Final = 2
Outcome = Answered | Refused


async def load(memory: Memory, programme_id: str, told: Sequence[Told], *, now: datetime) -> list[Outcome]:
    """Decide and remember a chunk of events, and return what became of each.

    One member's events are decided in the order given, other members' at the same time. An event from before
    the first version of the programme is refused; for the rest see `ingest`.

    Raises: see `ingest`. When it raises, some of the events may be recorded; telling all of them again is safe.
    """
    outcomes: dict[int, Outcome] = dict(await _too_early(memory, programme_id, told, now))
    places = [place for place in range(len(told)) if place not in outcomes]
    lanes = await _lanes(memory, programme_id, told, places, now)
    found = await asyncio.gather(
        *(ingest(memory, programme_id, [told[place] for place in lane], now=now) for lane in lanes),
        return_exceptions=True,
    )
    for lane, verdicts in zip(lanes, found, strict=True):
        if isinstance(verdicts, BaseException):
            raise verdicts
        outcomes |= zip(lane, verdicts, strict=True)
    return [outcomes[place] for place in range(len(told))]


async def _too_early(
    memory: Memory, programme_id: str, told: Sequence[Told], now: datetime
) -> list[tuple[int, Refused]]:
    """Return the places of events that happened before any version was in force."""
    await memory.running(programme_id, now)
    instants = [one.occurred_at or now for one in told]
    if not instants or await _in_force(memory, programme_id, min(instants)):
        return []
    return [
        (place, Refused(code="no-programme"))
        for place, at in enumerate(instants)
        if not await _in_force(memory, programme_id, at)
    ]


async def _in_force(memory: Memory, programme_id: str, at: datetime) -> bool:
    try:
        await memory.running(programme_id, at)
    except NoProgramme:
        return False
    return True


async def _lanes(
    memory: Memory, programme_id: str, told: Sequence[Told], places: Sequence[int], now: datetime
) -> list[list[int]]:
    """Share the places out over lanes of about the same length, each member's all in one and in their order."""
    if not places:
        return []
    asked = [told[place] for place in places]
    members: dict[UUID | None, list[int]] = {}
    for place, whose in zip(places, await recognise(memory, programme_id, asked, now=now), strict=True):
        members.setdefault(None if isinstance(whose, Refused) else whose.member_id, []).append(place)
    # Whose cannot be told yet, such as a return of an order in this same chunk, may belong to anybody in it.
    if None in members:
        return [sorted(places)]
    lanes: list[list[int]] = [[] for _ in range(min(_LANES, len(members)))]
    for own in sorted(members.values(), key=len, reverse=True):
        min(lanes, key=len).extend(own)
    return [sorted(lane) for lane in lanes]
