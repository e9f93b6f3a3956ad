"""The programme, by way of the API."""

import asyncio

from tests.web.calling import Api
from tests.web.conftest import PROGRAMME, StoppedClock


async def test_is_read_back_as_it_was_applied(api: Api) -> None:
    found = await api.read("/v1/programme")

    assert (found["programme"], found["version"]) == ("corner", 1)
    assert found["document"] == PROGRAMME


async def test_is_applied_as_yaml_or_inside_json(api: Api, clock: StoppedClock) -> None:
    text = PROGRAMME.replace("points: 50", "points: 60")
    clock.forward(hours=1)

    yaml = await api.call("PUT", "/v1/programme", content=text.encode(), key="a", content_type="application/yaml")
    again = await api.call("PUT", "/v1/programme", {"document": text}, key="b")

    assert (yaml.json()["version"], yaml.json()["changed"]) == (2, True)
    assert (again.json()["version"], again.json()["changed"]) == (2, False)
    versions = (await api.read("/v1/programme/versions"))["versions"]
    assert [version["version"] for version in versions] == [2, 1]
    assert versions[0]["applied_by"].startswith("key_")


async def test_counts_from_the_moment_it_is_to_start(api: Api, clock: StoppedClock) -> None:
    text = PROGRAMME.replace("points: 50", "points: 60")
    body = {"document": text, "starts_at": "2026-06-02T00:00:00+02:00"}

    await api.call("PUT", "/v1/programme", body, key="a")

    assert (await api.read("/v1/programme"))["version"] == 1
    clock.forward(days=1)
    assert (await api.read("/v1/programme"))["version"] == 2


async def test_says_every_error_with_its_line(api: Api) -> None:
    text = PROGRAMME.replace("type: spend", "type: spent").replace("currency: EUR", "currency: EURO")

    answer = await api.call("PUT", "/v1/programme", {"document": text}, key="a")

    assert (answer.status_code, answer.json()["code"]) == (422, "programme-invalid")
    lines = [error["line"] for error in answer.json()["errors"]]
    assert lines == [4, 14]
    assert (await api.read("/v1/programme"))["version"] == 1


async def test_of_another_brand_is_refused(api: Api) -> None:
    answer = await api.call("PUT", "/v1/programme", {"document": PROGRAMME.replace("id: corner", "id: other")}, key="a")

    assert (answer.status_code, answer.json()["code"]) == (422, "another-programme")


async def test_is_applied_once_under_one_key(api: Api) -> None:
    body = {"document": PROGRAMME.replace("points: 50", "points: 60")}

    first = await api.call("PUT", "/v1/programme", body, key="a")
    second = await api.call("PUT", "/v1/programme", body, key="a")
    other = await api.call("PUT", "/v1/programme", {"document": PROGRAMME}, key="a")

    assert second.content == first.content
    assert second.headers["idempotent-replayed"] == "true"
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")


async def test_needs_a_text(api: Api) -> None:
    empty = await api.call("PUT", "/v1/programme", content=b"  ", key="a", content_type="application/yaml")
    bytes = await api.call("PUT", "/v1/programme", content=b"\xff", key="b", content_type="application/yaml")

    assert (empty.status_code, bytes.status_code) == (422, 422)


async def test_changes_nothing_where_a_document_means_the_same(api: Api) -> None:
    answer = await api.call("PUT", "/v1/programme", {"document": f"# Ours\n{PROGRAMME}"}, key="a")

    assert (answer.json()["version"], answer.json()["changed"]) == (1, False)
    assert (await api.read("/v1/programme"))["document"] == PROGRAMME


async def test_is_planned_without_being_changed(api: Api) -> None:
    text = PROGRAMME.replace("points: 50", "points: 60").replace("  stars:", "  coins: {}\n  stars:")

    answer = await api.call("POST", "/v1/programme/plan", {"document": text})
    as_yaml = await api.call("POST", "/v1/programme/plan", content=text.encode(), content_type="application/yaml")

    plan = answer.json()
    assert as_yaml.json() == plan
    assert (plan["programme"], plan["base_version"], plan["against"], plan["until"]) == ("corner", 1, 1, None)
    assert plan["summary"] == "wallet coins added, rule welcome changed"
    assert [(change["action"], change["noun"], change["id"]) for change in plan["changes"]] == [
        ("added", "wallet", "coins"),
        ("changed", "rule", "welcome"),
    ]
    assert plan["changes"][1]["fields"] == [{"field": "points", "before": 50, "after": 60}]
    doubts = {(doubt["code"], doubt["path"], doubt["line"]) for doubt in plan["warnings"]}
    assert ("wallet-never-filled", "wallets.coins", 9) in doubts
    assert (await api.read("/v1/programme"))["version"] == 1


