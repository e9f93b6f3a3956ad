"""The same key is answered with the same bytes."""

import asyncio
from datetime import timedelta
from uuid import UUID

from regulars.db import idempotency, members
from regulars.db.changes import UsedKey
from regulars.db.idempotency import Answered, ClientKey
from regulars.db.pool import Pool
from regulars.db.rows import bucket_of_client_key
from tests.db.memories import NOON, PROGRAMME, joining

CLIENT = UUID(int=7)
KEY = ClientKey(programme_id=PROGRAMME, client=CLIENT, key="abc")


async def test_the_key_of_an_event_is_answered_with_the_events_answer(pool: Pool) -> None:
    used = UsedKey(client=CLIENT, key="abc", fingerprint=b"f", status=201)

    async with pool.connection() as connection:
        await members.apply(connection, [joining(1, used_key=used)])
        found = await idempotency.find(connection, KEY)
        other = await idempotency.find(connection, ClientKey(programme_id=PROGRAMME, client=CLIENT, key="abd"))

    recorded_at = NOON + timedelta(seconds=1)
    answer = joining(1).decided[0].answer
    assert found == Answered(fingerprint=b"f", status=201, body=answer, created_at=recorded_at)
    assert other is None


async def test_another_write_claims_its_key_first_and_answers_it_last(pool: Pool) -> None:
    async with pool.transaction() as connection:
        claimed = await idempotency.claim(connection, KEY, fingerprint=b"f", at=NOON)
        await idempotency.answer(connection, KEY, status=200, body='{"a":  1}')
    async with pool.transaction() as connection:
        again = await idempotency.claim(connection, KEY, fingerprint=b"f", at=NOON)
        found = await idempotency.find(connection, KEY)

    assert (claimed, again) == (True, False)
    assert found == Answered(fingerprint=b"f", status=200, body='{"a":  1}', created_at=NOON)


async def test_of_many_with_one_key_one_works_and_the_others_wait_for_its_answer(pool: Pool) -> None:
    works = 0

    async def call() -> str:
        nonlocal works
        async with pool.transaction() as connection:
            if await idempotency.claim(connection, KEY, fingerprint=b"f", at=NOON):
                works += 1
                await asyncio.sleep(0.1)
                await idempotency.answer(connection, KEY, status=200, body=f"work {works}")
            found = await idempotency.find(connection, KEY)
        assert found is not None
        return found.body

    assert set(await asyncio.gather(*(call() for _ in range(8)))) == {"work 1"}
    assert works == 1


async def test_a_key_whose_work_failed_is_free_again(pool: Pool) -> None:
    async def fail() -> None:
        async with pool.transaction() as connection:
            await idempotency.claim(connection, KEY, fingerprint=b"f", at=NOON)
            raise ZeroDivisionError

    failed = await asyncio.gather(fail(), return_exceptions=True)
    async with pool.connection() as connection:
        found = await idempotency.find(connection, KEY)

    assert isinstance(failed[0], ZeroDivisionError)
    assert found is None


async def test_old_keys_are_forgotten(pool: Pool) -> None:
    bucket = bucket_of_client_key(CLIENT, "abc")

    async with pool.transaction() as connection:
        await idempotency.claim(connection, KEY, fingerprint=b"f", at=NOON)
        await idempotency.answer(connection, KEY, status=200, body="{}")
        await idempotency.forget(connection, bucket, before=NOON)
        kept = await idempotency.find(connection, KEY)
        await idempotency.forget(connection, bucket, before=NOON + timedelta(seconds=1))
        gone = await idempotency.find(connection, KEY)

    assert kept is not None
    assert gone is None
