from pathlib import Path
from random import Random

import pytest

from regulars.connectors.incoming import Incoming
from regulars.connectors.sources import files
from regulars.connectors.sources.files import Options, tabular
from regulars.engine.events import Line, ReturnedLine, Tender
from tests.connectors.reading import good, set_aside, written

HEADER = (
    "type,source,source_id,member.card,occurred_at,order.id,order.currency,tender.voucher,"
    "line.product,line.amount,line.quantity,line.discount_minor,line.categories"
)


def line(order: int, product: str, amount: str = "1.00", *, source_id: str | None = None) -> str:
    sent = f"s-{order}" if source_id is None else source_id
    return f"purchase,web,{sent},77,2026-03-01T09:30:00Z,o-{order},EUR,,{product},{amount},1,0,"


def products(event: Incoming) -> list[str]:
    assert event.order is not None
    return [bought.product for bought in event.order.lines]


def test_the_rows_of_an_order_are_its_lines(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "orders.csv",
        HEADER,
        "purchase,web,s-1,77,2026-03-01T09:30:00Z,o-1,EUR,4.00,tea,12.50,2,50,drinks|hot",
        ",web,s-1,,,,,,rope,3.00,2.5,,".replace(",web", "purchase,web", 1),
    )

    (event,) = good(files.events(path))

    assert event.order is not None
    assert event.order.lines == (
        Line(
            id="1",
            product="tea",
            amount_minor=1250,
            quantity_milli=2000,
            discount_minor=50,
            categories=("drinks", "hot"),
        ),
        Line(id="2", product="rope", amount_minor=300, quantity_milli=2500),
    )
    assert event.order.tenders == (Tender(type="voucher", amount_minor=400),)


def test_rows_of_an_order_are_found_wherever_they_stand(tmp_path: Path) -> None:
    pieces = [(order, place) for order in range(300) for place in range(1, 4)]
    Random(7).shuffle(pieces)
    path = written(tmp_path, "orders.csv", HEADER, *(line(order, f"p{place}") for order, place in pieces))
    first_rows = {order: number for number, (order, _) in reversed(list(enumerate(pieces, start=1)))}

    rows = list(files.events(path))

    assert [row.number for row in rows] == sorted(first_rows.values())
    for event, row in zip(good(rows), rows, strict=True):
        order = pieces[row.number - 1][0]
        assert event.source_id == f"s-{order}"
        assert products(event) == [f"p{place}" for found, place in pieces if found == order]
    assert files.count(path) == 900


def test_reading_goes_on_after_the_first_row_of_an_order(tmp_path: Path) -> None:
    path = written(tmp_path, "orders.csv", HEADER, line(1, "a"), line(2, "b"), line(1, "c"), line(3, "d"))

    rows = list(files.events(path, Options(after=1)))

    assert [row.number for row in rows] == [2, 4]
    assert [products(event) for event in good(rows)] == [["b"], ["d"]]


def test_one_bad_row_sets_its_whole_order_aside_and_no_other(tmp_path: Path) -> None:
    lines = [line(1, "a"), line(2, "b"), line(2, "c", "1,00€"), line(3, "d")]
    lines[2] = lines[2].replace("1,00€", '"1,00€"')
    path = written(tmp_path, "orders.csv", HEADER, *lines)

    rows = list(files.events(path))

    aside = set_aside(rows)
    assert [row.number for row in rows] == [1, 2, 4]
    assert list(aside) == [2]
    assert "row 3: column line.amount: '1,00€' is not an amount" in aside[2].reason
    assert aside[2].raw == "\n".join(lines[1:3])


def test_an_unreadable_row_sets_the_orders_beside_it_aside(tmp_path: Path) -> None:
    lines = [line(1, "a"), line(2, "b"), "purchase,web", line(3, "c"), line(4, "d"), line(2, "e")]
    path = written(tmp_path, "orders.csv", HEADER, *lines)

    rows = list(files.events(path))

    aside = set_aside(rows)
    assert list(aside) == [2, 3, 4]
    assert "row 3, next to this" in aside[2].reason
    assert aside[2].raw == "\n".join([lines[1], lines[5]])
    assert "row 3, next to this" in aside[4].reason
    assert [row.number for row in rows] == [1, 2, 3, 4, 5]


def test_rows_that_disagree_about_their_order_are_set_aside(tmp_path: Path) -> None:
    path = written(tmp_path, "orders.csv", HEADER, line(1, "a"), line(1, "b").replace("EUR", "USD"))

    aside = set_aside(files.events(path))

    assert "disagree about order.currency: 'EUR' and 'USD'" in aside[1].reason


def test_the_order_is_the_id_where_a_purchase_has_no_other(tmp_path: Path) -> None:
    path = written(tmp_path, "orders.csv", HEADER, line(1, "a", source_id=""), line(1, "b", source_id=""))

    (event,) = good(files.events(path))

    assert event.source_id == "o-1"
    assert products(event) == ["a", "b"]


def test_lines_come_back_by_id_and_quantity(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "orders.csv",
        "type,source,source_id,occurred_at,order.id,line.id,line.quantity",
        "return,web,r-1,2026-03-02T09:30:00Z,o-1,2,0.5",
        "return,web,r-1,2026-03-02T09:30:00Z,o-1,3,",
        "return,web,r-2,2026-03-02T09:30:00Z,o-2,,",
        "return,web,r-3,2026-03-02T09:30:00Z,o-2,,1",
    )

    rows = list(files.events(path))

    returned = [row.incoming.returned for row in rows if isinstance(row.incoming, Incoming)]
    assert [(part.order_id, part.lines) for part in returned if part] == [
        ("o-1", (ReturnedLine(id="2", quantity_milli=500), ReturnedLine(id="3"))),
        ("o-2", ()),
    ]
    assert "line.id is empty" in set_aside(rows)[4].reason


def test_a_visit_has_no_use_for_a_line(tmp_path: Path) -> None:
    path = written(tmp_path, "orders.csv", HEADER, line(1, "a").replace("purchase", "visit"))

    assert "no use for order.id" in set_aside(files.events(path))[1].reason


def test_far_too_many_rows_of_one_order_are_set_aside_in_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tabular, "_ROWS_MAX", 3)
    lines = [line(1, f"p{number}") for number in range(8)]
    path = written(tmp_path, "orders.csv", HEADER, *lines, line(2, "a"))

    rows = list(files.events(path))

    aside = [row for row in rows if not isinstance(row.incoming, Incoming)]
    assert [row.number for row in rows] == [1, 1, 1, 9]
    assert "\n".join(row.incoming.raw for row in aside if not isinstance(row.incoming, Incoming)) == "\n".join(lines)
    assert products(good(rows[3:])[0]) == ["a"]
