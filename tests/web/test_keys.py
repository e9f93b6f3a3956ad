"""API keys, and who gets in with them."""

from datetime import timedelta

import httpx2
import pytest

from regulars.actions.memory import Memory
from regulars.db import keys as kept
from tests.web.calling import Api, purchase
from tests.web.conftest import NOON, StoppedClock


async def _made(api: Api, *scopes: str, **more: str) -> httpx2.Response:
    return await api.post("/v1/keys", {"name": "till", "scopes": list(scopes), **more})


async def test_are_shown_once_and_kept_as_a_hash(api: Api, memory: Memory) -> None:
    made = await api.post("/v1/keys", {"name": "till", "scopes": ["events:write"]}, key="k")
    again = await api.post("/v1/keys", {"name": "till", "scopes": ["events:write"]}, key="k")

    secret = made.json()["secret"]
    assert made.status_code == again.status_code == 201
    assert secret.startswith(made.json()["prefix"] + "_")
    assert again.json() == {**made.json(), "secret": None}
    assert secret not in (await api.get("/v1/keys")).text
    async with memory.pool.connection() as connection:
        assert len(await kept.of_programme(connection, "corner")) == 2


async def test_open_what_their_scopes_say_and_nothing_else(api: Api) -> None:
    till = api.using((await _made(api, "events:write")).json()["secret"])

    told = await till.post("/v1/events", purchase())
    read = await till.get("/v1/programme")

    assert told.status_code == 200
    assert (read.status_code, read.json()["code"]) == (403, "scope-missing")
    assert read.json()["facts"] == {"scope": "programme:read"}


async def test_cannot_give_scopes_they_lack(api: Api) -> None:
    manager = api.using((await _made(api, "keys:manage")).json()["secret"])

    answer = await _made(manager, "keys:manage", "points:write")

    assert (answer.status_code, answer.json()["code"]) == (403, "scope-beyond-own")


async def test_let_nobody_in_once_revoked(api: Api, clock: StoppedClock) -> None:
    made = (await _made(api, "programme:read")).json()
    till = api.using(made["secret"])
    assert (await till.get("/v1/programme")).status_code == 200

    revoked = await api.call("DELETE", f"/v1/keys/{made['key']}", key="r")
    again = await api.call("DELETE", f"/v1/keys/{made['key']}", key="s")

    assert revoked.json()["revoked_at"] == "2026-06-01T12:00:00Z"
    assert again.json()["revoked_at"] == revoked.json()["revoked_at"]
    assert (await till.get("/v1/programme")).status_code == 401


async def test_are_refused_within_seconds_where_another_process_revoked_them(
    api: Api, memory: Memory, clock: StoppedClock
) -> None:
    made = (await _made(api, "programme:read")).json()
    till = api.using(made["secret"])
    assert (await till.get("/v1/programme")).status_code == 200
    async with memory.pool.connection() as connection:
        key = next(key for key in await kept.of_programme(connection, "corner") if key.name == "till")
        await kept.revoke(connection, "corner", key.key_id, NOON)

    clock.forward(seconds=2.5)

    assert (await till.get("/v1/programme")).status_code == 401


async def test_end_at_the_instant_they_were_made_to_end(api: Api, clock: StoppedClock) -> None:
    ends = NOON + timedelta(seconds=1)
    till = api.using((await _made(api, "programme:read", expires_at=ends.isoformat())).json()["secret"])

    assert (await till.get("/v1/programme")).status_code == 200
    clock.forward(seconds=1)
    assert (await till.get("/v1/programme")).status_code == 401


@pytest.mark.parametrize("secret", ["rk_0_0", "nonsense", "rk_é", "x" * 300])
async def test_that_nobody_made_open_nothing(api: Api, secret: str) -> None:
    answer = await api.http.get("/v1/programme", headers={b"Authorization": f"Bearer {secret}".encode()})

    assert (answer.status_code, answer.json()["code"]) == (401, "credentials-invalid")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("header", ["", "Basic YTpi", "Bearer", "Bearer "])
async def test_are_asked_for_where_there_is_none(api: Api, header: str) -> None:
    answer = await api.http.get("/v1/programme", headers={"Authorization": header} if header else {})

    assert (answer.status_code, answer.json()["code"]) == (401, "credentials-missing")


async def test_cannot_be_made_for_the_past_or_for_nothing(api: Api) -> None:
    past = await _made(api, "programme:read", expires_at=NOON.isoformat())
    nothing = await _made(api)
    unknown = await _made(api, "everything")
    missing = await api.call("DELETE", f"/v1/keys/key_{'0' * 32}", key="r")

    assert [answer.status_code for answer in (past, nothing, unknown, missing)] == [422, 422, 422, 404]
