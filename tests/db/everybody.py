"""Everybody in a database beside the same members one by one: what the third reader of conditions is held against."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime

import asyncpg
from msgspec.structs import replace

from regulars.db import members, segments
from regulars.db.connection import Connection
from regulars.db.members import Wanted
from regulars.db.queries import Query
from regulars.engine.asking import reader
from regulars.engine.audiences import Segment
from regulars.engine.conditions import Failed, evaluator
from regulars.engine.events import Event, Settle
from regulars.engine.members import MemberState
from regulars.engine.running import Running
from regulars.programme import Document, run
from tests.db.sql_rules import complaints
from tests.db.test_sql_rules import SCHEMA


class Everybody:
    """Active members in a database at an instant, and each of them as the engine knows it."""

    def __init__(self, url: str, programme_id: str, at: datetime) -> None:
        self.at = at
        self.loop = asyncio.Runner()
        self.raw = self.loop.run(asyncpg.connect(url))
        self._connection = Connection(self.raw)
        self._programme_id = programme_id
        self.states: list[MemberState] = []

    def load(self) -> None:
        """Look who is there."""
        ids = [row[0] for row in self.loop.run(self.raw.fetch("SELECT member_id FROM member"))]
        wanted = [Wanted(member_id=id, since=self.at.date(), days_from=date(2000, 1, 1)) for id in ids]
        loaded = self.loop.run(members.load(self._connection, self._programme_id, wanted))
        self.states = [one.state for one in loaded.values() if one.state.standing == "active"]

    def close(self) -> None:
        """Leave the database."""
        self.loop.run(self.raw.close())
        self.loop.close()

    def told(self, running: Running) -> dict[str, list[bool | None]]:
        """Return what the database makes of each segment for each member, in the order of `states`."""
        relation = segments._Relation(running, self.at, 0, 9999)
        tests = [relation.test(condition) for condition in running.conditions.segments.values()]
        text = relation.statement(", ".join(["member.member_id", *tests]), "")
        assert complaints(text, SCHEMA) == []
        query = Query("everybody", "Ask everybody.", text)
        rows = self.loop.run(self._connection.rows(query, *relation.parameters.values))
        by_id = {row[0]: [*row.values()][1:] for row in rows}
        assert set(by_id) == {state.member_id for state in self.states}
        return {
            name: [by_id[state.member_id][place] for state in self.states]
            for place, name in enumerate(running.conditions.segments)
        }

    def read(self, running: Running) -> tuple[segments.Counts, dict[str, list[object]]]:
        """Return the counts of the segments, and their members read in small pages."""
        counts = self.loop.run(segments.counts(self._connection, running, self.at))
        return counts, {name: self.loop.run(self._members(running, name)) for name in running.segments}

    async def _members(self, running: Running, name: str) -> list[object]:
        found: list[object] = []
        after = segments.FIRST
        while page := await segments.page(self._connection, running, name, self.at, after=after, limit=7):
            assert len(page) <= 7
            found += [place.member_id for place in page]
            after = page[-1]
        return found


def one_by_one(running: Running, states: Sequence[MemberState], at: datetime) -> dict[str, list[bool | None]]:
    """Return what the engine makes of each segment for each member; None where it cannot be decided."""
    found: dict[str, list[bool | None]] = {}
    for name, condition in running.conditions.segments.items():
        decide = evaluator(condition)
        readers = {field.name: reader(field.name) for field in condition.fields}
        outcomes = [
            decide({field: read(running.facts(_now(state, at), state)) for field, read in readers.items()})
            for state in states
        ]
        found[name] = [None if isinstance(outcome, Failed) else outcome for outcome in outcomes]
    return found


def _now(state: MemberState, at: datetime) -> Event:
    """Return the event that finds the member at an instant."""
    return Event(
        id=state.member_id,
        member_id=state.member_id,
        type="member.settled",
        source="test",
        source_id="now",
        occurred_at=at,
        recorded_at=at,
        body=Settle(),
    )


def agree(everybody: Everybody, running: Running) -> None:
    """Assert that the database tells of each member what the engine tells of it."""
    expected, told = one_by_one(running, everybody.states, everybody.at), everybody.told(running)
    for name, segment in running.segments.items():
        assert told[name] == expected[name], segment.when


def with_segments(document: Document, sources: Sequence[str]) -> Running:
    """Return a programme as it runs with a segment for each condition."""
    named = {f"s{number}": Segment(when=source) for number, source in enumerate(sources)}
    return run(replace(document, segments=named), version=1)
