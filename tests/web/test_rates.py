"""Rates: how fast a key may call."""

from uuid import UUID

import pytest

from regulars.web.rates import Rates
from regulars.web.settings import WebSettings
from tests.web.calling import Api
from tests.web.conftest import StoppedClock

KEY, OTHER = UUID(int=1), UUID(int=2)


def test_allow_a_burst_then_a_steady_pace() -> None:
    rates = Rates(per_second=2, burst=3)

    burst = [rates.spend(KEY, elapsed=0.0).allowed for _ in range(4)]
    after_half_a_second = [rates.spend(KEY, elapsed=0.5).allowed for _ in range(2)]

    assert burst == [True, True, True, False]
    assert after_half_a_second == [True, False]


def test_say_what_is_left_and_how_long_to_wait() -> None:
    rates = Rates(per_second=0.5, burst=1)

    first, second = rates.spend(KEY, elapsed=0.0), rates.spend(KEY, elapsed=0.0)

    assert (first.remaining, first.wait_seconds) == (0, 0)
    assert (second.allowed, second.wait_seconds) == (False, 2)


def test_take_nothing_back_when_a_request_that_came_earlier_is_let_in_later() -> None:
    rates = Rates(per_second=2000, burst=4000)
    rates.spend(KEY, elapsed=5.0)

    waited_at_the_door = rates.spend(KEY, elapsed=1.0)
    next_one = rates.spend(KEY, elapsed=5.0)

    assert waited_at_the_door.remaining == 3998
    assert next_one.remaining == 3997


def test_never_save_up_more_than_a_burst() -> None:
    rates = Rates(per_second=1, burst=2)
    rates.spend(KEY, elapsed=0.0)

    allowed = [rates.spend(KEY, elapsed=1000.0).allowed for _ in range(3)]

    assert allowed == [True, True, False]


def test_count_each_key_by_itself() -> None:
    rates = Rates(per_second=1, burst=1)

    assert rates.spend(KEY, elapsed=0.0).allowed
    assert rates.spend(OTHER, elapsed=0.0).allowed


class TestOfTheApi:
    @pytest.fixture
    def settings(self) -> WebSettings:
        return WebSettings(requests_per_second=1, burst=2)

    async def test_are_told_in_headers_and_kept(self, api: Api, clock: StoppedClock) -> None:
        answers = [await api.get("/v1/programme") for _ in range(3)]
        clock.forward(seconds=1)
        later = await api.get("/v1/programme")

        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert [answer.headers["ratelimit"] for answer in answers] == [
            '"key";r=1;t=0',
            '"key";r=0;t=0',
            '"key";r=0;t=1',
        ]
        assert answers[0].headers["ratelimit-policy"] == '"key";q=2;w=2'
        assert answers[2].headers["retry-after"] == "1"
        assert answers[2].json()["code"] == "too-many-requests"
        assert later.status_code == 200
