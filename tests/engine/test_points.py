"""Burning …"""

from datetime import timedelta
from uuid import UUID

import pytest

from regulars.engine.points import Lot, soonest_to_expire_first, take
from tests.engine.making import ALICE, MONDAY_NOON, days


def _lot(number: int, amount: int, *, earned: float = 0, expires: float | None = None, held: int = 0) -> Lot:
    return Lot(
        id=UUID(int=number),
        origin_id=UUID(int=number),
        event_id=ALICE,
        wallet="points",
        amount=amount,
        remaining=amount,
        held=held,
        earned_at=MONDAY_NOON + days(earned),
        available_at=MONDAY_NOON + days(earned),
        expires_at=None if expires is None else MONDAY_NOON + days(expires),
    )


def _order(*lots: Lot, active_until: float | None = None) -> list[int]:
    until = None if active_until is None else MONDAY_NOON + timedelta(days=active_until)
    return [lot.id.int for lot in soonest_to_expire_first(lots, active_until=until)]


def test_burning_takes_the_soonest_to_expire_first() -> None:
    assert _order(_lot(1, 10, expires=30), _lot(2, 10), _lot(3, 10, expires=7)) == [3, 1, 2]


def test_burning_takes_the_oldest_first_of_those_that_expire_together() -> None:
    assert _order(_lot(1, 10, earned=2, expires=7), _lot(2, 10, earned=1, expires=7)) == [2, 1]
    assert _order(_lot(1, 10, earned=2), _lot(2, 10, earned=1), _lot(3, 10, earned=1)) == [2, 3, 1]


def test_burning_goes_by_the_members_activity_where_lots_have_no_date() -> None:
    gift = _lot(1, 10, expires=30)
    own = _lot(2, 10)

    assert _order(gift, own) == [1, 2]
    assert _order(gift, own, active_until=29) == [2, 1]
    assert _order(gift, own, active_until=31) == [1, 2]


@pytest.mark.parametrize(
    ("amount", "parts"),
    [
        (0, []),
        (-5, []),
        (1, [(1, 1)]),
        (30, [(1, 30)]),
        (31, [(1, 30), (3, 1)]),
        (45, [(1, 30), (3, 15)]),
        (99, [(1, 30), (3, 20)]),
    ],
)
def test_burning_takes_what_is_free_in_the_given_order(amount: int, parts: list[tuple[int, int]]) -> None:
    lots = [_lot(1, 30), _lot(2, 10, held=10), _lot(3, 25, held=5)]

    assert [(taken.lot.id.int, taken.amount) for taken in take(lots, amount)] == parts
