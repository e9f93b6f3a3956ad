"""Nothing is read but what is asked for: every access is by an index, planned before the tables were ever analysed."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from regulars.db.pool import Pool
from regulars.db.queries import Query, every_query

BATCHED = [
    pytest.param(query, id=f"{path.stem}-{query.name}")
    for path, query in every_query()
    if path.stem in ("members", "apply", "faults", "orders", "identities") and "json_to_recordset" in query.text
]


@pytest.mark.parametrize("query", BATCHED)
async def test_a_batch_looks_up_each_of_its_rows(pool: Pool, query: Query) -> None:
    count = max(int(number) for number in re.findall(r"\$(\d+)", query.text))
    values = ", ".join(["'chain'"] * (count - 1) + ["'[]'"])

    async with pool.connection() as connection:
        await connection.rows(Query("prepare", "Plan it.", f"PREPARE planned AS {query.text}"))
        explain = f"EXPLAIN (FORMAT JSON) EXECUTE planned({values})"
        [plan] = await connection.rows(Query("explain", "Show the plan.", explain))
        await connection.rows(Query("forget", "Forget it.", "DEALLOCATE planned"))

    for node in _nodes(json.loads(plan[0])[0]["Plan"]):
        assert node["Node Type"] != "Seq Scan", f"{node['Relation Name']} is read from end to end"
        if "Index Name" in node:
            assert "bucket = " in node.get("Index Cond", ""), f"{node['Index Name']} is read from end to end"


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from _nodes(child)
