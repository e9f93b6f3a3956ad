"""A large batch is written in groups, two at a time, and nobody can tell from the answers."""

from typing import Any

import pytest

from regulars.actions.memory import Memory
from regulars.db import members
from regulars.db.errors import TransientError
from tests.actions.tellings import accepted, points_of, purchase, read, tell

EVENTS = 700
MEMBERS = 600


def batch() -> list[Any]:
    """Return purchases of a rising amount; the last hundred are by people who are there already."""
    return [
        purchase(f"o{number}", 100 * number + 100, email=f"p{number % MEMBERS}@example.com") for number in range(EVENTS)
    ]


async def test_answers_come_in_the_order_in_which_the_events_were_told(memory: Memory) -> None:
    outcomes = await tell(memory, *batch())

    given = [{award.rule: award.value for award in read(outcome).awards} for outcome in outcomes]
    assert [awards["base"] for awards in given] == list(range(1, EVENTS + 1))
    assert [number for number, awards in enumerate(given) if "welcome" in awards] == list(range(MEMBERS))


async def test_all_events_of_a_member_are_decided_one_after_the_other(memory: Memory) -> None:
    outcomes = await tell(memory, *batch())

    first, second = accepted(outcomes[5]), accepted(outcomes[MEMBERS + 5])
    assert first.member_id == second.member_id
    balance = await points_of(memory, first.member_id)
    assert balance.available == 6 + 50 + MEMBERS + 6


async def test_told_again_it_is_answered_to_the_letter(memory: Memory) -> None:
    before = await tell(memory, *batch())

    after = await tell(memory, *batch())

    assert [accepted(one).text for one in after] == [accepted(one).text for one in before]
    assert all(accepted(one).repeated for one in after)


async def test_when_a_group_fails_the_caller_hears_of_it_and_may_tell_all_again(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    load, calls = members.load, 0

    async def failing(*arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise TransientError("the connection was lost")
        return await load(*arguments)

    monkeypatch.setattr(members, "load", failing)
    with pytest.raises(TransientError):
        await tell(memory, *batch())
    monkeypatch.undo()

    outcomes = await tell(memory, *batch())

    assert {award.value for one in outcomes for award in read(one).awards if award.rule == "base"} == set(
        range(1, EVENTS + 1)
    )
