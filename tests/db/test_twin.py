"""Memory is the twin of `evolve`: whatever happens, what is loaded decides like what was folded in Python."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from regulars.db import members
from regulars.db.changes import Change, Decided
from regulars.db.members import Wanted
from regulars.db.pool import Pool
from regulars.engine import mail
from regulars.engine.decide import Decision, decide
from regulars.engine.effects import Sent
from regulars.engine.events import Event, Merge, Purchase, Restore, Return
from regulars.engine.members import MemberState
from regulars.engine.reasons import Refused
from regulars.engine.running import Running
from tests.db.memories import wipe
from tests.engine.worlds import PEOPLE, WITH_MERGES, Move, World, moves, programmes

_LONG_AGO = date(2000, 1, 1)
Told = tuple[Event, Decision | Refused]


def test_what_is_loaded_decides_like_what_was_folded(database_url: str) -> None:
    @settings(max_examples=40, deadline=None)
    @given(programmes(), moves(*WITH_MERGES), st.lists(st.integers(1, 9), min_size=1))
    def check(programme: Running, life: list[Move], sizes: list[int]) -> None:
        world = World(programme)
        world.states = {id: MemberState(member_id=id) for id in PEOPLE}
        told = [(event, decision) for event, _, decision in world.live(life)]

        asyncio.run(_check(database_url, programme, world, told, sizes))

    check()


async def _check(url: str, programme: Running, world: World, told: Sequence[Told], sizes: Sequence[int]) -> None:
    await wipe(url)
    pool = Pool(url)
    try:
        rest = iter(told)
        turn = 0
        while batch := list(islice(rest, sizes[turn % len(sizes)])):
            await _remember(pool, programme, batch)
            turn += 1
        for member_id, folded in world.states.items():
            assert await _loaded(pool, folded) == _comparable(folded), member_id
    finally:
        await pool.close()


async def _remember(pool: Pool, programme: Running, batch: Sequence[Told]) -> None:
    """Decide a batch on what memory holds, compare with what was decided on what was folded, and write it."""
    async with pool.connection() as connection:
        loaded = await members.load(connection, programme.id, _wanted(batch))
        states = {member_id: one.state for member_id, one in loaded.items()}
        decided: dict[UUID, list[Decided]] = {}
        for event, folded in batch:
            decision = decide(programme, states[event.member_id], event)
            if isinstance(decision, Refused):
                assert decision == folded
            else:
                assert isinstance(folded, Decision)
                assert _effects(decision) == _effects(folded)
                assert decision.result == folded.result
                assert decision.balances == folded.balances
                states[event.member_id] = decision.after
                decided.setdefault(event.member_id, []).append(_decided(event, decision))
        changes = [
            Change(programme_id=programme.id, before=loaded[member_id].state, decided=own)
            for member_id, own in decided.items()
        ]
        assert (await members.apply(connection, changes)).faults == ()


def _effects(decision: Decision) -> list[object]:
    """Return the effects with mail as what it says: names come in another order when they have been stored."""
    return [
        (effect.member_id, effect.type, mail.read(effect.body)) if isinstance(effect, Sent) else effect
        for effect in decision.effects
    ]


def _decided(event: Event, decision: Decision) -> Decided:
    return Decided(
        event=event, programme_version=decision.programme_version, effects=decision.effects, answer=str(event.id)
    )


def _wanted(batch: Sequence[Told]) -> list[Wanted]:
    wanted = []
    for member_id in {event.member_id for event, _ in batch}:
        events = [event for event, _ in batch if event.member_id == member_id]
        wanted.append(
            Wanted(
                member_id=member_id,
                since=_since(events),
                lapsed_after=datetime.min.replace(tzinfo=UTC),
                orders=sorted({order for event in events if (order := _order(event)) is not None}),
                spends=sorted({event.body.spend_id for event in events if isinstance(event.body, Restore)}),
                days_from=_LONG_AGO,
            )
        )
    return wanted


def _since(events: Sequence[Event]) -> date:
    """Return from when on counters are wanted; a merge takes all of them along."""
    if any(isinstance(event.body, Merge) for event in events):
        return _LONG_AGO
    return (min(event.occurred_at for event in events) - timedelta(days=2)).date()


def _order(event: Event) -> str | None:
    match event.body:
        case Purchase(order=order):
            return order.id
        case Return(order_id=order_id):
            return order_id
        case _:
            return None


async def _loaded(pool: Pool, folded: MemberState) -> MemberState:
    """Load everything of a member that was ever named."""
    wanted = Wanted(
        member_id=folded.member_id,
        since=_LONG_AGO,
        orders=list(folded.orders),
        spends=list(folded.spends),
        days_from=_LONG_AGO,
        vouchers=list(folded.vouchers),
    )
    async with pool.connection() as connection:
        loaded = await members.load(connection, "club", [wanted])
    return _comparable(loaded[folded.member_id].state)


def _comparable(state: MemberState) -> MemberState:
    """Leave out lots that are used up, which memory loads only where they are needed, and put lots in order."""
    lots = sorted((lot for lot in state.lots if lot.remaining), key=lambda lot: lot.id)
    return replace(state, lots=tuple(lots), holds=tuple(sorted(state.holds, key=lambda hold: hold.id)))
