"""A campaign …"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from regulars.engine.decide import Decision, begin, decide
from regulars.engine.explain import explain
from regulars.engine.facts import Facts
from regulars.engine.members import MemberState
from tests.engine.campaigning import BASE, Crowd, club, codes, outcomes
from tests.engine.campaigning import given as giving
from tests.engine.making import ALICE, MONDAY_NOON, bought, days, did, event, gave_back, line, member

CHANNELS = ["web", "shop", "app"]
SHOPS = {"a": {"region": "north"}, "b": {"region": "south", "partner": "baker"}, "c": {}}
instants = st.integers(-10, 10).map(lambda hours: MONDAY_NOON + timedelta(hours=hours))


@st.composite
def campaigns(draw: st.DrawFn, number: int) -> dict[str, Any]:
    """Draw a campaign of one or two rules, each restricted in some ways or in none."""
    one: dict[str, Any] = {"id": f"c{number}", "priority": draw(st.integers(-1, 1))}
    one |= {} if draw(st.booleans()) else {"group": draw(st.sampled_from(["all", "best", "first", "lines", "alone"]))}
    one |= draw(windows())
    for field, values in (("channels", CHANNELS), ("shops", [*SHOPS]), ("regions", ["north", "south"])):
        if draw(st.integers(0, 3)) == 0:
            one[field] = [draw(st.sampled_from(values))]
    if draw(st.integers(0, 3)) == 0:
        one["audience"] = draw(
            st.sampled_from(
                [
                    {"attributes": {"vip": [True]}},
                    {"segments": ["known"]},
                    {"rollout_percent": 50},
                    {"new_within_days": 200},
                    {"lapsed_for_days": 3},
                ]
            )
        )
    if draw(st.integers(0, 2)) == 0:
        one["when"] = draw(
            st.sampled_from(["order.total_minor > 1500", "'known' in member.segments", "local.hour < 12"])
        )
    if draw(st.booleans()):
        one["limits"] = [{"per": "day", draw(st.sampled_from(["times", "points"])): draw(st.integers(1, 30))}]
    if draw(st.booleans()):
        edge = draw(st.sampled_from(["partial", "none"]))
        one["budget"] = {
            draw(st.sampled_from(["times", "points", "amount_minor"])): draw(st.integers(1, 60)),
            "edge": edge,
        }
    one["effects"] = [draw(effects(f"r{number}_{place}")) for place in range(draw(st.integers(1, 2)))]
    return one


@st.composite
def windows(draw: st.DrawFn) -> dict[str, str]:
    starts_at, ends_at = sorted(draw(st.lists(instants, min_size=2, max_size=2, unique=True)))
    window = {"starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat()}
    return {name: window[name] for name in draw(st.sets(st.sampled_from([*window])))}


@st.composite
def effects(draw: st.DrawFn, id: str) -> dict[str, Any]:
    rule: dict[str, Any] = draw(
        st.sampled_from(
            [
                {"type": "action", "event": "purchase", "points": 7},
                {"type": "spend", "points": 2, "per_minor": 300},
                {"type": "product_bonus", "multiplier": "2", "scope": {}},
                {"type": "product_bonus", "points_per_unit": 4, "scope": {"products": ["product-1"]}},
                {"type": "per_line", "points": 3, "scope": {"tags": ["new"]}},
                {"type": "steps", "steps": [{"from_minor": 1000, "points": 5}]},
            ]
        )
    )
    window = draw(windows()) if draw(st.integers(0, 3)) == 0 else {}
    return {"id": id, **rule, **window}


@st.composite
def programmes(draw: st.DrawFn) -> dict[str, Any]:
    modes = {"all": "all", "best": "best", "first": "first", "alone": "exclusive"}
    groups: dict[str, Any] = {name: {"mode": mode} for name, mode in modes.items()}
    groups["lines"] = {"mode": "best", "scope": "line"}
    return {
        "campaigns": [draw(campaigns(number)) for number in range(draw(st.integers(1, 6)))],
        "groups": groups,
        "segments": {"known": {"when": "member.purchases_count > 0 || purchases.last_9_days.count > 0"}},
        "shops": SHOPS,
        "partners": {"baker": {}},
        "channels": {name: {} for name in CHANNELS},
        "wallets": {"points": {"worth": {"points": 3, "amount_minor": 2}}},
        "policies": {"late_events": {"window_days": None}},
    }


@st.composite
def lives(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Draw purchases of three members, some of them late."""
    tags = st.sampled_from([(), ("new",)])
    lines = st.lists(st.tuples(st.integers(1, 3000), tags), min_size=1, max_size=3)
    return [
        {
            "who": draw(st.integers(0, 2)),
            "at": draw(instants),
            "channel": draw(st.sampled_from([*CHANNELS, "phone"])),
            "shop": draw(st.sampled_from(["", *SHOPS])),
            "lines": [line(str(n), amount, tags=tag) for n, (amount, tag) in enumerate(draw(lines), 1)],
        }
        for _ in range(draw(st.integers(1, 8)))
    ]


