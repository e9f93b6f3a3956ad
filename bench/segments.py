"""Segments over a million members: the statements that conditions become, beside those that one would write by hand."""

import asyncio
import statistics
import time
from datetime import UTC, datetime
from typing import Final

import asyncpg

from bench import database
from bench.report import Report
from regulars import programme
from regulars.db import segments
from regulars.db.migrate import migrate
from regulars.db.pool import Pool
from regulars.engine.ids import BUCKETS
from regulars.engine.running import Running
from regulars.ops.postgres import Server

MEMBERS: Final = 1_000_000
QUICK: Final = 3_000
ROUNDS: Final = 5
PAGE: Final = 200
AT: Final = datetime(2026, 6, 1, 12, tzinfo=UTC)
GOAL: Final = 0.7

_FILL: Final = (
    f"""
    INSERT INTO member (
      bucket, member_id, programme_id, version, standing, enrolled_at, channel, shop, enrolled_by, attributes
    )
    SELECT
      (ARRAY{list(BUCKETS)})[1 + (n & 255)], ('0197a000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
      'club', 1, 'active', timestamptz '2026-01-01Z' + n % 140 * interval '1 day', '', '', '',
      jsonb_build_object('city', (ARRAY['lyon', 'paris', 'izmir', 'leeds'])[1 + n % 4], 'children', n % 5)
    FROM generate_series(0, $1::integer - 1) AS n
    """,
    """
    INSERT INTO member_day (bucket, member_id, day, programme_id, facts)
    SELECT
      member.bucket, member.member_id, date '2026-05-31' - back * (1 + (hashtext(member.member_id::text) & 31)), 'club',
      jsonb_build_object('purchases', 1, 'spend_minor', 500 + (hashtext(member.member_id::text) & 4095))
    FROM member
    CROSS JOIN generate_series(0, 2) AS back
    WHERE member.bucket >= $1::integer
    """,
    """
    INSERT INTO counter (bucket, member_id, name, programme_id, value)
    SELECT bucket, member_id, 'purchases', 'club', 3 FROM member WHERE bucket >= $1::integer
    """,
)
# What a segment asks, and how somebody who knows the tables would count it.
QUESTIONS: Final = {
    "attribute": (
        "member.attributes.city == 'lyon' && member.attributes.children >= 2",
        """
        SELECT count(*) FROM member
        WHERE programme_id = 'club' AND standing = 'active' AND attributes ->> 'city' = 'lyon'
          AND (attributes ->> 'children')::bigint >= 2
        """,
    ),
    "behaviour": (
        "purchases.last_30_days.count >= 2 && purchases.last_30_days.spend_minor > 3000",
        """
        SELECT count(*) FROM member JOIN (
          SELECT bucket, member_id, sum((facts ->> 'purchases')::bigint) AS bought,
            sum((facts ->> 'spend_minor')::bigint) AS spent
          FROM member_day WHERE programme_id = 'club' AND day >= '2026-05-03' AND day < '2026-06-02'
          GROUP BY bucket, member_id
        ) AS days ON days.bucket = member.bucket AND days.member_id = member.member_id
        WHERE member.programme_id = 'club' AND standing = 'active' AND bought >= 2 AND spent > 3000
        """,
    ),
    "newcomers": (
        "member.age_days < 60 && member.purchases_count < 5",
        """
        SELECT count(*) FROM member
        LEFT JOIN counter ON counter.bucket = member.bucket AND counter.member_id = member.member_id
          AND counter.name = 'purchases'
        WHERE member.programme_id = 'club' AND standing = 'active' AND enrolled_at >= '2026-04-02T22:00:00Z'
          AND coalesce(value, 0) < 5
        """,
    ),
}


def run(quick: bool) -> Report:
    """Count each segment both ways, in turn, and read a page of it."""
    members = QUICK if quick else MEMBERS
    with database.server() as server:
        seconds = asyncio.run(_measured(server, members))
    report = Report(
        "segments",
        "Segments",
        f"{members:,} members, three days of purchases each. A condition is turned into SQL and counted for "
        f"everybody, beside the statement that one would write by hand; then a page of {PAGE} of its members is read. "
        f"Medians of {ROUNDS} rounds in turn, in milliseconds.",
    )
    rows = [(name, *(1000 * second for second in timed)) for name, timed in seconds.items()]
    report.table("One segment", ("question", "by its condition", "by hand", "a page"), rows)
    for name, (own, by_hand, _) in seconds.items():
        ratio = by_hand / own
        report.goal(f"count, {name}", f"at least {GOAL} of the pace by hand", f"{ratio:.2f}", ratio >= GOAL)
    return report


async def _measured(server: Server, members: int) -> dict[str, tuple[float, float, float]]:
    server.create_database("segments")
    url = server.url("segments")
    await migrate(url)
    by_hand = await asyncpg.connect(url)
    await by_hand.execute(_FILL[0], members)
    for statement in _FILL[1:]:
        await by_hand.execute(statement, 0)
    await by_hand.execute("VACUUM ANALYZE")
    pool = Pool(url)
    found = {name: await _asked(pool, by_hand, *question) for name, question in QUESTIONS.items()}
    await pool.close()
    await by_hand.close()
    return found


async def _asked(
    pool: Pool, by_hand: "asyncpg.Connection[asyncpg.Record]", condition: str, statement: str
) -> tuple[float, float, float]:
    running = _running(condition)
    own, hand, pages = [], [], []
    async with pool.connection() as connection:
        for _ in range(ROUNDS):
            started = time.monotonic()
            counts = await segments.counts(connection, running, AT)
            own.append(time.monotonic() - started)
            started = time.monotonic()
            assert counts.segments["asked"] == await by_hand.fetchval(statement), "both count the same"
            hand.append(time.monotonic() - started)
            started = time.monotonic()
            await segments.page(connection, running, "asked", AT, limit=PAGE)
            pages.append(time.monotonic() - started)
    return statistics.median(own), statistics.median(hand), statistics.median(pages)


def _running(condition: str) -> Running:
    text = f"""
id: club
timezone: Europe/Paris
currency: EUR
wallets:
  points: {{}}
rules: []
segments:
  asked:
    when: "{condition}"
"""
    return programme.run(programme.read(programme.Source("bench", text)), 1)
