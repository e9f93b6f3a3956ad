"""The worker: what has to happen without anybody asking happens, and trouble does not end it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from regulars.actions import programmes
from regulars.actions.deciding import Answered
from regulars.actions.forgetting import forget
from regulars.actions.ingest import ingest
from regulars.actions.memory import Memory
from regulars.actions.sealing_audit import BEGINNING, hash_of, seal_audit
from regulars.actions.sweep import sweep
from regulars.actions.telling import KeyedCall, Told
from regulars.connectors.incoming import MemberReference
from regulars.db import audit, idempotency, lots, outbox
from regulars.db.idempotency import ClientKey
from regulars.db.sealing import Keyring
from regulars.engine.events import Body, Line, Order, Purchase, Transfer
from regulars.ops.worker import Figures, Worker
from tests.ops.shell import PROGRAMME

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
KEYRING = Keyring(b"0123456789abcdef0123456789abcdef")
CLIENT = UUID(int=7)


class Hands:
    """A clock whose hands are moved by the test."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def elapsed(self) -> float:
        return 0.0


@pytest.fixture
async def memory(database_url: str) -> AsyncIterator[Memory]:
    memory = Memory(database_url, KEYRING)
    async with memory.pool.transaction() as connection:
        await programmes.apply(memory, connection, PROGRAMME, by="test", starts_at=LONG_AGO, now=LONG_AGO)
    yield memory
    await memory.close()


async def tell(memory: Memory, member: str, type: str, body: Body, *, key: str = "") -> Answered:
    call = KeyedCall(client=CLIENT, key=key, fingerprint=b"f") if key else None
    told = Told(
        type=type, source="till", source_id=f"{member}/{type}/{key}", body=body,
        member=MemberReference(external_id=member), occurred_at=NOON, call=call,
    )  # fmt: skip
    (outcome,) = await ingest(memory, "corner", [told], now=NOON)
    assert isinstance(outcome, Answered), outcome
    return outcome


def purchase(id: str) -> Purchase:
    return Purchase(order=Order(id=id, currency="EUR", lines=(Line(id="1", product="tea", amount_minor=10_000),)))


async def done(worker: Worker, name: str) -> int:
    (job,) = [job for job in worker.jobs if job.name == name]
    return await worker.round(job)


async def available(memory: Memory, member: UUID, at: datetime) -> int:
    async with memory.pool.connection() as connection:
        found = await lots.of_member(connection, "corner", member)
    return sum(lot.remaining for lot in found if lot.available_at <= at)


async def test_points_under_way_to_another_member_arrive(memory: Memory) -> None:
    ada = await tell(memory, "ada", "purchase", purchase("o-1"))
    bea = await tell(memory, "bea", "purchase", purchase("o-2"))
    await tell(memory, "ada", "points.transferred", Transfer(wallet="points", amount=30, to_member=bea.member_id))
    worker = Worker(memory, Hands(NOON))

    delivered = await done(worker, "deliver")

    assert delivered >= 1
    assert await available(memory, ada.member_id, NOON) == 70
    assert await available(memory, bea.member_id, NOON) == 130
    assert await done(worker, "deliver") == 0


async def test_what_the_clock_moved_is_settled(memory: Memory) -> None:
    ada = await tell(memory, "ada", "purchase", purchase("o-1"))
    clock = Hands(NOON + timedelta(days=600))
    worker = Worker(memory, clock)

    settled = await done(worker, "sweep")

    assert settled == 1
    assert await available(memory, ada.member_id, clock.at) == 0
    assert await done(worker, "sweep") == 0


async def test_two_sweeps_at_once_settle_a_member_once_and_say_so(memory: Memory) -> None:
    await tell(memory, "ada", "purchase", purchase("o-1"))
    now = NOON + timedelta(days=600)

    both = await asyncio.gather(*(sweep(memory, now=now, inactive_since=NOON) for _ in range(2)))

    assert sum(swept.settled for swept in both) == 1
    assert all(swept.settled <= swept.looked_at for swept in both)


