"""The night: all that time has done is written down, for as many members at once as there are.

The order is that of the instants: what matures, levels that end, what expires. Every member gets one event for all of
it, the very one that the engine decides; so it can be stopped anywhere, begun again, and repeated from the log.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import groupby
from typing import Final
from uuid import UUID

import msgspec
from msgspec import Struct

from regulars.actions import answers
from regulars.actions.memory import Memory, NoProgramme
from regulars.actions.sweep import SOURCE, TYPE, source_id, suffix, sweep
from regulars.db import nightly, programmes
from regulars.db.errors import NotUniqueError
from regulars.db.nightly import Form, Settled, TierRules
from regulars.engine import mail
from regulars.engine.decide import Decision
from regulars.engine.events import Event, Settle
from regulars.engine.ids import at_time, bucket_of
from regulars.engine.members import MemberState
from regulars.engine.outcome import Result
from regulars.engine.points import Balance
from regulars.engine.running import Running

# Looking for what is due passes over what is not due any more, which is cheap when it is done seldom.
_LOOK_MAX: Final = 200_000
# So many members in one statement: more are hardly faster, and lose more when one of them is in the way.
_GROUP: Final = 5_000
_LANES: Final = 2
_MARK: Final = UUID(int=0x0123456789ABCDEF0123456789ABCDEF)


class Night(Struct, frozen=True, kw_only=True):
    """What a night brought: what was written for many members at once, and how many more the sweeper settled."""

    settled: Settled
    swept: int


async def due_members(memory: Memory, *, now: datetime) -> int:
    """Return of how many members lots or levels are due up to `now`."""
    async with memory.pool.connection() as connection:
        return await nightly.count(connection, now=now)


async def night(
    memory: Memory, *, now: datetime, inactive_since: datetime, on_progress: Callable[[int], None] = lambda _: None
) -> Night:
    """Settle everybody of whom anything is due up to `now`, and return what was done; stopped, it goes on there.

    `on_progress` hears of how many more members. `inactive_since` is as for `sweep`.
    """
    settled = await settle_all(memory, now=now, on_progress=on_progress)
    swept = 0
    while more := (await sweep(memory, now=now, inactive_since=inactive_since)).settled:
        swept += more
        on_progress(more)
    return Night(settled=settled, swept=swept)


async def settle_all(memory: Memory, *, now: datetime, on_progress: Callable[[int], None] = lambda _: None) -> Settled:
    """Settle as many members as can be settled together, of all programmes."""
    async with memory.pool.connection() as connection:
        known = await programmes.every(connection)
    done = Settled()
    for programme in known:
        with suppress(NoProgramme):  # one that is not in force yet has nothing that is due
            done += await settle_many(
                memory, programme.programme_id, now=now, on_progress=lambda one: on_progress(one.members)
            )
    return done


async def settle_many(
    memory: Memory, programme_id: str, *, now: datetime, on_progress: Callable[[Settled], None] = lambda _: None
) -> Settled:
    """Settle the members of a programme of whom lots or levels are due up to `now`, and return what was written.

    `on_progress` hears what each group brought. Who is in the way of others, or has more to settle than that, is left
    to `sweep`, which comes after it.
    """
    running = await memory.running(programme_id, now)
    if running.announced:
        return Settled()  # time also takes members out of segments, which only deciding finds out
    form = _form(running, now)
    done = Settled()
    left: set[UUID] = set()
    while True:
        async with memory.pool.connection() as connection:
            found = await nightly.due(connection, programme_id, now=now, limit=_LOOK_MAX)
        fresh = [member_id for member_id in found if member_id not in left]
        if not fresh:
            return done
        lanes = [_lane(memory, form, groups, now, on_progress) for groups in _dealt(memory, fresh)]
        for settled in await asyncio.gather(*lanes):
            done += settled
        left.update(fresh)


async def _lane(
    memory: Memory, form: Form, groups: Sequence[Sequence[UUID]], now: datetime, on_progress: Callable[[Settled], None]
) -> Settled:
    done = Settled()
    for group in groups:
        named = [(member_id, _event_id(member_id, now)) for member_id in group]
        async with memory.pool.connection() as connection:
            try:
                settled = await nightly.settle(connection, form, named, now=now)
            except NotUniqueError:
                continue
        on_progress(settled)
        done += settled
    return done


def _dealt(memory: Memory, members: Sequence[UUID]) -> list[list[Sequence[UUID]]]:
    """Deal members out to lanes, in groups; where a transaction writes one bucket, no group has two of them."""
    apart = [list(own) for _, own in groupby(members, bucket_of)] if memory.one_bucket else [list(members)]
    groups: list[Sequence[UUID]] = [
        own[start : start + _GROUP] for own in apart for start in range(0, len(own), _GROUP)
    ]
    return [groups[first::_LANES] for first in range(_LANES)]


def _event_id(member_id: UUID, now: datetime) -> UUID:
    return at_time(now, "event", member_id.hex, SOURCE, source_id(member_id, now), TYPE)


def _form(running: Running, now: datetime) -> Form:
    return Form(
        programme_id=running.id,
        version=running.version,
        wallets=tuple(running.wallets),
        tiers=[
            TierRules(
                id=tier_set.id,
                place=place,
                levels=[level.id for level in tier_set.levels],
            )
            for place, tier_set in enumerate(running.tiers)
        ],
        answer=_answer(running, now),
        balance=_balance(),
        type=TYPE,
        source=SOURCE,
        suffix=suffix(now),
        body=mail.write(Settle()).decode(),
    )


def _answer(running: Running, now: datetime) -> str:
    """The answer to an event that only settles, with places for the ids and the balances."""
    event = Event(
        id=_MARK,
        member_id=_MARK,
        type=TYPE,
        source=SOURCE,
        source_id="",
        occurred_at=now,
        recorded_at=now,
        body=Settle(),
    )
    decision = Decision(
        event_id=_MARK,
        programme_version=running.version,
        effects=(),
        result=Result(),
        balances={"$": Balance()},
        after=MemberState(member_id=_MARK),
    )
    text = answers.write(event, decision).decode().replace("%", "%%")
    balances = msgspec.json.encode({"$": Balance()}).decode()
    return text.replace(_MARK.hex, "%s").replace(balances, "{%s}")


def _balance() -> str:
    """One wallet's balance, with places for its name, and for what is available and pending."""
    text = msgspec.json.encode({"$": Balance(available=1, pending=2)}).decode().replace("%", "%%")
    return text[1:-1].replace("$", "%s").replace(":1,", ":%s,").replace(":2,", ":%s,")
