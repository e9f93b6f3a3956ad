"""What members share is never taken twice: whoever comes second is told, and nothing of theirs is written."""

import asyncio
from collections.abc import Iterable

import pytest

from regulars.db import members, shared
from regulars.db.changes import Change
from regulars.db.connection import Connection
from regulars.db.members import Applied
from regulars.db.pool import Pool
from regulars.db.queries import Query
from regulars.engine.effects import Claimed
from regulars.engine.members import MemberState
from tests.db.memories import PROGRAMME, beginning, change, decided, event, joining, load, member_id

STOCK = "reward/mug/stock"
CODES = "pool/cinema"
_EVENT = Query("event", "Read what a decision saw and claimed.", "SELECT seen, claimed FROM event WHERE member_id = $1")


def taking(number: int, *claims: Claimed) -> Change:
    """Make the change by which a member begins and takes of what members share."""
    whose = member_id(number)
    first = event(whose, 1)
    seen = {claim.name: claim.seen for claim in reversed(claims)}
    return change(MemberState(member_id=whose), decided(first, [*beginning(first), *claims], seen=seen))


def pieces(by: int, *, most: int | None = 10) -> Claimed:
    return Claimed(name=STOCK, by=by, most=most)


def code(number: int) -> Claimed:
    return Claimed(name=CODES, by=1, most=100, seen=number, exact=True)


async def late(connection: Connection, *changes: Change) -> list[tuple[int, str, int | None]]:
    """Write changes and return which of them came too late, and why."""
    applied: Applied = await members.apply(connection, changes)
    return [(fault.place, fault.kind, fault.decided) for fault in applied.faults]


async def used(connection: Connection, names: Iterable[str] = (STOCK, CODES)) -> list[int | None]:
    """Return how much is used of each, as it is written."""
    known = await shared.used(connection, PROGRAMME)
    return [known.get(name) for name in names]


async def test_what_is_claimed_adds_up(pool: Pool) -> None:
    async with pool.connection() as connection:
        first = await late(connection, taking(1, pieces(2), code(0)), taking(2, pieces(3), code(1)))
        second = await late(connection, taking(3, pieces(5), code(2)))

        assert (first, second) == ([], [])
        assert await used(connection) == [10, 3]


async def test_more_than_there_is_cannot_be_claimed(pool: Pool) -> None:
    async with pool.connection() as connection:
        await late(connection, taking(1, pieces(9)))
        too_much = await late(connection, taking(2, pieces(1)), taking(3, pieces(1)))

        assert too_much == [(1, "claim", 0)]
        assert await used(connection) == [9, None]
        assert [(await load(connection, member_id(number))).state.version for number in (1, 2, 3)] == [1, 0, 0]


async def test_of_the_first_claim_no_more_than_there_is(pool: Pool) -> None:
    async with pool.connection() as connection:
        assert await late(connection, taking(1, pieces(11))) == [(0, "claim", 0)]
        assert await late(connection, taking(1, pieces(11, most=None))) == []


async def test_what_is_given_back_can_be_claimed_again(pool: Pool) -> None:
    async with pool.connection() as connection:
        await late(connection, taking(1, pieces(10)))
        given = await late(connection, taking(2, pieces(-4)))
        taken = await late(connection, taking(3, pieces(4)))

        assert (given, taken) == ([], [])
        assert await used(connection) == [10, None]


async def test_what_is_given_back_stays_within_what_there_was_though_there_is_less_now(pool: Pool) -> None:
    async with pool.connection() as connection:
        await late(connection, taking(1, pieces(8)))

        assert await late(connection, taking(2, pieces(-1, most=5))) == []
        assert await late(connection, taking(3, pieces(1, most=5))) == [(0, "claim", 0)]


@pytest.mark.parametrize("number", [0, 2])
async def test_a_number_that_is_not_the_next_is_refused(pool: Pool, number: int) -> None:
    async with pool.connection() as connection:
        await late(connection, taking(1, code(0)))

        assert await late(connection, taking(2, code(number))) == [(0, "claim", 0)]
        assert await used(connection) == [None, 1]


async def test_numbers_with_a_gap_among_them_are_refused_from_the_gap_on(pool: Pool) -> None:
    async with pool.connection() as connection:
        await late(connection, taking(1, code(0)))
        gap = await late(connection, taking(4, code(4)), taking(3, code(1)), taking(2, code(3)))

        assert sorted(gap) == [(0, "claim", 0), (2, "claim", 0)]


async def test_who_comes_too_late_for_another_reason_is_told_that_one(pool: Pool) -> None:
    async with pool.connection() as connection:
        await late(connection, joining(1))

        assert await late(connection, taking(1, pieces(11)), taking(2, pieces(11))) == [
            (0, "stale", None),
            (0, "event-told", 0),
        ]


async def test_of_many_who_want_the_last_ones_just_so_many_get_them(pool: Pool) -> None:
    async def take(number: int) -> bool:
        async with pool.connection() as connection:
            return not await late(connection, taking(number, pieces(1)))

    got = await asyncio.gather(*(take(number) for number in range(1, 31)))

    async with pool.connection() as connection:
        assert sum(got) == 10
        assert await used(connection) == [10, None]


async def test_what_a_decision_saw_and_claimed_is_recorded_with_its_event(pool: Pool) -> None:
    async with pool.connection() as connection:
        await late(connection, taking(1, pieces(2), pieces(1), code(0)), joining(2))
        recorded = [
            await connection.rows(_EVENT, member_id(1)),
            await connection.rows(_EVENT, member_id(2)),
        ]

    assert [[tuple(row) for row in rows] for rows in recorded] == [
        [('{"pool/cinema": 0, "reward/mug/stock": 0}', '{"pool/cinema": 1, "reward/mug/stock": 3}')],
        [(None, None)],
    ]
