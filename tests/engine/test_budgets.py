"""A budget …"""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.engine.decide import decide
from regulars.engine.explain import explain
from tests.engine.campaigning import Crowd, club, codes, outcomes
from tests.engine.campaigning import given as giving
from tests.engine.making import bought, event, member

WORTH = {"points": {"worth": {"points": 3, "amount_minor": 2}}, "stamps": {"worth": {"points": 1, "amount_minor": 7}}}
SPEND = {"id": "rich", "type": "spend", "points": 3, "per_minor": 100}
amounts = st.lists(st.tuples(st.integers(0, 4), st.integers(100, 9000)), min_size=1, max_size=25)


def crowd_with(budget: dict[str, Any], *effects: dict[str, Any]) -> Crowd:
    return Crowd(club({"id": "spring", "budget": budget, "effects": effects or (SPEND,)}, wallets=WORTH))


@given(amounts, st.integers(1, 400), st.sampled_from(["partial", "none"]))
def test_of_points_is_never_overdrawn_and_claims_what_is_given(
    life: list[tuple[int, int]], most: int, edge: str
) -> None:
    crowd = crowd_with({"points": most, "edge": edge}, SPEND, giving(id="bonus", points=7))
    total = 0
    for number, (who, amount) in enumerate(life):
        found = outcomes(crowd.tell(bought(amount, id=f"A{number}"), who=who))
        given_, wanted = (sum(found.get(rule, (0, 0))[place] for rule in ("rich", "bonus")) for place in (0, 1))
        left = most - total
        expected = min(wanted, left) if edge == "partial" else (wanted if wanted <= left else 0)
        assert given_ == expected
        total += given_
        assert crowd.shared.get("campaign/spring/points", 0) == total <= most


@given(amounts, st.integers(1, 300))
def test_of_money_pays_points_of_all_wallets_by_what_they_are_worth(life: list[tuple[int, int]], most: int) -> None:
    crowd = crowd_with({"amount_minor": most}, SPEND, giving(id="stamp", points=2, wallet="stamps"))
    thirds = sevenths = 0
    for number, (who, amount) in enumerate(life):
        found = outcomes(crowd.tell(bought(amount, id=f"A{number}"), who=who))
        thirds += found.get("rich", (0, 0))[0]
        sevenths += found.get("stamp", (0, 0))[0]
        used = crowd.shared.get("campaign/spring/minor", 0)
        # What was given is never worth more than what was claimed, and no more than that was ever there.
        assert thirds * 2 <= 3 * (used - sevenths * 7) <= 3 * most


@given(amounts, st.integers(1, 6))
def test_of_times_counts_an_event_once(life: list[tuple[int, int]], most: int) -> None:
    crowd = crowd_with({"times": most}, SPEND, giving(id="bonus"))
    for number, (who, amount) in enumerate(life):
        found = outcomes(crowd.tell(bought(amount, id=f"A{number}"), who=who))
        assert (found["bonus"][0] > 0) is (number < most)
    assert crowd.shared["campaign/spring/times"] == min(most, len(life))


def test_that_is_used_up_says_how_much_there_was() -> None:
    crowd = crowd_with({"points": 20}, giving(id="bonus", points=15))
    crowd.tell(bought(1000, id="A1"))

    second = crowd.tell(bought(1000, id="A2"), who=1)

    [reason] = next(one for one in second.result.outcomes if one.rule == "bonus").reasons
    assert outcomes(second)["bonus"] == (5, 15)
    assert (reason.code, reason.required, reason.actual) == ("budget-points", 20, 15)


def test_that_pays_all_or_nothing_takes_the_multiplied_points_with_it() -> None:
    double = {"id": "double", "type": "product_bonus", "multiplier": "2", "scope": {}}
    crowd = crowd_with({"points": 15, "edge": "none"}, SPEND, double)

    decision = crowd.tell(bought(500))

    assert outcomes(decision) == {"base": (5, 5), "rich": (0, 15), "double": (0, 5)}
    assert codes(decision, "rich") == codes(decision, "double") == ["budget-points"]


def test_that_was_made_smaller_than_what_is_used_gives_nothing() -> None:
    crowd = crowd_with({"points": 20})
    crowd.shared["campaign/spring/points"] = 30

    assert outcomes(crowd.tell(bought(1000)))["rich"] == (0, 30)


@pytest.mark.parametrize("used", [0, 7, 10])
def test_is_explained_by_what_the_decision_saw(used: int) -> None:
    running = club({"id": "spring", "budget": {"points": 10}, "effects": [giving(id="bonus", points=5)]})
    made = event(bought(1000))

    decision = decide(running, member(), made, {"campaign/spring/points": used})
    explained = explain(running, member(), made, decision.seen)  # type: ignore[union-attr]

    assert decision.seen == {"campaign/spring/points": used}  # type: ignore[union-attr]
    assert [one for one in explained if one.desired_value] == list(decision.result.outcomes)  # type: ignore[union-attr]


def test_that_nobody_asks_about_is_not_seen() -> None:
    crowd = crowd_with({"points": 10}, giving(id="bonus", event="visited"))

    assert crowd.tell(bought(1000)).seen == {}
