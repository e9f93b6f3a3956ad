"""Purchases, actions and returns: what the rules give for them, and what comes off again."""

from collections.abc import Sequence

from regulars.engine import awarding, days, redeeming, refunding, reversing
from regulars.engine.activity import start_clocks
from regulars.engine.budgets import Used
from regulars.engine.counting import PURCHASES, purchases_in
from regulars.engine.earning import Granted
from regulars.engine.effects import Counted, Described, OrderKept
from regulars.engine.events import Event, Purchase, Return
from regulars.engine.factors import wallets_of
from regulars.engine.facts import Facts
from regulars.engine.granting import NOTHING, Given, give
from regulars.engine.ledger import Ledger
from regulars.engine.members import OrderAward, OrderRecord
from regulars.engine.outcome import Result, dates_of, merged
from regulars.engine.reasons import Outcome, Refused
from regulars.engine.running import Running


def purchase(running: Running, ledger: Ledger, event: Event, body: Purchase) -> Result | Refused:
    """Earn on an order, remember it for its returns, and honour the returns that arrived before it."""
    order = body.order
    if order.currency != running.currency:
        return Refused(code="currency-mismatch", detail={"order": order.currency, "programme": running.currency})
    before = ledger.before.orders.get(order.id)
    if before is not None and before.event_id is not None:
        return Refused(code="order-already-recorded", detail={"order": order.id})
    if body.sent_in and running.is_late_receipt(event):
        return Refused(code="receipt-too-late", detail={"within_hours": running.policies.receipts.within_hours})
    used = redeeming.commit(running, ledger, event, body)
    if isinstance(used, Refused):
        return used
    facts = running.facts(event, ledger.state())
    granted = _given(running, ledger, facts)
    wallets = wallets_of(running.wallets, running.tiers, facts)
    lots = awarding.award(ledger, event, granted, wallets, running.zone_of(event))
    awards = awarding.order_awards(order, granted, lots)
    record = days.count_purchase(ledger, facts, granted, awarding.order_record(event, order, awards, before))
    if before is None:
        ledger.add(OrderKept(record))
        clawbacks: tuple[reversing.Clawback, ...] = ()
    else:
        clawbacks = _claw_back(running, ledger, event, record)
        used = merged(used, refunding.order_returned(running, ledger, event, record))
    by = [Counted(name=PURCHASES, by=1)]
    if event.channel:
        by.append(Counted(name=purchases_in(event.channel), by=1))
    ledger.count(by)
    awarding.stay_active(ledger, event, running.wallets, running.zone_of(event))
    start_clocks(running, ledger, event)
    return merged(_result(ledger, granted, awards, clawbacks), used)


def action(running: Running, ledger: Ledger, event: Event) -> Result:
    """Earn on anything else that the brand gave a name to."""
    facts = running.facts(event, ledger.state())
    granted = _given(running, ledger, facts)
    days.count_action(ledger, facts, granted)
    wallets = wallets_of(running.wallets, running.tiers, facts)
    awarding.award(ledger, event, granted, wallets, running.zone_of(event))
    awarding.stay_active(ledger, event, running.wallets, running.zone_of(event))
    start_clocks(running, ledger, event)
    return _result(ledger, granted, (), ())


def give_back(running: Running, ledger: Ledger, event: Event, body: Return) -> Result | Refused:
    """Take back what the returned lines were given; a return that precedes its order waits for it."""
    record = ledger.before.orders.get(body.order_id) or OrderRecord(order_id=body.order_id)
    after = reversing.returned(record, body)
    if isinstance(after, Refused):
        return after
    if after.event_id is None:
        ledger.add(OrderKept(after))
        return Result(note="waits-for-its-order")
    clawbacks = _claw_back(running, ledger, event, after)
    return merged(Result(clawbacks=clawbacks), refunding.order_returned(running, ledger, event, after))


def _claw_back(running: Running, ledger: Ledger, event: Event, record: OrderRecord) -> tuple[reversing.Clawback, ...]:
    """Take back points, and what was counted on the day of the order."""
    record = days.count_back(ledger, record)
    clawbacks = reversing.claw_back(ledger, event, record, running.policies, running.wallets)
    days.count_clawbacks(ledger, record, clawbacks)
    return clawbacks


def grants(running: Running, facts: Facts, used: Used) -> Given:
    """Return what the live rules give for an event, in the order in which they were decided."""
    if running.is_late(facts.event):
        return NOTHING
    return give(running, running.matching(facts), facts, used)


def _given(running: Running, ledger: Ledger, facts: Facts) -> Sequence[Granted]:
    """Return what the live rules give, with all that is neither points nor the rules' own counters taken note of."""
    given = grants(running, facts, ledger.shared)
    ledger.count(given.counted)
    for claim in given.claims:
        ledger.claim(claim.name, claim.by, claim.most)
    others = [granted for granted in given.granted if granted.attributes or granted.rewards]
    for granted in others:
        for name, value in granted.attributes.items():
            ledger.add(Described(name, value))
    if others:
        redeeming.give_all(running, ledger, facts.event, (id for granted in others for id in granted.rewards))
    return given.granted


def _result(
    ledger: Ledger,
    granted: Sequence[Granted],
    awards: tuple[OrderAward, ...],
    clawbacks: tuple[reversing.Clawback, ...],
) -> Result:
    return Result(
        outcomes=tuple([outcome_of(grant) for grant in granted if grant.desired or grant.gives]),
        awards=awards,
        lots=dates_of(ledger, ledger.opened()),
        clawbacks=clawbacks,
    )


def outcome_of(grant: Granted) -> Outcome:
    """Return a grant as the explanation tells it."""
    return Outcome(
        rule=grant.rule.id,
        applied=grant.gives,
        wallet=grant.rule.wallet,
        value=grant.points,
        desired_value=grant.desired,
        reasons=grant.reasons,
        rewards=grant.rewards,
        attributes=grant.attributes,
    )