@given(programmes(), lives())
def test_counts_exactly_where_nothing_stops_it_and_is_explained_to_the_point(
    programme: dict[str, Any], life: list[dict[str, Any]]
) -> None:
    """The index, the tests in generated code and the explanation are three readings of the same campaigns."""
    crowd = Crowd(club(*programme.pop("campaigns"), **programme))
    for number, told in enumerate(life):
        who, lines = told.pop("who"), told.pop("lines")
        before = crowd.states.get(who)
        decision = crowd.tell(bought(*lines, id=f"A{number}"), who=who, **told)
        made = event(bought(*lines, id=f"A{number}"), told["at"], number=number + 1, member_id=decision.after.member_id,
                     channel=told["channel"], shop=told["shop"])  # fmt: skip
        state = before or member(decision.after.member_id)

        explained = explain(crowd.running, state, made, decision.seen)
        facts = crowd.running.facts(made, begin(state, made).state())
        matching = {rule.id for rule in crowd.running.matching(facts)}

        assert [one for one in explained if one.applied or one.desired_value] == list(decision.result.outcomes)
        assert all(one.reasons or one.applied for one in explained)
        assert {one.rule for one in explained if one.desired_value} <= matching
        assert all(used <= crowd.most[name] for name, used in crowd.shared.items())
        _assert_groups(crowd, decision)


def _assert_groups(crowd: Crowd, decision: Decision) -> None:
    """Assert that of rivals one gave, and of an exclusive group's winner nobody beside it."""
    gave = {
        crowd.running.campaign_of[one.rule].id for one in decision.result.outcomes if one.applied and one.rule != "base"
    }
    groups = [crowd.running.campaigns[id].group for id in gave]
    assert groups.count("best") <= 1
    assert groups.count("first") <= 1
    assert "alone" not in groups or len(gave) == 1


@given(programmes(), lives())
def test_decides_the_same_with_no_more_days_than_the_programme_asks_for(
    programme: dict[str, Any], life: list[dict[str, Any]]
) -> None:
    running = club(*programme.pop("campaigns"), **programme)
    state = member()
    for number, told in enumerate(life):
        made = event(bought(*told["lines"], id=f"A{number}"), told["at"], number=number, channel=told["channel"])
        first = (told["at"] - timedelta(days=running.days_back)).date()
        loaded = {day: counted for day, counted in state.days.items() if day > first}
        whole = decide(running, state, made)
        part = decide(running, replace(state, days=loaded), made)

        assert isinstance(whole, Decision)
        assert isinstance(part, Decision)
        assert whole.effects == part.effects
        state = whole.after


def test_of_a_return_goes_back_whether_or_not_it_still_runs() -> None:
    double = {"id": "double", "type": "product_bonus", "multiplier": "3", "scope": {}}
    crowd = Crowd(club({"id": "spring", "ends_at": MONDAY_NOON + days(1), "effects": [double]}))
    crowd.tell(bought(1000, 2000))

    crowd.tell(gave_back(line_1=1000), at=MONDAY_NOON + days(3))

    assert crowd.states[0].balance("points", MONDAY_NOON + days(3)).available == 60


def test_is_asked_once_for_all_its_rules() -> None:
    class Seen(Facts):
        asked = 0

        @property
        def member_hash(self) -> int:
            type(self).asked += 1
            return 0

    some = {"audience": {"rollout_percent": 50}}
    running = club({"id": "two", **some, "effects": [giving(id="a"), giving(id="b")]})
    facts = Seen(event(bought(100)), member(), running.policies, "UTC", running.watched)

    assert [rule.id for rule in running.matching(facts)] == ["base", "a", "b"]
    assert Seen.asked == 1


