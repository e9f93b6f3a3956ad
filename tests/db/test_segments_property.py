"""The third reader: what a condition says of everybody at once is what it says of each member by itself."""

import os
from collections.abc import Iterator

import asyncpg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from regulars.db import segments as module
from regulars.db.errors import DatabaseError
from regulars.engine.conditions import sql, sql_values
from regulars.engine.history import first_of
from regulars.ops.postgres import Server
from regulars.programme import read
from tests.db.crowds import AT, PROGRAMME, Crowd
from tests.db.everybody import Everybody, agree, one_by_one, with_segments
from tests.engine.segments_grammar import segments

# Each example asks several conditions of all members: REGULARS_SEGMENT_EXAMPLES=5000 looks harder.
EXAMPLES = int(os.environ.get("REGULARS_SEGMENT_EXAMPLES", "60"))
MEMBERS = 80
QUIET = settings(
    deadline=None,
    report_multiple_bugs=False,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
DOCUMENT = read(PROGRAMME)
SOURCES = st.lists(segments(), min_size=4, max_size=8)


@pytest.fixture(scope="module")
def everybody(postgres: Server, migrated_template: str) -> Iterator[Everybody]:
    postgres.create_database("everybody", template=migrated_template)
    everybody = Everybody(postgres.url("everybody"), "club", AT)
    everybody.loop.run(Crowd(MEMBERS, seed=7).write(everybody.raw))
    everybody.load()
    yield everybody
    everybody.close()
    postgres.drop_database("everybody")


@settings(QUIET, max_examples=EXAMPLES)
@given(sources=SOURCES)
def test_the_same_members_by_sql_and_one_by_one(everybody: Everybody, sources: list[str]) -> None:
    agree(everybody, with_segments(DOCUMENT, sources))


@settings(QUIET, max_examples=5)
@given(sources=SOURCES)
def test_counts_and_pages_are_of_those_members(everybody: Everybody, sources: list[str]) -> None:
    running = with_segments(DOCUMENT, sources)
    expected = one_by_one(running, everybody.states, AT)

    counts, pages = everybody.read(running)

    assert counts.members == len(everybody.states)
    for name, outcomes in expected.items():
        inside = {state.member_id for state, outcome in zip(everybody.states, outcomes, strict=True) if outcome}
        assert counts.segments[name] == len(inside)
        assert len(pages[name]) == len(inside), "nobody is there twice"
        assert set(pages[name]) == inside


# What is broken: a template, or what stands for a field.
MUTANTS: dict[str, tuple[object, str, object]] = {
    "numbers without an end": (sql, "within", lambda template, least, most: template),
    "division that rounds down": (sql, "_operation", lambda _: "floor({}::numeric / nullif({}::numeric, 0))"),
    "a remainder of the wrong sign": (sql, "_REMAINDER", "abs(mod({}::numeric, nullif({}::numeric, 0)))"),
    "true that is a text": (sql_values, "_JSON_NAMES", dict.fromkeys(sql_values._JSON_NAMES, "string")),
    "what fails is in no list": (sql, "_HELD", "coalesce({} = ANY ({}::LIST[]), false)"),
    "a failure that hides": (sql, "_MACROS", {**sql._MACROS, "exists": "coalesce(bool_or(answer.test), false)"}),
    "a day too many": (module, "first_of", lambda end, span: first_of(end, span + 1)),
    "no list of the platform's own": (module, "_COLUMNS", {**module._COLUMNS, "member.lists": lambda _: "ARRAY['x']"}),
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_the_property_has_teeth(everybody: Everybody, mutant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    where, name, wrong = MUTANTS[mutant]
    monkeypatch.setattr(where, name, wrong)

    @settings(QUIET, max_examples=400, phases=[Phase.generate], database=None, derandomize=True)
    @given(sources=SOURCES)
    def hunt(sources: list[str]) -> None:
        agree(everybody, with_segments(DOCUMENT, sources))

    with pytest.raises((AssertionError, asyncpg.PostgresError, DatabaseError)):
        hunt()
