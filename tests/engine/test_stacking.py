"""Campaigns of a group …"""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.engine.campaigning import Crowd, carts, club, outcomes
from tests.engine.campaigning import given as giving
from tests.engine.making import bought, line

spends = st.lists(st.tuples(st.integers(1, 6), st.sampled_from([90, 100, 250])), min_size=1, max_size=4)


def rivals(spends: list[tuple[int, int]], **more: Any) -> list[dict[str, Any]]:
    """Make campaigns of one group, each with a rate of its own."""
    return [
        {
            "id": f"c{n}",
            "group": "g",
            "effects": [{"id": f"r{n}", "type": "spend", "points": p, "per_minor": m}],
            **more,
        }
        for n, (p, m) in enumerate(spends)
    ]


def given_by(campaigns: list[dict[str, Any]], cart: list[int], **group: str) -> dict[str, int]:
    """Return what the rules of campaigns give for an order, those that would have given something."""
    crowd = Crowd(club(*campaigns, groups={"g": group}))
    decision = crowd.tell(bought(*[line(str(n), amount) for n, amount in enumerate(cart)]))
    return {rule: value for rule, (value, _) in outcomes(decision).items() if rule != "base"}


def alone(campaigns: list[dict[str, Any]], cart: list[int]) -> dict[str, int]:
    return {rule: value for one in campaigns for rule, value in given_by([one], cart, mode="all").items()}


@given(spends, carts)
def test_all_count_as_if_each_were_alone(spends: list[tuple[int, int]], cart: list[int]) -> None:
    campaigns = rivals(spends)

    assert given_by(campaigns, cart, mode="all") == alone(campaigns, cart)


@given(spends, carts)
def test_the_best_counts_alone(spends: list[tuple[int, int]], cart: list[int]) -> None:
    campaigns = rivals(spends)
    single = alone(campaigns, cart)

    found = given_by(campaigns, cart, mode="best")

    best = max(single, key=single.__getitem__, default=None)
    assert found == {rule: value if rule == best else 0 for rule, value in single.items()}


@given(spends, carts, st.data())
def test_the_first_counts_by_priority_and_then_by_the_order_of_the_document(
    spends: list[tuple[int, int]], cart: list[int], data: st.DataObject
) -> None:
    campaigns = rivals(spends)
    for one in campaigns:
        one["priority"] = data.draw(st.integers(-2, 2))
    single = alone(campaigns, cart)

    found = given_by(campaigns, cart, mode="first")

    order = sorted(campaigns, key=lambda one: -one["priority"])
    first = next((one["effects"][0]["id"] for one in order if one["effects"][0]["id"] in single), None)
    assert {rule for rule, value in found.items() if value} == ({first} if first else set())


@given(spends, carts, st.permutations(range(4)))
def test_of_different_priorities_come_in_the_same_order_wherever_they_stand(
    spends: list[tuple[int, int]], cart: list[int], places: list[int]
) -> None:
    campaigns = [{**one, "priority": number} for number, one in enumerate(rivals(spends))]
    moved = [campaigns[place] for place in places if place < len(campaigns)]

    assert given_by(campaigns, cart, mode="first") == given_by(moved, cart, mode="first")


@given(spends, carts)
def test_the_best_by_line_is_never_less_than_the_best_of_the_cart(
    spends: list[tuple[int, int]], cart: list[int]
) -> None:
    campaigns = rivals(spends)
    cart_wide = given_by(campaigns, cart, mode="best")
    by_line = given_by(campaigns, cart, mode="best", scope="line")

    assert sum(by_line.values()) >= sum(cart_wide.values())
    assert sum(by_line.values()) <= sum(alone(campaigns, cart).values())


def test_compare_by_line_and_each_keeps_the_lines_that_it_wins() -> None:
    a_piece = {"id": "piece", "type": "product_bonus", "points_per_unit": 10, "scope": {}}
    campaigns = [*rivals([(2, 100)]), {"id": "pieces", "group": "g", "effects": [a_piece]}]
    decision = Crowd(club(*campaigns, groups={"g": {"mode": "best", "scope": "line"}})).tell(
        bought(line("1", 300), line("2", 900), line("3", 500))
    )

    [rate] = [award.lines for award in decision.result.awards if award.rule == "r0"]
    [piece] = [award.lines for award in decision.result.awards if award.rule == "piece"]

    # Of equal offers, ten points each on the third line, the first in the document counts.
    assert rate == {"2": 18, "3": 10}
    assert piece == {"1": 10}
    assert outcomes(decision) == {"base": (17, 17), "r0": (28, 34), "piece": (10, 30)}


def test_that_are_exclusive_leave_the_rules_outside_campaigns_alone() -> None:
    other = {"id": "other", "effects": [giving(id="more")]}
    crowd = Crowd(club(other, *rivals([(2, 100)]), groups={"g": {"mode": "exclusive"}}))

    assert outcomes(crowd.tell(bought(1000))) == {"base": (10, 10), "more": (0, 10), "r0": (20, 20)}


def test_that_are_exclusive_and_have_nothing_to_give_exclude_nobody() -> None:
    other = {"id": "other", "effects": [giving(id="more")]}
    limited = rivals([(2, 100)], limits=[{"per": "ever", "times": 1}])
    crowd = Crowd(club(other, *limited, groups={"g": {"mode": "exclusive"}}))
    crowd.tell(bought(1000, id="A1"))

    assert outcomes(crowd.tell(bought(1000, id="A2"))) == {"base": (10, 10), "more": (10, 10), "r0": (0, 20)}


def test_are_compared_by_worth_where_they_give_in_several_wallets() -> None:
    wallets = {
        "points": {"worth": {"points": 100, "amount_minor": 100}},
        "stamps": {"worth": {"points": 1, "amount_minor": 50}},
    }
    campaigns = [
        {"id": "many", "group": "g", "effects": [giving(id="forty", points=40)]},
        {"id": "few", "group": "g", "effects": [giving(id="stamp", points=1, wallet="stamps")]},
    ]
    crowd = Crowd(club(*campaigns, groups={"g": {"mode": "best"}}, wallets=wallets))

    assert outcomes(crowd.tell(bought(1000))) == {"base": (10, 10), "forty": (0, 40), "stamp": (1, 1)}


def test_that_lose_count_nothing_towards_their_limits() -> None:
    limited = {
        "id": "limited",
        "group": "g",
        "limits": [{"per": "ever", "times": 1}],
        "effects": [giving(id="small", points=2)],
    }
    crowd = Crowd(
        club(
            limited,
            {"id": "big", "group": "g", "effects": [giving(id="large", points=9)]},
            groups={"g": {"mode": "best"}},
        )
    )

    decision = crowd.tell(bought(1000))

    assert outcomes(decision)["small"] == (0, 2)
    assert not [name for name in decision.after.counters if name.startswith("campaign/")]
