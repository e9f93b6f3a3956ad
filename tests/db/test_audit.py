"""Who did what is only added to, and sealed into one chain afterwards."""

from datetime import timedelta
from uuid import UUID

import pytest
from msgspec.structs import replace

from regulars.db import audit
from regulars.db.audit import Entry, Seal
from regulars.db.errors import NotUniqueError
from regulars.db.pool import Pool
from tests.db.memories import NOON, PROGRAMME

ENTRIES = [
    Entry(
        entry_id=UUID(int=number),
        programme_id=PROGRAMME,
        at=NOON + timedelta(hours=number),
        actor="key_1",
        action="key.created",
        subject=f"key_{number}",
        detail='{"scopes": ["events:write"]}',
    )
    for number in (1, 2, 3)
]
LINKS = [
    Seal(number=1, entry_id=ENTRIES[0].entry_id, previous_hash=b"", hash=b"one", sealed_at=NOON),
    Seal(number=2, entry_id=ENTRIES[1].entry_id, previous_hash=b"one", hash=b"two", sealed_at=NOON),
]


async def remember(pool: Pool) -> None:
    async with pool.transaction() as connection:
        for entry in ENTRIES:
            await audit.append(connection, entry)


async def test_entries_are_read_page_by_page_the_latest_first(pool: Pool) -> None:
    await remember(pool)

    async with pool.connection() as connection:
        first = await audit.page(connection, PROGRAMME, limit=2)
        second = await audit.page(connection, PROGRAMME, before=first[-1].entry_id, limit=2)
        elsewhere = await audit.page(connection, "other", limit=2)

    assert [*first, *second] == ENTRIES[::-1]
    assert elsewhere == []


async def test_what_is_sealed_is_in_the_chain_and_the_rest_waits(pool: Pool) -> None:
    await remember(pool)

    async with pool.transaction() as connection:
        nothing_yet = await audit.head(connection)
        waiting = await audit.unsealed(connection, limit=2)
        for link in LINKS:
            await audit.seal(connection, link)
        head = await audit.head(connection)
        rest = await audit.unsealed(connection, limit=2)
        chain = [one async for one in audit.chain(connection)]

    assert nothing_yet is None
    assert waiting == ENTRIES[:2]
    assert head == LINKS[1]
    assert rest == ENTRIES[2:]
    assert chain == list(zip(LINKS, ENTRIES, strict=False))


@pytest.mark.parametrize(
    "link", [replace(LINKS[0], entry_id=ENTRIES[1].entry_id), replace(LINKS[0], number=2)], ids=["number", "entry"]
)
async def test_two_sealers_cannot_make_two_chains(pool: Pool, link: Seal) -> None:
    await remember(pool)

    async with pool.connection() as connection:
        await audit.seal(connection, LINKS[0])
        with pytest.raises(NotUniqueError):
            await audit.seal(connection, link)
