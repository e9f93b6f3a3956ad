"""The API, when an event is told."""

import asyncio
from typing import Any

import pytest

from tests.web.calling import Api, purchase


async def test_answers_the_decision_with_the_new_balance(api: Api) -> None:
    answer = await api.post("/v1/events", purchase(amount_minor=1050))

    assert answer.status_code == 200
    found = answer.json()
    assert found["balances"]["points"]["available"] == 60
    assert {award["rule"]: award["value"] for award in found["awards"]} == {"base": 10, "welcome": 50}
    assert found["decision"].removeprefix("dec_") == found["event"].removeprefix("evt_")
    assert answer.headers["content-type"] == "application/json"


async def test_repeats_the_answer_to_the_letter_under_the_same_key(api: Api) -> None:
    first = await api.post("/v1/events", purchase(), key="once")
    second = await api.post("/v1/events", purchase(), key="once")

    assert (second.status_code, second.content) == (first.status_code, first.content)
    assert "idempotent-replayed" not in first.headers
    assert second.headers["idempotent-replayed"] == "true"


async def test_takes_no_notice_of_how_the_same_body_is_spaced_and_ordered(api: Api) -> None:
    body = purchase()
    reordered = dict(reversed(list(body.items())))
    first = await api.post("/v1/events", body, key="once")

    second = await api.post("/v1/events", reordered, key="once")

    assert second.content == first.content


async def test_counts_an_event_once_whatever_the_keys(api: Api) -> None:
    first = await api.post("/v1/events", purchase(), key="one")
    second = await api.post("/v1/events", purchase(), key="two")

    assert second.content == first.content
    assert await api.points(first.json()["member"]) == 60


async def test_refuses_a_key_that_comes_with_something_else(api: Api) -> None:
    await api.post("/v1/events", purchase("order-1"), key="once")

    answer = await api.post("/v1/events", purchase("order-2"), key="once")

    assert answer.status_code == 422
    assert answer.json()["code"] == "idempotency-key-reused"


async def test_refuses_a_key_that_was_answered_with_what_another_had_recorded(api: Api) -> None:
    await api.post("/v1/events", purchase("order-1"), key="one")
    repeated = await api.post("/v1/events", purchase("order-1"), key="two")
    by_another_source = await api.post("/v1/events", purchase("order-1", source="webshop"), key="three")

    answers = [await api.post("/v1/events", purchase("order-2"), key=key) for key in ("two", "three")]
    again = await api.post("/v1/events", purchase("order-1", source="webshop"), key="three")

    assert [answer.json()["code"] for answer in answers] == ["idempotency-key-reused"] * 2
    assert again.content == by_another_source.content == repeated.content
    assert again.headers["idempotent-replayed"] == "true"


async def test_counts_once_when_the_same_call_comes_many_times_at_once(api: Api) -> None:
    answers = await asyncio.gather(*(api.post("/v1/events", purchase(), key="once") for _ in range(20)))

    assert {answer.content for answer in answers} == {answers[0].content}
    assert {answer.status_code for answer in answers} == {200}
    assert await api.points(answers[0].json()["member"]) == 60


async def test_says_what_is_wrong_with_the_form_and_where(api: Api) -> None:
    body = purchase()
    body["order"]["lines"][0]["amount_minor"] = "ten"

    answer = await api.post("/v1/events", body)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"] == [
        {"message": "Expected `int`, got `str`", "path": "$.order.lines[0].amount_minor"}
    ]


async def test_tells_broken_json_from_json_of_another_form(api: Api) -> None:
    broken = await api.call("POST", "/v1/events", content=b'{"type": ', key="k", content_type="application/json")
    nul = await api.post("/v1/events", purchase(source="a\x00b"))
    form = await api.call("POST", "/v1/events", content=b"a=b", key="k", content_type="text/plain")

    assert (broken.status_code, broken.json()["code"]) == (400, "malformed-json")
    assert (nul.status_code, nul.json()["code"]) == (422, "invalid")
    assert (form.status_code, form.json()["code"]) == (415, "media-type-unsupported")


NUL = "\x00"
RESERVED = "the line id $shipping begins with $, which is reserved; give the line another id"


@pytest.mark.parametrize(
    "path",
    ["/v1/orders/a%00b/returns", "/v1/events", "/v1/members", "/v1/members/{ada}/adjustments", "/v1/evaluate"],
)
async def test_takes_no_nul_in_any_text(api: Api, path: str) -> None:
    bodies: dict[str, Any] = {
        "/v1/orders/a%00b/returns": {},
        "/v1/events": purchase(order={"id": NUL, "currency": "EUR", "lines": purchase()["order"]["lines"]}),
        "/v1/members": {"external_id": f"a{NUL}"},
        "/v1/members/{ada}/adjustments": {"wallet": "points", "amount": 1, "reason": NUL},
        "/v1/evaluate": purchase(channel=NUL),
    }
    ada = await api.member()

    answer = await api.post(path.format(ada=ada), bodies[path])

    assert answer.status_code in (400, 422), answer.text


