"""The embedded PostgreSQL …"""

from __future__ import annotations

import asyncpg


async def test_gives_every_test_a_database_of_its_own(empty_database_url: str) -> None:
    connection = await asyncpg.connect(empty_database_url)
    try:
        tables = await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
    finally:
        await connection.close()

    assert tables == 0
