"""The API, about segments: how many members they have, and who."""

import pytest

from tests.web.calling import Api, purchase

PROGRAMME = """\
id: corner
timezone: Europe/Paris
currency: EUR
languages: [en, fr]
channels: {web: {}, shop: {}}
wallets:
  points: {}
rules:
  - {id: base, type: spend, points: 1, per_minor: 100}
segments:
  buyers: {name: {en: Buyers, fr: Acheteurs}, when: purchases.last_30_days.count > 0}
  likers: {name: {en: Likers, fr: Amateurs}, when: "member.attributes.likes == 'tea' || member.balance.points >= 40"}
  nobody: {name: {en: Nobody, fr: Personne}, when: member.purchases_count < 0}
"""


@pytest.fixture
def programme() -> str:
    """Return a programme with segments."""
    return PROGRAMME


async def enrolled(api: Api, number: int) -> str:
    """Enrol somebody, every other one a friend of tea, and return the id."""
    attributes = {"likes": "tea"} if number % 2 else {}
    told = await api.good("/v1/members", {"email": f"m{number}@example.com", "attributes": attributes})
    return str(told["member"])


async def test_counts_every_segment(api: Api) -> None:
    members = [await enrolled(api, number) for number in range(5)]
    await api.good("/v1/events", {**purchase("o1", 5000), "member": {"id": members[0]}})

    told = await api.read("/v1/segments", language="fr")

    assert told["members"] == 5
    assert [(one["segment"], one["name"], one["members"]) for one in told["segments"]] == [
        ("buyers", "Acheteurs", 1),
        ("likers", "Amateurs", 3),
        ("nobody", "Personne", 0),
    ]
    assert told["segments"][0]["when"] == "purchases.last_30_days.count > 0"


async def test_lists_the_members_page_by_page(api: Api) -> None:
    members = [await enrolled(api, number) for number in range(9)]

    found: list[str] = []
    path = "/v1/segments/likers/members?limit=2"
    while True:
        page = await api.read(path)
        found += page["members"]
        assert len(page["members"]) <= 2
        if page["next"] is None:
            break
        path = f"/v1/segments/likers/members?limit=2&cursor={page['next']}"

    assert sorted(found) == sorted(members[1::2])
    assert (await api.read("/v1/segments/nobody/members"))["members"] == []


async def test_a_segment_that_is_not_there_is_said_so(api: Api) -> None:
    answer = await api.get("/v1/segments/byers/members")

    assert answer.status_code == 404
    assert answer.json()["code"] == "unknown-segment"
    assert answer.json()["detail"] == "The programme has no segment byers."


async def test_a_cursor_that_we_did_not_write_is_refused(api: Api) -> None:
    answer = await api.get("/v1/segments/likers/members?cursor=eyJidWNrZXQiOjEwMDAwMDAwMDAwMDAwfQ")

    assert answer.status_code == 422
