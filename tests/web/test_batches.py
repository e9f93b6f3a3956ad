"""A batch of events, told in one call."""

from typing import Any

from tests.web.calling import Api, purchase


def _review(source_id: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "review",
        "source": "web",
        "source_id": source_id,
        "member": {"email": f"{source_id}@example.com"},
        **more,
    }


async def test_answers_each_event_at_its_place(api: Api) -> None:
    answer = await api.good("/v1/events/batch", {"events": [purchase(), _review("bob"), _review("eve")]})

    assert (answer["accepted"], answer["refused"]) == (3, 0)
    assert [result["index"] for result in answer["results"]] == [0, 1, 2]
    assert [result["answer"]["type"] for result in answer["results"]] == ["purchase", "review", "review"]


async def test_leaves_good_events_alone_when_one_is_bad(api: Api) -> None:
    events = [
        _review("ada"),
        {"type": "purchase"},
        purchase(order={"id": "1", "currency": "USD", "lines": [{"id": "1", "product": "a", "amount_minor": 1}]}),
        _review("nul\x00"),
        _review("early", occurred_at="1999-01-01T00:00:00Z"),
        _review("bob"),
    ]

    answer = await api.good("/v1/events/batch", {"events": events})

    assert [result["status"] for result in answer["results"]] == [200, 422, 422, 422, 409, 200]
    codes = [result["problem"]["code"] for result in answer["results"] if "problem" in result]
    assert codes == ["invalid", "currency-mismatch", "invalid", "no-programme"]
    assert (answer["accepted"], answer["refused"]) == (2, 4)


async def test_gives_the_same_events_the_same_decisions(api: Api) -> None:
    single = await api.good("/v1/events", purchase())

    batch = await api.good("/v1/events/batch", {"events": [purchase(), purchase()]})

    assert [result["answer"] for result in batch["results"]] == [single, single]


async def test_repeats_the_answer_to_the_letter_even_what_was_refused(api: Api) -> None:
    spend = purchase("o2", order={"id": "o2", "currency": "USD", "lines": []})
    body = {"events": [purchase("o1"), spend, {"type": 7}, _review("ada", member={"id": f"mem_{'0' * 32}"})]}
    first = await api.post("/v1/events/batch", body, key="batch")

    second = await api.post("/v1/events/batch", body, key="batch")

    assert (second.status_code, second.content) == (200, first.content)
    assert second.headers["idempotent-replayed"] == "true"


async def test_refuses_a_key_that_came_with_another_batch(api: Api) -> None:
    await api.good("/v1/events/batch", {"events": [_review("ada")]}, key="batch")

    answer = await api.post("/v1/events/batch", {"events": [_review("bob")]}, key="batch")

    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency-key-reused")


async def test_takes_from_one_event_to_five_thousand(api: Api) -> None:
    none = await api.post("/v1/events/batch", {"events": []})
    many = await api.post("/v1/events/batch", {"events": [{}] * 5001})
    full = await api.post("/v1/events/batch", {"events": [{}] * 5000})

    assert (none.status_code, many.status_code) == (422, 422)
    assert full.json()["refused"] == 5000


async def test_decides_a_members_events_in_the_given_order(api: Api) -> None:
    events = [purchase(f"o{number}") for number in range(5)]

    answer = await api.good("/v1/events/batch", {"events": events})

    balances = [result["answer"]["balances"]["points"]["available"] for result in answer["results"]]
    assert balances == [60, 70, 80, 90, 100]
