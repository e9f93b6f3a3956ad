"""A crowd of random members, written straight into the tables: whatever rows may say, not only what lives lead to."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final, TypeVar
from uuid import UUID

import asyncpg

from regulars.engine.ids import bucket_of
from tests.engine.conditions_grammar import KEYS, NUMBERS, WORDS

PROGRAMME: Final = """
id: club
name: Club
timezone: America/Havana
currency: EUR
channels: {web: {}}
wallets:
  points: {expiry: {kind: inactivity, months: 6}}
rules:
  - {id: base, type: spend, points: 1, per_minor: 100}
tiers:
  - id: status
    measures: {points: {of: earned, wallet: points}}
    period: {kind: activity, days: 90}
    levels: [{id: x, enter: {all: {points: 100}}}, {id: xy, enter: {all: {points: 200}}}]
  - id: plan
    measures: {points: {of: earned, wallet: points}}
    period: {kind: activity, days: 90}
    levels: [{id: web, enter: {}}, {id: app, enter: {all: {points: 200}}}]
"""
_Value = TypeVar("_Value")
AT: Final = datetime(2026, 11, 22, 4, 30, tzinfo=UTC)
"""Still the day before on Cuba's clocks, whose nights are cut at midnight twice a year."""
# Around the changes of the clock, and around the midnights before AT.
_ENROLLED: Final = (
    datetime(1970, 1, 1, tzinfo=UTC),
    datetime(2026, 3, 8, 4, 59, 59, 999_999, tzinfo=UTC),
    datetime(2026, 3, 8, 5, tzinfo=UTC),
    datetime(2026, 11, 1, 4, 30, tzinfo=UTC),
    datetime(2026, 11, 1, 5, 30, 0, 250_001, tzinfo=UTC),
    datetime(2026, 11, 21, 4, 59, 59, tzinfo=UTC),
    datetime(2026, 11, 21, 5, tzinfo=UTC),
    AT,
    AT + timedelta(days=1),
)
_SMALL: Final = (0, 1, 2, 3, 7)


class Crowd:
    """The rows of some members, drawn from one seed."""

    def __init__(self, size: int, seed: int) -> None:
        self.ids = [UUID(int=0x019A_ABCD_0000_7000_8000_0000_0000_0000 + number) for number in range(size)]
        self._chance = Random(seed)
        self._rows: dict[str, list[tuple[object, ...]]] = {}
        for id in self.ids:
            self._member(id)
            self._benefits(id)
            self._points(id)

    async def write(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        """Write the rows."""
        for statement, rows in self._rows.items():
            await connection.executemany(statement, rows)
        await connection.execute("ANALYZE")

    def _add(self, table: str, id: UUID, **columns: object) -> None:
        columns = {"bucket": bucket_of(id), "member_id": id, "programme_id": "club", **columns}
        places = ", ".join(f"${number}" for number in range(1, len(columns) + 1))
        statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"
        self._rows.setdefault(statement, []).append(tuple(columns.values()))

    def _often(self, percent: int = 70) -> bool:
        return self._chance.randrange(100) < percent

    def _one(self, values: Sequence[_Value]) -> _Value:
        return self._chance.choice(values)

    def _member(self, id: UUID) -> None:
        values = (*WORDS, *NUMBERS, True, False, None)
        attributes = {key: self._one(values) for key in KEYS[:-1] if self._often(85)}
        merged = self._often(10)
        self._add(
            "member",
            id,
            version=1,
            standing="merged" if merged else "active",
            merged_into=UUID(int=1) if merged else None,
            enrolled_at=self._one(_ENROLLED),
            channel="",
            shop="",
            enrolled_by="",
            attributes=json.dumps(attributes),
            has_benefits=True,
        )
        if self._often():
            self._add("counter", id, name="purchases", value=self._one(_SMALL))
        self._add("counter", id, name="purchases@web", value=99)

    def _benefits(self, id: UUID) -> None:
        for name in ("x", "web", "a&&b", "ü𝄞", "segment:vip", ""):
            if self._often(40):
                self._add("member_list", id, name=name)
        for tier_set, levels in (("status", ("", "x", "xy")), ("plan", ("web", "app"))):
            if self._often():
                steps = [
                    {"level": self._one(levels), "since": (AT + timedelta(hours=hours)).isoformat()}
                    for hours in self._one(((-1,), (0,), (1,), (-5, -1, 2), (-1, -1), ()))
                ]
                record = {"since": AT.isoformat(), "steps": steps}
                self._add("member_tier", id, tier_set=tier_set, level="", record=json.dumps(record))
        for back in (-2, -1, 0, 1, 6, 7, 28, 29, 30, 31):
            if self._often(30):
                day = (AT - timedelta(days=back)).date()
                names = ("purchases", "spend_minor", "earned:points")
                facts = {name: self._one((-7, 0, 1, 3, 100)) for name in names if self._often()}
                self._add("member_day", id, day=day, facts=json.dumps(facts))

    def _points(self, id: UUID) -> None:
        near = [None, *(AT + timedelta(hours=hours) for hours in (-3, -2, -1, 0, 1))]
        if self._often():
            self._add(
                "wallet_state", id, wallet="points", debt=self._one((0, 0, 1, 3, 50)), active_until=self._one(near)
            )
        lots = []
        for number in range(self._chance.randrange(4)):
            lot_id = UUID(int=id.int + (number << 40))
            remaining, held = self._one(((0, 0), (3, 0), (3, 1), (7, 7), (20, 5)))
            lots.append((lot_id, held))
            matured = self._often()
            available_at = AT + timedelta(hours=self._chance.choice((-4, -2, -1, 0, 1)))
            self._add(
                "lot",
                id,
                lot_id=lot_id,
                wallet="points" if held or self._often() else "other",
                origin_id=lot_id,
                event_id=lot_id,
                amount=25,
                remaining=remaining,
                held=held,
                lapsed=0,
                matured=matured,
                earned_at=AT - timedelta(hours=self._chance.randrange(4, 6)),
                available_at=available_at,
                expires_at=self._one(near),
            )
        self._holds(id, [(lot_id, held) for lot_id, held in lots if held])

    def _holds(self, id: UUID, held: list[tuple[UUID, int]]) -> None:
        self._chance.shuffle(held)
        for number, parts in enumerate([held[:2], held[2:]]):
            if parts:
                self._add(
                    "hold",
                    id,
                    hold_id=UUID(int=id.int + (number << 40)),
                    wallet="points",
                    amount=sum(amount for _, amount in parts),
                    expires_at=AT + timedelta(hours=self._chance.choice((-3, -2, -1, 0, 1))),
                    parts=json.dumps([{"lot_id": str(lot_id), "amount": amount} for lot_id, amount in parts]),
                    state="open",
                )
