"""Short words for the tests of memory: members, what happens to them, and an empty database again."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import asyncpg

from regulars.db import members
from regulars.db.changes import Change, Decided
from regulars.db.connection import Connection
from regulars.db.members import Loaded, Wanted
from regulars.engine.effects import Announced, Counted, Effect, Enrolled, LotOpened, Posted
from regulars.engine.events import Action, Body, Event
from regulars.engine.ids import derive
from regulars.engine.members import MemberState
from regulars.engine.points import Lot

NOON = datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=UTC)
PROGRAMME = "demo"

_TABLES = """
SELECT string_agg(oid::regclass::text, ', ')
FROM pg_class
WHERE relkind = 'r'
  AND relnamespace IN ('public'::regnamespace, 'personal'::regnamespace)
  AND relname <> 'schema_migration'
"""


async def wipe(url: str) -> None:
    """Empty every table; `url` is the owner's."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f"TRUNCATE {await connection.fetchval(_TABLES)}")
    finally:
        await connection.close()


def member_id(number: int) -> UUID:
    """Name a member: its number is also its last byte, and so decides its bucket."""
    return UUID(int=0x019A_ABCD_0000_7000_8000_0000_0000_0000 + number)


def event(whose: UUID, number: int, body: Body | None = None, *, at: datetime = NOON, type: str = "visit") -> Event:
    """Make an event of a member; its number tells it from the member's others."""
    return Event(
        id=derive(whose, "event", number),
        member_id=whose,
        type=type,
        source="till",
        source_id=f"{whose.hex}/{number}",
        occurred_at=at,
        recorded_at=at + timedelta(seconds=1),
        body=body or Action(data={"number": number}),
        channel="shop",
        shop="centre",
        associate="kim",
    )


def lot_of(happened: Event, points: int) -> Lot:
    """Make the lot that an event earned."""
    id = derive(happened.id, "lot", 0)
    return Lot(
        id=id,
        origin_id=id,
        event_id=happened.id,
        wallet="points",
        amount=points,
        remaining=points,
        earned_at=happened.occurred_at,
        available_at=happened.occurred_at,
        expires_at=happened.occurred_at + timedelta(days=365),
        matured=True,
    )


def earning(happened: Event, points: int) -> list[Effect]:
    """Make the effects of earning points, with a counter and a message."""
    lot = lot_of(happened, points)
    at = happened.occurred_at
    return [
        LotOpened(lot),
        Posted(wallet="points", kind="earn", source="issued", target="available", amount=points, at=at, lot_id=lot.id),
        Counted(name="visits", by=1, until=date(2026, 12, 1)),
        Announced("points.earned", {"points": points}),
    ]


def beginning(happened: Event, points: int = 100) -> list[Effect]:
    """Make the effects of a first event that earns points."""
    return [Enrolled(happened.occurred_at), *earning(happened, points)]


def decided(happened: Event, effects: Sequence[Effect], **more: object) -> Decided:
    """Make a decision that is to be written."""
    answer = f'{{"event": "{happened.id.hex}"}}'
    return Decided(event=happened, programme_version=1, effects=effects, answer=answer, **more)  # type: ignore[arg-type]


def change(before: MemberState, *own: Decided) -> Change:
    """Make a member's part of a batch."""
    return Change(programme_id=PROGRAMME, before=before, decided=own)


def joining(number: int, **more: object) -> Change:
    """Make the change by which a member begins and earns a hundred points."""
    whose = member_id(number)
    first = event(whose, 1)
    return change(MemberState(member_id=whose), decided(first, beginning(first), **more))


async def load(connection: Connection, whose: UUID, **more: object) -> Loaded:
    """Load one member."""
    wanted = Wanted(member_id=whose, since=date(2026, 1, 1), **more)  # type: ignore[arg-type]
    return (await members.load(connection, PROGRAMME, [wanted]))[whose]
