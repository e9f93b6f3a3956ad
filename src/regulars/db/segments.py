"""Who is in a segment: its condition, asked of everybody at once where it is otherwise asked of one member at a time.

The facts are those that an event would find that happened now, in no shop; only what the conditions speak of is read.
"""

import re
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Annotated, Final
from uuid import UUID

from msgspec import Meta, Struct

from regulars.db.connection import Connection
from regulars.db.queries import Query, queries
from regulars.engine.conditions.nodes import CheckedCondition
from regulars.engine.conditions.sql import sql_of
from regulars.engine.conditions.sql_values import Parameters
from regulars.engine.history import counted_of, first_of
from regulars.engine.ids import BUCKETS
from regulars.engine.running import Running
from regulars.engine.zones import EPOCH, local_date, zone

_QUERIES: Final = queries("segments")
_PARAMETER: Final = re.compile(r"\$(\d+)")
_IN_ORDER: Final = sorted(BUCKETS)
_DAY: Final = timedelta(days=1)


class Place(Struct, frozen=True, kw_only=True):
    """A place among the members of a segment; a page holds those after it."""

    bucket: Annotated[int, Meta(ge=-1, le=9999)]
    member_id: UUID


FIRST: Final = Place(bucket=-1, member_id=UUID(int=0))


class Counts(Struct, frozen=True, kw_only=True):
    """How many members there are, and how many of them are in each segment, by its name."""

    members: int
    segments: Mapping[str, int]


async def counts(connection: Connection, running: Running, at: datetime) -> Counts:
    """Return how many members each segment of a programme has at an instant, all read at once."""
    query, values = counting(running, at)
    async with _planning_anew(connection):
        row = await connection.row(query, *values)
    assert row is not None, "a count is always there"
    members, *found = row.values()
    return Counts(members=members, segments=dict(zip(running.conditions.segments, found, strict=True)))


async def page(
    connection: Connection, running: Running, segment: str, at: datetime, *, after: Place = FIRST, limit: int
) -> list[Place]:
    """Return up to `limit` members of a segment at an instant, in the order of their places.

    Buckets are read one after the other and, where they hold few of the segment, more and more of them at once: a
    page costs little more than the buckets that it comes from.
    """
    found: list[Place] = []
    start, step = sum(bucket < after.bucket for bucket in _IN_ORDER), 1
    async with _planning_anew(connection):
        while start < len(_IN_ORDER) and len(found) < limit:
            buckets = _IN_ORDER[start : start + step]
            query, values = paging(running, segment, at, buckets[0], buckets[-1], after=after, limit=limit - len(found))
            found += [Place(**row) for row in await connection.rows(query, *values)]
            start, step = start + step, step * 2
    return found


@asynccontextmanager
async def _planning_anew(connection: Connection) -> AsyncIterator[None]:
    """Read in a transaction that is planned for its values and may read whole tables, as what an event asks may not."""
    async with connection.transaction(read_only=True):
        for setting in ("plan_anew", "allow_scans", "allow_hashing", "allow_merging"):
            await connection.rows(_QUERIES[setting])
        yield


def counting(running: Running, at: datetime) -> tuple[Query, Sequence[object]]:
    """Return the statement that counts every segment, and its parameters."""
    relation = _Relation(running, at, _IN_ORDER[0], _IN_ORDER[-1])
    tests = [relation.test(condition) for condition in running.conditions.segments.values()]
    columns = "".join(f", count(*) FILTER (WHERE {test}) AS segment_{number}" for number, test in enumerate(tests))
    text = relation.statement(f"count(*) AS members{columns}", "")
    return Query("segment_counts", "Count the members of all segments.", text), relation.parameters.values


def paging(
    running: Running, segment: str, at: datetime, first: int, last: int, *, after: Place, limit: int
) -> tuple[Query, Sequence[object]]:
    """Return the statement that reads members of a segment in the buckets `[first, last]`, and its parameters."""
    relation = _Relation(running, at, first, last)
    test = relation.test(running.conditions.segments[segment])
    bind = relation.parameters.bind
    place = f"({bind(after.bucket, 'integer')}, {bind(after.member_id, 'uuid')})"
    tail = (
        f" AND {test} AND (member.bucket, member.member_id) > {place}"
        f" ORDER BY member.bucket, member.member_id LIMIT {bind(limit, 'integer')}"
    )
    text = relation.statement("member.bucket, member.member_id", tail)
    return Query("segment_page", "Read a page of the members of a segment.", text), relation.parameters.values


