"""Whatever happens to three members, memory answers as the engine does, no promise breaks, and the log repeats it."""

import asyncio
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from hypothesis import Phase, given, settings
from msgspec.structs import replace

from regulars.actions import answers
from regulars.actions.folding import Heritage, joined, knowing
from regulars.actions.ingest import ingest
from regulars.actions.memory import Memory
from regulars.actions.replaying import replay
from regulars.actions.telling import Told
from regulars.actions.verifying import CHECKS
from regulars.connectors.incoming import MemberReference
from regulars.db import codes
from regulars.db import programmes as versions
from regulars.db.codes import PoolCode
from regulars.db.sealing import Keyring
from regulars.engine.decide import Decision
from regulars.engine.events import Absorb, Event, Merge
from regulars.engine.ids import external
from regulars.engine.members import MemberState
from regulars.engine.reasons import Refused
from regulars.engine.running import Running
from tests.db.memories import wipe
from tests.engine.making import MONDAY_NOON
from tests.engine.rich_worlds import CODES, RICH, RichWorld, rich_programmes
from tests.engine.worlds import PEOPLE, Move, moves
from tests.verified import assert_intact

# A failing life is shown as it is: making it smaller takes longer than reading it.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
ORDER_TAKEN = Refused(code="order-of-another-member")
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_CHANGE = MONDAY_NOON + timedelta(days=3)
# The platform merges into the older membership; these lives merge into any. What they send arrives as it was
# sent, but under names of the till's.
_OTHERWISE = {"merges_lead_somewhere", "messages_arrive_once", "points_under_way_are_in_messages"}


class TwoVersions(Memory):
    """A memory whose programme is the one that was drawn, up to an instant, and another one from then on."""

    first: Running
    second: Running

    async def running(self, programme_id: str, at: datetime) -> Running:
        return self.first if at < _CHANGE else self.second

    async def version(self, programme_id: str, number: int) -> Running:
        return self.first if number == 1 else self.second


def test_a_life_is_answered_kept_and_repeated_alike(database_url: str) -> None:
    @settings(max_examples=25, deadline=None, phases=PHASES)
    @given(rich_programmes(), rich_programmes(), moves(*RICH))
    def check(first: Running, second: Running, life: list[Move]) -> None:
        second.version = 2
        asyncio.run(_live(database_url, first, second, life))

    check()


async def _live(url: str, first: Running, second: Running, life: list[Move]) -> None:
    await wipe(url)
    memory = TwoVersions(url, Keyring(b"0123456789abcdef0123456789abcdef"), connections=2)
    memory.first, memory.second = first, second
    await _versions(memory)
    async with memory.pool.connection() as connection:
        await codes.fill(connection, "club", "cinema", [PoolCode(bytes([n] * 16), b"sealed") for n in range(CODES)])
    world = Inheriting(first)
    world.states = {id: MemberState(member_id=id) for id in PEOPLE}
    try:
        for move in life:
            made = world.make(move)
            # Nobody is merged into somebody who is not there: the API sees to that.
            if not isinstance(made.body, Merge) or world.states[made.body.into_member].version:
                await _happen(memory, world, made)
        await assert_intact(memory, checks=[check for check in CHECKS if check not in _OTHERWISE])
        report = await replay(memory)
        assert report.identical, report.differing
    finally:
        await memory.close()


class Inheriting(RichWorld):
    """A world in which a membership knows the orders and spends of those that were merged into it, as memory does."""

    def __init__(self, programme: Running) -> None:
        super().__init__(programme)
        self.inherited: dict[UUID, Heritage] = {id: Heritage() for id in PEOPLE}

    def whose(self, made: Event) -> Event:
        """Return the event as one of the membership that lives on; a merge stays where it is."""
        return made if isinstance(made.body, Merge) else replace(made, member_id=self._lives_on_as(made.member_id))

    def decide(self, made: Event) -> Decision | Refused:
        known = self.inherited[made.member_id]
        self.states[made.member_id] = knowing(self.states[made.member_id], made, known)
        decision = super().decide(made)
        if isinstance(made.body, Absorb) and isinstance(decision, Decision):
            other = made.body.from_member
            there = self.states[other]
            brought = joined(self.inherited[other], Heritage(orders=there.orders, spends=there.spends))
            self.inherited[made.member_id] = joined(known, brought)
        return decision


async def _happen(memory: TwoVersions, world: Inheriting, made: Event) -> None:
    """Tell memory of an event and let the world decide it too: both must say the same, to the byte."""
    told = Told(
        type=made.type,
        source=made.source,
        source_id=made.source_id,
        body=made.body,
        member=MemberReference(id=external("mem", made.member_id)),
        occurred_at=made.occurred_at,
        channel=made.channel,
    )
    (outcome,) = await ingest(memory, "club", [told], now=made.recorded_at)
    world.programme = await memory.running("club", made.occurred_at)
    event = world.whose(made)
    if outcome == ORDER_TAKEN:
        return  # of somebody whose merge has not arrived yet: the world knows no claims
    if isinstance(outcome, Refused):
        assert world.decide(event) == outcome
    elif outcome.repeated:
        decision = world.decide(event)
        assert isinstance(decision, Refused)
        assert decision.code == "order-already-recorded"
    else:
        event = replace(event, id=outcome.event_id)
        decision = world.decide(event)
        assert isinstance(decision, Decision), decision
        assert outcome.text == answers.write(event, decision)
        world.happen(decision)


async def _versions(memory: TwoVersions) -> None:
    async with memory.pool.transaction() as connection:
        await versions.add(connection, versions.Programme(programme_id="club", name="", created_at=_LONG_AGO))
        for number, starts_at in ((1, _LONG_AGO), (2, _CHANGE)):
            await versions.add_version(
                connection,
                versions.Version(
                    programme_id="club",
                    version=number,
                    document="drawn at random",
                    starts_at=starts_at,
                    applied_at=_LONG_AGO,
                    applied_by="test",
                    sha256=sha256(b"drawn at random").digest(),
                ),
            )
