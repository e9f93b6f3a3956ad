"""What a programme says of rewards is checked before anybody can want one."""

import pytest

from regulars import programme

BASE = """\
id: shop
timezone: Europe/Paris
currency: EUR
channels: {web: {}, shop: {}}
wallets: {points: {}, credit: {decimals: 2}, status: {spendable: false}}
rules:
  - {type: spend, id: base, points: 1, per_minor: 100}
  - {type: action, id: joined, event: joined, points: 10, wallet: credit, limits: [{per: ever, points: 50}]}
  - {type: spend, id: rank, points: 1, per_minor: 100, wallet: status}
pools: {cinema: {}}
rewards:
"""


def said(*rewards: str) -> list[str]:
    """Return what is wrong with a programme, or what is doubtful about it, with the place."""
    checked = programme.check(BASE + "".join(f"  - {{{one}}}\n" for one in rewards))
    found = checked if isinstance(checked, tuple) else checked.warnings
    return [f"{one.path}: {one.message}" for one in found]


FIVE = "type: amount_off, id: five, amount_minor: 500"


def test_a_programme_may_have_rewards_of_every_kind() -> None:
    assert not said(
        FIVE + ", price: 100, stock: 5, valid: {kind: rolling, days: 30}",
        "type: percent_off, id: ten, percent: 10, cap_minor: 1000, price: 50",
        "type: free_product, id: coffee, scope: {products: [coffee]}, price: 20, options: {size: [s, m]}",
        "type: free_shipping, id: parcel, minimum_minor: 2000, price: 10",
        "type: gift_card, id: card, into: credit, part_payment: {points: 10, amount_minor: 100}",
        "type: event_seat, id: seat, seats: 20, doors_at: 2027-05-01T18:00, over_at: 2027-05-01T21:00",
        "type: partner_code, id: film, pool: cinema, price: 5",
        "type: donation, id: trees, cause: Trees, amount_minor: 100, price: 5",
        "type: tier_service, id: fitting, service: fitting, given_only: true",
        "type: early_access, id: first, scope: {tags: [new]}, opens_at: 2027-05-01, public_at: 2027-05-03",
    )


@pytest.mark.parametrize(
    ("reward", "problem"),
    [
        (FIVE + ", wallet: stars", "rewards[0].wallet: there is no wallet 'stars'"),
        (FIVE + ", channels: [app]", "rewards[0].channels[0]: there is no channel 'app'"),
        (
            FIVE + ", price: 5, wallet: status",
            "rewards[0].wallet: nobody can pay for it: the wallet 'status' cannot be",
        ),
        (FIVE + ", steps: [{from_minor: 0, percent: 5}]", "rewards[0]: give amount_minor, steps or part_payment"),
        (FIVE + ", starts_at: 2027-02-01, ends_at: 2027-01-01", "rewards[0].ends_at: the reward ends before it starts"),
        (FIVE + ", starts_at: 2027-02-01, valid_until: 2027-01-01", "rewards[0].starts_at: a voucher would be over"),
        (FIVE + ", audience: {segments: [gold]}", "rewards[0].audience.segments[0]: there is no segment 'gold'"),
        (FIVE + ", limits: [{per: day}]", "rewards[0].limits[0]: a limit has times or points, one of the two"),
        ("type: partner_code, id: film, pool: kino", "rewards[0].pool: there is no pool 'kino'"),
        ("type: gift_card, id: card, into: cash, amount_minor: 1", "rewards[0].into: there is no wallet 'cash'"),
        ("type: percent_off, id: ten, percent: 110", "rewards[0].percent: must be over 0 and at most 100"),
        (
            "type: free_shipping, id: f, part_payment: {points: 1, amount_minor: 1}",
            "rewards[0].part_payment: is for rewards that stand for an amount of money",
        ),
        (
            "type: free_product, id: f, scope: {products: [a], except_products: [a]}",
            "rewards[0].scope: everything named here is excepted again",
        ),
        ("type: fre_product, id: f", "rewards[0].type: must be amount_off, donation"),
    ],
)
def test_what_keeps_a_reward_from_being_had_is_said_with_its_place(reward: str, problem: str) -> None:
    [found] = said(reward)

    assert found.startswith(problem)


def test_two_rewards_have_two_ids() -> None:
    assert said(FIVE, FIVE) == ["rewards[1].id: the id 'five' is taken by an earlier reward"]


@pytest.mark.parametrize(
    ("reward", "doubt"),
    [
        (
            FIVE + ", price: 51, wallet: credit",
            "rewards[0].price: nobody can reach it: it costs more than the rules ever",
        ),
        (FIVE + ", audience: {rollout_percent: 0}", "rewards[0].audience.rollout_percent: nobody can reach it"),
        (FIVE + ", price: 9, limits: [{per: day, points: 8}]", "rewards[0].limits: nobody can reach it: a limit of"),
        (
            "type: gift_card, id: card, into: status, amount_minor: 1, price: 1",
            "rewards[0].into: nobody can pay with it: the wallet status cannot be spent",
        ),
    ],
)
def test_a_reward_that_nobody_can_reach_is_doubted(reward: str, doubt: str) -> None:
    [found] = said(reward)

    assert found.startswith(doubt)


def test_a_reward_may_be_paid_with_what_another_one_fills() -> None:
    assert not said(
        "type: gift_card, id: card, into: credit, amount_minor: 1000, price: 100",
        FIVE + ", price: 600, wallet: credit",
    )


def test_a_wallet_that_no_rule_fills_buys_nothing() -> None:
    checked = programme.check(
        BASE.replace("wallets: {", "wallets: {miles: {}, ") + f"  - {{{FIVE}, price: 1, wallet: miles}}\n"
    )

    assert not isinstance(checked, tuple)
    assert "reward-out-of-reach" in {one.code for one in checked.warnings}
