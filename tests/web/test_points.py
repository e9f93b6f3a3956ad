"""The API, when points are moved by hand."""

from datetime import timedelta

import pytest

from tests.web.calling import Api, Json, purchase
from tests.web.conftest import NOON, StoppedClock


async def test_spends_what_is_there(api: Api) -> None:
    member = await api.member_with(300)

    spent = await api.good(f"/v1/members/{member}/spends", {"wallet": "points", "amount": 120})

    assert spent["balances"]["points"]["available"] == 180
    assert sum(part["points"] for part in spent["taken"]) == 120


async def test_refuses_to_spend_more_than_there_is_and_says_the_numbers(api: Api) -> None:
    member = await api.member_with(120)

    answer = await api.post(f"/v1/members/{member}/spends", {"wallet": "points", "amount": 200})

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (409, "insufficient-points")
    assert problem["detail"] == "Available: 120 points; needed: 200 points."
    assert (problem["facts"]["available"], problem["facts"]["needed"]) == (120, 200)
    assert await api.points(member) == 120


async def test_converts_only_where_the_programme_has_a_rate(api: Api) -> None:
    member = await api.member_with(300)

    answer = await api.post(f"/v1/members/{member}/conversions", {"wallet": "points", "amount": 100, "into": "stars"})

    assert (answer.status_code, answer.json()["code"]) == (409, "not-convertible")
    assert await api.points(member) == 300


async def test_refuses_alike_when_the_same_call_comes_again_although_it_would_do_by_then(api: Api) -> None:
    member = await api.member_with(10)
    path = f"/v1/members/{member}/spends"
    first = await api.post(path, {"wallet": "points", "amount": 50}, key="spend")
    await api.good(f"/v1/members/{member}/adjustments", {"wallet": "points", "amount": 90, "reason": "more"})

    second = await api.post(path, {"wallet": "points", "amount": 50}, key="spend")

    assert (second.status_code, second.content) == (first.status_code, first.content) == (409, first.content)
    assert await api.points(member) == 100


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"wallet": "miles", "amount": 1}, 422, "unknown-wallet"),
        ({"wallet": "stars", "amount": 1}, 409, "wallet-not-spendable"),
        ({"wallet": "points", "amount": 0}, 422, "invalid"),
        ({"wallet": "points", "amount": 1, "tip": 5}, 422, "invalid"),
    ],
)
async def test_refuses_a_spend_that_cannot_be(api: Api, body: Json, status: int, code: str) -> None:
    member = await api.member_with(10)

    answer = await api.post(f"/v1/members/{member}/spends", body)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_undoes_a_spend_once(api: Api) -> None:
    member = await api.member_with(100)
    spent = await api.good(f"/v1/members/{member}/spends", {"wallet": "points", "amount": 60})

    await api.good(f"/v1/spends/{spent['event']}/restore", {"member": member})
    again = await api.post(f"/v1/spends/{spent['event']}/restore", {"member": member})

    assert await api.points(member) == 100
    assert (again.status_code, again.json()["code"]) == (409, "spend-already-restored")
    assert again.json()["facts"] == {"spend": spent["event"]}


async def test_holds_then_captures_a_part_and_frees_the_rest(api: Api) -> None:
    member = await api.member_with(100)
    until = (NOON + timedelta(minutes=30)).isoformat()
    held = await api.good(f"/v1/members/{member}/holds", {"wallet": "points", "amount": 80, "expires_at": until})
    assert await api.points(member) == 20

    captured = await api.good(f"/v1/holds/{held['hold']}/capture", {"member": member, "amount": 50})
    again = await api.post(f"/v1/holds/{held['hold']}/release", {"member": member})

    assert captured["balances"]["points"] == {"available": 50, "pending": 0, "held": 0, "debt": 0}
    assert (again.status_code, again.json()["code"]) == (409, "hold-not-open")


