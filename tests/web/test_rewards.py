"""The API, when points become rewards."""

import pytest

from regulars.actions.coding import fill_pool
from regulars.actions.memory import Memory
from tests.web.calling import Api, Json, purchase
from tests.web.conftest import StoppedClock


async def taken(api: Api, member: str, reward: str = "five_off", **more: object) -> Json:
    """Let a member have a reward, and return the voucher."""
    answer = await api.good(f"/v1/members/{member}/vouchers", {"reward": reward, **more})
    [voucher] = answer["vouchers"]
    assert isinstance(voucher, dict)
    return voucher


def cart(order_id: str = "W1", amount_minor: int = 10_000, **more: object) -> Json:
    sent = purchase(order_id, amount_minor, **more)
    sent["order"]["shipping_minor"] = 490
    return sent


async def test_takes_a_reward_on_the_web_and_uses_its_code_at_the_till_once(api: Api) -> None:
    member = await api.member_with(150)
    voucher = await taken(api, member, channel="web")
    typed = voucher["code"].lower().replace("-", " ").replace("0", "o")

    used = await api.good(f"/v1/vouchers/{typed}/redeem", {"channel": "shop"})
    again = await api.post(f"/v1/vouchers/{voucher['code']}/redeem", {"channel": "app"})

    assert (used["vouchers"][0]["state"], await api.points(member)) == ("redeemed", 50)
    assert (again.status_code, again.json()["code"]) == (409, "voucher-not-usable")
    assert again.json()["detail"] == "five_off: Its state is: redeemed."


async def test_answers_a_repeated_call_with_the_same_code(api: Api) -> None:
    member = await api.member_with(150)
    first = await api.post(f"/v1/members/{member}/vouchers", {"reward": "five_off"}, key="once")

    second = await api.post(f"/v1/members/{member}/vouchers", {"reward": "five_off"}, key="once")

    assert (first.content, await api.points(member)) == (second.content, 50)
    assert second.headers["Idempotent-Replayed"] == "true"


async def test_redeems_with_one_tap_and_takes_it_back(api: Api, clock: StoppedClock) -> None:
    member = await api.member_with(100)
    voucher = await taken(api, member, redeem=True, channel="shop")

    undone = await api.good(f"/v1/vouchers/{voucher['code']}/undo", {"channel": "shop"})

    assert (undone["vouchers"][0]["state"], await api.points(member)) == ("returned", 100)


async def test_reverses_later_only_for_those_with_the_right(api: Api, clock: StoppedClock) -> None:
    member = await api.member_with(100)
    voucher = await taken(api, member, redeem=True)
    clock.forward(hours=1)
    key = await api.good("/v1/keys", {"name": "till", "scopes": ["rewards:write"]})
    till, path = api.using(key["secret"]), f"/v1/vouchers/{voucher['code']}/undo"

    late = await till.post(path, {}, key="late")
    missing = await till.post(path, {"reversal": True}, key="missing")
    await api.good(path, {"reversal": True})

    assert (late.status_code, late.json()["facts"]["reason"]) == (409, "too-late-to-undo")
    assert (missing.status_code, missing.json()["code"]) == (403, "scope-missing")
    assert await api.points(member) == 100


async def test_holds_a_checkout_prices_it_and_commits_it_with_the_order(api: Api) -> None:
    member = await api.member_with(150)
    trial = {
        **cart(),
        "member": {"id": member},
        "checkout": {"rewards": [{"reward": "five_off"}, {"reward": "parcel"}]},
    }

    quoted = await api.good("/v1/evaluate", trial)
    await api.good("/v1/holds", {"order_id": "W1", "member": member, "rewards": trial["checkout"]["rewards"]})
    assert (await api.read(f"/v1/members/{member}/balances"))["balances"]["points"]["held"] == 150
    paid = cart()
    paid["order"]["lines"][0]["discount_minor"] = 500
    paid["order"]["shipping_minor"] = 0
    committed = await api.good("/v1/orders/W1/commit", {**paid, "member": {"id": member}})

    assert [one["amount_minor"] for one in quoted["cart"]["applied"]] == [500, 490]
    assert quoted["cart"]["total_minor"] == 9500
    assert quoted["decision"]["balances"] == committed["balances"]
    assert {one["state"] for one in committed["vouchers"]} == {"redeemed"}
    assert await api.points(member) == 95 + 50


async def test_prices_a_cart_and_writes_nothing(api: Api) -> None:
    member = await api.member_with(149)
    trial = {
        **cart(),
        "member": {"id": member},
        "checkout": {"rewards": [{"reward": "five_off"}, {"reward": "parcel"}]},
    }

    refused = await api.post("/v1/evaluate", trial)
    quoted = await api.good("/v1/evaluate", {**trial, "checkout": {"rewards": [{"reward": "five_off"}]}})

    assert (refused.status_code, refused.json()["code"]) == (409, "insufficient-points")
    assert quoted["cart"]["discount_minor"] == 500
    assert {one["reward"]: (one["usable"], one["missing"]) for one in quoted["rewards"]} == {
        "five_off": (True, 0),
        "parcel": (True, 0),
        "film": (False, 0),
    }
    assert await api.points(member) == 149


async def test_frees_a_checkout_that_is_given_up(api: Api) -> None:
    member = await api.member_with(50)
    await api.good("/v1/holds", {"order_id": "W1", "member": member, "rewards": [{"reward": "parcel"}]})

    await api.good("/v1/orders/W1/cancel", {"member": member})
    again = await api.post("/v1/orders/W1/cancel", {"member": member})

    assert (again.status_code, again.json()["code"]) == (404, "nothing-reserved")
    assert await api.points(member) == 50


