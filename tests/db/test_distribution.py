"""What Citus is told covers every table, and the bucket is the same in Python and in SQL."""

import random
import re
from uuid import UUID

import asyncpg
from hypothesis import given
from hypothesis import strategies as st

from regulars.db.migrate import MIGRATIONS
from regulars.db.queries import FOLDER, every_query
from regulars.engine.ids import BUCKETS, bucket_of
from tests.db.sql_rules import schema_of

# What `regulars verify` says of a row; SQL has no other way to a bucket.
IN_SQL = "SELECT ($1::integer[])[get_byte(uuid_send(id), 15) + 1] FROM unnest($2::uuid[]) AS id"


def test_every_table_with_a_bucket_is_distributed_by_it() -> None:
    schema = schema_of("\n".join(path.read_text() for path in sorted(MIGRATIONS.glob("*.sql"))))
    text = (FOLDER / "distribute_citus.sql").read_text()

    distributed = set(re.findall(r"create_distributed_table\('(?:personal\.)?(\w+)', 'bucket'", text))
    copied = set(re.findall(r"create_reference_table\('(\w+)'\)", text))

    assert distributed == schema.bucketed
    assert copied == schema.static - {"audit_entry", "audit_seal"}


async def test_the_bucket_in_sql_is_the_bucket_in_python(database_url: str) -> None:
    chance = random.Random(7)
    members = [UUID(int=chance.getrandbits(120) << 8 | number % 256) for number in range(2048)]
    connection = await asyncpg.connect(database_url)

    rows = await connection.fetch(IN_SQL, BUCKETS, members)
    await connection.close()

    assert [row[0] for row in rows] == [bucket_of(member) for member in members]


def test_verify_asks_with_the_same_formula() -> None:
    texts = [query.text for _, query in every_query() if "uuid_send" in query.text]

    assert texts
    assert all("[get_byte(uuid_send(member_id), 15) + 1]" in text for text in texts)


@given(st.uuids())
def test_a_bucket_depends_on_the_last_byte_alone(member: UUID) -> None:
    assert bucket_of(member) == bucket_of(UUID(int=member.bytes[-1])) == BUCKETS[member.bytes[-1]]


def test_the_buckets_are_all_different() -> None:
    assert len(set(BUCKETS)) == 256
