"""The API, about members."""

from tests.web.calling import Api, purchase
from tests.web.conftest import StoppedClock

CARD = "2000000000008"


async def test_enrols_and_finds_by_any_identity(api: Api) -> None:
    made = await api.post(
        "/v1/members",
        {"email": "Ada@Example.com", "phone": "+33 6 12 34 56 78", "card": CARD, "attributes": {"city": "lyon"}},
    )

    member = made.json()["member"]
    assert made.status_code == 201
    references = ({"email": "ada@example.com"}, {"phone": "+33612345678"}, {"card": CARD}, {"id": member})
    assert {(await api.good("/v1/members/find", one))["member"] for one in references} == {member}
    found = await api.read(f"/v1/members/{member}")
    assert found["attributes"] == {"city": "lyon"}
    assert {identity["kind"]: identity["value"] for identity in found["identities"]} == {
        "email": "ada@example.com",
        "phone": "+33612345678",
        "card": CARD,
    }


async def test_finds_nobody_rather_than_somebody_else(api: Api) -> None:
    await api.member("ada@example.com")
    await api.member("bob@example.com", card=CARD)

    unknown = await api.post("/v1/members/find", {"email": "eve@example.com"})
    both = await api.post("/v1/members/find", {"email": "ada@example.com", "card": CARD})
    half = await api.post("/v1/members/find", {"email": "ada@example.com", "external_id": "eve"})
    nothing = await api.post("/v1/members/find", {})
    malformed = await api.post("/v1/members/find", {"card": "123"})

    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown-member")
    assert (both.status_code, both.json()["code"]) == (409, "identities-of-different-members")
    assert half.status_code == 404
    assert (nothing.status_code, nothing.json()["code"]) == (422, "member-missing")
    assert malformed.status_code == 422


async def test_refuses_to_enrol_somebody_twice_and_says_who_it_is(api: Api) -> None:
    member = await api.member("ada@example.com")

    again = await api.post("/v1/members", {"email": "ADA@example.com"})

    assert (again.status_code, again.json()["code"]) == (409, "already-a-member")
    assert again.json()["facts"] == {"member": member}


async def test_changes_attributes_and_takes_them_away(api: Api) -> None:
    member = await api.member(attributes={"city": "lyon", "size": 38})

    changed = await api.call("PATCH", f"/v1/members/{member}", {"attributes": {"city": "paris", "size": None}}, key="p")
    empty = await api.call("PATCH", f"/v1/members/{member}", {"attributes": {}}, key="q")

    assert changed.status_code == 200
    assert (await api.read(f"/v1/members/{member}"))["attributes"] == {"city": "paris"}
    assert empty.status_code == 422


async def test_puts_a_member_on_the_lists_of_the_programme_only(api: Api) -> None:
    member = await api.member()

    unknown = await api.call("PATCH", f"/v1/members/{member}", {"lists": {"gala": True}}, key="p")

    assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown-list")
    assert (await api.read(f"/v1/members/{member}"))["lists"] == []


async def test_merges_two_members_into_the_older_one(api: Api, clock: StoppedClock) -> None:
    ada = await api.member_with(100, "ada@example.com")
    clock.forward(days=1)
    other = await api.member_with(30, "ada@example.org")

    merged = await api.post(f"/v1/members/{ada}/merge", {"other": other}, key="merge")
    again = await api.post(f"/v1/members/{ada}/merge", {"other": other}, key="merge")

    assert merged.status_code == 200
    assert (again.status_code, again.content) == (200, merged.content)
    assert await api.points(ada) == 130
    assert (await api.good("/v1/members/find", {"email": "ada@example.org"}))["member"] == ada
    closed = await api.read(f"/v1/members/{other}")
    assert (closed["standing"], closed["merged_into"]) == ("merged", ada)


async def test_refuses_to_merge_a_member_with_itself(api: Api) -> None:
    ada = await api.member()

    itself = await api.post(f"/v1/members/{ada}/merge", {"other": ada}, key="merge")
    again = await api.post(f"/v1/members/{ada}/merge", {"other": ada}, key="merge")

    assert (itself.status_code, itself.json()["code"]) == (422, "merge-into-itself")
    assert (again.status_code, again.content) == (422, itself.content)


async def test_shows_lots_with_their_expiry(api: Api) -> None:
    bought = await api.good("/v1/events", purchase(amount_minor=1000))

    found = await api.read(f"/v1/members/{bought['member']}/lots")

    lot = found["lots"][0]
    assert (lot["wallet"], lot["remaining"], lot["state"]) == ("points", 60, "available")
    assert lot["expires_at"] == "2027-06-30T22:00:00Z"
    assert lot["event"] == bought["event"]


async def test_shows_every_movement_page_by_page(api: Api, clock: StoppedClock) -> None:
    member = await api.member_with(100)
    for amount in (10, 20, 30):
        clock.forward(minutes=1)
        await api.good(f"/v1/members/{member}/spends", {"wallet": "points", "amount": amount})

    first = await api.read(f"/v1/members/{member}/statement?limit=3")
    second = await api.read(f"/v1/members/{member}/statement?limit=3&cursor={first['next']}")

    assert [movement["points"] for movement in first["movements"]] == [30, 20, 10]
    assert [movement["kind"] for movement in second["movements"]] == ["adjust"]
    assert second["next"] is None


async def test_tells_one_story_over_all_channels(api: Api, clock: StoppedClock) -> None:
    first = await api.good("/v1/events", purchase("o1", channel="shop"))
    clock.forward(minutes=1)
    second = await api.good("/v1/events", purchase("o2", channel="web"))
    member = first["member"]

    whole = await api.read(f"/v1/members/{member}/timeline")
    web = await api.read(f"/v1/members/{member}/timeline?channel=web")
    paged = await api.read(f"/v1/members/{member}/timeline?limit=1")
    rest = await api.read(f"/v1/members/{member}/timeline?limit=1&cursor={paged['next']}")

    assert [event["decision"] for event in whole["events"]] == [second, first]
    assert [event["source_id"] for event in web["events"]] == ["o2"]
    assert [event["source_id"] for event in paged["events"] + rest["events"]] == ["o2", "o1"]
    assert rest["next"] is None
    assert (await api.read(f"/v1/members/{member}/timeline?type=review"))["events"] == []


async def test_goes_on_only_where_it_said_so_itself(api: Api) -> None:
    member = await api.member()

    forged = await api.get(f"/v1/members/{member}/statement?cursor=elsewhere")
    large = await api.get(f"/v1/members/{member}/statement?limit=201")
    unknown = await api.get(f"/v1/members/{member}/statement?page=2")

    assert [answer.status_code for answer in (forged, large, unknown)] == [422, 422, 422]