async def test_frees_a_checkout_that_nobody_comes_back_to(api: Api, clock: StoppedClock) -> None:
    ada, ben = await api.member_with(50), await api.member_with(50, "ben@example.com")
    await api.good(
        "/v1/holds", {"order_id": "W1", "member": ada, "rewards": [{"reward": "parcel"}], "hold_seconds": 60}
    )
    taken_by_ada = await api.post(f"/v1/members/{ben}/vouchers", {"reward": "parcel"})
    clock.forward(seconds=60)
    await api.good("/v1/orders/W9/returns", {"member": {"id": ada}})

    assert taken_by_ada.json()["code"] == "out-of-stock"
    assert (await taken(api, ben, "parcel"))["state"] == "issued"


async def test_uses_a_voucher_in_an_order_and_gives_it_back_with_the_goods(api: Api) -> None:
    member = await api.member_with(100)
    voucher = await taken(api, member)

    await api.good("/v1/orders/W1/commit", {**cart(), "member": {"id": member}, "vouchers": [voucher["code"]]})
    returned = await api.good("/v1/orders/W1/returns", {})

    assert returned["vouchers"][0]["state"] == "issued"
    assert (await api.read(f"/v1/vouchers/{voucher['code']}"))["state"] == "issued"


async def test_tells_all_incentives_in_one_call_and_in_words(api: Api) -> None:
    member = await api.member_with(120)
    voucher = await taken(api, member)

    found = await api.read(f"/v1/members/{member}/incentives?channel=web", language="fr")

    assert found["balances"]["points"]["available"] == 20
    assert [one["code"] for one in found["vouchers"]] == [voucher["code"]]
    offers = {one["reward"]: one for one in found["rewards"]}
    assert (offers["five_off"]["usable"], offers["five_off"]["missing"]) == (False, 80)
    assert offers["film"]["reasons"][0]["text"] == "Il n\u2019en reste plus."


async def test_lists_the_rewards_with_what_is_left(api: Api) -> None:
    found = await api.read("/v1/rewards")

    left = {one["reward"]: (one["type"], one["price"], one["left"]) for one in found["rewards"]}
    assert left == {
        "five_off": ("amount_off", 100, None),
        "parcel": ("free_shipping", 50, 1),
        "film": ("partner_code", 10, 0),
    }


@pytest.mark.parametrize("code", ["7ZQ4-M2XK-9HVCT", "nonsense", "0000-0000-0000-0", "vch_12"])
async def test_says_the_same_of_every_code_that_is_for_nothing(api: Api, code: str) -> None:
    member = await api.member()
    answer = await api.post(f"/v1/vouchers/{code}/redeem", {"member": member})

    assert (answer.status_code, answer.json()["code"]) == (404, "unknown-code")


async def test_answers_nobody_who_guesses(api: Api, clock: StoppedClock) -> None:
    for _ in range(20):
        assert (await api.get("/v1/vouchers/0000-0000-0000-0")).status_code == 404

    stopped = await api.get("/v1/vouchers/0000-0000-0000-0")
    clock.forward(minutes=15)

    assert (stopped.status_code, stopped.json()["code"]) == (429, "too-many-codes")
    assert stopped.headers["Retry-After"] == "900"
    assert (await api.get("/v1/vouchers/0000-0000-0000-0")).status_code == 404


async def test_keeps_what_a_voucher_holds_from_being_released(api: Api) -> None:
    member = await api.member_with(100)
    await api.good("/v1/holds", {"order_id": "W1", "member": member, "rewards": [{"reward": "five_off"}]})
    [hold] = (await api.read(f"/v1/members/{member}/balances"))["holds"]

    refused = await api.post(f"/v1/holds/{hold['hold']}/release", {"member": member})

    assert (refused.status_code, refused.json()["code"]) == (409, "hold-of-a-voucher")


async def test_shows_the_code_of_a_partner_to_whom_it_was_given(api: Api, memory: Memory, clock: StoppedClock) -> None:
    member = await api.member_with(100)
    assert await fill_pool(memory, "corner", "cinema", ["TICKET-1", "TICKET-2"]) == 2

    first = await taken(api, member, "film")
    clock.forward(minutes=1)
    second = await taken(api, member, "film")
    third = await api.post(f"/v1/members/{member}/vouchers", {"reward": "film"})

    shown = await api.read(f"/v1/members/{member}/incentives")
    assert [one["partner_code"] for one in shown["vouchers"]] == ["TICKET-1", "TICKET-2"]
    assert (await api.read(f"/v1/vouchers/{second['code']}"))["partner_code"] == "TICKET-2"
    assert first["code"] != second["code"]
    assert third.json()["code"] == "out-of-stock"


async def test_prices_a_cart_with_a_voucher_that_the_member_has(api: Api) -> None:
    member = await api.member_with(100)
    voucher = await taken(api, member)
    trial = {**cart(), "member": {"id": member}, "checkout": {"vouchers": [voucher["code"]]}}

    quoted = await api.good("/v1/evaluate", trial)

    [applied] = quoted["cart"]["applied"]
    assert (applied["amount_minor"], quoted["cart"]["total_minor"]) == (500, 9990)
    assert (await api.read(f"/v1/vouchers/{voucher['code']}"))["state"] == "issued"
