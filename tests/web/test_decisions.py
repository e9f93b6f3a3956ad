"""Why: a decision, tried or recorded."""

from tests.web.calling import Api, Json, purchase
from tests.web.conftest import StoppedClock


def _rules(found: Json) -> dict[str, Json]:
    return {rule["rule"]: rule for rule in found["rules"]}


async def test_a_recorded_decision_explains_every_live_rule(api: Api) -> None:
    await api.good("/v1/events", purchase("o1"))
    bought = await api.good("/v1/events", purchase("o2", 250))

    found = await api.read(f"/v1/decisions/{bought['decision']}")

    rules = _rules(found)
    assert found["decision"] == bought
    assert set(rules) == {"base", "welcome", "review"}
    assert (rules["base"]["applied"], rules["base"]["text"]) == (True, "Gave 2 points.")
    assert rules["base"]["name"] == "One point a euro"
    assert rules["welcome"]["reasons"][0]["code"] == "already-first-purchase"
    assert rules["welcome"]["text"] == "It is not the first purchase; before it: 1 purchase."
    assert rules["review"]["text"] == "The rule looks at review; this event is purchase."


async def test_a_recorded_decision_speaks_the_callers_language(api: Api) -> None:
    bought = await api.good("/v1/events", purchase("o1"))
    path = f"/v1/decisions/{bought['decision']}"

    french, turkish = await api.read(path, language="fr-CA,fr;q=0.9"), await api.read(path, language="tr")

    assert _rules(french)["base"]["text"] == "A donné 10 points."
    assert _rules(turkish)["base"]["text"] == "10 puan verdi."


async def test_a_decision_that_was_never_made_is_not_found(api: Api) -> None:
    answer = await api.get(f"/v1/decisions/dec_{'0' * 32}")

    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


async def test_a_trial_says_what_would_happen_and_writes_nothing(api: Api) -> None:
    member = await api.member()

    tried = await api.post("/v1/evaluate", purchase(amount_minor=1000))

    assert tried.status_code == 200
    assert tried.json()["decision"]["balances"]["points"]["available"] == 60
    assert _rules(tried.json())["welcome"]["applied"] is True
    assert await api.points(member) == 0
    assert len((await api.read(f"/v1/members/{member}/timeline"))["events"]) == 1


async def test_a_trial_of_what_was_told_shows_the_recorded_decision(api: Api, clock: StoppedClock) -> None:
    bought = await api.good("/v1/events", purchase("o1"))
    await api.good("/v1/events", purchase("o2"))
    review = {"type": "review", "source": "app", "source_id": "r1", "member": {"email": "ada@example.com"}}
    reviewed = await api.good("/v1/events", review)
    clock.forward(days=400)

    fresh = await api.good("/v1/evaluate", purchase("o3"))
    again = await api.good("/v1/evaluate", {**purchase("o1"), "programme_version": 1})
    by_another_source = await api.good("/v1/evaluate", purchase("o1", source="webshop"))
    action = await api.good("/v1/evaluate", review)

    assert fresh["recorded"] is False
    assert again == by_another_source
    assert (again["recorded"], again["decision"]) == (True, bought)
    assert _rules(again)["welcome"]["applied"] is True
    assert (action["recorded"], action["decision"]) == (True, reviewed)


async def test_a_trial_of_a_merged_membership_is_the_survivors(api: Api, clock: StoppedClock) -> None:
    ada = await api.member("ada@example.com")
    clock.forward(days=1)
    other = await api.member("ada@example.org")
    await api.good(f"/v1/members/{ada}/merge", {"other": other})

    tried = await api.good("/v1/evaluate", purchase(member={"id": other}))

    assert tried["decision"]["member"] == ada


async def test_a_trial_at_another_moment_goes_by_that_moment(api: Api) -> None:
    await api.good("/v1/events", {**purchase("o1"), "occurred_at": "2026-06-01T11:00:00Z"})

    later = await api.good("/v1/evaluate", {**purchase("o2"), "now": "2027-07-01T12:00:00Z"})

    assert later["decision"]["balances"]["points"]["available"] == 10


async def test_a_trial_under_another_version_goes_by_that_version(api: Api, clock: StoppedClock) -> None:
    programme = (await api.read("/v1/programme"))["document"]
    doubled = programme.replace("points: 1, per_minor", "points: 2, per_minor")
    clock.forward(days=1)
    applied = await api.call("PUT", "/v1/programme", {"document": doubled}, key="apply")

    tried = [await api.good("/v1/evaluate", {**purchase(), "programme_version": version}) for version in (1, 2)]
    unknown = await api.post("/v1/evaluate", {**purchase(), "programme_version": 9})

    assert applied.json()["version"] == 2
    assert [_rules(found)["base"]["value"] for found in tried] == [10, 20]
    assert (unknown.status_code, unknown.json()["code"]) == (409, "no-programme")


async def test_a_trial_is_refused_as_the_event_would_be(api: Api) -> None:
    answer = await api.post("/v1/evaluate", {**purchase(), "return": {"order_id": "1"}})

    assert (answer.status_code, answer.json()["code"]) == (422, "malformed")


async def test_a_rule_is_named_in_the_language_of_who_asks(api: Api, clock: StoppedClock) -> None:
    programme = (await api.read("/v1/programme"))["document"]
    named = programme.replace("name: One point a euro,", "name: {en: A point a euro, fr: Un point par euro},")
    clock.forward(days=1)
    await api.call("PUT", "/v1/programme", {"document": f"languages: [en, fr]\n{named}"}, key="apply")

    told = {
        language: (await api.post("/v1/evaluate", purchase(), language=language)).json() for language in ("fr", "tr")
    }

    names = {language: {rule["rule"]: rule["name"] for rule in answer["rules"]} for language, answer in told.items()}
    assert (names["fr"]["base"], names["tr"]["base"]) == ("Un point par euro", "A point a euro")
