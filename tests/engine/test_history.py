"""What was counted of the last days …"""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from regulars.engine.conditions.arithmetic import MISSING
from regulars.engine.history import days_back, fields_in, reader
from tests.engine.campaigning import club
from tests.engine.campaigning import given as giving
from tests.engine.making import MONDAY_NOON, bought, event, member, running

TODAY = MONDAY_NOON.date()
NAMES = {
    "purchases.last_{}_days.count": "purchases",
    "purchases.last_{}_days.spend_minor": "spend_minor",
    "purchases_in.web.last_{}_days.count": "purchases@web",
    "earned.points.last_{}_days.points": "earned:points",
    "events.review.last_{}_days.count": "event:review",
}
counted = st.dictionaries(
    st.integers(-3, 400).map(lambda ago: TODAY - timedelta(days=ago)),
    st.dictionaries(st.sampled_from(sorted(NAMES.values())), st.integers(1, 50), max_size=3),
    max_size=30,
)


@given(counted, st.integers(1, 400), st.sampled_from(sorted(NAMES)))
def test_is_the_sum_of_the_day_itself_and_those_before_it(
    days: dict[date, dict[str, int]], span: int, pattern: str
) -> None:
    facts = running().facts(event(bought(100)), replace(member(), days=days))
    read = reader(pattern.format(span))
    assert read is not None

    window = [TODAY - timedelta(days=ago) for ago in range(span)]

    assert read(facts) == sum(days.get(day, {}).get(NAMES[pattern], 0) for day in window)


@given(counted, st.integers(1, 400))
def test_is_missing_where_nothing_was_bought(days: dict[date, dict[str, int]], span: int) -> None:
    facts = running().facts(event(bought(100)), replace(member(), days=days))
    read = reader(f"purchases.last_{span}_days.days_since")
    assert read is not None

    bought_ago = [ago for ago in range(span) if days.get(TODAY - timedelta(days=ago), {}).get("purchases")]

    assert read(facts) == (min(bought_ago) if bought_ago else MISSING)


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("purchases.last_90_days.count > 2 && purchases.last_90_days.count < 9", ["purchases.last_90_days.count"]),
        ("earned.points.last_7_days.points > 0", ["earned.points.last_7_days.points"]),
        ("my.purchases.last_90_days.count > 2", []),
        ("purchases.last_90_days.counted > 2", []),
        ("purchases.last_0_days.count > 2", []),
        ("purchases.last_9999_days.count > 2", []),
        ("earned.points.last_7_days.count > 0", []),
        ("events.review.last_7_days.points > 0", []),
        ("'purchases.last_5_days.count' == event.shop", ["purchases.last_5_days.count"]),
    ],
)
def test_is_found_in_the_text_of_a_condition(text: str, fields: list[str]) -> None:
    assert [field.name for field in fields_in(text)] == fields


def test_is_loaded_as_far_back_as_anything_asks() -> None:
    campaigns: list[dict[str, Any]] = [
        {"id": "lapsed", "audience": {"lapsed_for_days": 60}, "effects": [giving(id="a")]},
        {"id": "asks", "when": "purchases.last_45_days.count > 0", "effects": [giving(id="b")]},
    ]
    segments = {"old": {"when": "purchases.last_90_days.days_since > 30", "announce": True}}

    assert club(*campaigns).days_back == 60
    assert club(*campaigns, segments=segments).days_back == 90
    assert club().days_back == 0
    assert days_back([]) == 0