@pytest.mark.parametrize(
    ("hours", "found"),
    [(-1, set()), (0, {"a"}), (1, {"a", "b"}), (2, {"b"}), (3, set())],
)
def test_is_in_force_from_its_first_instant_until_the_one_at_which_it_is_over(hours: int, found: set[str]) -> None:
    def window(first: int, last: int) -> dict[str, Any]:
        return {"starts_at": MONDAY_NOON + timedelta(hours=first), "ends_at": MONDAY_NOON + timedelta(hours=last)}

    crowd = Crowd(
        club(
            {"id": "one", **window(0, 2), "effects": [giving(id="a")]},
            {"id": "two", "effects": [giving(id="b", **window(1, 3))]},
        )
    )

    decision = crowd.tell(bought(50), at=MONDAY_NOON + timedelta(hours=hours))

    assert set(outcomes(decision)) == found


def test_sets_an_attribute_for_what_comes_after() -> None:
    noting = {"id": "note", "type": "set_attribute", "attribute": "vip", "value": True}
    crowd = Crowd(
        club(
            {"id": "notes", "effects": [noting]},
            {"id": "vips", "audience": {"attributes": {"vip": [True]}}, "effects": [giving(id="more")]},
        )
    )

    first, second = crowd.tell(bought(100, id="A1")), crowd.tell(bought(100, id="A2"))

    assert first.after.attributes == {"vip": True}
    assert [one.attributes for one in first.result.outcomes if one.rule == "note"] == [{"vip": True}]
    assert "more" not in outcomes(first)
    assert outcomes(second)["more"] == (10, 10)
    assert "note" not in outcomes(second)


def test_of_a_day_counts_its_limit_on_the_clock_of_the_event() -> None:
    crowd = Crowd(
        club(
            {"id": "daily", "limits": [{"per": "day", "times": 1}], "effects": [giving(id="gift", event="visited")]},
            timezone="Asia/Tokyo",
        )
    )
    late = datetime(2026, 5, 4, 14, 59, tzinfo=UTC)

    found = [outcomes(crowd.tell(did(), type="visited", at=late + timedelta(minutes=minutes))) for minutes in (0, 0, 1)]

    assert found == [{"gift": (10, 10)}, {"gift": (0, 10)}, {"gift": (10, 10)}]


def test_that_tells_of_a_limit_names_the_campaigns_and_not_the_rules() -> None:
    crowd = Crowd(club({"id": "daily", "limits": [{"per": "day", "points": 15}], "effects": [giving(id="gift")]}))
    crowd.tell(bought(100, id="A1"))

    assert codes(crowd.tell(bought(100, id="A2")), "gift") == ["campaign-points"]


def test_puts_its_rules_into_one_order_with_the_others() -> None:
    double = {"id": "double", "type": "product_bonus", "multiplier": "2", "scope": {}}
    running = club(
        {"id": "low", "priority": -1, "effects": [giving(id="l")]},
        {"id": "even", "effects": [double, giving(id="e")]},
        {"id": "high", "priority": 5, "effects": [giving(id="h")]},
        rules=[BASE, giving(id="last")],
    )

    assert [rule.id for rule in running.rules] == ["h", "base", "last", "e", "l", "double"]


def test_of_which_a_rule_gives_a_reward_that_is_gone_says_so() -> None:
    rewards = [{"id": "coffee", "type": "free_product", "scope": {"products": ["coffee"]}, "price": 5, "stock": 1}]
    giving_one = {"id": "give", "type": "issue_reward", "reward": "coffee"}
    crowd = Crowd(club({"id": "one", "effects": [giving_one]}, rewards=rewards))

    first, second = crowd.tell(bought(100, id="A1")), crowd.tell(bought(100, id="A2"), who=1)

    assert [one.rewards for one in first.result.outcomes if one.rule == "give"] == [("coffee",)]
    assert len(first.after.vouchers) == 1
    assert not second.after.vouchers
    explained = explain(crowd.running, member(second.after.member_id), event(bought(100, id="A2")), second.seen)
    assert [one.reasons[0].code for one in explained if one.rule == "give"] == ["out-of-stock"]


def test_is_one_of_many_that_may_give_in_one_event() -> None:
    many = [{"id": f"c{n}", "effects": [giving(id=f"r{n}", points=n + 1)]} for n in range(40)]

    decision = Crowd(club(*many)).tell(bought(1000))

    assert sum(value for value, _ in outcomes(decision).values()) == 10 + sum(range(1, 41))


def test_of_nobody_in_particular_welcomes_a_stranger() -> None:
    running = club({"id": "all", "effects": [giving(id="gift")]})

    decision = decide(running, MemberState(member_id=ALICE), event(bought(100)))

    assert isinstance(decision, Decision)
    assert outcomes(decision)["gift"] == (10, 10)
