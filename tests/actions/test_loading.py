"""A chunk of a history, in lanes: each member's events in their order, and the books as if told one by one."""

from datetime import timedelta

from regulars.actions.answers import EventAnswer
from regulars.actions.loading import load
from regulars.actions.memory import Memory
from regulars.actions.telling import Told
from regulars.engine.events import Return
from regulars.engine.reasons import Refused
from tests.actions.conftest import LONG_AGO, NOON
from tests.actions.tellings import purchase, read


def visits(members: int, each: int) -> list[Told]:
    """Return purchases of some members in turn, a minute apart."""
    return [
        purchase(
            f"r-{number}",
            1000,
            email=f"member-{number % members}@example.com",
            at=NOON - timedelta(minutes=members * each - number),
        )
        for number in range(members * each)
    ]


async def test_each_member_s_events_are_decided_in_their_order(memory: Memory) -> None:
    told = visits(members=7, each=5)

    outcomes = await load(memory, "corner", told, now=NOON)

    answers = [read(outcome) for outcome in outcomes]
    assert [answer.occurred_at for answer in answers] == [one.occurred_at for one in told]
    for member in range(7):
        # 10 a purchase, and 50 with the first: a balance tells which one it was.
        assert [available(answer) for answer in answers[member::7]] == [60, 70, 80, 90, 100]


async def test_what_was_told_before_counts_once(memory: Memory) -> None:
    told = visits(members=3, each=2)
    first = await load(memory, "corner", told[:4], now=NOON)

    again = await load(memory, "corner", told, now=NOON)

    assert [read(outcome) for outcome in again[:4]] == [read(outcome) for outcome in first]
    assert [available(read(outcome)) for outcome in again[3:]] == [70, 70, 70]


async def test_what_happened_before_the_programme_is_refused_and_spoils_nothing(memory: Memory) -> None:
    early = purchase("r-1", 1000, at=LONG_AGO - timedelta(seconds=1))
    late = purchase("r-2", 1000, at=LONG_AGO)

    refused, answered = await load(memory, "corner", [early, late], now=NOON)

    assert refused == Refused(code="no-programme")
    assert {award.rule: award.value for award in read(answered).awards} == {"base": 10, "welcome": 50}


async def test_a_return_without_a_member_finds_the_order_of_its_chunk(memory: Memory) -> None:
    others = visits(members=4, each=1)
    bought = purchase("r-9", 2000, email="nine@example.com", order_id="o-9")
    returned = Told(type="return", source="till", source_id="b-9", body=Return(order_id="o-9"), occurred_at=NOON)

    outcomes = await load(memory, "corner", [*others, bought, returned], now=NOON)

    assert {one.rule: one.taken for one in read(outcomes[-1]).reversed} == {"base": 20, "welcome": 50}
    assert available(read(outcomes[-1])) == 0


async def test_a_return_of_an_unknown_order_is_refused_and_spoils_nothing(memory: Memory) -> None:
    returned = Told(type="return", source="till", source_id="b-9", body=Return(order_id="gone"), occurred_at=NOON)

    refused, *others = await load(memory, "corner", [returned, *visits(members=3, each=1)], now=NOON)

    assert isinstance(refused, Refused)
    assert refused.code == "order-unknown"
    assert [available(read(outcome)) for outcome in others] == [60, 60, 60]


async def test_nothing_to_tell_is_nothing(memory: Memory) -> None:
    assert await load(memory, "corner", [], now=NOON) == []


def available(answer: EventAnswer) -> int:
    return answer.balances["points"].available
