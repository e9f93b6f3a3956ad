"""Health: how the installation says that it is."""

from typing import Any, cast

import httpx2
import pytest
from litestar import Litestar

from regulars.actions.memory import Memory
from regulars.db.sealing import Keyring
from regulars.web.app import create_app
from tests.web.calling import Api, purchase
from tests.web.conftest import StoppedClock, started


async def test_is_alive_and_ready(api: Api) -> None:
    live, ready = await api.get("/health/live"), await api.get("/health/ready")

    assert (live.status_code, ready.status_code) == (200, 200)
    assert ready.json() == {"status": "ok"}


async def test_gives_its_figures(api: Api) -> None:
    await api.good("/v1/events/batch", {"events": [purchase("o1"), purchase("o2")]})

    answer = await api.get("/metrics")

    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "regulars_batch_events_sum 2.0" in answer.text
    assert 'regulars_database_connections{state="open"}' in answer.text
    assert "regulars_outbox_lag_seconds" in answer.text


class TestWithTheDatabaseDown:
    @pytest.fixture
    async def away(self, clock: StoppedClock) -> Litestar:
        memory = Memory("postgresql://nobody@127.0.0.1:1/nothing", Keyring(b"0123456789abcdef0123456789abcdef"))
        return create_app(memory, clock=clock)

    async def test_starts_and_says_that_it_is_not_ready(self, away: Litestar) -> None:
        async with started(away), _client(away) as http:
            live, ready = await http.get("/health/live"), await http.get("/health/ready")
            figures = await http.get("/metrics")

        assert live.status_code == 200
        assert (ready.status_code, ready.json()["code"]) == (503, "unavailable")
        assert ready.headers["retry-after"] == "2"
        assert figures.status_code == 200

    async def test_answers_calls_with_when_to_come_back(self, away: Litestar) -> None:
        async with started(away), _client(away) as http:
            answer = await http.get("/v1/programme", headers={"Authorization": "Bearer rk_1_2"})

        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert answer.headers["retry-after"] == "2"
        assert answer.json()["facts"] == {"wait": 2}


async def test_is_not_ready_any_more_once_it_stops(app: Litestar, api: Api) -> None:
    app.state.desk.open = False

    answer = await api.get("/health/ready")

    assert answer.status_code == 503


def _client(app: Litestar) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(app=cast("Any", app))
    return httpx2.AsyncClient(transport=transport, base_url="http://shop.example.com")


async def test_is_not_ready_before_the_schema_is_there(empty_database_url: str, clock: StoppedClock) -> None:
    app = create_app(Memory(empty_database_url, Keyring(b"0123456789abcdef0123456789abcdef")), clock=clock)
    async with started(app), _client(app) as http:
        ready = await http.get("/health/ready")
        call = await http.get("/v1/programme", headers={"Authorization": "Bearer rk_1_2"})

    assert (ready.status_code, call.status_code) == (503, 503)
