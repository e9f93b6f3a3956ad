"""What Citus is told covers every table, and the bucket is the same in Python and in SQL."""

import random
import re
from uuid import UUID

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.db.migrate import MIGRATIONS
from regulars.db.queries import FOLDER
from regulars.engine.ids import BUCKETS, bucket_of
from tests.db.sql_rules import schema_of

BEGIN = (
    "INSERT INTO member (bucket, member_id, programme_id, version, standing, enrolled_at, channel, shop, enrolled_by, "
    "attributes) SELECT bucket, member_id, 'demo', 1, 'active', '2026-11-22Z', '', '', '', '{}' "
    "FROM unnest($1::integer[], $2::uuid[]) AS new (bucket, member_id)"
)


def test_every_table_with_a_bucket_is_distributed_by_it() -> None:
    schema = schema_of("\n".join(path.read_text() for path in sorted(MIGRATIONS.glob("*.sql"))))
    text = (FOLDER / "distribute_citus.sql").read_text()

    distributed = set(re.findall(r"create_distributed_table\('(?:personal\.)?(\w+)', 'bucket'", text))
    copied = set(re.findall(r"create_reference_table\('(\w+)'\)", text))

    assert distributed == schema.bucketed
    assert copied == schema.static - {"audit_entry", "audit_seal"}


async def test_sql_accepts_the_bucket_of_every_last_byte(database_url: str) -> None:
    chance = random.Random(7)
    members = [UUID(int=chance.getrandbits(120) << 8 | byte) for byte in range(256)]
    connection = await asyncpg.connect(database_url)

    await connection.execute(BEGIN, [bucket_of(member) for member in members], members)
    kept = await connection.fetchval("SELECT count(*) FROM member")
    await connection.close()

    assert kept == 256


async def test_sql_refuses_any_other_bucket(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)

    for byte in range(256):
        member = UUID(int=byte)
        wrong = BUCKETS[(byte + 1) % 256]
        with pytest.raises(asyncpg.CheckViolationError, match="member_bucket_by_last_byte"):
            await connection.execute(BEGIN, [wrong], [member])
    await connection.close()


@given(st.uuids())
def test_a_bucket_depends_on_the_last_byte_alone(member: UUID) -> None:
    assert bucket_of(member) == bucket_of(UUID(int=member.bytes[-1])) == BUCKETS[member.bytes[-1]]


def test_the_buckets_are_all_different() -> None:
    assert len(set(BUCKETS)) == 256
