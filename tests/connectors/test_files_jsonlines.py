import gzip
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from regulars.connectors.incoming import Incoming, IncomingReturn, MemberReference
from regulars.connectors.sources import files
from regulars.connectors.sources.files import Options, Unreadable, jsonlines
from regulars.connectors.sources.files.rows import BadRow
from regulars.engine.events import Line, Order, ReturnedLine, Tender
from tests.connectors.reading import good, set_aside, written

VISIT = '{"type":"visit","source":"door","source_id":"%s","member":{"card":"1"},"occurred_at":"2026-03-01T09:30:00Z"}'
EVENTS = [
    Incoming(
        type="purchase",
        source="till-7",
        source_id="r-1",
        member=MemberReference(email="ada@example.com", phone="+33612345678"),
        occurred_at=datetime(2026, 3, 1, 9, 30, tzinfo=UTC),
        channel="shop",
        shop="lyon",
        associate="a-4",
        order=Order(
            id="o-1",
            currency="EUR",
            lines=(
                Line(id="1", product="café", amount_minor=1250, discount_minor=50, categories=("drinks",)),
                Line(id="2", product="rope", amount_minor=300, quantity_milli=2500, tags=("diy", "new")),
            ),
            shipping_minor=490,
            tenders=(Tender(type="gift_card", amount_minor=500),),
        ),
    ),
    Incoming(
        type="return",
        source="till-7",
        source_id="r-2",
        occurred_at=datetime(2026, 3, 4, 17, 0, tzinfo=UTC),
        returned=IncomingReturn(order_id="o-1", lines=(ReturnedLine(id="2", quantity_milli=500),)),
    ),
    Incoming(
        type="quiz",
        source="app",
        source_id="q-1",
        member=MemberReference(external_id="c-9"),
        occurred_at=datetime(2026, 3, 5, 8, 0, tzinfo=UTC),
        data={"score": 7, "passed": True, "code": "007"},
    ),
]


def test_a_line_is_an_event_word_for_word(tmp_path: Path) -> None:
    path = written(tmp_path, "events.jsonl", *(msgspec.json.encode(event).decode() for event in EVENTS))

    rows = list(files.events(path))

    assert good(rows) == EVENTS
    assert [row.number for row in rows] == [1, 2, 3]
    assert files.count(path) == 3


def test_bad_lines_stand_in_their_place_with_reason_and_text(tmp_path: Path) -> None:
    bad = ['{"type":"visit",', "42", '{"type":"visit","source":"door"}', (VISIT % 4).replace("visit", "purchase")]
    path = written(tmp_path, "events.jsonl", VISIT % 1, *bad, VISIT % 6)

    rows = list(files.events(path))

    assert [row.number for row in rows] == [1, 2, 3, 4, 5, 6]
    aside = set_aside(rows)
    assert [row.raw for row in aside.values()] == bad
    assert "truncated" in aside[2].reason
    assert "object" in aside[3].reason
    assert "source_id" in aside[4].reason
    assert "order" in aside[5].reason


def test_blank_lines_count_but_are_nothing(tmp_path: Path) -> None:
    path = written(tmp_path, "events.jsonl", VISIT % 1, "", "   ", VISIT % 4)

    assert [row.number for row in files.events(path)] == [1, 4]
    assert files.count(path) == 4


def test_reading_goes_on_after_a_row(tmp_path: Path) -> None:
    path = written(tmp_path, "events.jsonl", VISIT % 1, "broken", VISIT % 3, VISIT % 4)

    rows = list(files.events(path, Options(after=2)))

    assert [row.number for row in rows] == [3, 4]
    assert [event.source_id for event in good(rows)] == ["3", "4"]


def test_a_time_without_offset_needs_a_zone(tmp_path: Path) -> None:
    path = written(tmp_path, "events.jsonl", (VISIT % 1).replace("00Z", "00"))

    unsaid = set_aside(files.events(path))
    said = good(files.events(path, Options(zone="Europe/Istanbul")))

    assert "offset" in unsaid[1].reason
    assert said[0].occurred_at == datetime(2026, 3, 1, 6, 30, tzinfo=UTC)


def test_bytes_that_are_no_text_are_shown_and_the_mark_before_utf_8_is_not(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    lines = [VISIT % 1, (VISIT % "caf\u00e9")]
    path.write_bytes(b"\xef\xbb\xbf" + lines[0].encode() + b"\r\n" + lines[1].encode("latin-1"))

    rows = list(files.events(path))

    assert [row.number for row in rows] == [1, 2]
    assert set_aside(rows)[2].raw == lines[1].replace("\u00e9", "\\xe9")
    assert files.count(path) == 2


def test_a_line_too_long_to_hold_is_cut_and_the_next_one_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonlines, "LINE_BYTES_MAX", 200)
    path = written(tmp_path, "events.jsonl", VISIT % 1, VISIT % ("2" * 1000), VISIT % 3)

    rows = list(files.events(path))

    assert [row.number for row in rows] == [1, 2, 3]
    aside = set_aside(rows)
    assert list(aside) == [2]
    assert "longer than 200 bytes" in aside[2].reason


def test_packed_files_are_unpacked_on_the_way(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl.gz"
    path.write_bytes(gzip.compress((VISIT % 1).encode()))

    assert good(files.events(path))[0].source_id == "1"


def test_a_packed_file_that_breaks_off_says_so(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl.gz"
    path.write_bytes(gzip.compress((VISIT % 1).encode())[:-8])

    with pytest.raises(Unreadable, match="cannot be read"):
        list(files.events(path))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("events.jsonl", b"", "is empty"),
        ("events.xlsx", b"PK", "none of the endings .jsonl"),
        ("events.jsonl", b"[\n  {}\n]", "not JSON Lines"),
        ("events.jsonl", b'{\n  "type": "visit"\n}', "not JSON Lines"),
        ("events.jsonl", (VISIT % 1).encode("utf-16"), "UTF-16"),
        ("events.jsonl.gz", b"not packed", "cannot be read"),
    ],
)
def test_a_file_of_another_kind_is_refused_at_once(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(Unreadable, match=message):
        files.events(path)


def test_a_missing_file_and_a_map_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="is not a file"):
        files.events(tmp_path / "nothing.jsonl")
    path = written(tmp_path, "events.jsonl", VISIT % 1)
    with pytest.raises(Unreadable, match="no map"):
        files.events(path, Options(map=files.Map(fields={})))
    with pytest.raises(Unreadable, match="Europe/Paris"):
        files.events(path, Options(zone="Mars/Base"))


def test_a_line_with_a_nul_or_a_reserved_name_is_set_aside(tmp_path: Path) -> None:
    reserved = (
        '{"type":"return","source":"till","source_id":"1","return":{"order_id":"o","lines":[{"id":"$shipping"}]}}'
    )
    path = written(tmp_path, "events.jsonl", VISIT % "a\\u0000", VISIT % "a\\\\u0000", reserved)

    nul, harmless, other = list(files.events(path))

    assert isinstance(nul.incoming, BadRow)
    assert nul.incoming.reason == "a text holds the character U+0000"
    assert isinstance(harmless.incoming, Incoming)
    assert isinstance(other.incoming, BadRow)
    assert other.incoming.reason.startswith("the line id $shipping begins with $")
