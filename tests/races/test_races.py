"""Whoever comes at once is served one after the other: nothing is spent twice, lost, or given to two."""

import asyncio
import random
from datetime import timedelta

import pytest
from msgspec.structs import replace

from regulars.actions.deliver import deliver
from regulars.actions.ingest import ingest
from regulars.actions.telling import Told
from regulars.connectors.incoming import MemberReference
from regulars.db import identities
from regulars.engine.events import Spend, Transfer
from tests.actions.conftest import LONG_AGO, NOON
from tests.actions.tellings import accepted, points_of, purchase, read, tell, told
from tests.races.conftest import Racers
from tests.races.racer import Deliver, Errand, Merge, Outcome, Sweep, Tell

pytestmark = pytest.mark.chaos

LATER = NOON + timedelta(hours=1)
YEARS_LATER = NOON + timedelta(days=800)


def spend(name: str, amount: int, **more: object) -> Told:
    return told("points.spent", name, Spend(wallet="points", amount=amount), **more)  # type: ignore[arg-type]


def answered(outcomes: list[Outcome]) -> list[Outcome]:
    return [outcome for outcome in outcomes if not outcome.refused]


async def test_the_same_key_sixty_times_is_one_event(racers: Racers) -> None:
    outcomes = await racers.race(*(Tell([purchase("r1", 4250, key="k1")]) for _ in range(60)))

    assert len({outcome.text for outcome in answered(outcomes)}) == 1
    assert sum(not outcome.repeated for outcome in answered(outcomes)) == 1
    assert len(answered(outcomes)) == 60


async def test_one_balance_is_spent_once(racers: Racers) -> None:
    (bought,) = await tell(racers.memory, purchase("r1", 1000))

    outcomes = await racers.race(*(Tell([spend(f"s{n}", 60, key=f"k{n}")]) for n in range(20)))

    assert len(answered(outcomes)) == 1
    assert {outcome.refused for outcome in outcomes} == {"", "insufficient-points"}
    assert (await points_of(racers.memory, accepted(bought).member_id)).available == 0


async def test_a_batch_and_single_events_of_the_same_member_all_count(racers: Racers) -> None:
    batch = [purchase(f"batch{n}", 1000, email=f"m{n % 3}@example.com") for n in range(60)]
    singles = [Tell([purchase(f"single{n}", 500, email="m0@example.com")]) for n in range(20)]

    outcomes = await racers.race(Tell(batch), *singles)

    assert len(answered(outcomes)) == 80
    member_id = outcomes[-1].member_id
    assert member_id is not None
    assert (await points_of(racers.memory, member_id)).available == 20 * 10 + 20 * 5 + 50


async def test_eight_first_events_of_one_stranger_make_one_member(racers: Racers) -> None:
    outcomes = await racers.race(*(Tell([purchase(f"r{n}", 1000)]) for n in range(8)))

    (member_id,) = {outcome.member_id for outcome in answered(outcomes)}
    assert member_id is not None
    assert len(answered(outcomes)) == 8
    assert (await points_of(racers.memory, member_id)).available == 8 * 10 + 50


async def test_an_order_told_by_ten_sources_at_once_counts_once(racers: Racers) -> None:
    tellings = [purchase("r1", 1000, order_id="A-1", source=f"source{n}") for n in range(10)]

    outcomes = await racers.race(*(Tell([one]) for one in tellings))

    assert len({outcome.text for outcome in answered(outcomes)}) == 1
    assert len(answered(outcomes)) == 10


async def test_an_order_told_of_ten_members_at_once_is_one_members(racers: Racers) -> None:
    tellings = [purchase(f"r{n}", 1000, order_id="A-1", email=f"m{n}@example.com") for n in range(10)]

    outcomes = await racers.race(*(Tell([one]) for one in tellings))

    assert len(answered(outcomes)) == 1
    assert {outcome.refused for outcome in outcomes} == {"", "order-of-another-member"}


async def test_twenty_balances_under_thirty_racers_are_each_spent_once(racers: Racers) -> None:
    people = [f"m{n}@example.com" for n in range(20)]
    await tell(racers.memory, *(purchase(f"r-{email}", 1000, email=email) for email in people))
    spends = [spend(f"s{n}-{email}", 60, email=email) for n in range(30) for email in people]
    random.Random(7).shuffle(spends)

    outcomes = await racers.race(*(Tell([one]) for one in spends))

    assert len(answered(outcomes)) == 20
    assert len({outcome.member_id for outcome in answered(outcomes)}) == 20


