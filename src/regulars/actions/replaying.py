"""The event log tells everything: decided again from the first event on, it must give what is stored, to the byte."""

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Final
from uuid import UUID

from msgspec import Struct, field

from regulars.actions import answers
from regulars.actions.folding import CannotBeRepeated, Heritage, fold, left_behind_by
from regulars.actions.memory import Memory
from regulars.actions.recognising import order_hash
from regulars.db import digest, events, members, programmes
from regulars.db.changes import Change, Decided
from regulars.db.connection import Connection
from regulars.db.digest import BEGINNING, END, Digest, Edge, Rows
from regulars.db.events import RecordedEvent
from regulars.engine.events import Absorb, Purchase
from regulars.engine.members import MemberState
from regulars.engine.running import Running

_BATCH_EVENTS: Final = 1000
_DIFFERENCES_SHOWN: Final = 1000


class NotEmpty(Exception):
    """The database to rebuild in holds a programme already: give an empty one that is migrated."""


class Difference(Struct, frozen=True, kw_only=True):
    """A member who is stored otherwise than the events say, and in which tables; `reason` where they say nothing."""

    programme_id: str
    member_id: UUID
    tables: tuple[str, ...]
    reason: str = ""


class ReplayReport(Struct, frozen=True, kw_only=True):
    """What was repeated, and the SHA-256 of each table as it is stored and as it was rebuilt.

    `differing` are the first of the `differences` members.
    """

    events: int
    members: int
    stored: dict[str, str]
    rebuilt: dict[str, str]
    differences: int
    differing: tuple[Difference, ...]

    @property
    def identical(self) -> bool:
        """Whether the events tell everything that is stored, and nothing else."""
        return not self.differences and self.stored == self.rebuilt


async def events_to_replay(memory: Memory) -> int:
    """Return how many events there are, of all programmes."""
    async with memory.pool.connection() as connection:
        known = await programmes.every(connection)
        return sum([await events.count(connection, one.programme_id) for one in known])


async def replay(
    source: Memory, target: Memory | None = None, on_progress: Callable[[int], None] = lambda _: None
) -> ReplayReport:
    """Decide every recorded event again, in each member's order, and compare what comes of it with what is stored.

    The rebuilt rows are compared as they are, or written to an empty `target` and read from there. Claims,
    idempotency keys and personal data are no consequences of events and stay out; so does whether messages
    were delivered. `on_progress` hears how many more events are done.

    Raises: NotEmpty.
    """
    work = _Replay(source, target, on_progress)
    async with source.pool.snapshot() as connection:
        known = await programmes.every(connection)
        if target is not None:
            await _copy_programmes(connection, known, target)
        for programme in known:
            await work.programme(connection, programme.programme_id)
    return work.report()


async def _copy_programmes(connection: Connection, known: Sequence[programmes.Programme], target: Memory) -> None:
    async with target.pool.transaction() as there:
        if await programmes.every(there):
            raise NotEmpty(NotEmpty.__doc__)
        for programme in known:
            await programmes.add(there, programme)
            for version in reversed(await programmes.history(connection, programme.programme_id)):
                await programmes.add_version(there, version)


class _Batch(Struct):
    """Some members that follow each other: their lives, and why those have none whose events make no sense."""

    changes: list[Change] = field(default_factory=list)
    reasons: dict[UUID, str] = field(default_factory=dict)
    events: int = 0


