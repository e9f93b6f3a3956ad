import re
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from regulars.connectors.incoming import Incoming, IncomingReturn, MemberReference
from regulars.connectors.sources import files
from regulars.connectors.sources.files import Options, Unreadable, delimited
from regulars.connectors.sources.files.rows import BadRow
from regulars.engine.events import Line, Order, Tender
from tests.connectors.reading import good, set_aside, written
from tests.connectors.test_files_jsonlines import EVENTS

HEADER = "type,source,source_id,member.email,occurred_at"
VISIT = "visit,door,%s,ada@example.com,2026-03-01T09:30:00Z"
VISITED = Incoming(
    type="visit",
    source="door",
    source_id="1",
    member=MemberReference(email="ada@example.com"),
    occurred_at=datetime(2026, 3, 1, 9, 30, tzinfo=UTC),
)


def test_a_row_is_an_event(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "events.csv",
        "type,source,source_id,member.external_id,occurred_at,channel,order.id,order.currency,order.total,"
        "order.shipping_minor,tender.gift_card,return.order_id,data.answer,data.right,data.code",
        "purchase,till,1,c-1,2026-03-01T10:30:00+01:00,shop,o-1,EUR,12.50,490,5,,,,",
        "return,till,2,,2026-03-02T10:30:00+01:00,shop,,,,,,o-1,,,",
        "quiz,app,3,c-1,2026-03-03T10:30:00+01:00,app,,,,,,,42,true,007",
    )

    purchase, returned, quiz = good(files.events(path))

    assert purchase.occurred_at == datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    assert purchase.order == Order(
        id="o-1",
        currency="EUR",
        lines=(Line(id="1", product="unspecified", amount_minor=1250),),
        shipping_minor=490,
        tenders=(Tender(type="gift_card", amount_minor=500),),
    )
    assert (returned.member, returned.returned) == (None, IncomingReturn(order_id="o-1"))
    assert quiz.data == {"answer": 42, "right": True, "code": "007"}


def test_whole_objects_travel_as_json_without_loss(tmp_path: Path) -> None:
    rows = [msgspec.to_builtins(event) for event in EVENTS]
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = [";".join(_cell(row.get(name)) for name in names) for row in rows]
    path = written(tmp_path, "events.csv", ";".join(names), *lines)

    assert good(files.events(path)) == EVENTS


def _cell(value: object) -> str:
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode() if value is not None else ""
    return '"' + text.replace('"', '""') + '"'


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_seen_in_the_header(tmp_path: Path, delimiter: str) -> None:
    path = written(tmp_path, "events.csv", *((line.replace(",", delimiter)) for line in (HEADER, VISIT % 1)))

    assert good(files.events(path)) == [VISITED]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_usual_encodings_are_recognised(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "events.csv"
    path.write_bytes(f"{HEADER}\r\n{VISIT % 'café'}\r\n".encode(encoding))

    assert good(files.events(path))[0].source_id == "café"
    assert files.header(path) == HEADER


def test_another_encoding_is_said(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_bytes(f"{HEADER}\n{VISIT % 'café'}\n{VISIT % 2}\n".encode("cp1252"))

    unsaid = list(files.events(path))
    said = good(files.events(path, Options(encoding="cp1252")))

    assert set_aside(unsaid)[1].raw == VISIT % "caf\\xe9"
    assert "encoding" in set_aside(unsaid)[1].reason
    assert [event.source_id for event in said] == ["café", "2"]


def test_a_quoted_cell_may_hold_lines_and_delimiters(tmp_path: Path) -> None:
    path = written(tmp_path, "events.csv", HEADER, VISIT % '"1\n,""2"""', VISIT % 2)

    rows = list(files.events(path))

    assert [event.source_id for event in good(rows)] == ['1\n,"2"', "2"]
    assert [row.number for row in rows] == [1, 2]
    assert files.count(path) == 2


def test_a_quote_that_is_never_closed_costs_its_own_line_only(tmp_path: Path) -> None:
    broken = VISIT % '"2'
    path = written(tmp_path, "events.csv", HEADER, VISIT % 1, broken, VISIT % 3, VISIT % 4)

    rows = list(files.events(path))

    assert [row.number for row in rows] == [1, 2, 3, 4]
    assert set_aside(rows)[2].raw == broken
    assert "not CSV" in set_aside(rows)[2].reason
    assert files.count(path) == 4


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (VISIT % "1,2", "6 cells"),
        ("visit,door", "2 cells"),
        (VISIT % "", "source_id"),
        ((VISIT % 1).replace("2026-03-01T09:30:00Z", ""), "occurred_at is empty"),
        ((VISIT % 1).replace("2026-03-01T09:30:00Z", "01/03/2026"), "ISO 8601"),
        ((VISIT % 1).replace("00Z", "00"), "no offset"),
        ((VISIT % 1).replace("visit", "Big Visit"), r"\$\.type"),
    ],
)
def test_a_row_that_cannot_be_an_event_says_why_and_stops_nothing(tmp_path: Path, row: str, reason: str) -> None:
    path = written(tmp_path, "events.csv", HEADER, row, VISIT % 2)

    rows = list(files.events(path))

    aside = set_aside(rows)
    assert list(aside) == [1]
    assert aside[1].raw == row
    assert re.search(reason, aside[1].reason)
    assert files.count(path) == 2


