"""The programme, by way of the API."""

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