class _Replay:
    def __init__(self, source: Memory, target: Memory | None, on_progress: Callable[[int], None]) -> None:
        self._source = source
        self._target = target
        self._on_progress = on_progress
        self._stored, self._rebuilt = Digest(), Digest()
        self._events = self._members = self._differences = 0
        self._differing: list[Difference] = []

    def report(self) -> ReplayReport:
        return ReplayReport(
            events=self._events,
            members=self._members,
            stored=self._stored.by_table(),
            rebuilt=self._rebuilt.by_table(),
            differences=self._differences,
            differing=tuple(self._differing),
        )

    async def programme(self, connection: Connection, programme_id: str) -> None:
        history = await programmes.history(connection, programme_id)
        versions = {one.version: await self._source.version(programme_id, one.version) for one in history}
        batch, after = _Batch(), BEGINNING
        async for log in _logs(connection, programme_id):
            member_id = log[0].event.member_id
            left_behind = await _left_behind(connection, programme_id, log, versions)
            try:
                batch.changes.append(_life(log, versions, left_behind))
            except CannotBeRepeated as problem:
                batch.reasons[member_id] = str(problem)
            batch.events += len(log)
            if batch.events >= _BATCH_EVENTS:
                place = digest.edge_of(member_id)
                await self._finish(connection, programme_id, batch, after, place)
                batch, after = _Batch(), place
        await self._finish(connection, programme_id, batch, after, END)

    async def _finish(self, connection: Connection, programme_id: str, batch: _Batch, after: Edge, up_to: Edge) -> None:
        """Compare the rows of a batch with those stored between two places, where nobody else may have any."""
        stored = await digest.stored(connection, programme_id, after, up_to)
        rebuilt = await self._rebuild(programme_id, batch, after, up_to)
        self._compare(programme_id, stored, rebuilt, batch.reasons)
        self._events += batch.events
        self._members += len(batch.changes) + len(batch.reasons)
        self._on_progress(batch.events)

    async def _rebuild(self, programme_id: str, batch: _Batch, after: Edge, up_to: Edge) -> dict[str, Rows]:
        if self._target is None:
            return digest.made(batch.changes)
        async with self._target.pool.connection() as there:
            await members.write(there, batch.changes)
            return await digest.stored(there, programme_id, after, up_to)

    def _compare(
        self, programme_id: str, stored: dict[str, Rows], rebuilt: dict[str, Rows], reasons: dict[UUID, str]
    ) -> None:
        known = {member_id for side in (stored, rebuilt) for rows in side.values() for member_id in rows}
        for member_id in sorted(known, key=digest.edge_of):
            unlike = []
            for table in digest.TABLES:
                is_, should_be = stored[table].get(member_id, []), rebuilt[table].get(member_id, [])
                self._stored.add(table, member_id, is_)
                self._rebuilt.add(table, member_id, should_be)
                if is_ != should_be:
                    unlike.append(table)
            if unlike:
                self._note(programme_id, member_id, unlike, reasons.get(member_id, ""))

    def _note(self, programme_id: str, member_id: UUID, unlike: Sequence[str], reason: str) -> None:
        self._differences += 1
        if len(self._differing) < _DIFFERENCES_SHOWN:
            self._differing.append(
                Difference(programme_id=programme_id, member_id=member_id, tables=tuple(unlike), reason=reason)
            )


async def _logs(connection: Connection, programme_id: str) -> AsyncIterator[list[RecordedEvent]]:
    """Yield each member's events, member by member, in the order of buckets and ids."""
    log: list[RecordedEvent] = []
    async for recorded in events.stream(connection, programme_id):
        if log and log[0].event.member_id != recorded.event.member_id:
            yield log
            log = []
        log.append(recorded)
    if log:
        yield log


async def _left_behind(
    connection: Connection, programme_id: str, log: Sequence[RecordedEvent], versions: dict[int, Running]
) -> dict[UUID, Heritage]:
    """Return what those had recorded who were merged into a member, read and decided again for it alone.

    They lie elsewhere in the order in which members are walked through, and they are few.
    """
    found: dict[UUID, Heritage] = {}
    for merged in [one.event.body.from_member for one in log if isinstance(one.event.body, Absorb)]:
        own = await events.of_member(connection, programme_id, merged)
        others = await _left_behind(connection, programme_id, own, versions)
        try:
            found[merged] = left_behind_by(fold(own, versions, others), others)
        except CannotBeRepeated:
            found[merged] = Heritage()  # its own turn comes, and tells
    return found


def _life(log: Sequence[RecordedEvent], versions: dict[int, Running], left_behind: dict[UUID, Heritage]) -> Change:
    """Return everything that ever happened to a member, decided again, as one change of somebody unknown."""
    programme_id = log[0].programme_id
    decided = [
        Decided(
            event=recorded.event,
            programme_version=decision.programme_version,
            effects=decision.effects,
            answer=answers.write(recorded.event, decision).decode(),
            seen=decision.seen,
            order_hash=_order_hash(programme_id, recorded),
        )
        for recorded, decision in fold(log, versions, left_behind)
    ]
    return Change(programme_id=programme_id, before=MemberState(member_id=log[0].event.member_id), decided=decided)


def _order_hash(programme_id: str, recorded: RecordedEvent) -> bytes | None:
    body = recorded.event.body
    return order_hash(programme_id, body.order.id) if isinstance(body, Purchase) else None
