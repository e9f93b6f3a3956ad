"""The schema as a picture to read: what the migrations add up to, the same on every version of PostgreSQL.

`python -m regulars.db.schema URL` prints it, from a migrated database; schema.sql holds it, and a test compares.
"""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import asyncpg

from regulars.db.connection import Row

FILE: Final = Path(__file__).parent / "schema.sql"
_HEAD: Final = "-- Made by `python -m regulars.db.schema`: what the migrations add up to. Do not edit."
_LINE_MAX: Final = 110

# pg_dump would do, but what it writes differs from one major version to the next.
_TABLES: Final = """
SELECT
  pg_class.oid,
  pg_namespace.nspname AS schema,
  pg_class.relname AS name,
  pg_class.reloptions AS options
FROM pg_class
JOIN pg_namespace ON pg_namespace.oid = pg_class.relnamespace
WHERE pg_class.relkind IN ('r', 'p', 'v', 'm')
  AND pg_namespace.nspname IN ('public', 'personal')
ORDER BY pg_namespace.nspname = 'personal', pg_class.relname
"""
_COLUMNS: Final = """
SELECT
  pg_attribute.attname AS name,
  format_type(pg_attribute.atttypid, pg_attribute.atttypmod) AS type,
  pg_attribute.attnotnull AS not_null,
  pg_attribute.attgenerated = 's' AS generated,
  pg_get_expr(pg_attrdef.adbin, pg_attrdef.adrelid) AS expression
FROM pg_attribute
LEFT JOIN pg_attrdef ON pg_attrdef.adrelid = pg_attribute.attrelid AND pg_attrdef.adnum = pg_attribute.attnum
WHERE pg_attribute.attrelid = $1
  AND pg_attribute.attnum > 0
  AND NOT pg_attribute.attisdropped
ORDER BY pg_attribute.attnum
"""
# From PostgreSQL 18 on NOT NULL is a constraint as well; the columns say it already.
_CONSTRAINTS: Final = """
SELECT conname AS name, pg_get_constraintdef(oid) AS definition
FROM pg_constraint
WHERE conrelid = $1
  AND contype <> 'n'
ORDER BY contype <> 'p', contype, conname
"""
_INDEXES: Final = """
SELECT pg_get_indexdef(pg_index.indexrelid) AS definition
FROM pg_index
JOIN pg_class ON pg_class.oid = pg_index.indexrelid
WHERE pg_index.indrelid = $1
  AND NOT EXISTS (SELECT FROM pg_constraint WHERE pg_constraint.conindid = pg_index.indexrelid)
ORDER BY pg_class.relname
"""
_GRANTS: Final = """
SELECT
  pg_roles.rolname AS role,
  string_agg(privilege.privilege_type, ', ' ORDER BY privilege.privilege_type) AS privileges
FROM pg_class
CROSS JOIN LATERAL aclexplode(pg_class.relacl) AS privilege
JOIN pg_roles ON pg_roles.oid = privilege.grantee
WHERE pg_class.oid = $1
  AND pg_roles.rolname IN ('regulars_app', 'regulars_reader')
GROUP BY pg_roles.rolname
ORDER BY pg_roles.rolname
"""
# What must not be there at all (docs/decisions/0003), so that the picture shows it should it ever come.
_STRANGERS: Final = """
SELECT 'trigger ' || tgname || ' on ' || tgrelid::regclass AS what FROM pg_trigger WHERE NOT tgisinternal
UNION ALL
SELECT 'sequence ' || oid::regclass FROM pg_class WHERE relkind = 'S'
UNION ALL
SELECT 'function ' || oid::regprocedure FROM pg_proc
WHERE pronamespace IN ('public'::regnamespace, 'personal'::regnamespace)
ORDER BY what
"""


async def picture(url: str) -> str:
    """Return the schema of a migrated database as SQL."""
    connection = await asyncpg.connect(url)
    try:
        tables = [await _table(connection, row) for row in await connection.fetch(_TABLES)]
        strangers = [f"-- {row['what']}" for row in await connection.fetch(_STRANGERS)]
    finally:
        await connection.close()
    return "\n\n".join([_HEAD, "CREATE SCHEMA personal;", *tables, *strangers]) + "\n"


async def _table(connection: "asyncpg.Connection[Row]", table: Row) -> str:
    name = table["name"] if table["schema"] == "public" else f"{table['schema']}.{table['name']}"
    columns = [_column(row) for row in await connection.fetch(_COLUMNS, table["oid"])]
    constraints = [_constraint(row) for row in await connection.fetch(_CONSTRAINTS, table["oid"])]
    indexes = [f"{row['definition']};" for row in await connection.fetch(_INDEXES, table["oid"])]
    grants = [
        f"GRANT {row['privileges']} ON {name} TO {row['role']};"
        for row in await connection.fetch(_GRANTS, table["oid"])
    ]
    options = f" WITH ({', '.join(table['options'])})" if table["options"] else ""
    body = ",\n".join(f"  {line}" for line in (*columns, *constraints))
    return "\n".join([f"CREATE TABLE {name} (\n{body}\n){options};", *indexes, *grants])


def _column(row: Row) -> str:
    parts = [row["name"], row["type"]]
    if row["not_null"]:
        parts.append("NOT NULL")
    if row["generated"]:
        parts.append(f"GENERATED ALWAYS AS ({_one_line(row['expression'])}) STORED")
    elif row["expression"] is not None:
        parts.append(f"DEFAULT {row['expression']}")
    return " ".join(parts)


def _constraint(row: Row) -> str:
    return _wrapped(f"CONSTRAINT {row['name']} {_one_line(row['definition'])}".split(" "))


def _one_line(expression: str) -> str:
    return " ".join(expression.split())


def _wrapped(words: Sequence[str]) -> str:
    lines: list[str] = []
    for word in words:
        if lines and len(lines[-1]) + len(word) < _LINE_MAX:
            lines[-1] += f" {word}"
        else:
            lines.append(f"    {word}" if lines else word)
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(asyncio.run(picture(sys.argv[1])))
