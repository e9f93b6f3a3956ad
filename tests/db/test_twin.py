"""Memory is the twin of `evolve`: whatever happens, what is loaded decides like what was folded in Python."""

import asyncio
from collections.abc import Sequence
from datetime import date
from itertools import islice
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from regulars.actions.deciding import Case, wanted
from regulars.db import members, shared
from regulars.db.changes import Change, Decided
from regulars.db.claims import claimed_by
from regulars.db.members import Wanted
from regulars.db.pool import Pool
from regulars.engine import mail
from regulars.engine.decide import Decision, decide
from regulars.engine.effects import Sent
from regulars.engine.events import Event
from regulars.engine.members import MemberState
from regulars.engine.reasons import Refused
from regulars.engine.running import Running
from tests.db.memories import wipe
from tests.engine.rich_worlds import CODES, RICH, RichWorld, rich_programmes
from tests.engine.worlds import PEOPLE, Move, moves

_LONG_AGO = date(2000, 1, 1)
Told = tuple[Event, Decision | Refused]


def test_what_is_loaded_decides_like_what_was_folded(database_url: str) -> None:
    @settings(max_examples=40, deadline=None)
    @given(rich_programmes(), moves(*RICH), st.lists(st.integers(1, 9), min_size=1))
    def check(programme: Running, life: list[Move], sizes: list[int]) -> None:
        world = RichWorld(programme)
        world.states = {id: MemberState(member_id=id) for id in PEOPLE}
        told = [(event, decision) for event, _, decision in world.live(life)]

        asyncio.run(_check(database_url, programme, world, told, sizes))

    check()


async def _check(url: str, programme: Running, world: RichWorld, told: Sequence[Told], sizes: Sequence[int]) -> None:
    await wipe(url)
    pool = Pool(url)
    try:
        rest = iter(told)
        turn = 0
        used = {"pool/cinema/size": CODES}
        while batch := list(islice(rest, sizes[turn % len(sizes)])):
            await _remember(pool, programme, batch, used)
            turn += 1
        for member_id, folded in world.states.items():
            assert await _loaded(pool, folded) == _comparable(folded), member_id
        async with pool.connection() as connection:
            stored = await shared.used(connection, programme.id)
        assert {"pool/cinema/size": CODES} | {name: by for name, by in stored.items() if by} == {
            name: by for name, by in world.shared.items() if by
        }
    finally:
        await pool.close()


async def _remember(pool: Pool, programme: Running, batch: Sequence[Told], used: dict[str, int]) -> None:
    """Decide a batch on what memory holds, compare with what was decided on what was folded, and write it."""
    async with pool.connection() as connection:
        loaded = await members.load(connection, programme.id, _wanted(programme, batch))
        states = {member_id: one.state for member_id, one in loaded.items()}
        decided: dict[UUID, list[Decided]] = {}
        for event, folded in batch:
            decision = decide(programme, states[event.member_id], event, used)
            if isinstance(decision, Refused):
                assert decision == folded
            else:
                assert isinstance(folded, Decision)
                assert _effects(decision) == _effects(folded)
                assert decision.result == folded.result
                assert decision.balances == folded.balances
                assert decision.seen == folded.seen
                states[event.member_id] = decision.after
                for name, by in claimed_by(decision.effects).items():
                    used[name] = used.get(name, 0) + by
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
        event=event,
        programme_version=decision.programme_version,
        effects=decision.effects,
        answer=str(event.id),
        seen=decision.seen,
    )


def _wanted(programme: Running, batch: Sequence[Told]) -> list[Wanted]:
    return wanted(Case(place=place, event=event, running=programme) for place, (event, _) in enumerate(batch))


async def _loaded(pool: Pool, folded: MemberState) -> MemberState:
    """Load everything of a member that was ever named."""
    everything = Wanted(
        member_id=folded.member_id,
        since=_LONG_AGO,
        orders=list(folded.orders),
        spends=list(folded.spends),
        days_from=_LONG_AGO,
        vouchers=list(folded.vouchers),
    )
    async with pool.connection() as connection:
        loaded = await members.load(connection, "club", [everything])
    return _comparable(loaded[folded.member_id].state)


def _comparable(state: MemberState) -> MemberState:
    """Leave out lots that are used up, which memory loads only where they are needed, and put lots in order."""
    lots = sorted((lot for lot in state.lots if lot.remaining), key=lambda lot: lot.id)
    return replace(state, lots=tuple(lots), holds=tuple(sorted(state.holds, key=lambda hold: hold.id)))
