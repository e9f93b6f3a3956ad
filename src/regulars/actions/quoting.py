"""What a cart would cost with rewards, and what it would earn: reserved and paid in thought, and nothing written."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from regulars.actions import answers
from regulars.actions.deciding import Case, wanted
from regulars.actions.ingest import cases_of
from regulars.actions.memory import Memory
from regulars.actions.sharing import Tally
from regulars.actions.telling import Told
from regulars.db import members
from regulars.engine.carts import Priced, ordered, price
from regulars.engine.decide import Decision, decide
from regulars.engine.discounts import Discount
from regulars.engine.effects import Claimed
from regulars.engine.events import Chosen, Event, Purchase, Reserve, Settle
from regulars.engine.explain import explain
from regulars.engine.ids import derive
from regulars.engine.members import MemberState
from regulars.engine.offering import Offer, offers
from regulars.engine.reasons import Outcome, Refused
from regulars.engine.redeeming import reserved_in
from regulars.engine.running import Running
from regulars.engine.vouchers import Voucher

_MOMENT: Final = timedelta(minutes=1)


class Wishes(Struct, frozen=True, kw_only=True):
    """What is to come off a cart: rewards that the member would take, and vouchers that the member has.

    `taxes` are rates in percent by line id, of use where discounts are meant with or without tax.
    """

    chosen: Sequence[Chosen] = ()
    vouchers: Sequence[UUID] = ()
    taxes: Mapping[str, Decimal] = {}


class Quote(Struct, frozen=True, kw_only=True):
    """The cart as it would be paid, the answer to its purchase, every rule's reason, and what else could be had."""

    priced: Priced
    text: bytes
    running: Running
    timezone: str
    explanation: tuple[Outcome, ...]
    offers: tuple[Offer, ...]


async def quote(
    memory: Memory, programme_id: str, told: Told, wishes: Wishes, *, version: int | None = None, now: datetime
) -> Quote | Refused:
    """Return what an order would come to at `now`, with rewards and vouchers taken off it.

    The rewards are reserved for the order and the order is paid, both in thought: so points are charged once, and
    stock, limits and vouchers are as a checkout would find them.

    Raises: NoProgramme, also where there is no such version.
    """
    assert isinstance(told.body, Purchase), "only an order has a price"
    told = replace(told, body=replace(told.body, vouchers=tuple(wishes.vouchers)))
    cases, verdicts = await cases_of(memory, programme_id, [told], [0], now)
    if not cases:
        refused = verdicts[0]
        assert isinstance(refused, Refused), "an event that is no case was refused"
        return refused
    [case] = cases
    async with memory.pool.connection() as connection:
        loaded = (await members.load(connection, programme_id, wanted([case])))[case.event.member_id]
    running = case.running if version is None else await memory.version(programme_id, version)
    await memory.sharing.look(programme_id)
    tally = memory.sharing.tally(programme_id)
    return _quoted(running, loaded.state, case, wishes, tally)


def _quoted(running: Running, state: MemberState, case: Case, wishes: Wishes, tally: Tally) -> Quote | Refused:
    event, body = case.event, case.event.body
    assert isinstance(body, Purchase), "the quote is of a purchase"
    there = offers(running, state, replace(event, body=Settle()), tally)
    before = _reserved(running, state, event, body.order.id, wishes, tally)
    if isinstance(before, Refused):
        return before
    reserved = reserved_in(before.vouchers.values(), body.order.id)
    priced = price(body.order, _discounts(running, reserved), taxes=wishes.taxes)
    paid = replace(event, body=Purchase(order=ordered(body.order, priced)))
    decision = decide(running, before, paid, tally)
    if isinstance(decision, Refused):
        return decision
    return Quote(
        priced=priced,
        text=answers.write(paid, decision),
        running=running,
        timezone=running.timezone,
        explanation=explain(running, before, paid, tally),
        offers=there,
    )


def _reserved(
    running: Running, state: MemberState, event: Event, order_id: str, wishes: Wishes, tally: Tally
) -> MemberState | Refused:
    """Return the member as the cart's rewards and vouchers, reserved in thought, would leave them."""
    if not wishes.chosen and not wishes.vouchers:
        return state
    until = max(event.occurred_at, event.recorded_at) + _MOMENT
    what = Reserve(order_id=order_id, until=until, chosen=tuple(wishes.chosen), vouchers=tuple(wishes.vouchers))
    made = decide(running, state, replace(event, id=derive(event.id, "quote"), body=what), tally)
    if isinstance(made, Refused):
        return made
    _take(made, tally)
    return made.after


def _take(made: Decision, tally: Tally) -> None:
    for effect in made.effects:
        if isinstance(effect, Claimed):
            tally.take(effect.name, effect.by)


def _discounts(running: Running, reserved: Sequence[Voucher]) -> list[Discount]:
    found = []
    for voucher in reserved:
        reward = running.shelf.rewards.get(voucher.reward)
        discount = reward.discount(voucher) if reward is not None else None
        if discount is not None:
            found.append(discount)
    return found
