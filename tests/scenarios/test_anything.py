from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.programme.scenarios import BrokenPageError, read_page, run_page
from tests.scenarios.pages import EXAMPLES

PIECES = [
    "|", "\n", "#", "```", " ", ";", ":", "-", "0", "9", "99999999999999999999", "of", "x", "2025-02-30", "Ada",
    "again", "merge", "into Ada", "spend", "restore", "settle", "return", "(", ")", "'", "é", "\\|",
    "| --- |", "## Lots", "Z",
]  # fmt: skip
PAGES = [
    (EXAMPLES / "policies" / "scenarios" / name).read_text(encoding="utf-8")
    for name in ("merge-brings-everything-along.md", "hold-captured-in-part.md", "rule-changed-then-deleted.md")
]
slips = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 8), st.one_of(st.sampled_from(PIECES), st.text(max_size=3))), max_size=4
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.sampled_from(PAGES), slips)
def test_a_page_with_slips_is_read_or_told_what_is_wrong(page: str, slips: list[tuple[float, int, str]]) -> None:
    for where, length, piece in slips:
        at = int(where * len(page))
        page = page[:at] + piece + page[at + length :]

    with suppress(BrokenPageError):
        run_page(read_page(page, "page.md"))
