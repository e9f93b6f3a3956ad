"""Every statement is valid for the schema that the migrations make, and says what it is for."""

import re
from pathlib import Path
from typing import get_args

import asyncpg
import pytest
from msgspec.structs import fields

from regulars.db import queries as module
from regulars.db.queries import MalformedQueryError, every_query, queries
from regulars.db.tables import Rows


async def test_every_query_is_prepared_against_the_migrated_schema(database_url: str) -> None:
    connection = await asyncpg.connect(database_url, server_settings={"role": "regulars_app"})
    refused = []

    for path, query in every_query():
        try:
            await connection.prepare(query.text)
        except asyncpg.PostgresError as error:
            refused.append(f"{path.name} {query.name}: {error}")
    await connection.close()

    assert not refused


def test_every_purpose_is_a_sentence() -> None:
    without = [query.name for _, query in every_query() if not query.purpose.endswith(".")]

    assert not without


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("SELECT 1;", "must begin"),
        ("-- name: one\nSELECT 1;", "line of purpose"),
        ("-- name: one\n-- Purpose.\n", "line of purpose"),
        ("-- name: one\n-- Purpose.\nSELECT 1;\n-- name: one\n-- Purpose.\nSELECT 2;", "one name"),
    ],
)
def test_a_file_that_is_not_a_list_of_statements_is_refused(
    text: str, complaint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    noun = f"bad_{abs(hash(text))}"
    (tmp_path / f"{noun}.sql").write_text(text)
    monkeypatch.setattr(module, "FOLDER", tmp_path)

    with pytest.raises(MalformedQueryError, match=complaint):
        queries(noun)


def test_every_column_that_apply_reads_is_a_field_of_its_rows() -> None:
    kinds = {field.name: field.type for field in fields(Rows)}

    for query in queries("apply").values():
        [columns] = re.findall(r"AS new \((.*?)\n?\)", query.text, re.DOTALL)
        names = {column.split()[0] for column in columns.split(",")}
        [row] = get_args(kinds[query.name])
        assert names <= {field.name for field in fields(row)}, query.name


def test_the_statements_of_apply_are_those_of_its_rows() -> None:
    assert set(queries("apply")) == {field.name for field in fields(Rows)}
