import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from regulars.connectors.sources import files
from regulars.connectors.sources.files import BadMap, Map, Options, Unreadable, read_map
from regulars.engine.events import Line
from tests.connectors.reading import good, set_aside, written

MAP = """
zone: Europe/Paris
time_format: "%d/%m/%Y %H:%M"
decimal_mark: ","
list_separator: ">"
fields:
  type: {constant: purchase}
  source: {constant: web-shop}
  member.email: Customer
  occurred_at: Paid on
  channel: {constant: web}
  order.id: Order
  order.currency: {constant: EUR}
  order.shipping: Shipping
  line.product: SKU
  line.amount: Total
  line.quantity: Pieces
  line.categories: Shelf
  line.tags: {constant: imported}
"""
HEADER = "Order;Paid on;Customer;SKU;Total;Pieces;Shelf;Shipping;Remark"


def test_a_shop_s_own_export_is_taken_as_it_is(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "export.csv",
        HEADER,
        "1001;29/03/2026 14:05;ada@example.com;0042;1 234,50;1,5;Home > Rugs;4,90;fragile",
        "1001;29/03/2026 14:05;ada@example.com;0043;7;1;;;",
    )

    (event,) = good(files.events(path, Options(map=read_map(MAP))))

    assert (event.type, event.source, event.source_id, event.channel) == ("purchase", "web-shop", "1001", "web")
    assert event.occurred_at == datetime(2026, 3, 29, 12, 5, tzinfo=UTC)
    assert event.order is not None
    assert (event.order.currency, event.order.shipping_minor) == ("EUR", 490)
    assert event.order.lines == (
        Line(
            id="1",
            product="0042",
            amount_minor=123_450,
            quantity_milli=1500,
            categories=("Home", "Rugs"),
            tags=("imported",),
        ),
        Line(id="2", product="0043", amount_minor=700, tags=("imported",)),
    )


def test_the_zone_that_is_asked_for_goes_before_the_map_s(tmp_path: Path) -> None:
    path = written(tmp_path, "export.csv", HEADER, "1;29/03/2026 14:05;ada@example.com;a;1;1;;;")

    (event,) = good(files.events(path, Options(map=read_map(MAP), zone="UTC")))

    assert event.occurred_at == datetime(2026, 3, 29, 14, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("currency", "amount", "minor"),
    [("EUR", "19,99", 1999), ("EUR", "19,9", 1990), ("JPY", "1999", 1999), ("KWD", "1,999", 1999), ("TRY", "0", 0)],
)
def test_amounts_count_in_the_smallest_unit_of_their_currency(
    tmp_path: Path, currency: str, amount: str, minor: int
) -> None:
    path = written(tmp_path, "export.csv", HEADER, f"1;29/03/2026 14:05;ada@example.com;a;{amount};1;;;")

    (event,) = good(files.events(path, Options(map=read_map(MAP.replace("EUR", currency)))))

    assert event.order is not None
    assert event.order.lines[0].amount_minor == minor


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1;29/03/2026 14:05;;a;1,999;1;;;", "1.999 is too fine: EUR has 2 decimals"),
        ("1;29/03/2026 14:05;;a;1.999;1;;;", r"column Total \(line.amount\): '1.999' is not an amount such as 1234,50"),
        ("1;29/03/2026 14:05;;a;1.234,50;1;;;", "is not an amount"),
        ("1;29/03/2026 14:05;;a;€ 5;1;;;", "is not an amount"),
        ("1;29/03/2026 14:05;;a;-5;1;;;", "negative amount"),
        ("1;29/03/2026 14:05;;a;5;1,0005;;;", "quantities have 3 decimals"),
        ("1;2026-03-29T14:05:00Z;;a;5;1;;;", "of the form %d/%m/%Y"),
        ("1;29/03/2026 14:05;;;5;1;;;", "product"),
    ],
)
def test_a_cell_that_does_not_fit_names_its_column_and_what_is_expected(tmp_path: Path, row: str, reason: str) -> None:
    path = written(tmp_path, "export.csv", HEADER, row)

    aside = set_aside(files.events(path, Options(map=read_map(MAP))))

    assert aside[1].raw == row
    assert re.search(reason, aside[1].reason)


def test_constants_are_given_only_to_events_that_have_a_use_for_them(tmp_path: Path) -> None:
    chosen = Map(
        fields={
            "type": "what",
            "source": files.Constant(constant="till"),
            "source_id": "id",
            "occurred_at": "when",
            "order.id": files.Constant(constant="o-1"),
            "order.currency": files.Constant(constant="EUR"),
            "data.campaign": files.Constant(constant=12),
            "order.total": "total",
        }
    )
    path = written(
        tmp_path,
        "mixed.csv",
        "what,id,when,total",
        "purchase,1,2026-03-01T09:30:00Z,5",
        "visit,2,2026-03-01T09:30:00Z,",
        "return,3,2026-03-01T09:30:00Z,",
    )

    purchase, visit, returned = good(files.events(path, Options(map=chosen)))

    assert (purchase.data, visit.data, returned.data) == (None, {"campaign": 12}, None)
    assert visit.order is None
    assert returned.returned is not None
    assert returned.returned.order_id == "o-1"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("Paid on", "Paid at", "no column Paid at; it has Order, Paid on"),
        ("line.product", "line.produkt", "'line.produkt' .did you mean line.product.$|'line.produkt'.*Fields"),
        ("type: {constant: purchase}", "channel: Shelf", "duplicate key|nothing says what type is"),
        ("{constant: EUR}", "{constant: [1]}", r"fields"),
        ("Europe/Paris", "Europe/Paradise", "no time zone"),
        ('decimal_mark: ","', "decimal_mark: ;", "decimal_mark"),
        ("fields:", "field:", "field"),
        ("fields:", "fields: [", "line "),
    ],
)
def test_a_map_that_makes_no_sense_is_refused_with_the_place(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = written(tmp_path, "export.csv", HEADER)

    with pytest.raises((BadMap, Unreadable), match=message):
        files.events(path, Options(map=read_map(MAP.replace(old, new))))


def test_a_constant_is_read_like_a_cell(tmp_path: Path) -> None:
    path = written(tmp_path, "export.csv", HEADER)
    wrong = MAP.replace("occurred_at: Paid on", "occurred_at: {constant: yesterday}")

    with pytest.raises(Unreadable, match="constant of occurred_at: 'yesterday' is not a time"):
        files.events(path, Options(map=read_map(wrong)))
