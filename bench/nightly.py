"""A night's work: a million lots that expire, and a million members whose level ends, each with an event of its own."""

import asyncio
import time
from datetime import UTC, datetime
from typing import Final

import asyncpg

from bench import database
from bench.report import Report
from regulars.actions import programmes
from regulars.actions.nightly import settle_all
from regulars.actions.sweep import sweep
from regulars.db.migrate import migrate
from regulars.engine.ids import BUCKETS
from regulars.ops.postgres import Server

MEMBERS: Final = 1_000_000
QUICK: Final = 3_000
SLICE: Final = 10_000
NIGHT: Final = datetime(2026, 3, 1, tzinfo=UTC)
LOTS_GOAL: Final = 0.55
TIERS_GOAL: Final = 0.75

PROGRAMME: Final = """\
id: club
timezone: Europe/Paris
currency: EUR
wallets:
  points: {expiry: {kind: rolling, days: 30}}
rules:
  - {id: base, type: spend, points: 1, per_minor: 100}
tiers:
  - id: status
    measures: {spend: {of: spend}}
    period: {kind: calendar_year}
    levels:
      - {id: gold, enter: {all: {spend: 1000}}}
"""
_FILL: Final = f"""
    INSERT INTO member (
      bucket, member_id, programme_id, version, standing, enrolled_at, channel, shop, enrolled_by, attributes,
      has_benefits
    )
    SELECT
      (ARRAY{list(BUCKETS)})[1 + (n & 255)], ('0197a000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
      'club', 1, 'active', '2026-01-01Z', '', '', '', '{{}}', true
    FROM generate_series(0, $1::integer - 1) AS n
    """
_LOTS: Final = """
    INSERT INTO lot (
      bucket, member_id, lot_id, programme_id, wallet, origin_id, event_id, amount, remaining, held, lapsed, matured,
      earned_at, available_at, expires_at
    )
    SELECT
      bucket, member_id, member_id, 'club', 'points', member_id, member_id, 100, 100, 0, 0, true,
      '2026-01-01Z', '2026-01-01Z', '2026-02-01Z'
    FROM member
    """
_TIERS: Final = """
    INSERT INTO member_tier (bucket, member_id, tier_set, programme_id, level, until, next_at, record)
    SELECT
      bucket, member_id, 'status', 'club', 'gold', '2026-02-01Z', '2026-02-01Z',
      '{"level": "gold", "since": "2026-01-01T00:00:00Z", "until": "2026-02-01T00:00:00Z", "best": "gold",
        "next_at": "2026-02-01T00:00:00Z", "steps": [
          {"level": "gold", "since": "2026-01-01T00:00:00Z", "until": "2026-02-01T00:00:00Z", "warn_at": null},
          {"level": "", "since": "2026-02-01T00:00:00Z", "until": null, "warn_at": null}
        ], "kept": {"gold": {"since": "2026-01-01T00:00:00Z", "until": "2026-02-01T00:00:00Z", "by": "enter"}}}'
    FROM member
    """
_EVENTS: Final = """
    recorded AS (
      INSERT INTO event (
        bucket, member_id, event_id, programme_id, type, source, source_id, occurred_at, recorded_at, channel, shop,
        associate, member_version, programme_version, body, answer
      )
      SELECT
        bucket, member_id, member_id, 'club', 'member.settled', 'regulars', member_id::text || '/2026-03-01', $1, $1,
        '', '', '', 2, 1, '{"kind":"settle"}', repeat('x', 400)
      FROM due
    ),
    moved AS (
      UPDATE member SET version = 2 FROM due
      WHERE member.bucket = due.bucket AND member.member_id = due.member_id
    )"""
_LOTS_AT_ONCE: Final = f"""
    WITH due AS MATERIALIZED (SELECT bucket, member_id, lot_id, remaining, expires_at FROM lot WHERE due_at <= $1),
    {_EVENTS},
    emptied AS (
      UPDATE lot SET remaining = 0, lapsed = due.remaining, lapsed_at = due.expires_at FROM due
      WHERE lot.bucket = due.bucket AND lot.member_id = due.member_id AND lot.lot_id = due.lot_id
    )
    INSERT INTO posting (
      bucket, member_id, event_id, number, programme_id, wallet, kind, source, target, amount, lot_id, at, recorded_at
    )
    SELECT
      bucket, member_id, member_id, 0, 'club', 'points', 'expire', 'available', 'expired', remaining, lot_id,
      expires_at, $1
    FROM due
    """