async def test_takes_no_line_that_is_called_as_what_is_no_line(api: Api) -> None:
    shipping = purchase(order={"id": "1", "currency": "EUR", "lines": [{"id": "$shipping", "product": "x",
                                                                        "amount_minor": 1}]})  # fmt: skip
    back = {"lines": [{"id": "$shipping", "quantity_milli": 1000}]}

    told = await api.post("/v1/events", shipping)
    returned = await api.post("/v1/orders/unknown/returns", back)
    listed = await api.good("/v1/events/batch", {"events": [shipping]})

    assert (told.status_code, told.json()["code"]) == (422, "malformed")
    assert told.json()["facts"] == {"problem": RESERVED}
    assert (returned.status_code, returned.json()["errors"]) == (422, [{"message": RESERVED, "path": "$"}])
    assert listed["results"][0]["problem"]["facts"] == {"problem": RESERVED}


async def test_refuses_what_a_rule_forbids_with_the_numbers(api: Api) -> None:
    late = purchase(order={"id": "1", "currency": "USD", "lines": purchase()["order"]["lines"]})

    answer = await api.post("/v1/events", late)

    assert answer.status_code == 422
    assert answer.json()["code"] == "currency-mismatch"
    assert answer.json()["facts"] == {"order": "USD", "programme": "EUR"}


async def test_counts_a_receipt_once_for_the_member_who_sent_it_in_first(api: Api) -> None:
    printed = {"shop": "lyon", "till": "3", "number": "0042", "date": "2026-06-01", "total_minor": 1000}
    sent = {
        "type": "receipt", "source": "app", "source_id": "1", "occurred_at": "2026-06-01T09:00:00Z",
        "receipt": printed | {"currency": "EUR"},
    }  # fmt: skip
    ada = await api.member()
    first = await api.good("/v1/events", sent | {"member": {"id": ada}})
    again = await api.good("/v1/events", sent | {"member": {"id": ada}, "source_id": "2"})
    other = await api.post("/v1/events", sent | {"member": {"email": "bea@example.com"}, "source_id": "3"})
    returned = {"type": "return", "source": "till", "source_id": "4", "return": {"receipt": printed}}

    assert await api.points(ada) == 60
    assert again == first
    assert (other.status_code, other.json()["code"]) == (409, "order-of-another-member")
    await api.good("/v1/events", returned)
    assert await api.points(ada) == 0


async def test_needs_an_idempotency_key(api: Api) -> None:
    missing = await api.call("POST", "/v1/events", purchase())
    long = await api.call("POST", "/v1/events", purchase(), key="k" * 256)

    assert (missing.status_code, missing.json()["code"]) == (400, "idempotency-key-missing")
    assert (long.status_code, long.json()["code"]) == (400, "idempotency-key-invalid")


async def test_takes_an_action_of_the_brands_own(api: Api) -> None:
    review = {"type": "review", "source": "web", "source_id": "r1", "member": {"email": "ada@example.com"}}

    first = await api.good("/v1/events", {**review, "data": {"stars": 5}})
    second = await api.good("/v1/events", {**review, "source_id": "r2"})

    assert first["awards"][0]["value"] == 10
    assert second["balances"]["points"]["available"] == 10
    assert second["awards"][0]["reasons"][0]["code"] == "limit-times"


def _order(**line: object) -> dict[str, object]:
    return {"id": "o1", "currency": "EUR", "lines": [{"id": "1", "product": "soap", "amount_minor": 1, **line}]}


@pytest.mark.parametrize(
    "more",
    [
        {"occurred_at": "9999-12-31T23:59:59-14:00"},
        {"occurred_at": "0001-01-01T00:00:00+14:00"},
        {"occurred_at": "2026-05-01T00:00:00"},
        {"source_id": "x" * 201},
        {"order": _order() | {"id": ""}},
        {"order": _order() | {"id": "x" * 201}},
        {"order": _order() | {"lines": []}},
        {"order": _order(id="x" * 5000)},
        {"order": _order(product="x" * 201)},
        {"order": _order(amount_minor=10**40)},
        {"order": _order(amount_minor=-1)},
        {"order": _order(discount_minor=2**60)},
        {"member": {"email": "x" * 300}},
        {"member": {"card": "20000"}},
        {"type": "Purchase"},
    ],
)
async def test_refuses_what_makes_no_sense_and_says_so(api: Api, more: dict[str, Any]) -> None:
    told, tried = await api.post("/v1/events", purchase(**more)), await api.post("/v1/evaluate", purchase(**more))

    assert (told.status_code, tried.status_code) == (422, 422)
    assert told.json()["code"] in ("invalid", "malformed")
