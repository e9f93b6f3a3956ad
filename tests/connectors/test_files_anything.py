from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.connectors.incoming import Incoming
from regulars.connectors.sources import files
from regulars.connectors.sources.files import Options, Row, Unreadable
from tests.connectors.reading import set_aside, written

CSV = "type,source,source_id,member.card,occurred_at,data.note,{more}\n"
ROW = "visit,door,{n},77,2026-03-01T09:30:00Z,,\n"
JUNK = st.one_of(
    st.binary(max_size=120),
    st.text(alphabet=",;\"'\r\n\\{}[]:0é\x00\ufeff|\t ", max_size=120).map(str.encode),
    st.sampled_from([b'{"type":', b"1e999", b"[" * 40, b'"', b"\xff\xfe", b"visit,door,,,,,\n", b"9" * 30]),
)
SAME_FOLDER = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def all_of(path: Path, options: Options) -> list[Row]:
    """Return what comes out, after making sure that the numbers make sense."""
    rows = list(files.events(path, options))
    numbers = [row.number for row in rows]
    assert all(before < after for before, after in pairwise(numbers))
    assert not numbers or 1 <= numbers[0] <= numbers[-1] <= files.count(path, options)
    return rows


@SAME_FOLDER
@given(junk=st.lists(JUNK, max_size=6), more=st.sampled_from(["order", "order.total", "line.amount", "member.id"]))
def test_whatever_stands_in_a_table_the_good_row_before_it_comes_out(
    tmp_path: Path, junk: list[bytes], more: str
) -> None:
    path = tmp_path / "events.csv"
    path.write_bytes(CSV.format(more=more).encode() + ROW.format(n=1).encode() * 2 + b"\n".join(junk))

    rows = all_of(path, Options(delimiter=","))

    if more != "line.amount":
        assert isinstance(rows[0].incoming, Incoming)
        assert isinstance(rows[1].incoming, Incoming)


@SAME_FOLDER
@given(junk=st.lists(JUNK, max_size=6))
def test_whatever_stands_in_a_line_the_good_lines_around_it_come_out(tmp_path: Path, junk: list[bytes]) -> None:
    path = tmp_path / "events.jsonl"
    visit = b'{"type":"visit","source":"door","source_id":"1","member":{"card":"7"}}'
    path.write_bytes(b"\n".join([visit, *junk, visit]))

    rows = all_of(path, Options())

    assert isinstance(rows[0].incoming, Incoming)
    assert isinstance(rows[-1].incoming, Incoming)


@SAME_FOLDER
@given(
    content=st.binary(max_size=300), name=st.sampled_from(["a.csv", "a.jsonl", "a.csv.gz", "a.jsonl.gz", "a.parquet"])
)
def test_no_file_leads_to_anything_but_rows_or_a_reason(tmp_path: Path, content: bytes, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)

    with suppress(Unreadable):
        all_of(path, Options())


@pytest.mark.parametrize(
    "cell", ["[" * 100_000, '{"a":' * 100_000, "9" * 5000, '"' * 3, "{" + '"a":' + "9" * 5000 + "}", "{}", "[]", "null"]
)
def test_json_that_goes_too_far_is_a_bad_row(tmp_path: Path, cell: str) -> None:
    quoted = '"' + cell.replace('"', '""') + '"'
    table = written(tmp_path, "a.csv", CSV.format(more="order").strip(), ROW.format(n=1).strip() + quoted)
    lines = written(tmp_path, "a.jsonl", '{"type":"visit","source":"door","source_id":"1","data":{"a":' + cell + "}}")

    assert list(set_aside(files.events(table))) == [1]
    assert list(set_aside(files.events(lines))) == ([] if cell == "null" else [1])
