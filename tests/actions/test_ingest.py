"""What we are told is decided once, remembered, and answered to the letter however often it is told."""

import asyncio
from datetime import timedelta

from msgspec.structs import replace

from regulars.actions.deciding import Answered
from regulars.actions.memory import Memory
from regulars.connectors.incoming import MemberReference
from regulars.engine.events import Action, Adjust, Restore, Return, ReturnedLine, Spend
from regulars.engine.reasons import Refused
from tests.actions.conftest import NOON
from tests.actions.tellings import accepted, points_of, purchase, read, tell, told


async def test_a_purchase_answers_the_new_balance_and_the_reasons(memory: Memory) -> None:
    (outcome,) = await tell(memory, purchase("r1", 4250))

    answer = read(outcome)
    assert answer.balances["points"].available == 42 + 50
    assert [(award.rule, award.value) for award in answer.awards] == [("base", 42), ("welcome", 50)]
    assert (await points_of(memory, accepted(outcome).member_id)).available == 92


async def test_the_same_event_again_is_answered_with_the_same_bytes(memory: Memory) -> None:
    (first,) = await tell(memory, purchase("r1", 4250))

    (again,) = await tell(memory, purchase("r1", 4250), now=NOON + timedelta(days=3))

    assert accepted(again).text == accepted(first).text
    assert accepted(again).repeated
    assert (await points_of(memory, accepted(first).member_id)).available == 92


async def test_a_batch_decides_in_order_and_answers_what_it_repeats_itself(memory: Memory) -> None:
    outcomes = await tell(
        memory,
        purchase("r1", 1000),
        told("review", "v1"),
        purchase("r1", 1000),
        told("review", "v2"),
        purchase("r2", 500, email="bob@example.com"),
    )

    answers = [read(outcome) for outcome in outcomes]
    assert [answer.balances["points"].available for answer in answers] == [60, 70, 60, 70, 55]
    assert answers[3].awards[0].reasons[0].code == "limit-times"
    assert accepted(outcomes[2]).repeated


async def test_the_same_order_from_two_sources_counts_once(memory: Memory) -> None:
    (till,) = await tell(memory, purchase("r1", 1000, order_id="A-1"))

    (shop,) = await tell(memory, purchase("web-77", 1000, order_id="A-1", source="webshop"))

    assert accepted(shop).text == accepted(till).text
    assert (await points_of(memory, accepted(till).member_id)).available == 60


async def test_an_order_belongs_to_one_member(memory: Memory) -> None:
    await tell(memory, purchase("r1", 1000, order_id="A-1"))

    (other,) = await tell(memory, purchase("r2", 1000, order_id="A-1", email="bob@example.com"))

    assert isinstance(other, Refused)
    assert other.code == "order-of-another-member"


async def test_one_refused_event_does_not_spoil_its_neighbours(memory: Memory) -> None:
    outcomes = await tell(
        memory,
        purchase("r1", 1000),
        told("points.spent", "s1", Spend(wallet="points", amount=1000)),
        told("points.spent", "s2", Spend(wallet="points", amount=60)),
        replace(told("review", "v1"), member=MemberReference(id="mem_nonsense")),
    )

    assert isinstance(outcomes[1], Refused)
    assert outcomes[1].detail["available"] == 60
    assert read(outcomes[2]).balances["points"].available == 0
    assert isinstance(outcomes[3], Refused)


async def test_a_return_without_a_member_goes_to_the_orders_member(memory: Memory) -> None:
    (bought,) = await tell(memory, purchase("r1", 1000))
    back = replace(told("return", "b1", Return(order_id="r1", lines=(ReturnedLine(id="1"),))), member=None)

    (outcome,) = await tell(memory, back)

    assert accepted(outcome).member_id == accepted(bought).member_id
    assert read(outcome).reversed[0].asked == 10


