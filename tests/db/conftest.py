"""What the tests of memory share: a pool on a fresh, migrated database."""

from collections.abc import AsyncIterator

import pytest

from regulars.db.pool import Pool


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    """Yield a pool on a fresh, migrated database."""
    pool = Pool(database_url)
    yield pool
    await pool.close()
