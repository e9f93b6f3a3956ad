"""Dividing and sharing out …"""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.engine.numbers import Rounding, divide, split

ROUNDINGS: list[Rounding] = ["floor", "ceiling", "half_up", "half_even"]


@pytest.mark.parametrize(
    ("tenths", "floor", "ceiling", "half_up", "half_even"),
    [
        (20, 2, 2, 2, 2),
        (21, 2, 3, 2, 2),
        (25, 2, 3, 3, 2),
        (26, 2, 3, 3, 3),
        (35, 3, 4, 4, 4),
        (-25, -3, -2, -3, -2),
        (-35, -4, -3, -4, -4),
        (-21, -3, -2, -2, -2),
        (0, 0, 0, 0, 0),
    ],
)
def test_dividing_rounds_as_its_name_says(tenths: int, floor: int, ceiling: int, half_up: int, half_even: int) -> None:
    assert [divide(tenths, 10, rounding) for rounding in ROUNDINGS] == [floor, ceiling, half_up, half_even]
    assert [divide(-tenths, -10, rounding) for rounding in ROUNDINGS] == [floor, ceiling, half_up, half_even]


@given(st.integers(-(10**20), 10**20), st.integers(1, 10**12), st.sampled_from(ROUNDINGS))
def test_dividing_is_less_than_one_away_and_exact_where_it_can_be(a: int, b: int, rounding: Rounding) -> None:
    result = divide(a, b, rounding)

    distance = abs(Fraction(a, b) - result)
    assert distance < 1
    assert distance <= Fraction(1, 2) or rounding in ("floor", "ceiling")
    assert a % b or distance == 0


def test_dividing_by_nothing_is_an_error() -> None:
    with pytest.raises(ZeroDivisionError):
        divide(1, 0, "floor")


@pytest.mark.parametrize(
    ("total", "weights", "shares"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (200, [1500, 500], [150, 50]),
        (10, [1, 0, 2], [3, 0, 7]),
        (-100, [1, 1, 1], [-34, -33, -33]),
        (5, [0, 0], [5, 0]),
        (0, [3, 4], [0, 0]),
        (7, [], []),
    ],
)
def test_sharing_out_gives_the_units_that_are_left_to_the_largest_remainders(
    total: int, weights: list[int], shares: list[int]
) -> None:
    assert split(total, weights) == shares


@given(st.integers(-(10**15), 10**15), st.lists(st.integers(0, 10**12), min_size=1, max_size=12))
def test_sharing_out_loses_nothing_and_is_fair_to_the_unit(total: int, weights: list[int]) -> None:
    shares = split(total, weights)

    assert sum(shares) == total
    for share, weight in zip(shares, weights, strict=True):
        if any(weights):
            assert abs(share - Fraction(total * weight, sum(weights))) < 1
