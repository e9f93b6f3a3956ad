"""A night's work for many members at once …"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import chain
from random import Random

import pytest

from regulars.actions import programmes
from regulars.actions.memory import Memory
from regulars.actions.nightly import settle_many
from regulars.actions.replaying import replay
from regulars.actions.sweep import sweep
from regulars.actions.telling import Told
from regulars.db.nightly import Settled
from regulars.engine.events import Action, Body, Hold, Return, Spend
from tests.actions.conftest import LONG_AGO, NOON
from tests.actions.tellings import purchase, tell, told

PROGRAMME = """
id: corner
timezone: Europe/Paris
currency: EUR
channels: {web: {}, shop: {}}
wallets:
  points:
    pending: {days: 3}
    expiry: {kind: rolling, days: 20}
  stars:
    expiry: {kind: rolling, days: 5, round_to: none}
  stamps:
    expiry: {kind: inactivity, days: 50, activities: [purchase]}
policies:
  late_events: {window_days: null}
rules:
  - {id: base, type: spend, points: 1, per_minor: 100}
  - {id: star, type: action, event: review, points: 10, wallet: stars}
  - {id: stamp, type: visit, nth: 1, points: 1, wallet: stamps, once_a_day: false}
tiers:
  - id: status
    measures: {spend: {of: spend}}
    period: {kind: rolling, days: 30}
    landing: one_level
    warn_days: 7
    levels:
      - {id: silver, enter: {all: {spend: 2000}}}
      - {id: gold, enter: {all: {spend: 6000}}, keep: {all: {spend: 4000}}}
      - {id: platinum, enter: {all: {spend: 12000}}}
  - id: critics
    measures: {reviews: {of: events, types: [review]}}
    period: {kind: activity, days: 10, activities: [review]}
    warn_days: 0
    levels:
      - {id: critic, enter: {all: {reviews: 1}}}
"""


@pytest.fixture
async def club(memory: Memory) -> Memory:
    """Return a memory in which a programme with two ladders is in force."""
    async with memory.pool.transaction() as connection:
        await programmes.apply(
            memory, connection, PROGRAMME, by="test", starts_at=LONG_AGO + timedelta(days=1), now=LONG_AGO
        )
    memory.forget("corner")
    return memory


@pytest.mark.parametrize("seed", range(2))
async def test_writes_what_the_log_repeats(club: Memory, seed: int) -> None:
    chance = Random(seed)
    written = Settled()

    for night in range(6):
        now = NOON + timedelta(days=8 * night)
        await _day(club, chance, now)
        later = now + timedelta(days=7, hours=chance.randrange(10))
        written += await settle_many(club, "corner", now=later)
        if chance.random() < 0.5:
            await _sweep(club, later)

    assert min(written.activated, written.expired, written.changed, written.warned) > 0
    report = await replay(club)
    assert report.identical, report.differing


async def test_leaves_nothing_due_but_what_is_left_to_the_sweeper(club: Memory) -> None:
    for day in (0, 8):
        await _day(club, Random(day), NOON + timedelta(days=day))
    now = NOON + timedelta(days=30)

    first = await settle_many(club, "corner", now=now)
    again = await settle_many(club, "corner", now=now)
    swept = await sweep(club, now=now, inactive_since=LONG_AGO)

    assert first.members > 0
    assert swept.settled > 0
    assert again == Settled()
    assert (await sweep(club, now=now, inactive_since=now)).looked_at == 0


async def test_goes_on_where_it_was_stopped(club: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("regulars.actions.nightly._GROUP", 4)
    await _day(club, Random(9), NOON)
    now = NOON + timedelta(days=30)

    def stop(settled: Settled) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        await settle_many(club, "corner", now=now, on_progress=stop)
    groups: list[Settled] = []
    rest = await settle_many(club, "corner", now=now, on_progress=groups.append)

    assert 0 < rest.members == sum(one.members for one in groups)
    report = await replay(club)
    assert report.identical, report.differing


class Stopped(Exception):
    """Somebody pulled the plug."""


async def _day(memory: Memory, chance: Random, now: datetime) -> None:
    """Let a crowd buy, review, spend, reserve and send back, in the order of time."""
    deeds = [_deed(chance, f"{now:%j}-{number}", now + timedelta(minutes=10 * number)) for number in range(60)]
    await tell(memory, *chain(*deeds), now=now + timedelta(hours=10))


def _deed(chance: Random, id: str, at: datetime) -> Sequence[Told]:
    email = f"member{chance.randrange(15)}@example.com"
    bodies: dict[str, Body] = {
        "review": Action(),
        "points.spent": Spend(wallet="points", amount=5),
        "points.held": Hold(wallet="points", amount=5, expires_at=at + timedelta(days=5)),
    }
    type = chance.choice(["purchase", "purchase", "purchase", "review", "return", *bodies])
    if type == "return":
        bought = purchase(f"{id}-order", 4000, email=email, at=at)
        return bought, told("return", f"{id}-back", Return(order_id=f"{id}-order"), email=email, at=at)
    if type == "purchase":
        return (purchase(f"{id}-order", chance.choice([500, 2500, 7000]), email=email, at=at),)
    return (told(type, id, bodies[type], email=email, at=at),)


async def _sweep(memory: Memory, now: datetime) -> None:
    while (await sweep(memory, now=now, inactive_since=LONG_AGO)).settled:
        pass
