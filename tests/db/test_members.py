"""A batch of members is read in one statement and written in one statement."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from regulars.db import members
from regulars.db.changes import Change, Decided
from regulars.db.members import Wanted
from regulars.db.pool import Pool
from regulars.engine.effects import Announced, Counted, Effect, Enrolled, LotOpened, Posted
from regulars.engine.events import Action, Event
from regulars.engine.evolve import evolve
from regulars.engine.ids import derive
from regulars.engine.members import MemberState
from regulars.engine.points import Lot

NOON = datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=UTC)
ROOT = UUID("019aabcd-0000-7000-8000-000000000001")


def event(member_id: UUID, number: int) -> Event:
    return Event(
        id=derive(member_id, "event", number),
        member_id=member_id,
        type="visit",
        source="till",
        source_id=f"{member_id}/{number}",
        occurred_at=NOON,
        recorded_at=NOON + timedelta(seconds=1),
        body=Action(data={"n": number}),
        channel="shop",
    )


def earning(happened: Event, points: int) -> list[Effect]:
    lot_id = derive(happened.id, "lot", 0)
    lot = Lot(
        id=lot_id, origin_id=lot_id, event_id=happened.id, wallet="points", amount=points, remaining=points,
        earned_at=NOON, available_at=NOON, expires_at=NOON + timedelta(days=365), matured=True,
    )  # fmt: skip
    return [
        LotOpened(lot),
        Posted(
            wallet="points", kind="earn", source="issued", target="available", amount=points, at=NOON, lot_id=lot_id
        ),
        Counted(name="visits", by=1, until=date(2026, 12, 1)),
        Announced("points.earned", {"points": points}),
    ]


def change(before: MemberState, *decided: tuple[Event, Sequence[Effect]]) -> Change:
    return Change(
        programme_id="demo",
        before=before,
        decided=[Decided(event=e, programme_version=1, effects=f, answer='{"ok": true}') for e, f in decided],
    )


async def test_what_was_applied_is_loaded(pool: Pool) -> None:
    first = event(ROOT, 1)
    effects = [Enrolled(NOON), *earning(first, 100)]

    async with pool.connection() as connection:
        unknown = await members.load(connection, "demo", [Wanted(member_id=ROOT, since=NOON.date())])
        applied = await members.apply(connection, [change(unknown[ROOT].state, (first, effects))])
        loaded = await members.load(connection, "demo", [Wanted(member_id=ROOT, since=NOON.date())])

    assert unknown[ROOT].state == MemberState(member_id=ROOT)
    assert applied.faults == ()
    assert loaded[ROOT].state == evolve(MemberState(member_id=ROOT), effects)
