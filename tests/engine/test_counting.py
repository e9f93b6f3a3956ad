"""A counter …"""

from datetime import date

import pytest

from regulars.engine.counting import purchases_in, until_of


def test_of_purchases_is_named_after_the_channel() -> None:
    assert purchases_in("web") == "purchases@web"


@pytest.mark.parametrize(
    ("name", "until"),
    [
        ("welcome/times/day/2026-05-14", date(2026, 5, 15)),
        ("welcome/points/week/2026-05-11", date(2026, 5, 18)),
        ("welcome/times/month/2026-05-01", date(2026, 6, 1)),
        ("welcome/points/year/2026-01-01", date(2027, 1, 1)),
        ("stamps/visited/2026-05-14", date(2026, 5, 15)),
        ("welcome/times/ever", None),
        ("stamps/visits", None),
        ("points/carry", None),
        ("purchases", None),
        ("purchases@web", None),
        ("", None),
    ],
)
def test_is_asked_for_until_its_period_is_over(name: str, until: date | None) -> None:
    assert until_of(name) == until