async def test_the_audit_is_chained_and_an_altered_entry_shows(memory: Memory) -> None:
    worker = Worker(memory, Hands(NOON))

    sealed = await done(worker, "seal-audit")

    async with memory.pool.snapshot() as connection:
        chain = [one async for one in audit.chain(connection)]
    assert sealed == len(chain) == 1
    link, entry = chain[0]
    assert (link.number, link.previous_hash) == (1, BEGINNING)
    assert link.hash == hash_of(entry, number=1, previous=BEGINNING)
    for altered in ({"actor": "nobody"}, {"subject": "2"}, {"detail": '{"points":1}'}, {"at": NOON}):
        changed = audit.Entry(**{name: getattr(entry, name) for name in entry.__struct_fields__} | altered)
        assert hash_of(changed, number=1, previous=BEGINNING) != link.hash


async def test_two_sealers_at_once_make_one_chain(memory: Memory, database_url: str) -> None:
    second = Memory(database_url, KEYRING)

    sealed = await asyncio.gather(seal_audit(memory, now=NOON), seal_audit(second, now=NOON))

    await second.close()
    async with memory.pool.snapshot() as connection:
        chain = [one async for one in audit.chain(connection)]
    assert sum(sealed) >= 1
    assert len(chain) == 1


async def test_the_detail_of_an_entry_counts_by_what_it_says() -> None:
    def entry(detail: str) -> audit.Entry:
        return audit.Entry(
            entry_id=UUID(int=1), programme_id="corner", at=NOON, actor="a", action="b", subject="c", detail=detail
        )

    compact, spaced = entry('{"a":1,"b":2}'), entry('{"b": 2, "a": 1}')

    assert hash_of(compact, number=1, previous=BEGINNING) == hash_of(spaced, number=1, previous=BEGINNING)


async def test_old_keys_and_delivered_messages_are_forgotten_and_others_kept(memory: Memory) -> None:
    bea = await tell(memory, "bea", "purchase", purchase("o-2"))
    await tell(memory, "ada", "purchase", purchase("o-1"), key="old")
    await tell(memory, "ada", "points.transferred", Transfer(wallet="points", amount=1, to_member=bea.member_id))
    worker = Worker(memory, Hands(NOON))

    async def known() -> bool:
        async with memory.pool.connection() as connection:
            key = ClientKey(programme_id="corner", client=CLIENT, key="old")
            return await idempotency.find(connection, key) is not None

    await forget(memory, keys_before=NOON, messages_before=NOON + timedelta(days=1))
    async with memory.pool.connection() as connection:
        waiting = await outbox.waiting(connection)
    assert waiting.messages >= 1
    assert await known()
    await done(worker, "deliver")

    await forget(memory, keys_before=NOON + timedelta(seconds=1), messages_before=NOON + timedelta(days=1))

    assert not await known()


async def test_it_goes_on_while_the_database_is_away_and_ends_when_it_is_told(tmp_path: Path) -> None:
    nowhere = Memory(f"postgresql://nobody@/nothing?host={tmp_path}", KEYRING, connections=2)
    figures, stop = Figures(), asyncio.Event()
    worker = Worker(nowhere, Hands(NOON), figures)

    running = asyncio.create_task(worker.run(stop))
    async with asyncio.timeout(90):
        await until(lambda: failures(figures) >= len(worker.jobs))
    assert not running.done()
    stop.set()

    async with asyncio.timeout(60):
        await running
    await nowhere.close()


async def test_an_error_of_ours_does_not_end_it(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object, **__: object) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr("regulars.ops.worker.sweep", broken)
    await tell(memory, "ada", "purchase", purchase("o-1"))
    figures, stop = Figures(), asyncio.Event()

    running = asyncio.create_task(Worker(memory, Hands(NOON), figures).run(stop))
    async with asyncio.timeout(90):
        await until(lambda: failures(figures) > 0 and successes(figures) >= {"deliver", "seal-audit", "forget"})
    stop.set()
    await running

    assert "sweep" not in successes(figures)


async def until(what: Callable[[], bool]) -> None:
    while not what():  # noqa: ASYNC110 - what is waited for are figures, which tell nobody when they change
        await asyncio.sleep(0.05)


def failures(figures: Figures) -> float:
    return sum(
        sample.value
        for metric in figures.registry.collect()
        for sample in metric.samples
        if sample.name == "regulars_worker_failures_total"
    )


def successes(figures: Figures) -> set[str]:
    return {
        sample.labels["job"]
        for metric in figures.registry.collect()
        for sample in metric.samples
        if sample.name == "regulars_worker_last_success"
    }
