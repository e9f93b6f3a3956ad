"""A voucher comes about: its price is paid or held, and its share is taken of what members share."""

from datetime import datetime
from typing import Final
from uuid import UUID

from msgspec.structs import replace

from regulars.engine import booking
from regulars.engine.dates import expires_at
from regulars.engine.effects import Announced, Counted, HoldOpened
from regulars.engine.events import Chosen, Event, Scalar
from regulars.engine.facts import Facts
from regulars.engine.ids import derive
from regulars.engine.lapsing import keep
from regulars.engine.ledger import Ledger
from regulars.engine.points import OpenHold
from regulars.engine.reasons import Fact, Reason, Refused
from regulars.engine.rewards import Reward
from regulars.engine.running import Running
from regulars.engine.shelf import Cost, cost
from regulars.engine.vouchers import Voucher

# A voucher's store credit is a lot of its own: numbered apart from those that rules open in the same event.
_CREDIT: Final = 1_000_000


def bought(
    running: Running, ledger: Ledger, event: Event, chosen: Chosen, *,
    number: int, until: datetime | None, order_id: str | None,
) -> Voucher | Refused:  # fmt: skip
    """Let the member buy a reward, for a checkout that lasts `until` or at once, or return why not."""
    reward = running.shelf.rewards.get(chosen.reward)
    if reward is None:
        return Refused(code="unknown-reward", detail={"reward": chosen.reward})
    price = cost(reward, chosen)
    if isinstance(price, Reason):
        return unavailable(reward, price)
    facts = running.facts(event, ledger.state())
    stopped = running.shelf.stopped(reward, facts, ledger.shared, price.points)
    if stopped:
        return unavailable(reward, stopped[0])
    if price.points:
        refused = booking.enough(running, ledger, event, reward.wallet, price.points)
        if refused is not None:
            return refused
    voucher = new_voucher(running, ledger, event, reward, derive(event.id, "voucher", number))
    voucher = replace(
        voucher,
        order_id=order_id,
        options=chosen.options,
        value_minor=price.value_minor,
        counted=_counted(ledger, facts, reward, price),
    )
    if until is None:
        voucher = _paid(ledger, event, reward, voucher, price.points)
        return issued(running, ledger, event, reward, voucher)
    return _held(ledger, event, reward, voucher, price.points, until, number)


def new_voucher(running: Running, ledger: Ledger, event: Event, reward: Reward, id: UUID) -> Voucher:
    """Return a new voucher, with what it takes of what members share."""
    claims = running.shelf.claims(reward, ledger.shared)
    for name, most in claims.items():
        ledger.claim(name, 1, most)
    return Voucher(
        id=id,
        reward=reward.id,
        state="issued",
        event_id=event.id,
        issued_at=event.occurred_at,
        valid_until=reward.end(event.occurred_at, running.zone_of(event)),
        claims=dict.fromkeys(claims, 1),
        high_value=reward.high_value,
    )


def _counted(ledger: Ledger, facts: Facts, reward: Reward, price: Cost) -> dict[str, int]:
    """Move the counters of a reward's limits, and return by how much."""
    by: dict[str, int] = {}
    for limit in reward.limits:
        amount = 1 if limit.times is not None else price.points
        name = limit.counter(f"reward/{reward.id}", facts)
        ledger.count([Counted(name=name, by=amount, until=facts.until(limit.per))])
        by[name] = amount
    return by


def _paid(ledger: Ledger, event: Event, reward: Reward, voucher: Voucher, points: int) -> Voucher:
    if not points:
        return voucher
    taken = ledger.take(reward.wallet, points, kind="spend", target="spent", at=event.occurred_at)
    ledger.add(Announced("points.spent", {"wallet": reward.wallet, "points": points}))
    return replace(voucher, wallet=reward.wallet, parts=booking.spent_parts_of(taken))


def _held(
    ledger: Ledger, event: Event, reward: Reward, voucher: Voucher, points: int, until: datetime, number: int
) -> Voucher:
    """Keep a voucher as reserved, with its points held."""
    voucher = replace(voucher, state="reserved", reserved_until=until, reserved_by=event.id)
    if points:
        taken = ledger.take(reward.wallet, points, kind="hold", target="held", at=event.occurred_at)
        parts = booking.parts_of(taken)
        hold = OpenHold(id=derive(event.id, "hold", number), wallet=reward.wallet, parts=parts, expires_at=until)
        ledger.add(HoldOpened(hold))
        voucher = replace(voucher, wallet=reward.wallet, parts=booking.spent_parts_of(taken), hold_id=hold.id)
    return keep(ledger, voucher)


def issued(running: Running, ledger: Ledger, event: Event, reward: Reward, voucher: Voucher) -> Voucher:
    """Keep a voucher as issued: with the code it brings, the wallet it fills, or used up by it."""
    pool = reward.drawn_from()
    if pool is not None:
        number = ledger.claim(f"pool/{pool}", 1, ledger.shared(f"pool/{pool}/size"), exact=True)
        voucher = replace(voucher, number=number)
    filled = reward.fills(voucher)
    if filled is not None:
        voucher = replace(voucher, lot_id=_filled(running, ledger, event, voucher, *filled))
    if reward.at_once:
        at = event.occurred_at
        voucher = replace(voucher, state="redeemed", redeemed_at=at, redeemed_by=event.id)
    return keep(ledger, voucher)


def _filled(running: Running, ledger: Ledger, event: Event, voucher: Voucher, wallet: str, amount: int) -> UUID:
    at = event.occurred_at
    number = _CREDIT + voucher.id.int % _CREDIT
    expiry = expires_at(running.wallets[wallet], at, running.zone_of(event), available=at)
    lot = ledger.new_lot(wallet, amount, number=number, earned_at=at, available_at=at, expires_at=expiry)
    ledger.open(lot, kind="earn", source="issued", at=at)
    return lot.id


def unavailable(reward: Reward, reason: Reason) -> Refused:
    """Return the refusal of a reward for a reason."""
    return Refused(
        code="out-of-stock" if reason.code == "out-of-stock" else "reward-unavailable",
        detail={"reward": reward.id, "reason": reason.code, **told(reason)},
    )


def told(reason: Reason) -> dict[str, Scalar]:
    """Return the facts of a reason in the form in which a refusal carries them."""
    return {"required": _scalar(reason.required), "actual": _scalar(reason.actual)}


def _scalar(fact: Fact) -> Scalar:
    return ", ".join(fact) if isinstance(fact, tuple) else fact