def test_rows_of_empty_cells_and_blank_lines_are_nothing(tmp_path: Path) -> None:
    path = written(tmp_path, "events.csv", HEADER, VISIT % 1, "", ",,,,", VISIT % 3)

    assert [row.number for row in files.events(path)] == [1, 3]
    assert files.count(path) == 3


def test_reading_goes_on_after_a_row(tmp_path: Path) -> None:
    path = written(tmp_path, "events.csv", HEADER, *(VISIT % n for n in range(1, 6)))

    rows = list(files.events(path, Options(after=3)))

    assert [row.number for row in rows] == [4, 5]
    assert [event.source_id for event in good(rows)] == ["4", "5"]


def test_a_line_too_long_to_hold_is_cut_and_the_next_one_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "LINE_CHARACTERS_MAX", 100)
    path = written(tmp_path, "events.csv", HEADER, VISIT % ("1" * 1000), VISIT % 2)

    rows = list(files.events(path))

    assert [row.number for row in rows] == [1, 2]
    assert "longer than 100 characters" in set_aside(rows)[1].reason


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"type,source,source_id,When\n", "'When'.*--map"),
        (b"type,source,source_id,occured_at\n", "did you mean occurred_at"),
        (b"type,source,occurred_at\n", "nothing says what source_id is"),
        (b"type,source,source_id,occurred_at,order.total,order.total_minor\n", "say the same thing"),
        (b"type,source,source_id,occurred_at,member,member.email\n", "member holds member.email already"),
        (b"type,source,source_id,occurred_at,order.total,line.amount\n", "leave order.total out"),
        (b"type,source,source_id,occurred_at,order,line.amount\n", "order holds lines"),
        (b"type,source,source_id,source_id,occurred_at\n", "more than one column source_id"),
        (b'type,source,"source_id\n', "header .* cannot be read"),
    ],
)
def test_columns_that_make_no_sense_are_refused_at_once(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "events.csv"
    path.write_bytes(content)

    with pytest.raises(Unreadable, match=message):
        files.events(path)


def test_a_header_alone_is_a_file_without_events(tmp_path: Path) -> None:
    path = written(tmp_path, "events.csv", HEADER)

    assert list(files.events(path)) == []
    assert files.count(path) == 0


@pytest.mark.parametrize("options", [Options(encoding="martian"), Options(delimiter="::")])
def test_options_that_make_no_sense_are_refused_at_once(tmp_path: Path, options: Options) -> None:
    path = written(tmp_path, "events.csv", HEADER)

    with pytest.raises(Unreadable, match=r"martian|one character"):
        files.events(path, options)


def test_a_row_with_a_nul_is_set_aside(tmp_path: Path) -> None:
    path = written(tmp_path, "events.csv", HEADER, VISIT % "a\x00", VISIT % "1")

    rows = list(files.events(path))

    assert [row.number for row in rows] == [1, 2]
    assert isinstance(rows[0].incoming, BadRow)
    assert rows[1].incoming == VISITED


def test_a_row_with_a_reserved_line_id_is_set_aside(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "events.csv",
        f"{HEADER},order.id,order.currency,line.id,line.product,line.amount",
        "purchase,till,1,ada@example.com,2026-03-01T09:30:00Z,o-1,EUR,$shipping,soap,4.90",
    )

    (row,) = list(files.events(path))

    assert isinstance(row.incoming, BadRow)
    assert row.incoming.reason.startswith("the line id $shipping begins with $")