async def test_a_return_that_comes_before_its_order_waits_for_it(memory: Memory) -> None:
    back = told("return", "b1", Return(order_id="r1", lines=(ReturnedLine(id="1", quantity_milli=1000),)))

    (waits,) = await tell(memory, back)
    (bought,) = await tell(memory, purchase("r1", 1000))

    assert read(waits).note == "waits-for-its-order"
    assert read(bought).balances["points"].available == 0


async def test_a_spend_is_undone_into_the_lots_it_came_from(memory: Memory) -> None:
    await tell(memory, purchase("r1", 1000))
    (spent,) = await tell(memory, told("points.spent", "s1", Spend(wallet="points", amount=60)))

    (restored,) = await tell(memory, told("points.restored", "u1", Restore(spend_id=accepted(spent).event_id)))
    (twice,) = await tell(memory, told("points.restored", "u2", Restore(spend_id=accepted(spent).event_id)))

    assert read(restored).balances["points"].available == 60
    assert isinstance(twice, Refused)


async def test_a_key_that_was_used_for_something_else_is_refused(memory: Memory) -> None:
    (first,) = await tell(memory, purchase("r1", 1000, key="k1", fingerprint=b"one"))

    (again,) = await tell(memory, purchase("r1", 1000, key="k1", fingerprint=b"one"))
    (other,) = await tell(memory, purchase("r2", 1000, key="k1", fingerprint=b"two"))
    (altered,) = await tell(memory, purchase("r1", 2000, key="k1", fingerprint=b"three"))

    assert accepted(again).text == accepted(first).text
    assert other == altered == Refused(code="idempotency-key-reused")


async def test_a_refusal_is_repeated_even_when_it_would_be_welcome_by_then(memory: Memory) -> None:
    await tell(memory, purchase("r1", 1000))
    spend = told("points.spent", "s1", Spend(wallet="points", amount=100), key="k1")
    (refused,) = await tell(memory, spend)
    await tell(memory, told("points.adjusted", "a1", Adjust(wallet="points", amount=500, reason="gift")))

    (again,) = await tell(memory, spend)

    assert isinstance(refused, Refused)
    assert again == refused


async def test_sixty_tellings_at_once_are_one_event(memory: Memory) -> None:
    outcomes = await asyncio.gather(*(tell(memory, purchase("r1", 4250, key="k1")) for _ in range(60)))

    texts = {accepted(outcome).text for (outcome,) in outcomes}
    assert len(texts) == 1
    (first,) = outcomes[0]
    assert (await points_of(memory, accepted(first).member_id)).available == 92


async def test_eight_first_events_of_a_stranger_make_one_member(memory: Memory) -> None:
    outcomes = await asyncio.gather(*(tell(memory, purchase(f"r{n}", 1000)) for n in range(8)))

    members = {accepted(outcome).member_id for (outcome,) in outcomes}
    assert len(members) == 1
    assert (await points_of(memory, members.pop())).available == 8 * 10 + 50


async def test_two_spends_of_one_balance_leave_one_refused(memory: Memory) -> None:
    (bought,) = await tell(memory, purchase("r1", 1000))

    outcomes = await asyncio.gather(
        *(tell(memory, told("points.spent", f"s{n}", Spend(wallet="points", amount=60))) for n in range(2))
    )

    assert sum(isinstance(outcome, Answered) for (outcome,) in outcomes) == 1
    assert (await points_of(memory, accepted(bought).member_id)).available == 0


async def test_the_same_source_id_of_two_members_is_two_events(memory: Memory) -> None:
    outcomes = await tell(memory, *(told("review", "launch", email=f"m{n}@example.com") for n in range(300)))

    assert not any(accepted(outcome).repeated for outcome in outcomes)
    assert len({accepted(outcome).event_id for outcome in outcomes}) == 300


async def test_an_event_of_no_data_is_an_action(memory: Memory) -> None:
    (outcome,) = await tell(memory, told("anything", "x", Action()))

    assert read(outcome).awards == ()
