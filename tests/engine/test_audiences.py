"""An audience …"""

from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.engine.audiences import Admission, Audience, drawn, expanded
from regulars.engine.facts import Facts
from regulars.engine.members import MemberState
from tests.engine.campaigning import Crowd, club, outcomes
from tests.engine.campaigning import given as giving
from tests.engine.making import ALICE, MONDAY_NOON, bought, days, event, member, running

MEMBERS = [uuid5(ALICE, str(number)) for number in range(20_000)]


def admitted(audience: Audience, state: MemberState) -> bool:
    facts: Facts = running().facts(event(bought(100)), state)
    return not Admission(audience, campaign="one", levels={}).reasons(facts)


@given(st.uuids(), st.text(max_size=20), st.integers(0, 100), st.integers(0, 100))
def test_that_grows_keeps_whoever_was_in(who: UUID, campaign: str, one: int, other: int) -> None:
    place = drawn(campaign, who)

    assert 0 <= place < 10_000
    assert place == drawn(campaign, who)
    assert not place < min(one, other) * 100 or place < max(one, other) * 100


@pytest.mark.parametrize("percent", [1, 10, 50, 90])
def test_is_as_large_as_it_should_be(percent: int) -> None:
    inside = sum(drawn("spring", who) < percent * 100 for who in MEMBERS)

    # Four standard deviations: a fair draw misses this once in sixteen thousand.
    allowed = 4 * (len(MEMBERS) * percent * (100 - percent)) ** 0.5 / 100
    assert abs(inside - len(MEMBERS) * percent / 100) < allowed


def test_is_drawn_anew_for_each_campaign() -> None:
    both = sum(drawn("spring", who) < 5000 and drawn("summer", who) < 5000 for who in MEMBERS)

    assert abs(both - len(MEMBERS) / 4) < 4 * (len(MEMBERS) * 3 / 16) ** 0.5


def test_of_a_rollout_decides_as_it_is_drawn() -> None:
    crowd = Crowd(club({"id": "some", "audience": {"rollout_percent": 40}, "effects": [giving(id="gift")]}))

    for who in range(60):
        decision = crowd.tell(bought(1000, id=f"A{who}"), who=who)
        inside = drawn("some", crowd.states[who].member_id) < 4000
        assert ("gift" in outcomes(decision)) is inside


@pytest.mark.parametrize(
    ("value", "values", "inside"),
    [
        (1, (True,), False),
        (True, (1,), False),
        (True, (True,), True),
        ("Paris", ("Lyon", "Paris"), True),
        (None, ("",), False),
    ],
)
def test_of_an_attribute_tells_true_from_one(
    value: str | int | bool | None, values: tuple[str | int | bool, ...], inside: bool
) -> None:
    state = member()
    if value is not None:
        state.attributes["x"] = value

    assert admitted(Audience(attributes={"x": values}), state) is inside


@pytest.mark.parametrize(
    ("name", "pairs"),
    [
        ("club:silver", [("club", "silver")]),
        ("club:silver+", [("club", "silver"), ("club", "gold")]),
        ("club:gold+", [("club", "gold")]),
        ("other:any+", [("other", "any")]),
    ],
)
def test_of_a_level_means_it_or_those_above_too(name: str, pairs: list[tuple[str, str]]) -> None:
    assert expanded(name, {"club": ["bronze", "silver", "gold"]}) == pairs


def test_of_everybody_lets_everybody_in() -> None:
    assert admitted(Audience(), MemberState(member_id=ALICE))


def test_of_those_who_lapsed_counts_the_days_of_the_event() -> None:
    crowd = Crowd(club({"id": "back", "audience": {"lapsed_for_days": 30}, "effects": [giving(id="gift")]}))

    given_at = []
    for number, day in enumerate((0, 29, 59, 60)):
        decision = crowd.tell(bought(1000, id=f"A{number}"), at=MONDAY_NOON + days(day))
        if "gift" in outcomes(decision):
            given_at.append(day)

    # Thirty days with the day itself: 29 days later the first day is still among them, 30 days later it is not.
    assert given_at == [59]
