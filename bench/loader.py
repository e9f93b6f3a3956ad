"""A process that brings batches of purchases into a database: by the product's ingestion, or by COPY of the same rows.

Both know the same members, who have all bought once before, and both commit once a batch.
"""

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import uvloop

from bench import database, world
from bench.helpers import Answer, listen, say
from regulars.actions import answers
from regulars.actions.deciding import Answered
from regulars.actions.ingest import ingest
from regulars.actions.memory import Memory
from regulars.actions.recognising import order_hash
from regulars.actions.telling import Told
from regulars.connectors.incoming import MemberReference
from regulars.db.changes import Change, Decided
from regulars.db.queries import queries
from regulars.db.rows import encoded, rows_of
from regulars.engine.decide import Decision, decide
from regulars.engine.events import Event, Purchase
from regulars.engine.ids import external
from regulars.engine.members import MemberState
from regulars.engine.running import Running

Batch = Sequence[Event]

COPIED = {
    "record_events": "event",
    "open_lots": "lot",
    "post": "posting",
    "keep_orders": "order_record",
    "send_out": "outbox",
    "claim_orders": "order_claim",
}
"""What only adds rows is copied into its table; the rest of the batch goes by the product's own statements."""


def told(event: Event) -> Told:
    """Return an event as a source tells it, of a member whose id it knows."""
    return Told(
        type=event.type,
        source=event.source,
        source_id=event.source_id,
        body=event.body,
        member=MemberReference(id=external("mem", event.member_id)),
        occurred_at=event.occurred_at,
        channel=event.channel,
    )


async def tell(memory: Memory, batch: Batch) -> None:
    """Bring one batch in by the product's ingestion."""
    outcomes = await ingest(memory, world.PROGRAMME, [told(event) for event in batch], now=datetime.now(UTC))
    assert all(isinstance(one, Answered) for one in outcomes), "every purchase is welcome"


class Copier:
    """Knows the rows of every batch beforehand, as ingestion would write them."""

    def __init__(self, running: Running, batches: Sequence[Batch], first: Batch) -> None:
        self._running = running
        self._states: dict[UUID, MemberState] = {}
        self._rows_of(first)
        self._prepared = [self._rows_of(batch) for batch in batches]

    async def copy(self, connection: "asyncpg.Connection[Any]", number: int) -> None:
        """Write a batch in one transaction."""
        copied, stated = self._prepared[number]
        async with connection.transaction():
            for table, columns, rows in copied:
                await connection.copy_records_to_table(table, records=rows, columns=columns)
            for text, document in stated:
                await connection.execute(text, document)

    def _rows_of(self, batch: Batch) -> tuple[list[Any], list[tuple[str, str]]]:
        decided: dict[UUID, list[Decided]] = {}
        before: dict[UUID, MemberState] = {}
        for event in batch:
            state = self._states.get(event.member_id) or MemberState(member_id=event.member_id)
            decision = decide(self._running, state, event)
            assert isinstance(decision, Decision), "every purchase is welcome"
            assert isinstance(event.body, Purchase), "all are purchases"
            before.setdefault(event.member_id, state)
            self._states[event.member_id] = decision.after
            decided.setdefault(event.member_id, []).append(
                Decided(
                    event=event,
                    programme_version=1,
                    effects=decision.effects,
                    answer=answers.write(event, decision).decode(),
                    order_hash=order_hash(world.PROGRAMME, event.body.order.id),
                )
            )
        changes = [Change(programme_id=world.PROGRAMME, before=before[id], decided=own) for id, own in decided.items()]
        rows = msgspec.structs.asdict(rows_of(changes))
        copied = [_table(table, rows[name]) for name, table in COPIED.items() if rows[name]]
        apply = queries("apply")
        stated = [(apply[name].text, encoded(found)) for name, found in rows.items() if found and name not in COPIED]
        return copied, stated


def _table(table: str, rows: Sequence[msgspec.Struct]) -> tuple[str, list[str], list[tuple[Any, ...]]]:
    columns = list(rows[0].__struct_fields__)
    records = [tuple([_value(getattr(row, column)) for column in columns]) for row in rows]
    if table == "outbox":
        columns.append("next_attempt_at")
        records = [(*record, row.created_at) for record, row in zip(records, rows, strict=True)]  # type: ignore[attr-defined]
    return table, columns, records


def _value(value: object) -> object:
    """A field as COPY takes it: documents as text, bytes as bytes."""
    if isinstance(value, msgspec.Raw):
        return bytes(value).decode()
    if isinstance(value, msgspec.Struct):
        return msgspec.json.encode(value).decode()
    if isinstance(value, str) and value.startswith("\\x"):
        return bytes.fromhex(value[2:])
    return value


async def main() -> None:
    """Prepare what the leader asks for, then bring in the next batches each time it says so."""
    orders = listen()
    task = next(orders)
    members = range(task["worker"], task["members"], task["workers"])
    number = itertools.count(1 + task["worker"] * 1000)
    batches = [
        world.events(task["size"], members=members, seed=place, first=place * task["size"])
        for place in itertools.islice(number, task["batches"])
    ]
    if task["how"] == "COPY":
        copier = Copier(world.running(task["rules"]), batches, world.first_purchases(members))
        connection = await asyncpg.connect(task["url"])
        await _serve(orders, partial(copier.copy, connection), task["size"])
        await connection.close()
    else:
        memory = database.memory(task["url"], connections=1)
        await memory.running(world.PROGRAMME, datetime.now(UTC))
        await _serve(orders, lambda place: tell(memory, batches[place]), task["size"])
        await memory.close()


async def _serve(orders: Iterator[Answer], work: Callable[[int], Awaitable[object]], size: int) -> None:
    say({"ready": True})
    place = 0
    while (order := await asyncio.to_thread(next, orders, None)) is not None:
        started, cpu = time.perf_counter(), time.process_time()
        for _ in range(order["batches"]):
            await work(place)
            place += 1
        seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
        say({"count": size * order["batches"], "seconds": seconds, "cpu": cpu})


if __name__ == "__main__":
    uvloop.run(main())
