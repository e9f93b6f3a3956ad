"""All SQL of the product is fit for Citus, and each rule that says so fires on a statement that is not."""

import pytest

from regulars.db.migrate import MIGRATIONS
from regulars.db.queries import Query, every_query
from tests.db.sql_rules import RULES, Schema, complaints, schema_of

SCHEMA = schema_of("\n".join(path.read_text() for path in sorted(MIGRATIONS.glob("*.sql"))))
SMALL = Schema(bucketed=frozenset({"lot", "member"}), static=frozenset({"programme"}))

BAD = [
    ("write_without_bucket", "UPDATE lot SET held = 0 WHERE member_id = $1"),
    ("write_without_bucket", "DELETE FROM lot WHERE bucket > $1"),
    ("write_without_bucket", "UPDATE lot SET held = 0 FROM unnest($1::int[]) AS new (bucket) WHERE new.bucket = $2"),
    ("lock_without_bucket", "SELECT held FROM lot WHERE held > 0 FOR UPDATE SKIP LOCKED"),
    ("join_not_by_bucket", "SELECT lot.held FROM lot JOIN member ON member.member_id = lot.member_id"),
    ("join_not_by_bucket", "SELECT held FROM lot WHERE EXISTS (SELECT FROM member WHERE member_id = lot.member_id)"),
    ("new_bucket", "UPDATE lot SET bucket = $2 WHERE bucket = $1"),
    ("static_table_in_write", "INSERT INTO lot (bucket) SELECT $1 FROM programme"),
    ("clock_or_chance", "UPDATE lot SET held = random() WHERE bucket = $1"),
    ("clock_or_chance", "INSERT INTO lot (earned_at) VALUES (CURRENT_TIMESTAMP)"),
    ("calendar_in_write", "UPDATE lot SET held = 0 WHERE bucket = $1 AND date_trunc('day', earned_at) = $2"),
    ("subquery_in_values", "INSERT INTO lot (held) VALUES ((SELECT 1))"),
    ("subquery_in_values", "INSERT INTO lot (held) VALUES (1) RETURNING (SELECT 1)"),
    ("subquery_in_values", "INSERT INTO lot (held) VALUES (1) ON CONFLICT (bucket) DO UPDATE SET held = (SELECT 1)"),
    ("array_element_in_update", "UPDATE lot SET held = u.a[1] FROM u WHERE lot.bucket = $1"),
    ("sequence", "SELECT nextval('numbers')"),
    ("sequence", "CREATE TABLE programme (id bigserial)"),
    ("sequence", "CREATE TABLE programme (id bigint GENERATED ALWAYS AS IDENTITY)"),
    ("sequence", "CREATE SEQUENCE numbers"),
    ("session", "SELECT set_config('a.b', $1, true)"),
    ("session", "NOTIFY news"),
    ("session", "LOCK TABLE lot"),
    ("advisory_lock", "SELECT pg_advisory_xact_lock($1)"),
    ("refused_form", "WITH RECURSIVE tree AS (SELECT 1) SELECT a FROM tree"),
    ("refused_form", "SELECT held FROM lot GROUP BY GROUPING SETS ((held), ())"),
    ("refused_form", "MERGE INTO lot USING u ON true WHEN MATCHED THEN DELETE"),
    ("refused_form", "DELETE FROM lot WHERE CURRENT OF here"),
    ("refused_form", "CREATE VIEW balance AS SELECT held FROM lot"),
    ("refused_form", "CREATE TABLE more () INHERITS (lot)"),
    ("row_address", "SELECT ctid FROM lot"),
    ("everything_selected", "SELECT lot.* FROM lot"),
    ("code_in_database", "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'"),
    ("code_in_database", "CREATE TRIGGER t BEFORE INSERT ON lot EXECUTE FUNCTION f()"),
    ("bucket_not_first", "CREATE TABLE lot (member_id uuid, bucket int)"),
    ("bucket_not_first", "CREATE TABLE lot (bucket int, member_id uuid, CONSTRAINT pk PRIMARY KEY (member_id))"),
    ("bucket_not_first", "CREATE UNIQUE INDEX lot_once ON lot (member_id)"),
    ("foreign_key_of_members", "CREATE TABLE lot (bucket int, CONSTRAINT f FOREIGN KEY (bucket) REFERENCES programme)"),
    ("several_subcommands", "ALTER TABLE lot ADD COLUMN a int, ADD COLUMN b int"),
    ("nameless_constraint", "CREATE TABLE programme (a int CHECK (a > 0))"),
]  # fmt: skip


@pytest.mark.parametrize("query", [query for _, query in every_query()], ids=lambda query: query.name)
def test_every_query_is_fit_for_citus(query: Query) -> None:
    assert not complaints(query.text, SCHEMA)


def test_every_migration_is_fit_for_citus() -> None:
    assert not {
        path.name: found for path in MIGRATIONS.glob("*.sql") if (found := complaints(path.read_text(), SCHEMA))
    }


@pytest.mark.parametrize(("rule", "sql"), BAD)
def test_a_rule_fires_on_what_it_forbids(rule: str, sql: str) -> None:
    assert rule in complaints(sql, SMALL)


def test_every_rule_has_something_that_it_forbids() -> None:
    assert {rule.__name__ for rule in RULES} == {rule for rule, _ in BAD}
