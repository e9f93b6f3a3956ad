"""What members share goes to those who come first, whichever process serves them: never more of it than there is."""

from collections import Counter

import msgspec
import pytest

from regulars.actions import programmes
from regulars.actions.answers import EventAnswer
from regulars.actions.memory import Memory
from regulars.actions.telling import Told
from regulars.db import codes, shared
from regulars.db.codes import PoolCode
from regulars.db.queries import Query
from regulars.engine.events import Chosen, Issue
from tests.actions.conftest import LONG_AGO, PROGRAMME
from tests.actions.tellings import purchase, told
from tests.races.conftest import Racers
from tests.races.racer import Outcome, Tell

_NUMBERS = Query("numbers", "Read the numbers given out.", "SELECT (record -> 'number')::bigint AS number FROM voucher")

pytestmark = pytest.mark.chaos

SHARING = f"""{PROGRAMME}
rewards:
  - {{id: mug, type: free_product, scope: {{products: [mug]}}, stock: 50, limits: [{{per: ever, times: 3}}]}}
  - {{id: film, type: partner_code, pool: cinema}}
pools:
  cinema: {{}}
campaigns:
  - id: sale
    channels: [web]
    budget: {{points: 1000}}
    effects:
      - {{id: sale_bonus, type: spend, points: 3, per_minor: 100}}
"""


async def begin(memory: Memory) -> None:
    """Put a programme with things to share in force, and codes in its pool."""
    async with memory.pool.transaction() as connection:
        await programmes.apply(memory, connection, SHARING, by="test", starts_at=LONG_AGO, now=LONG_AGO)
    async with memory.pool.connection() as connection:
        cinema = [PoolCode(bytes([number] * 16), b"sealed") for number in range(30)]
        assert await codes.fill(connection, "corner", "cinema", cinema) == 30
    memory.forget("corner")


def joined(number: int) -> Told:
    """Tell of the purchase by which somebody becomes a member."""
    return purchase(f"join{number}", 100, email=f"m{number}@example.com")


def taking(reward: str, number: int, of: int) -> Told:
    """Tell that one of so many members takes a reward."""
    chosen = Issue(chosen=Chosen(reward=reward))
    return told("reward.issued", f"{reward}{number}", chosen, email=f"m{number % of}@example.com")


async def used(racers: Racers) -> dict[str, int]:
    async with racers.memory.pool.connection() as connection:
        return await shared.used(connection, "corner")


def refusals(outcomes: list[Outcome]) -> Counter[str]:
    return Counter(outcome.refused for outcome in outcomes)


async def test_of_two_hundred_who_want_one_of_fifty_pieces_fifty_get_one(racers: Racers) -> None:
    await begin(racers.memory)
    await racers.race(Tell([joined(number) for number in range(200)]))

    outcomes = await racers.race(*(Tell([taking("mug", number, of=200)]) for number in range(200)))

    assert refusals(outcomes) == {"": 50, "out-of-stock": 150}
    assert (await used(racers))["reward/mug/stock"] == 50


async def test_batches_and_single_ones_share_what_there_is(racers: Racers) -> None:
    await begin(racers.memory)
    await racers.race(Tell([joined(number) for number in range(40)]))
    batches = [Tell([taking("mug", number, of=40) for number in range(first, first + 30)]) for first in (0, 30)]
    singles = [Tell([taking("mug", number, of=40)]) for number in range(60, 80)]

    outcomes = await racers.race(*batches, *singles)

    assert refusals(outcomes) == {"": 50, "out-of-stock": 30}
    assert (await used(racers))["reward/mug/stock"] == 50


async def test_a_budget_is_given_to_the_last_point_and_no_further(racers: Racers) -> None:
    await begin(racers.memory)
    buying = [Tell([purchase(f"web{n}", 1000, email=f"m{n}@example.com", channel="web")]) for n in range(60)]

    outcomes = await racers.race(*buying)

    answers = [msgspec.json.decode(outcome.text, type=EventAnswer) for outcome in outcomes]
    bonuses = [award.value for answer in answers for award in answer.awards if award.rule == "sale_bonus"]
    assert sum(bonuses) == 1000
    assert (await used(racers))["campaign/sale/points"] == 1000


async def test_each_code_of_a_pool_is_given_to_one(racers: Racers) -> None:
    await begin(racers.memory)
    await racers.race(Tell([joined(number) for number in range(60)]))

    outcomes = await racers.race(*(Tell([taking("film", number, of=60)]) for number in range(60)))

    assert refusals(outcomes) == {"": 30, "out-of-stock": 30}
    async with racers.memory.pool.connection() as connection:
        rows = await connection.rows(_NUMBERS)
    assert sorted(row["number"] for row in rows) == list(range(30))
