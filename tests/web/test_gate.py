"""The front door."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from litestar import Litestar, get
from litestar.routes import HTTPRoute

from regulars.web import app as application
from regulars.web import logs
from regulars.web.desk import Call
from regulars.web.operations import Operation, declared, operation_of
from tests.web.calling import Api, purchase
from tests.web.conftest import StoppedClock


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Yield what is logged meanwhile."""
    file = io.StringIO()
    logs.configure(file=file)
    yield file
    structlog.reset_defaults()
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers = []
        logging.getLogger(name).propagate = True


@get("/broken", opt=declared(Operation(id="broken", tag="Pages", summary="Breaks", scope=None, listed=False)))
async def broken(request: Call) -> None:
    """Break in a way that nobody foresaw."""
    raise RuntimeError("ada@example.com is on line 7")


@get("/slow", opt=declared(Operation(id="slow", tag="Pages", summary="Is slow", scope=None, listed=False)))
async def slow(request: Call) -> None:
    """Take a while, by the clock of the test."""
    clock = request.app.state.desk.clock
    assert isinstance(clock, StoppedClock)
    clock.forward(seconds=3)


def test_every_route_says_who_may_call_it(app: Litestar) -> None:
    undeclared = [
        f"{sorted(handler.http_methods)} {route.path}"
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        if handler.http_methods != {"OPTIONS"} and operation_of(handler) is None
    ]

    assert undeclared == []


def test_only_pages_and_health_are_open_to_anybody(app: Litestar) -> None:
    operations = [operation for handler in application.HANDLERS if (operation := operation_of(handler))]

    open_to_all = {operation.tag for operation in operations if operation.scope is None}

    assert open_to_all == {"Health", "Pages"}


def test_everything_that_changes_something_needs_an_idempotency_key() -> None:
    harmless = {"find_member", "evaluate_event", "plan_programme"}
    for handler in application.HANDLERS:
        operation = operation_of(handler)
        assert operation is not None
        changes = bool(handler.http_methods - {"GET"}) and operation.id not in harmless
        assert operation.keyed is changes, operation.id


async def test_names_every_request(api: Api) -> None:
    ours, theirs = await api.get("/v1/programme"), await api.call("GET", "/v1/programme", x_request_id="order-0815")
    unsafe = await api.call("GET", "/v1/programme", x_request_id="a b")

    assert len(ours.headers["x-request-id"]) == 16
    assert theirs.headers["x-request-id"] == "order-0815"
    assert unsafe.headers["x-request-id"] != "a b"
    assert ours.headers["cache-control"] == "no-store"
    assert ours.headers["x-content-type-options"] == "nosniff"


async def test_answers_paths_that_lead_nowhere_with_problems(api: Api) -> None:
    nowhere, method = await api.get("/v1/nothing"), await api.call("DELETE", "/v1/programme")

    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "not-found")
    assert (method.status_code, method.json()["code"]) == (405, "method-not-allowed")
    assert method.json()["facts"] == {"method": "DELETE"}
    assert "GET" in method.headers["allow"]


async def test_takes_no_body_beyond_its_size(api: Api) -> None:
    large = purchase(data={"note": "x" * (1 << 20)})

    answer = await api.post("/v1/events", large)

    assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")
    assert answer.json()["detail"] == "At most 1,048,576 bytes are taken."


async def test_answers_in_the_callers_language(api: Api) -> None:
    french = await api.using(None).call("GET", "/v1/programme", accept_language="fr")

    assert french.json()["title"] == "Une clé d\u2019API est nécessaire"


async def test_counts_what_happened_by_route(api: Api) -> None:
    member = await api.member()
    await api.get(f"/v1/members/{member}")
    await api.get(f"/v1/members/mem_{'0' * 32}")

    figures = (await api.get("/metrics")).text

    route = 'method="GET",route="/v1/members/{member_id}"'
    assert f'regulars_requests_total{{{route},status="200"}} 1.0' in figures
    assert f'regulars_requests_total{{{route},status="404"}} 1.0' in figures
    assert member not in figures


class TestWhenSomethingBreaks:
    @pytest.fixture(autouse=True)
    def _routes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(application, "HANDLERS", (*application.HANDLERS, broken, slow))

    async def test_answers_with_a_problem_that_names_the_log_and_nothing_else(
        self, lines: io.StringIO, api: Api
    ) -> None:
        answer = await api.get("/broken")

        problem = answer.json()
        logged = [json.loads(line) for line in lines.getvalue().splitlines()]
        entry = next(line for line in logged if line["event"] == "request.broke")
        assert (answer.status_code, problem["code"]) == (500, "internal")
        assert "example.com" not in answer.text
        assert entry["id"] == problem["id"]
        assert entry["level"] == "error"
        assert entry["request_id"] == answer.headers["x-request-id"]
        assert entry["exception"][0]["exc_type"] == "RuntimeError"
        assert "locals" not in entry["exception"][0]["frames"][-1]
        assert 'regulars_failures_total{error="RuntimeError"} 1.0' in (await api.get("/metrics")).text

    async def test_logs_what_took_long_without_address_or_query(self, lines: io.StringIO, api: Api) -> None:
        await api.get("/slow?email=ada@example.com")

        (line,) = [json.loads(line) for line in lines.getvalue().splitlines()]
        assert (line["event"], line["operation"], line["seconds"]) == ("request.slow", "slow", 3.0)
        assert "example.com" not in lines.getvalue()

    async def test_logs_nothing_of_what_went_well(self, lines: io.StringIO, api: Api) -> None:
        await api.good("/v1/events", purchase())

        assert lines.getvalue() == ""


async def test_says_which_methods_a_path_takes(api: Api) -> None:
    answer = await api.call("OPTIONS", "/v1/programme")

    assert (answer.status_code, answer.headers["allow"]) == (204, "GET, OPTIONS, PUT")