async def test_a_merge_in_the_middle_of_everything_loses_no_point(racers: Racers) -> None:
    people = [f"m{n}@example.com" for n in range(3)]
    bought = await tell(
        racers.memory,
        *(purchase(f"r{n}", 10_000, email=email, at=NOON + timedelta(minutes=n)) for n, email in enumerate(people)),
    )
    old, middle, young = (accepted(one).member_id for one in bought)
    gift = Transfer(wallet="points", amount=5, to_member=middle)
    errands: list[Errand] = [
        *(Tell([purchase(f"x{n}", 100, email=people[n % 3], at=LATER)]) for n in range(12)),
        *(Tell([spend(f"s{n}", 7, email=people[n % 3], at=LATER)]) for n in range(12)),
        *(Tell([told("points.transferred", f"t{n}", gift, email=people[0], at=LATER)]) for n in range(6)),
        Merge(old, young, "m1"), Merge(young, middle, "m2"), Merge(middle, old, "m3"),
        Deliver(), Deliver(),
    ]  # fmt: skip
    random.Random(11).shuffle(errands)

    outcomes = await racers.race(*errands, now=LATER)
    for n in range(2):
        await racers.race(Merge(old, young, f"again-{n}"), Merge(old, middle, f"and-{n}"), now=LATER)
    while (await deliver(racers.memory, now=LATER + timedelta(hours=2))).taken:
        pass

    spent = 7 * sum('"points.spent"' in outcome.text for outcome in answered(outcomes))
    given_to_itself = {outcome.refused for outcome in outcomes} - {"", "member-merged", "merge-into-itself"}
    assert given_to_itself <= {"transfer-to-oneself"}
    assert (await points_of(racers.memory, old, at=LATER)).available == 3 * 150 + 12 - spent
    assert spent == 12 * 7


async def test_merges_that_cross_lead_every_identity_to_the_survivor(racers: Racers) -> None:
    people = [[f"m{n}-{age}@example.com" for age in range(3)] for n in range(8)]
    bought = [
        await tell(
            racers.memory,
            *(purchase(f"r{email}", 1000, email=email, at=NOON + timedelta(minutes=age))
              for age, email in enumerate(family)),
        )
        for family in people
    ]  # fmt: skip
    ids = [[accepted(one).member_id for one in family] for family in bought]
    crossing: list[Errand] = [
        errand
        for n, (old, middle, young) in enumerate(ids)
        for errand in (Merge(middle, young, f"a{n}"), Merge(old, middle, f"b{n}"))
    ]

    await racers.race(*crossing, now=LATER)
    while (await deliver(racers.memory, now=LATER + timedelta(hours=2))).taken:
        pass

    async with racers.memory.pool.connection() as connection:
        found = [len(await identities.of_member(connection, "corner", old)) for old, _, _ in ids]
    assert found == [3] * 8


async def test_what_expires_is_not_spent_however_the_sweeper_comes(racers: Racers) -> None:
    people = [f"m{n}@example.com" for n in range(10)]
    first = await tell(racers.memory, *(purchase(f"r-{email}", 1000, email=email) for email in people))
    early = [Tell([spend(f"s-{email}", 30, email=email, at=LATER)]) for email in people]
    late = [Tell([spend(f"l-{email}", 30, email=email, at=YEARS_LATER)]) for email in people]

    outcomes = await racers.race(*early, *late, *(Sweep(LONG_AGO) for _ in range(8)), now=YEARS_LATER)

    assert not answered(outcomes[10:20])
    for one in first:
        balance = await points_of(racers.memory, accepted(one).member_id, at=YEARS_LATER)
        assert balance.available == 0


async def test_gifts_in_a_circle_go_round_without_a_point_too_many(racers: Racers) -> None:
    people = [f"m{n}@example.com" for n in range(6)]
    first = await tell(racers.memory, *(purchase(f"r-{email}", 1000, email=email) for email in people))
    ids = [accepted(one).member_id for one in first]
    gifts = [
        told("points.transferred", f"g{n}", Transfer(wallet="points", amount=9, to_member=ids[(n + 1) % 6]),
             email=people[n % 6], at=LATER)
        for n in range(48)
    ]  # fmt: skip

    await racers.race(*(Tell([gift]) for gift in gifts), *(Deliver() for _ in range(10)), now=LATER)
    while (await deliver(racers.memory, now=LATER + timedelta(hours=2))).taken:
        pass

    balances = [(await points_of(racers.memory, id, at=LATER)).available for id in ids]
    assert sum(balances) == 6 * 60
    assert min(balances) >= 0


@pytest.mark.parametrize("seed", range(3))
async def test_who_hangs_up_in_the_middle_can_ask_again(racers: Racers, seed: int) -> None:
    chance = random.Random(seed)
    memory = racers.memory
    await tell(memory, purchase("r0", 1000))
    asked = [replace(purchase(f"r{n}", 1000, key=f"k{n}"), member=MemberReference(email="ada@example.com"))
             for n in range(1, 41)]  # fmt: skip
    tasks = [asyncio.create_task(ingest(memory, "corner", [one], now=NOON)) for one in asked]

    for task in chance.sample(tasks, 30):
        await asyncio.sleep(chance.uniform(0, 0.01))
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    outcomes = [await ingest(memory, "corner", [one], now=NOON) for one in asked]

    texts = [accepted(outcome).text for (outcome,) in outcomes]
    assert len(set(texts)) == 40
    (last,) = await tell(memory, told("anything", "end"))
    assert read(last).balances["points"].available == 41 * 10 + 50
    assert memory.pool.lent_connections == 0
