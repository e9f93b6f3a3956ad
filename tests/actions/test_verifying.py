"""Verify finds nothing wrong with a busy day, and finds everything that somebody alters afterwards."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest

from regulars.actions.memory import Memory
from regulars.actions.verifying import AUDIT, AUDIT_PROMISE, CHECKS, breaches, verify
from regulars.db.connection import Connection
from regulars.db.sealing import Keyring
from regulars.db.verify import QUERIES
from regulars.ops.postgres import Server
from tests.actions.corruptions import CORRUPTIONS, NUMBERS_NOT_OF_THE_LEDGER
from tests.actions.histories import busy_day
from tests.house.repository import ROOT

INVARIANTS = ROOT / "docs" / "reference" / "invariants.md"
NUMBERS = """
SELECT table_schema || '.' || table_name, column_name
FROM information_schema.columns
JOIN information_schema.tables USING (table_schema, table_name)
WHERE table_schema IN ('public', 'personal')
  AND table_type = 'BASE TABLE'
  AND data_type IN ('bigint', 'integer', 'smallint')
ORDER BY 1, 2
"""


@pytest.fixture(scope="module")
def busy_url(postgres: Server, migrated_template: str) -> Iterator[str]:
    """Yield the owner's URL of a database that remembers a busy day; tests roll back what they do to it."""
    name = f"busy_{uuid.uuid4().hex}"
    postgres.create_database(name, template=migrated_template)
    asyncio.run(_live(postgres.url(name)))
    yield postgres.url(name)
    postgres.drop_database(name)


async def _live(url: str) -> None:
    memory = Memory(url, Keyring(b"0123456789abcdef0123456789abcdef"))
    await busy_day(memory)
    await memory.close()


class Owner:
    """Somebody who may alter anything, and looks at it through the product's eyes."""

    def __init__(self, raw: "asyncpg.Connection[asyncpg.Record]") -> None:
        self.raw = raw
        self.eyes = Connection(raw)

    async def found(self) -> set[str]:
        """Return the names of the checks that find something."""
        return {breach.check for breach in await breaches(self.eyes)}

    async def notices(self, table: str, column: str) -> bool:
        """Flip the lowest bit of one number, and return whether a constraint or a check notices."""
        transaction = self.raw.transaction()
        await transaction.start()
        try:
            which = "name = 'purchases'" if table == "public.counter" else f"{column} IS NOT NULL"
            one = f"SELECT ctid FROM {table} AS t WHERE {which} ORDER BY t::text LIMIT 1"
            done = await self.raw.execute(f"UPDATE {table} SET {column} = {column} # 1 WHERE ctid = ({one})")
            assert done == "UPDATE 1", f"there is nothing in {table}.{column}"
            return bool(await self.found())
        except asyncpg.IntegrityConstraintViolationError:
            return True
        finally:
            await transaction.rollback()


@pytest.fixture
async def owner(busy_url: str) -> AsyncIterator[Owner]:
    """Yield the owner, in a transaction that is rolled back."""
    raw = await asyncpg.connect(busy_url)
    transaction = raw.transaction()
    await transaction.start()
    yield Owner(raw)
    await transaction.rollback()
    await raw.close()


async def test_a_busy_day_breaks_no_promise(busy_url: str) -> None:
    memory = Memory(busy_url, Keyring(b"0123456789abcdef0123456789abcdef"))
    heard: list[str] = []

    broken = await verify(memory, heard.append)
    await memory.close()

    assert broken == ()
    assert heard == list(CHECKS)


@pytest.mark.parametrize(("checks", "corruption"), CORRUPTIONS)
async def test_a_corruption_is_found(checks: str, corruption: str, owner: Owner) -> None:
    await owner.raw.execute(corruption)

    assert await owner.found() == set(checks.split())


def test_every_check_has_a_corruption_that_it_finds() -> None:
    able = {check for checks, _ in CORRUPTIONS for check in checks.split()}

    assert able == set(CHECKS)


def test_the_page_on_invariants_says_what_each_check_says() -> None:
    page = INVARIANTS.read_text(encoding="utf-8")
    promises = {name: query.purpose for name, query in QUERIES.items()} | {AUDIT: AUDIT_PROMISE}

    assert set(promises) == set(CHECKS)
    assert not [name for name, promise in promises.items() if f"| `{name}` | {promise} |" not in page]


async def test_every_number_of_the_ledger_that_is_altered_is_found(owner: Owner) -> None:
    numbers = [(row[0], row[1]) for row in await owner.raw.fetch(NUMBERS)]

    missed = {f"{table}.{column}" for table, column in numbers if not await owner.notices(table, column)}

    assert missed == NUMBERS_NOT_OF_THE_LEDGER


async def test_a_breach_shows_some_rows_and_says_when_there_are_more(owner: Owner) -> None:
    await owner.raw.execute(
        "INSERT INTO counter (bucket, member_id, name, programme_id, value) "
        "SELECT 1, gen_random_uuid(), 'x', 'corner', 1 FROM generate_series(1, 150)"
    )

    (breach,) = await breaches(owner.eyes, checks=["rows_belong_to_members"])

    assert len(breach.rows) == 100
    assert breach.more
    assert breach.rows[0]["places"] == "['counter']"
