"""`regulars verify` and `regulars replay`, on books that are right and on books that somebody altered."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import asyncpg
import pytest

from tests.ops.shell import applied, regulars


@pytest.fixture
def sold(shop: Path) -> Path:
    """Record three purchases of two members."""
    applied(shop)
    path = shop / "till.jsonl"
    lines = [
        {
            "type": "purchase",
            "source": "till",
            "source_id": f"r-{number}",
            "member": {"external_id": f"c-{number % 2}"},
            "occurred_at": "2026-03-01T10:00:00Z",
            "order": {
                "id": f"o-{number}",
                "currency": "EUR",
                "lines": [{"id": "1", "product": "tea", "amount_minor": 1000}],
            },
        }
        for number in range(3)
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    assert regulars("import", path).status == 0
    return shop


def alter(url: str, sql: str) -> None:
    async def altered() -> None:
        connection = await asyncpg.connect(url)
        await connection.execute(sql)
        await connection.close()

    asyncio.run(altered())


def test_verify_ends_well_where_all_is_well(sold: Path) -> None:
    ran = regulars("verify")

    assert (ran.status, ran.out) == (0, "")
    assert "all is well" in ran.err


def test_verify_shows_the_rows_that_break_a_promise(sold: Path, database_url: str) -> None:
    alter(database_url, "UPDATE lot SET remaining = remaining - 1")

    ran = regulars("verify")
    alter(database_url, "UPDATE lot SET remaining = remaining + 1")

    assert ran.status == 1
    assert "promises are kept" in ran.err
    assert ran.out.splitlines()


def test_replay_finds_identical_books(sold: Path) -> None:
    ran = regulars("replay")

    assert ran.status == 0
    assert "identical: 3 events of 2 members" in ran.err
    for line in ran.out.splitlines()[2:]:
        _, stored, rebuilt = line.split()
        assert stored == rebuilt


def test_replay_rebuilds_in_an_empty_database_and_in_no_other(
    sold: Path, database_url: str, empty_database_url: str
) -> None:
    rebuilt = regulars("replay", "--into", empty_database_url)
    occupied = regulars("replay", "--into", database_url)

    assert rebuilt.status == 0, rebuilt.err
    assert occupied.status == 2
    assert "empty" in occupied.err


def test_replay_names_members_that_were_altered(sold: Path, database_url: str) -> None:
    alter(database_url, "UPDATE lot SET remaining = remaining - 1")

    ran = regulars("replay")
    alter(database_url, "UPDATE lot SET remaining = remaining + 1")

    assert ran.status == 1
    assert "2 of 2 members" in ran.err
    assert ran.out.count("lot") >= 2
