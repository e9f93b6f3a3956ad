"""The third reader: what a condition says of everybody at once is what it says of each member by itself."""

import asyncio
import os
from collections.abc import Iterator, Sequence

import asyncpg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from regulars.db import members
from regulars.db import segments as module
from regulars.db.connection import Connection
from regulars.db.errors import DatabaseError
from regulars.db.members import Wanted
from regulars.db.queries import Query
from regulars.engine.asking import reader
from regulars.engine.audiences import Segment
from regulars.engine.conditions import Failed, evaluator, sql, sql_values
from regulars.engine.events import Event, Settle
from regulars.engine.history import first_of
from regulars.engine.members import MemberState
from regulars.engine.running import Running
from regulars.ops.postgres import Server
from regulars.programme import read, run
from tests.db.crowds import AT, PROGRAMME, Crowd
from tests.db.sql_rules import complaints
from tests.db.test_sql_rules import SCHEMA
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


class Everybody:
    """The crowd in a database, and each of its members as the engine knows them."""

    def __init__(self, url: str) -> None:
        self._loop = asyncio.Runner()
        self._raw = self._loop.run(asyncpg.connect(url))
        self._connection = Connection(self._raw)
        crowd = Crowd(MEMBERS, seed=7)
        self._loop.run(crowd.write(self._raw))
        wanted = [Wanted(member_id=id, since=AT.date(), days_from=AT.date().replace(year=2020)) for id in crowd.ids]
        loaded = self._loop.run(members.load(self._connection, "club", wanted))
        self.states = [one.state for one in loaded.values() if one.state.standing == "active"]

    def close(self) -> None:
        """Leave the database."""
        self._loop.run(self._raw.close())
        self._loop.close()

    def told(self, running: Running) -> dict[str, list[bool | None]]:
        """Return what the database makes of each segment for each member, in the order of `states`."""
        relation = module._Relation(running, AT, 0, 9999)
        tests = [relation.test(condition) for condition in running.conditions.segments.values()]
        text = relation.statement(", ".join(["member.member_id", *tests]), "")
        assert complaints(text, SCHEMA) == []
        query = Query("everybody", "Ask everybody.", text)
        rows = self._loop.run(self._connection.rows(query, *relation.parameters.values))
        by_id = {row[0]: [*row.values()][1:] for row in rows}
        assert set(by_id) == {state.member_id for state in self.states}
        return {
            name: [by_id[state.member_id][place] for state in self.states]
            for place, name in enumerate(running.conditions.segments)
        }

    def read(self, running: Running) -> tuple[module.Counts, dict[str, list[object]]]:
        """Return the counts of the segments, and their members read in small pages."""
        counts = self._loop.run(module.counts(self._connection, running, AT))
        return counts, {name: self._loop.run(self._members(running, name)) for name in running.segments}

    async def _members(self, running: Running, name: str) -> list[object]:
        found: list[object] = []
        after = module.FIRST
        while page := await module.page(self._connection, running, name, AT, after=after, limit=7):
            assert len(page) <= 7
            found += [place.member_id for place in page]
            after = page[-1]
        return found


@pytest.fixture(scope="module")
def everybody(postgres: Server, migrated_template: str) -> Iterator[Everybody]:
    postgres.create_database("everybody", template=migrated_template)
    everybody = Everybody(postgres.url("everybody"))
    yield everybody
    everybody.close()
    postgres.drop_database("everybody")


def programme(sources: Sequence[str]) -> Running:
    """Return the programme with a segment for each condition."""
    named = {f"s{number}": Segment(when=source) for number, source in enumerate(sources)}
    return run(replace(DOCUMENT, segments=named), version=1)


def one_by_one(running: Running, states: Sequence[MemberState]) -> dict[str, list[bool | None]]:
    """Return what the engine makes of each segment for each member; None where it cannot be decided."""
    found: dict[str, list[bool | None]] = {}
    for name, condition in running.conditions.segments.items():
        decide = evaluator(condition)
        readers = {field.name: reader(field.name) for field in condition.fields}
        outcomes = [
            decide({field: read(running.facts(at(state), state)) for field, read in readers.items()})
            for state in states
        ]
        found[name] = [None if isinstance(outcome, Failed) else outcome for outcome in outcomes]
    return found


def at(state: MemberState) -> Event:
    """Return the event that finds the member at the instant of all these tests."""
    return Event(
        id=state.member_id,
        member_id=state.member_id,
        type="member.settled",
        source="test",
        source_id="now",
        occurred_at=AT,
        recorded_at=AT,
        body=Settle(),
    )


def agree(everybody: Everybody, sources: Sequence[str]) -> None:
    running = programme(sources)
    expected, told = one_by_one(running, everybody.states), everybody.told(running)
    for source, name in zip(sources, running.segments, strict=True):
        assert told[name] == expected[name], source


@settings(QUIET, max_examples=EXAMPLES)
@given(sources=SOURCES)
def test_the_same_members_by_sql_and_one_by_one(everybody: Everybody, sources: list[str]) -> None:
    agree(everybody, sources)


@settings(QUIET, max_examples=5)
@given(sources=SOURCES)
def test_counts_and_pages_are_of_those_members(everybody: Everybody, sources: list[str]) -> None:
    running = programme(sources)
    expected = one_by_one(running, everybody.states)

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
    "everybody joined by the clock of UTC": (module, "_shifts", lambda zone, year: ((), (0,))),
    "no list of the platform's own": (module, "_COLUMNS", {**module._COLUMNS, "member.lists": lambda _: "ARRAY['x']"}),
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_the_property_has_teeth(everybody: Everybody, mutant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    where, name, wrong = MUTANTS[mutant]
    monkeypatch.setattr(where, name, wrong)

    @settings(QUIET, max_examples=400, phases=[Phase.generate], database=None, derandomize=True)
    @given(sources=SOURCES)
    def hunt(sources: list[str]) -> None:
        agree(everybody, sources)

    with pytest.raises((AssertionError, asyncpg.PostgresError, DatabaseError)):
        hunt()
