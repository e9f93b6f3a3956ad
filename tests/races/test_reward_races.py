"""A code, a voucher and a balance are used once, however many want them at the same moment."""

from collections import Counter
from datetime import timedelta
from uuid import UUID

import pytest

from regulars.actions import programmes
from regulars.actions.coding import code_of, find_code
from regulars.actions.ingest import ingest
from regulars.actions.memory import Memory
from regulars.actions.telling import Told
from regulars.db import members, shared
from regulars.engine.events import Body, Chosen, Issue, Reserve, Undo, Use
from regulars.engine.members import MemberState
from regulars.engine.vouchers import Voucher
from tests.actions.conftest import LONG_AGO, NOON, PROGRAMME
from tests.actions.tellings import accepted, purchase, tell, told
from tests.races.conftest import Racers
from tests.races.racer import Outcome, Sweep, Tell

pytestmark = pytest.mark.chaos

REWARDS = f"""{PROGRAMME}
rewards:
  - {{id: five_off, type: amount_off, price: 100, amount_minor: 500}}
  - {{id: mug, type: free_product, scope: {{products: [mug]}}, price: 10, stock: 50}}
"""


async def begin(memory: Memory, *purchases: Told) -> None:
    """Put the rewards in force, and let members have points."""
    async with memory.pool.transaction() as connection:
        await programmes.apply(memory, connection, REWARDS, by="test", starts_at=LONG_AGO, now=LONG_AGO)
    memory.forget("corner")
    for outcome in await tell(memory, *purchases):
        accepted(outcome)


def says(type: str, name: str, body: Body, email: str = "ada@example.com") -> Told:
    return told(type, name, body, email=email)


def takes(name: str, reward: str = "five_off", email: str = "ada@example.com") -> Told:
    return says("reward.issued", name, Issue(chosen=Chosen(reward=reward)), email)


def refusals(outcomes: list[Outcome]) -> Counter[str]:
    return Counter(outcome.refused for outcome in outcomes)


async def state_of(memory: Memory, member_id: UUID) -> MemberState:
    async with memory.pool.connection() as connection:
        wanted = members.Wanted(member_id=member_id, since=NOON.date(), all_vouchers=True)
        loaded = await members.load(connection, "corner", [wanted])
    return loaded[member_id].state


async def voucher_of(memory: Memory, taking: Told) -> tuple[UUID, Voucher]:
    """Let somebody have a reward, and return the member and the voucher."""
    (outcome,) = await ingest(memory, "corner", [taking], now=NOON)
    member_id = accepted(outcome).member_id
    [voucher] = (await state_of(memory, member_id)).vouchers.values()
    return member_id, voucher


async def test_one_code_is_used_once_by_eighty_tills(racers: Racers) -> None:
    await begin(racers.memory, purchase("buy", 10_000))
    member_id, voucher = await voucher_of(racers.memory, takes("take"))
    found = await find_code(racers.memory, "corner", code_of(racers.memory.keyring, voucher))
    assert found is not None
    tills = [says("reward.used", f"till{n}", Use(voucher_id=found.voucher_id)) for n in range(80)]

    outcomes = await racers.race(*(Tell([till]) for till in tills))

    assert refusals(outcomes) == {"": 1, "voucher-not-usable": 79}
    assert (await state_of(racers.memory, member_id)).vouchers[voucher.id].state == "redeemed"


async def test_two_hundred_rewards_against_a_balance_for_one_charge_it_once(racers: Racers) -> None:
    await begin(racers.memory, purchase("buy", 10_000))

    outcomes = await racers.race(*(Tell([takes(f"take{n}")]) for n in range(200)))

    assert refusals(outcomes) == {"": 1, "insufficient-points": 199}


async def test_checkouts_hold_a_balance_for_one_once_and_the_last_one_wins(racers: Racers) -> None:
    await begin(racers.memory, purchase("buy", 10_000))
    until = NOON + timedelta(minutes=15)
    chosen = (Chosen(reward="five_off"),)
    holds = [
        says("reward.reserved", f"hold{n}", Reserve(order_id=f"W{n % 4}", until=until, chosen=chosen))
        for n in range(40)
    ]

    outcomes = await racers.race(*(Tell([hold]) for hold in holds))

    # The same checkout may hold again; another one finds nothing left.
    held = {n % 4 for n, outcome in enumerate(outcomes) if not outcome.refused}
    assert len(held) == 1
    assert set(refusals(outcomes)) == {"", "insufficient-points"}


async def test_stock_that_lapses_and_is_taken_back_is_never_oversold(racers: Racers) -> None:
    await begin(racers.memory, *(purchase(f"buy{n}", 10_000, email=f"m{n}@example.com") for n in range(60)))
    until = NOON + timedelta(minutes=1)
    chosen = (Chosen(reward="mug"),)
    holding = [
        says("reward.reserved", f"hold{n}", Reserve(order_id=f"W{n}", until=until, chosen=chosen), f"m{n}@example.com")
        for n in range(60)
    ]
    first = await racers.race(*(Tell([one]) for one in holding))
    assert refusals(first) == {"": 50, "out-of-stock": 10}
    giving_up = [
        says("reward.undone", f"undo{n}", Undo(order_id=f"W{n}"), f"m{n}@example.com")
        for n, outcome in enumerate(first)
        if not outcome.refused
    ]

    taking = [takes(f"take{n}", "mug", f"m{n % 60}@example.com") for n in range(140)]
    sweeping = Sweep(inactive_since=LONG_AGO)
    outcomes = await racers.race(
        *(Tell([one]) for pair in zip(giving_up, taking, strict=False) for one in pair),
        sweeping,
        *(Tell([one]) for one in taking[len(giving_up) :]),
        now=until,
    )

    async with racers.memory.pool.connection() as connection:
        used = await shared.used(connection, "corner")
    given = sum(not outcome.refused for outcome in outcomes if "mug" in outcome.text and "issued" in outcome.text)
    assert used["reward/mug/stock"] == given <= 50


async def test_a_use_and_its_undoing_leave_one_of_two(racers: Racers) -> None:
    await begin(racers.memory, purchase("buy", 10_000))
    member_id, voucher = await voucher_of(racers.memory, takes("take"))
    using = [says("reward.used", f"use{n}", Use(voucher_id=voucher.id)) for n in range(10)]
    undoing = [says("reward.undone", f"undo{n}", Undo(voucher_id=voucher.id)) for n in range(10)]

    await racers.race(*(Tell([one]) for pair in zip(using, undoing, strict=True) for one in pair))

    state = await state_of(racers.memory, member_id)
    assert state.vouchers[voucher.id].state == "returned"
    assert state.balance("points", NOON).available == 150
