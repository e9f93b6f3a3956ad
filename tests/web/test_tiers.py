"""The API, about levels."""

import pytest

from tests.web.calling import Api, Json, purchase

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
tiers:
  - id: status
    name: {en: Status, fr: Statut}
    measures:
      points: {of: earned, wallet: points}
      spend: {of: spend}
      visits: {of: purchases}
      reviews: {of: events, types: [review]}
    period: {kind: calendar_year}
    levels:
      - {id: silver, name: {en: Silver, fr: Argent}, enter: {any: {points: 100, reviews: 2}}}
      - id: gold
        name: {en: Gold, fr: Or}
        enter: {all: {spend: 30000, visits: 2}}
        benefits: {services: [{en: Gift wrapping, fr: Paquet cadeau}], earn: {points: 1.5}}
"""


@pytest.fixture
def programme() -> str:
    """Return a programme with levels."""
    return PROGRAMME


async def bought(api: Api, order: str, amount_minor: int) -> Json:
    """Let Ada buy something, and return the answer."""
    return await api.good("/v1/events", purchase(order, amount_minor))


async def test_an_answer_says_which_level_it_led_to(api: Api) -> None:
    await api.member()

    first, second = await bought(api, "o1", 10_000), await bought(api, "o2", 1_000)

    assert first["tiers"] == [{"tier_set": "status", "level": "silver", "before": "", "until": "2027-12-31T23:00:00Z"}]
    assert "tiers" not in second


async def test_a_member_is_shown_with_levels(api: Api) -> None:
    member = await api.member()
    before = (await api.read(f"/v1/members/{member}"))["tiers"]

    await bought(api, "o1", 10_000)

    after = (await api.read(f"/v1/members/{member}"))["tiers"]
    assert before["status"]["level"] == ""
    assert after == {"status": {"level": "silver", "since": "2026-06-01T12:00:00Z", "until": "2027-12-31T23:00:00Z"}}


async def test_progress_is_told_in_numbers_and_in_words(api: Api) -> None:
    member = await api.member()
    await bought(api, "o1", 10_000)

    [told] = (await api.read(f"/v1/members/{member}/tiers"))["tiers"]

    assert told["next"] == {
        "level": "gold",
        "all": [
            {"measure": "spend", "have": 10_000, "needed": 30_000, "missing": 20_000},
            {"measure": "visits", "have": 1, "needed": 2, "missing": 1},
        ],
        "any": [],
        "by": "2026-12-31T23:00:00Z",
    }
    assert (told["falls_to"], told["best"], told["level_name"]) == ("", "silver", "Silver")
    assert told["text"] == [
        "Silver, until 31 December 2027.",
        "€200.00 and 1 purchase more by 31 December 2026 for Gold.",
        "100 points or 2 \N{MULTIPLICATION SIGN} reviews more by 31 December 2027 to keep Silver.",
        "Otherwise the level ends with 31 December 2027.",
    ]


async def test_levels_are_told_in_the_members_language(api: Api) -> None:
    member = await api.member()
    await bought(api, "o1", 20_000)
    await bought(api, "o2", 10_000)

    [told] = (await api.read(f"/v1/members/{member}/tiers", language="fr"))["tiers"]
    [turkish] = (await api.read(f"/v1/members/{member}/tiers", language="tr"))["tiers"]

    assert (told["name"], told["level_name"], told["services"]) == ("Statut", "Or", ["Paquet cadeau"])
    assert told["text"][0] == "Or, jusqu\N{RIGHT SINGLE QUOTATION MARK}au 31 décembre 2027."
    assert turkish["text"][0] == "Gold, 31 Aral\N{LATIN SMALL LETTER DOTLESS I}k 2027 gününe kadar."
    assert turkish["services"] == ["Gift wrapping"]
