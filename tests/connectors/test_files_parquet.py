from datetime import UTC, datetime
from pathlib import Path

import pytest

from regulars.connectors.incoming import Incoming, MemberReference
from regulars.connectors.sources import files
from regulars.connectors.sources.files import Options, Unreadable
from regulars.connectors.tables import connect
from regulars.engine.events import Line, Order
from tests.connectors.reading import good, set_aside


def parquet(folder: Path, query: str, name: str = "events.parquet") -> Path:
    """Write what the query finds to a Parquet file."""
    path = folder / name
    with connect() as connection:
        connection.sql(query).write_parquet(str(path))
    return path


def test_a_row_is_an_event_whatever_the_types_of_its_columns(tmp_path: Path) -> None:
    path = parquet(
        tmp_path,
        """
        SELECT 'purchase' AS type, 'till' AS source, 17 AS source_id, 1234.0::DOUBLE AS "member.external_id",
            TIMESTAMPTZ '2026-03-01 10:30:00.25+01' AS occurred_at,
            uuid '00000000-0000-4000-8000-000000000001' AS "order.id",
            'EUR' AS "order.currency", true AS "order.prices_include_tax", 'tea' AS "line.product",
            19.99::FLOAT AS "line.amount", 0.1::DOUBLE + 0.2::DOUBLE AS "line.discount",
            2.5::DECIMAL(9, 3) AS "line.quantity",
            'nan'::DOUBLE AS "line.tax", ['drinks', NULL, 'hot'] AS "line.categories"
        """,
    )

    (event,) = good(files.events(path))

    assert event == Incoming(
        type="purchase",
        source="till",
        source_id="17",
        member=MemberReference(external_id="1234"),
        occurred_at=datetime(2026, 3, 1, 9, 30, 0, 250_000, tzinfo=UTC),
        order=Order(
            id="00000000-0000-4000-8000-000000000001",
            currency="EUR",
            lines=(
                Line(
                    id="1",
                    product="tea",
                    amount_minor=1999,
                    discount_minor=30,
                    quantity_milli=2500,
                    categories=("drinks", "hot"),
                ),
            ),
        ),
    )


def test_structs_are_taken_as_they_are(tmp_path: Path) -> None:
    path = parquet(
        tmp_path,
        """
        SELECT 'purchase' AS type, 'till' AS source, '1' AS source_id,
            {'email': 'ada@example.com', 'card': NULL} AS member, TIMESTAMPTZ '2026-03-01 10:30:00Z' AS occurred_at,
            {'id': 'o-1', 'currency': 'EUR',
                'lines': [{'id': '1', 'product': 'tea', 'amount_minor': 500, 'tags': NULL}]}
            AS "order", NULL::STRUCT(a INTEGER) AS data
        """,
    )

    (event,) = good(files.events(path))

    assert event.member == MemberReference(email="ada@example.com")
    assert event.order == Order(id="o-1", currency="EUR", lines=(Line(id="1", product="tea", amount_minor=500),))


VISITS = """
SELECT 'visit' AS type, 'door' AS source, 'v' || n AS source_id, n % 50 AS "member.card",
    TIMESTAMP '2026-03-01 10:30:00' + n * INTERVAL 1 SECOND AS occurred_at, repeat('x', 200) AS "data.note"
FROM range(1, {count} + 1) AS r(n)
"""


def test_a_time_without_zone_is_meant_where_one_says(tmp_path: Path) -> None:
    path = parquet(tmp_path, VISITS.replace("{count}", "1"))

    unsaid = set_aside(files.events(path))
    said = good(files.events(path, Options(zone="Europe/Istanbul")))

    assert "no offset" in unsaid[1].reason
    assert '"source_id":"v1"' in unsaid[1].raw
    assert said[0].occurred_at == datetime(2026, 3, 1, 7, 30, 1, tzinfo=UTC)


def test_rows_keep_the_order_of_the_file_and_reading_goes_on_after_one(tmp_path: Path) -> None:
    path = parquet(tmp_path, VISITS.replace("{count}", "300000"))

    rows = files.events(path, Options(zone="UTC", after=299_990))

    assert [(row.number, row.incoming.source_id) for row in rows if isinstance(row.incoming, Incoming)] == [
        (number, f"v{number}") for number in range(299_991, 300_001)
    ]
    assert files.count(path) == 300_000


def test_a_bad_row_is_set_aside_as_json(tmp_path: Path) -> None:
    path = parquet(
        tmp_path, VISITS.replace("{count}", "2").replace("'visit'", "CASE n WHEN 1 THEN '!' ELSE 'visit' END")
    )

    rows = list(files.events(path, Options(zone="UTC")))

    assert [row.number for row in rows] == [1, 2]
    assert set_aside(rows)[1].raw.startswith('{"type":"!","source":"door"')


def test_names_that_look_like_patterns_are_names(tmp_path: Path) -> None:
    made = parquet(tmp_path, VISITS.replace("{count}", "1"))
    path = made.rename(tmp_path / "events [2026]*?.parquet")

    assert len(good(files.events(path, Options(zone="UTC")))) == 1
    assert files.header(path) is None


def test_what_is_no_parquet_says_so(tmp_path: Path) -> None:
    path = tmp_path / "events.parquet"
    path.write_text("type,source\n", encoding="utf-8")

    with pytest.raises(Unreadable, match="cannot be read as Parquet"):
        files.events(path)
    with pytest.raises(Unreadable, match="cannot be read as Parquet"):
        files.count(path)


def test_columns_are_checked_at_once(tmp_path: Path) -> None:
    path = parquet(tmp_path, "SELECT 'visit' AS type, 1 AS shop_name")

    with pytest.raises(Unreadable, match="'shop_name'"):
        files.events(path)