async def test_lets_a_hold_lapse_by_itself(api: Api, clock: StoppedClock) -> None:
    member = await api.member_with(100)
    until = (NOON + timedelta(minutes=30)).isoformat()
    await api.good(f"/v1/members/{member}/holds", {"wallet": "points", "amount": 80, "expires_at": until})

    clock.forward(minutes=30)

    found = await api.read(f"/v1/members/{member}/balances")
    assert found["balances"]["points"]["available"] == 100
    assert found["holds"] == []


async def test_refuses_a_hold_that_would_be_over(api: Api) -> None:
    member = await api.member_with(100)

    over = await api.post(
        f"/v1/members/{member}/holds", {"wallet": "points", "amount": 1, "expires_at": NOON.isoformat()}
    )
    absurd = await api.post(
        f"/v1/members/{member}/holds", {"wallet": "points", "amount": 1, "expires_at": "0001-01-01T00:00:00+14:00"}
    )

    assert (over.status_code, over.json()["code"]) == (422, "hold-already-over")
    assert (absurd.status_code, absurd.json()["errors"][0]["path"]) == (422, "$.expires_at")


async def test_adjusts_up_and_down_but_never_below_nothing(api: Api) -> None:
    member = await api.member_with(100)
    path = f"/v1/members/{member}/adjustments"

    down = await api.good(path, {"wallet": "points", "amount": -40, "reason": "a mistake"})
    below = await api.post(path, {"wallet": "points", "amount": -61, "reason": "too much"})
    nothing = await api.post(path, {"wallet": "points", "amount": 0, "reason": "nothing"})

    assert down["balances"]["points"]["available"] == 60
    assert (below.status_code, below.json()["code"]) == (409, "insufficient-points")
    assert (nothing.status_code, nothing.json()["errors"][0]["path"]) == (422, "$.amount")


async def test_takes_points_from_who_transfers_them(api: Api) -> None:
    ada, bob = await api.member_with(100), await api.member("bob@example.com")

    sent = await api.good(f"/v1/members/{ada}/transfers", {"wallet": "points", "amount": 30, "to": bob})
    oneself = await api.post(f"/v1/members/{ada}/transfers", {"wallet": "points", "amount": 1, "to": ada})

    assert sent["balances"]["points"]["available"] == 70
    assert (oneself.status_code, oneself.json()["code"]) == (422, "transfer-to-oneself")


async def test_knows_nobody_by_an_id_that_was_never_given(api: Api) -> None:
    nobody = f"mem_{'0' * 32}"

    spend = await api.post(f"/v1/members/{nobody}/spends", {"wallet": "points", "amount": 1})
    malformed = await api.post("/v1/members/ada/spends", {"wallet": "points", "amount": 1})

    assert (spend.status_code, spend.json()["code"]) == (404, "unknown-member")
    assert (malformed.status_code, malformed.json()["code"]) == (404, "not-found")


async def test_takes_back_what_returned_lines_were_given(api: Api) -> None:
    bought = await api.good("/v1/events", purchase("order-9", 3000))
    path = "/v1/orders/order-9/returns"

    half = await api.good(path, {"source": "till", "source_id": "r1", "lines": [{"id": "1", "quantity_milli": 1000}]})
    rest = await api.good(path, {"source": "till", "source_id": "r2"})
    again = await api.good(path, {"source": "till", "source_id": "r2"})

    assert half["reversed"][0]["taken"] == 15
    assert rest["balances"]["points"]["available"] == 0
    assert again == rest
    assert rest["member"] == bought["member"]


async def test_refuses_a_return_that_nobody_can_place(api: Api) -> None:
    await api.good("/v1/events", purchase("order-9", 3000))

    unknown = await api.post("/v1/orders/order-0/returns", {})
    line = await api.post("/v1/orders/order-9/returns", {"lines": [{"id": "7"}]})
    more = await api.post("/v1/orders/order-9/returns", {"lines": [{"id": "1", "quantity_milli": 9000}]})

    assert (unknown.status_code, unknown.json()["code"]) == (404, "order-unknown")
    assert (line.status_code, line.json()["code"]) == (422, "unknown-line")
    assert (more.status_code, more.json()["code"]) == (409, "returned-more-than-bought")
    assert more.json()["detail"] == "Of line 1 there is 2 left to return."
