"""Every version of a programme is kept, and each counts from its own day on."""

from datetime import timedelta

from msgspec.structs import replace

from regulars.db import programmes
from regulars.db.pool import Pool
from regulars.db.programmes import Programme, Version
from tests.db.memories import NOON, PROGRAMME

DEMO = Programme(programme_id=PROGRAMME, name="Demo", created_at=NOON)
FIRST = Version(
    programme_id=PROGRAMME,
    version=1,
    document="id: demo",
    starts_at=NOON,
    applied_at=NOON,
    applied_by="ada",
    sha256=b"1" * 32,
)
SECOND = replace(FIRST, version=2, starts_at=NOON + timedelta(days=10))
THIRD = replace(FIRST, version=3, starts_at=NOON + timedelta(days=5))


async def test_a_programme_is_made_once(pool: Pool) -> None:
    async with pool.connection() as connection:
        await programmes.add(connection, DEMO)
        await programmes.add(connection, replace(DEMO, name="Another"))
        found = await programmes.every(connection)

    assert found == [DEMO]


async def test_the_version_in_force_is_the_last_to_have_started(pool: Pool) -> None:
    async with pool.connection() as connection:
        await programmes.add(connection, DEMO)
        for version in (FIRST, SECOND, THIRD):
            assert await programmes.add_version(connection, version)
        days = {
            day: await programmes.in_force(connection, PROGRAMME, NOON + timedelta(days=day)) for day in (0, 5, 9, 10)
        }
        before = await programmes.in_force(connection, PROGRAMME, NOON - timedelta(microseconds=1))

    assert days == {0: FIRST, 5: THIRD, 9: THIRD, 10: SECOND}
    assert before is None


async def test_of_versions_that_start_together_the_newest_counts(pool: Pool) -> None:
    newer = replace(FIRST, version=2)

    async with pool.connection() as connection:
        await programmes.add(connection, DEMO)
        await programmes.add_version(connection, newer)
        await programmes.add_version(connection, FIRST)
        found = await programmes.in_force(connection, PROGRAMME, NOON)

    assert found == newer


async def test_a_number_that_is_taken_is_not_given_twice(pool: Pool) -> None:
    async with pool.connection() as connection:
        await programmes.add(connection, DEMO)
        first = await programmes.add_version(connection, FIRST)
        again = await programmes.add_version(connection, replace(FIRST, document="id: other"))
        found = await programmes.version(connection, PROGRAMME, 1)

    assert (first, again) == (True, False)
    assert found == FIRST


async def test_the_history_starts_with_the_newest(pool: Pool) -> None:
    async with pool.connection() as connection:
        await programmes.add(connection, DEMO)
        for version in (FIRST, SECOND):
            await programmes.add_version(connection, version)
        found = await programmes.history(connection, PROGRAMME)
        missing = await programmes.version(connection, PROGRAMME, 9)

    assert found == [SECOND, FIRST]
    assert missing is None


async def test_what_starts_next_is_the_first_after_an_instant(pool: Pool) -> None:
    together = replace(THIRD, version=4)

    async with pool.connection() as connection:
        await programmes.add(connection, DEMO)
        none = await programmes.newest(connection, PROGRAMME)
        for version in (FIRST, SECOND, THIRD, together):
            await programmes.add_version(connection, version)
        days = {
            day: await programmes.next_to_start(connection, PROGRAMME, NOON + timedelta(days=day))
            for day in (-1, 0, 5, 10)
        }
        newest = await programmes.newest(connection, PROGRAMME)

    assert days == {-1: FIRST, 0: together, 5: SECOND, 10: None}
    assert (none, newest) == (0, 4)
