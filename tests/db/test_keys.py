"""A key lets a system in until it expires or is revoked; its secret is not kept."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest
from msgspec.structs import replace

from regulars.db import keys, programmes
from regulars.db.connection import Connection
from regulars.db.errors import NotUniqueError
from regulars.db.keys import ApiKey
from regulars.db.pool import Pool
from regulars.db.programmes import Programme
from tests.db.memories import NOON, PROGRAMME

TILL = ApiKey(
    key_id=UUID(int=1), programme_id=PROGRAMME, name="till", prefix="rk_1", scopes=("events:write", "members:read"),
    created_at=NOON, expires_at=NOON + timedelta(days=1),
)  # fmt: skip


@pytest.fixture
async def connection(pool: Pool) -> AsyncIterator[Connection]:
    async with pool.connection() as connection:
        await programmes.add(connection, Programme(programme_id=PROGRAMME, name="Demo", created_at=NOON))
        yield connection


async def test_a_key_is_found_by_the_hash_of_its_secret(connection: Connection) -> None:
    await keys.add(connection, TILL, b"hash")

    assert await keys.find(connection, b"hash") == TILL
    assert await keys.find(connection, b"other") is None
    assert await keys.of_programme(connection, PROGRAMME) == [TILL]


async def test_a_secret_belongs_to_one_key(connection: Connection) -> None:
    await keys.add(connection, TILL, b"hash")

    with pytest.raises(NotUniqueError):
        await keys.add(connection, replace(TILL, key_id=UUID(int=2)), b"hash")


async def test_a_key_is_revoked_once_and_by_its_programme(connection: Connection) -> None:
    await keys.add(connection, TILL, b"hash")
    at = NOON + timedelta(hours=1)

    of_another = await keys.revoke(connection, "other", TILL.key_id, at)
    first = await keys.revoke(connection, PROGRAMME, TILL.key_id, at)
    second = await keys.revoke(connection, PROGRAMME, TILL.key_id, NOON)
    found = await keys.find(connection, b"hash")

    assert (of_another, first, second) == (False, True, False)
    assert found == replace(TILL, revoked_at=at)


@pytest.mark.parametrize(
    ("key", "hours", "opens"),
    [
        (TILL, 0, True),
        (TILL, 23, True),
        (TILL, 24, False),
        (replace(TILL, expires_at=None), 999, True),
        (replace(TILL, revoked_at=NOON + timedelta(hours=1)), 0, True),
        (replace(TILL, revoked_at=NOON + timedelta(hours=1)), 1, False),
    ],
)
def test_a_key_opens_until_its_end_which_is_excluded(key: ApiKey, hours: int, opens: bool) -> None:
    assert key.opens(NOON + timedelta(hours=hours)) is opens
