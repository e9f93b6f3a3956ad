"""What msgspec would read is read, what it would refuse is refused, and dates are meant where the brand is."""

from datetime import UTC, datetime
from functools import reduce
from operator import or_

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars import programme
from regulars.engine.earning import Rule
from regulars.engine.programme import Basis, Policies, Scope, Wallet
from regulars.programme import Document
from regulars.programme.kinds import rule_kinds
from regulars.programme.reading import Kinds, Reader
from regulars.programme.tree import Tree, Value
from regulars.rules.visit import Visit
from tests.engine.documents import documents
from tests.engine.programmes import GOOD

KINDS: Kinds = {Rule: rule_kinds()}
ANY_RULE = reduce(or_, rule_kinds().values())


def reader() -> Reader:
    return Reader(Tree({}, {}), KINDS, "UTC", {})


def plain(struct: object) -> Value:
    """Return a struct as the values that a text could hold."""
    return msgspec.json.decode(msgspec.json.encode(struct))


def convert(type: object, value: Value) -> object:
    """Return what msgspec makes of a value, or the error that it raises."""
    try:
        return msgspec.convert(value, type)
    except msgspec.ValidationError as error:
        return error


def paths(value: Value, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Return the paths of everything within a value."""
    found = [path]
    if isinstance(value, dict):
        found += [inner for name, part in value.items() for inner in paths(part, (*path, name))]
    if isinstance(value, list):
        found += [inner for index, part in enumerate(value) for inner in paths(part, (*path, index))]
    return found


def changed(value: Value, path: tuple[str | int, ...], new: Value) -> Value:
    """Return the value with something else at a path."""
    if not path:
        return new
    first, *rest = path
    if isinstance(value, dict):
        return {name: changed(part, tuple(rest), new) if name == first else part for name, part in value.items()}
    assert isinstance(value, list)
    return [changed(part, tuple(rest), new) if index == first else part for index, part in enumerate(value)]


odd_values: st.SearchStrategy[Value] = st.sampled_from(
    [
        None,
        True,
        False,
        0,
        1,
        -1,
        10**9,
        10**9 + 1,
        "",
        "x",
        "1",
        "1.5",
        "floor",
        "day",
        "rolling",
        "Ünder",
        [],
        ["a"],
        [1],
        {},
    ]
)


@given(st.data(), documents())
def test_a_changed_rule_is_read_as_msgspec_reads_it(data: st.DataObject, document: Document) -> None:
    value = plain(data.draw(st.sampled_from(document.rules or (Visit(id="regular", nth=10, points=5),))))
    value = changed(value, data.draw(st.sampled_from(paths(value))), data.draw(odd_values))

    assert_read_alike(Rule, ANY_RULE, value)


@given(st.data(), documents())
def test_a_changed_wallet_or_policy_is_read_as_msgspec_reads_it(data: st.DataObject, document: Document) -> None:
    choices = [(Wallet, wallet) for wallet in document.wallets.values()]
    type, struct = data.draw(st.sampled_from([*choices, (Policies, document.policies)]))
    value = plain(struct)
    value = changed(value, data.draw(st.sampled_from(paths(value))), data.draw(odd_values))

    assert_read_alike(type, type, value)


@given(documents())
def test_a_whole_document_is_read_as_msgspec_reads_it(document: Document) -> None:
    value = plain(document)
    reading = reader()

    read = reading.read(Document, value)

    assert not reading.findings
    assert read == document


def assert_read_alike(ours: object, theirs: object, value: Value) -> None:
    """Assert that both read the same from the value, or that both find fault with it."""
    expected = convert(theirs, value)
    reading = reader()

    read = reading.read(ours, value)

    if isinstance(expected, msgspec.ValidationError):
        assert reading.findings, expected
    else:
        assert not reading.findings
        assert read == expected


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2026-11-27", datetime(2026, 11, 26, 23, tzinfo=UTC)),
        ("2026-07-14", datetime(2026, 7, 13, 22, tzinfo=UTC)),
        ("2026-11-27T09:30", datetime(2026, 11, 27, 8, 30, tzinfo=UTC)),
        ("2026-11-27 09:30:15", datetime(2026, 11, 27, 8, 30, 15, tzinfo=UTC)),
        ("2026-11-27T09:30Z", datetime(2026, 11, 27, 9, 30, tzinfo=UTC)),
        ("2026-11-27T09:30:00+05:30", datetime(2026, 11, 27, 4, tzinfo=UTC)),
        # The clock of Paris skips this hour, so that it is the instant after it that is meant.
        ("2026-03-29T02:30", datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        # And it shows this one twice: the first is meant.
        ("2026-10-25T02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
    ],
)
def test_dates_are_meant_on_the_clock_of_the_programme(written: str, instant: datetime) -> None:
    rule = f"rules: [{{type: spend, id: base, points: 1, per_minor: 100, starts_at: '{written}'}}]\n"

    (found,) = programme.read(GOOD + rule).rules

    assert found.starts_at == instant


def test_rules_of_every_kind_are_told_apart_by_their_type() -> None:
    rules = """\
rules:
  - {type: spend, id: a, points: 1, per_minor: 100, basis: {tax: excluded}}
  - {type: product_bonus, id: b, scope: {tags: [new]}, multiplier: 1.5}
  - {type: action, id: c, event: review, points: 5}
  - {type: first_purchase, id: d, points: 5}
  - {type: visit, id: e, nth: 10, points: 5}
"""

    found = programme.read(GOOD + rules).rules

    assert [rule.__struct_config__.tag for rule in found] == [
        "spend",
        "product_bonus",
        "action",
        "first_purchase",
        "visit",
    ]
    assert found[1].lines() == Scope(tags=("new",))
    assert msgspec.structs.asdict(found[0])["basis"] == Basis(tax="excluded")


@pytest.mark.parametrize("written", [GOOD.replace("\n", "\r\n"), "\ufeff" + GOOD, "---\n" + GOOD + "...\n"])
def test_line_ends_and_byte_order_marks_do_not_matter(written: str) -> None:
    assert programme.read(written) == programme.read(GOOD)