async def test_is_planned_against_what_is_in_force_by_then(api: Api) -> None:
    later = PROGRAMME.replace("points: 50", "points: 60")
    await api.call("PUT", "/v1/programme", {"document": later, "starts_at": "2027-01-01T00:00:00Z"}, key="a")

    now = (await api.call("POST", "/v1/programme/plan", {"document": later})).json()
    then = (
        await api.call("POST", "/v1/programme/plan", {"document": later, "starts_at": "2027-02-01T00:00:00Z"})
    ).json()

    assert (now["against"], now["base_version"], now["until"]) == (1, 2, "2027-01-01T00:00:00Z")
    assert (then["against"], then["changes"], then["until"]) == (2, [], None)


async def test_that_is_invalid_or_of_another_brand_has_no_plan(api: Api) -> None:
    invalid = await api.call("POST", "/v1/programme/plan", {"document": "id: corner"})
    another = await api.call("POST", "/v1/programme/plan", {"document": PROGRAMME.replace("id: corner", "id: other")})

    assert (invalid.status_code, invalid.json()["code"]) == (422, "programme-invalid")
    assert (another.status_code, another.json()["code"]) == (422, "another-programme")


async def test_is_applied_only_to_the_version_that_was_seen(api: Api) -> None:
    mine = {"document": PROGRAMME.replace("points: 50", "points: 60"), "base_version": 1}
    theirs = {"document": PROGRAMME.replace("points: 50", "points: 70"), "base_version": 1}

    first = await api.call("PUT", "/v1/programme", mine, key="a")
    second = await api.call("PUT", "/v1/programme", theirs, key="b")

    assert first.status_code == 200
    assert (second.status_code, second.json()["code"]) == (409, "programme-changed-meanwhile")
    assert (await api.read("/v1/programme"))["version"] == 2


async def test_is_applied_only_where_its_etag_matches(api: Api, clock: StoppedClock) -> None:
    tag = (await api.get("/v1/programme")).headers["etag"]
    clock.forward(hours=1)
    mine, theirs = ({"document": PROGRAMME.replace("points: 50", f"points: {points}")} for points in (60, 70))

    first = await api.call("PUT", "/v1/programme", mine, key="a", if_match=f'"other", {tag}')
    second = await api.call("PUT", "/v1/programme", theirs, key="b", if_match=tag)
    repeated = await api.call("PUT", "/v1/programme", mine, key="a", if_match=tag)
    any_at_all = await api.call("PUT", "/v1/programme", theirs, key="c", if_match="*")

    assert first.status_code == 200
    assert (second.status_code, second.json()["code"]) == (412, "precondition-failed")
    assert second.json()["facts"] == {"version": 2}
    assert repeated.content == first.content
    assert any_at_all.json()["version"] == 3


async def test_has_another_etag_once_a_version_is_there_for_later(api: Api) -> None:
    before = (await api.get("/v1/programme")).headers["etag"]
    later = {"document": PROGRAMME.replace("points: 50", "points: 60"), "starts_at": "2027-01-01T00:00:00Z"}

    await api.call("PUT", "/v1/programme", later, key="a")

    assert (await api.get("/v1/programme")).headers["etag"] != before


async def test_is_applied_once_when_many_apply_at_the_same_moment(api: Api) -> None:
    bodies = [
        {"document": PROGRAMME.replace("points: 50", f"points: {60 + number}"), "base_version": 1}
        for number in range(8)
    ]

    answers = await asyncio.gather(
        *(api.call("PUT", "/v1/programme", body, key=f"racer-{number}") for number, body in enumerate(bodies))
    )

    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [200] + [409] * 7
    listed = await api.read("/v1/programme/versions")
    assert [version["version"] for version in listed["versions"]] == [2, 1]


async def test_keeps_each_version_with_what_it_changed(api: Api, clock: StoppedClock) -> None:
    clock.forward(hours=1)
    changed = PROGRAMME.replace("points: 50", "points: 60")
    await api.call("PUT", "/v1/programme", {"document": changed}, key="a")
    clock.forward(hours=1)
    await api.call("PUT", "/v1/programme", {"document": PROGRAMME}, key="b")

    first, second, third = [await api.read(f"/v1/programme/versions/{number}") for number in (1, 2, 3)]

    assert (first["summary"], first["repeats"], first["document"]) == ("the first version", None, PROGRAMME)
    assert (second["summary"], second["repeats"], second["document"]) == ("rule welcome changed", None, changed)
    assert (third["summary"], third["repeats"]) == ("rule welcome changed", 1)
    assert (await api.read("/v1/programme/versions"))["in_force"] == 3


async def test_has_no_version_of_another_number(api: Api) -> None:
    for number in ("2", "0", "01", "one"):
        answer = await api.get(f"/v1/programme/versions/{number}")

        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