class _Relation:
    """The facts of members at an instant, with as many parts joined as conditions ask for."""

    def __init__(self, running: Running, at: datetime, first_bucket: int, last_bucket: int) -> None:
        self.parameters = Parameters()
        self._running = running
        self._at = at
        self._today = local_date(at, running.timezone)
        bind = self.parameters.bind
        self._always = [bind(running.id, "text"), bind(first_bucket, "integer"), bind(last_bucket, "integer")]
        self._joined: dict[str, str] = {}
        self._days: dict[str, str] = {}
        self._first_day = self._today
        self._bases = {tier_set.id: tier_set.base for tier_set in running.tiers}

    def test(self, condition: CheckedCondition) -> str:
        """Return the condition as an expression over the facts."""
        columns = {field.name: self._column(field.name) for field in condition.fields}
        return sql_of(condition, columns, self.parameters)

    def statement(self, columns: str, tail: str) -> str:
        """Return the statement that reads columns of all members meant; `tail` comes behind the conditions."""
        head, where = _QUERIES["members"].text.split("FROM member\n")
        assert head.startswith("SELECT count(*)"), "the members are counted or listed"
        joins = [self._join(alias, text) for text, alias in self._every_part()]
        return f"SELECT {columns}\nFROM member\n{''.join(joins)}{self._filled(where)}{tail}"

    def _every_part(self) -> Iterable[tuple[str, str]]:
        yield from self._joined.items()
        if self._days:
            yield self._days_part(), "days"

    @staticmethod
    def _join(alias: str, text: str) -> str:
        same = f"{alias}.bucket = member.bucket AND {alias}.member_id = member.member_id"
        return f"LEFT JOIN ({text}) AS {alias} ON {same}\n"

    def _column(self, field: str) -> str:
        """Return where the value of a field stands."""
        if field in _COLUMNS:
            return _COLUMNS[field](self)
        if (counted := counted_of(field)) is not None:
            return self._counted(*counted, since=field.endswith(".days_since"))
        root, _, name = field.rpartition(".")
        bind = self.parameters.bind
        part = self._part(root.removeprefix("member."), bind(self._at, "timestamptz"), bind(name, "text"))
        if root == "member.tier":
            return f"coalesce({part}.value, {bind(self._bases.get(name) or '', 'text')})"
        assert root == "member.balance", f"{field} is not in the catalogue of segments"
        return f"coalesce({part}.value, 0)"

    def _age_days(self) -> str:
        """The days between two local dates; the zone's offsets come as parameters, from the pinned time-zone data."""
        instants, offsets = _shifts(self._running.timezone, self._at.year + 1)
        bind = self.parameters.bind
        shift = f"width_bucket(member.enrolled_at, {bind(list(instants), 'timestamptz[]')})"
        seconds = f"extract(epoch FROM member.enrolled_at) + ({bind(list(offsets), 'integer[]')})[{shift} + 1]"
        today = bind((self._today - EPOCH.date()).days, "bigint")
        return f"greatest(0, {today} - floor(({seconds}) / 86400))"

    def _purchases(self) -> str:
        return f"coalesce({self._part('purchases')}.value, 0)"

    def _lists(self) -> str:
        return f"coalesce({self._part('lists')}.value, ARRAY[]::text[])"

    def _part(self, name: str, *more: str) -> str:
        """Join a statement of segments.sql, if it is not yet, and return its alias."""
        text = self._filled(_QUERIES[name].text, *more)
        return self._joined.setdefault(text, f"part_{len(self._joined)}")

    def _counted(self, name: str, span: int, *, since: bool) -> str:
        """Return the sum of what was counted under a name in the last `span` days, or how long ago the latest was."""
        first = first_of(self._today + _DAY, span)
        self._first_day = min(first, self._first_day)
        bind = self.parameters.bind
        value = f"(member_day.facts ->> {bind(name, 'text')})::bigint"
        within = f"member_day.day >= {bind(first, 'date')}"
        if since:
            text = f"max(member_day.day) FILTER (WHERE {within} AND {value} <> 0)"
        else:
            text = f"sum({value}) FILTER (WHERE {within})"
        column = f"days.{self._days.setdefault(text, f'counted_{len(self._days)}')}"
        return f"({bind(self._today, 'date')} - {column})" if since else f"coalesce({column}, 0)"

    def _days_part(self) -> str:
        bind = self.parameters.bind
        end = self._today + _DAY if self._today < date.max else self._today
        text = self._filled(_QUERIES["days"].text, bind(self._first_day, "date"), bind(end, "date"))
        head, tail = text.split("\nFROM", 1)
        asked = "".join(f",\n  {value} AS {alias}" for value, alias in self._days.items())
        return f"{head}{asked}\nFROM{tail}"

    def _filled(self, text: str, *more: str) -> str:
        """Return a statement of segments.sql with parameters of this one in the place of its own."""
        own = [*self._always, *more]
        return _PARAMETER.sub(lambda found: own[int(found[1]) - 1], text)


_COLUMNS: Final[Mapping[str, Callable[[_Relation], str]]] = {
    "member.attributes": lambda relation: "member.attributes",
    "member.enrolled_at": lambda relation: "(extract(epoch FROM member.enrolled_at) * 1000000)",
    "member.age_days": _Relation._age_days,
    "member.purchases_count": _Relation._purchases,
    "member.lists": _Relation._lists,
}


@lru_cache(maxsize=64)
def _shifts(zone_name: str, last_year: int) -> tuple[tuple[datetime, ...], tuple[int, ...]]:
    """Return when a zone's offset from UTC changed since 1970, and the offsets, in seconds: one more than instants."""
    instants: list[datetime] = []
    offsets = [_offset(EPOCH, zone_name)]
    day, end = EPOCH, datetime(last_year + 1, 1, 1, tzinfo=UTC)
    while day < end:
        if _offset(day + _DAY, zone_name) != offsets[-1]:
            instants.append(_first_with(_offset(day + _DAY, zone_name), day, zone_name))
            offsets.append(_offset(day + _DAY, zone_name))
        day += _DAY
    return tuple(instants), tuple(offsets)


def _first_with(offset: int, day: datetime, zone_name: str) -> datetime:
    """Return the first second after `day` that has an offset which the day after has."""
    low, high = 0, 86_400
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _offset(day + timedelta(seconds=middle), zone_name) == offset else (middle, high)
    return day + timedelta(seconds=high)


def _offset(instant: datetime, zone_name: str) -> int:
    offset = instant.astimezone(zone(zone_name)).utcoffset()
    assert offset is not None, "every zone has an offset"
    return int(offset.total_seconds())