_TIERS_AT_ONCE: Final = f"""
    WITH due AS MATERIALIZED (SELECT bucket, member_id, tier_set FROM member_tier WHERE next_at <= $1),
    {_EVENTS},
    fallen AS (
      UPDATE member_tier
      SET level = '', until = NULL, next_at = NULL,
        record = record || '{{"level": "", "since": "2026-02-01T00:00:00Z", "until": null, "next_at": null}}'
      FROM due
      WHERE member_tier.bucket = due.bucket AND member_tier.member_id = due.member_id
        AND member_tier.tier_set = due.tier_set
    )
    INSERT INTO outbox (
      bucket, member_id, event_id, number, programme_id, topic, body, occurred_at, created_at, next_attempt_at
    )
    SELECT
      bucket, member_id, member_id, 0, 'club', 'member.tier.downgraded',
      '{{"tier_set": "status", "level": "", "from": "gold", "until": null}}', $1, $1, $1
    FROM due
    """
_PLAIN: Final = "UPDATE member_tier SET level = '', until = NULL, next_at = NULL WHERE next_at <= $1"


def run(quick: bool) -> Report:
    """Let the night settle lots, then levels, and one statement write as much, each on a database of its own."""
    members = QUICK if quick else MEMBERS
    with database.server() as server:
        rates = {
            name: asyncio.run(_measured(server, name.replace(" ", "_").replace(",", ""), fill, statement, members))
            for name, fill, statement in (
                ("lots, the night", _LOTS, None),
                ("lots, one statement", _LOTS, _LOTS_AT_ONCE),
                ("levels, the night", _TIERS, None),
                ("levels, one statement", _TIERS, _TIERS_AT_ONCE),
                ("levels, plain update", _TIERS, _PLAIN),
            )
        }
        rates["lots, one by one"] = asyncio.run(_swept(server, min(members, SLICE)))
    return _report(rates, members)


async def _measured(server: Server, name: str, fill: str, statement: str | None, members: int) -> float:
    """Return how many members a second were settled, by the night where there is no statement."""
    connection, url = await _filled(server, name, fill, members)
    started = time.monotonic()
    if statement is None:
        opened = database.memory(url)
        assert (await settle_all(opened, now=NIGHT)).members == members, "everybody has something due"
        seconds = time.monotonic() - started
        await opened.close()
    else:
        await connection.execute(statement, NIGHT)
        seconds = time.monotonic() - started
    await connection.execute("CHECKPOINT")
    await connection.close()
    return members / seconds


async def _swept(server: Server, members: int) -> float:
    """Return how many members a second the sweeper settles, deciding on each."""
    connection, url = await _filled(server, "swept", _LOTS, members)
    await connection.close()
    opened = database.memory(url)
    started = time.monotonic()
    while (await sweep(opened, now=NIGHT, inactive_since=database.LONG_AGO)).settled:
        pass
    seconds = time.monotonic() - started
    await opened.close()
    return members / seconds


async def _filled(
    server: Server, name: str, fill: str, members: int
) -> tuple["asyncpg.Connection[asyncpg.Record]", str]:
    server.create_database(name)
    url = server.url(name)
    await migrate(url)
    opened = database.memory(url, connections=1)
    async with opened.pool.transaction() as transaction:
        await programmes.apply(
            opened, transaction, PROGRAMME, by="bench", starts_at=database.LONG_AGO, now=database.LONG_AGO
        )
    await opened.close()
    connection = await asyncpg.connect(url)
    await connection.execute(_FILL, members)
    await connection.execute(fill)
    for after in ("VACUUM ANALYZE", "CHECKPOINT"):
        await connection.execute(after)
    return connection, url


def _report(rates: dict[str, float], members: int) -> Report:
    report = Report(
        "nightly",
        "A night's work",
        f"{members:,} members of whom a lot expires, then as many whose level ends. The night writes an event, an "
        "answer and a version for each, in groups of which each is durable by itself, so that it can be stopped and "
        "begun again. One statement does the same to the same rows, all or nothing. Two connections against one.",
    )  # fmt: skip
    report.table("Members settled", ("what", "a second"), sorted(rates.items()))
    lots = rates["lots, the night"] / rates["lots, one statement"]
    report.goal("lots, restartable", f"at least {LOTS_GOAL} of one statement", f"{lots:.2f}", lots >= LOTS_GOAL)
    levels = rates["levels, the night"] / rates["levels, one statement"]
    report.goal("levels, restartable", f"at least {TIERS_GOAL} of one statement", f"{levels:.2f}", levels >= TIERS_GOAL)
    plain = rates["levels, the night"] / rates["levels, plain update"]
    report.goal(
        "levels, with events and messages", f"at least {TIERS_GOAL} of a plain UPDATE of the levels", f"{plain:.2f}",
        plain >= TIERS_GOAL,
    )  # fmt: skip
    return report
