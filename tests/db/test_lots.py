"""Lots are listed as they are used up, and a statement shows every movement, the latest decision first."""

from datetime import timedelta

from regulars.db import lots, members
from regulars.db.lots import StatementPlace
from regulars.db.pool import Pool
from regulars.engine.effects import Posted
from regulars.engine.members import MemberState
from tests.db.memories import NOON, PROGRAMME, beginning, change, decided, earning, event, lot_of, member_id

ADA = member_id(1)
FIRST, SECOND, THIRD = (event(ADA, number, at=NOON + timedelta(hours=9 - number)) for number in (1, 2, 3))
USED_UP = lot_of(FIRST, 100)
SPENT = Posted(
    wallet="points", kind="spend", source="available", target="spent", amount=100, at=NOON, lot_id=USED_UP.id
)


async def remember(pool: Pool) -> None:
    async with pool.connection() as connection:
        await members.apply(
            connection,
            [
                change(
                    MemberState(member_id=ADA),
                    decided(FIRST, beginning(FIRST)),
                    decided(SECOND, earning(SECOND, 20)),
                    decided(THIRD, [*earning(THIRD, 30), SPENT]),
                )
            ],
        )


async def test_lots_come_in_the_order_in_which_they_expire(pool: Pool) -> None:
    await remember(pool)

    async with pool.connection() as connection:
        still = await lots.of_member(connection, PROGRAMME, ADA)
        ever = await lots.all_of_member(connection, PROGRAMME, ADA)

    assert still == [lot_of(THIRD, 30), lot_of(SECOND, 20)]
    assert [(lot.id, lot.remaining) for lot in ever] == [
        (lot_of(THIRD, 30).id, 30),
        (lot_of(SECOND, 20).id, 20),
        (USED_UP.id, 0),
    ]


async def test_a_statement_shows_every_movement_page_by_page(pool: Pool) -> None:
    await remember(pool)
    pages, before = [], lots.NEWEST

    async with pool.connection() as connection:
        while page := await lots.statement(connection, PROGRAMME, ADA, before=before, limit=3):
            pages.append([(one.member_version, one.number, one.kind, one.amount) for one in page])
            before = StatementPlace(member_version=page[-1].member_version, number=page[-1].number)

    assert pages == [[(3, 1, "spend", 100), (3, 0, "earn", 30), (2, 0, "earn", 20)], [(1, 0, "earn", 100)]]


async def test_a_movement_names_its_event(pool: Pool) -> None:
    await remember(pool)

    async with pool.connection() as connection:
        [latest] = await lots.statement(connection, PROGRAMME, ADA, limit=1)

    assert (latest.event_id, latest.type, latest.recorded_at) == (THIRD.id, "visit", THIRD.recorded_at)
    assert (latest.source, latest.target, latest.lot_id, latest.at) == ("available", "spent", USED_UP.id, NOON)
