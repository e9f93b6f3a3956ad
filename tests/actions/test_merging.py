"""Two memberships of one person become the older one, with all that both had, whoever asks and however often."""

import asyncio
from datetime import timedelta
from uuid import UUID

from regulars.actions.deciding import Answered
from regulars.actions.deliver import deliver
from regulars.actions.explaining import explain_event
from regulars.actions.memory import Memory
from regulars.actions.merging import merge
from regulars.db import identities
from regulars.engine.events import Merge, Return
from regulars.engine.reasons import Refused
from tests.actions.conftest import NOON
from tests.actions.tellings import accepted, points_of, purchase, read, tell, told

LATER = NOON + timedelta(hours=1)


async def joined(memory: Memory, one: UUID, other: UUID, name: str = "m1") -> Answered | Refused:
    return await merge(memory, "corner", one, other, source="test", source_id=name, now=LATER)


async def three(memory: Memory) -> list[UUID]:
    """Three members, each a minute older than the next, with 60 points each."""
    events = [purchase(f"r{n}", 1000, email=f"p{n}@example.com", at=NOON - timedelta(minutes=10 - n)) for n in range(3)]
    return [accepted(outcome).member_id for outcome in await tell(memory, *events)]


async def test_everything_goes_to_the_older_membership_whoever_asks(memory: Memory) -> None:
    old, middle, young = await three(memory)

    await joined(memory, middle, young, "m1")
    await joined(memory, old, middle, "m2")

    assert (await points_of(memory, old, at=LATER)).available == 180
    assert (await points_of(memory, middle, at=LATER)).available == 0
    assert (await points_of(memory, young, at=LATER)).available == 0


async def test_merges_that_cross_end_in_one_membership(memory: Memory) -> None:
    old, middle, young = await three(memory)

    await asyncio.gather(
        joined(memory, old, young, "m1"), joined(memory, young, middle, "m2"), joined(memory, middle, old, "m3")
    )
    for n in range(3):
        await joined(memory, *[(old, young), (young, middle), (middle, old)][n], f"again{n}")

    assert (await points_of(memory, old, at=LATER)).available == 180


async def test_who_was_merged_is_found_by_every_identity(memory: Memory) -> None:
    old, middle, _ = await three(memory)
    await joined(memory, old, middle)

    (by_email,) = await tell(memory, told("review", "v1", email="p1@example.com", at=LATER), now=LATER)

    assert accepted(by_email).member_id == old


async def test_an_identity_that_a_crossing_merge_led_astray_is_led_home(memory: Memory) -> None:
    old, middle, young = await three(memory)
    await joined(memory, old, middle)
    # As when the merge of the young one was under way while the middle one closed.
    late = told("member.merged", "late", Merge(into_member=middle), email="p2@example.com", at=LATER)

    (merged,) = await tell(memory, late, now=LATER)
    await deliver(memory, now=LATER)
    (by_email,) = await tell(memory, told("review", "v1", email="p2@example.com", at=LATER), now=LATER)

    assert accepted(merged).member_id == young
    assert accepted(by_email).member_id == old
    async with memory.pool.connection() as connection:
        assert len(await identities.of_member(connection, "corner", old)) == 3
    assert (await points_of(memory, old, at=LATER)).available == 180 + 10


async def test_what_was_told_before_the_merge_is_not_counted_again_after_it(memory: Memory) -> None:
    old, middle, _ = await three(memory)
    (before,) = await tell(memory, told("review", "v1", email="p1@example.com"))
    await joined(memory, old, middle)

    review, order = await tell(
        memory,
        told("review", "v1", email="p1@example.com"),
        purchase("r1", 1000, email="p1@example.com"),
        now=LATER,
    )

    assert accepted(review).text == accepted(before).text
    assert accepted(order).repeated
    assert (await points_of(memory, old, at=LATER)).available == 130


async def test_an_order_of_the_closed_membership_can_be_returned(memory: Memory) -> None:
    old, middle, _ = await three(memory)
    await joined(memory, old, middle)

    (back,) = await tell(
        memory, told("return", "b1", Return(order_id="r1"), email="p1@example.com", at=LATER), now=LATER
    )

    assert accepted(back).member_id == old
    assert sum(reversal.taken for reversal in read(back).reversed) == 60
    assert (await points_of(memory, old, at=LATER)).available == 60


async def test_a_purchase_after_the_merge_is_explained_from_the_log(memory: Memory) -> None:
    old, middle, _ = await three(memory)
    await joined(memory, old, middle)
    (bought,) = await tell(memory, purchase("r9", 1000, email="p0@example.com", at=LATER), now=LATER)

    explanation = await explain_event(memory, "corner", accepted(bought).event_id)

    assert explanation is not None
    outcomes = {outcome.rule: outcome for outcome in explanation.outcomes}
    assert outcomes["base"].value == 10
    assert outcomes["welcome"].reasons[0].code == "already-first-purchase"
    assert outcomes["welcome"].reasons[0].actual == 2
    assert outcomes["review"].reasons[0].code == "another-event"
