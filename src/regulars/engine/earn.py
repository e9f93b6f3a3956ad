"""Purchases, actions and returns: what the rules give for them, and what comes off again."""

from collections.abc import Sequence

from regulars.engine import awarding, days, reversing
from regulars.engine.activity import start_clocks
from regulars.engine.counting import PURCHASES, purchases_in
from regulars.engine.earning import Grant, Granted, limited
from regulars.engine.effects import Counted, OrderKept
from regulars.engine.events import Event, Purchase, Return
from regulars.engine.facts import Facts
from regulars.engine.ledger import Ledger
from regulars.engine.members import OrderAward, OrderRecord
from regulars.engine.outcome import LotDates, Result
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
    facts = running.facts(event, ledger.state())
    granted = grants(running, facts)
    lots = awarding.award(ledger, event, granted, running.wallets, running.zone_of(event))
    awards = awarding.order_awards(order, granted, lots)
    record = days.count_purchase(ledger, facts, granted, awarding.order_record(event, order, awards, before))
    if before is None:
        ledger.add(OrderKept(record))
        clawbacks: tuple[reversing.Clawback, ...] = ()
    else:
        clawbacks = _claw_back(running, ledger, event, record)
    by = [Counted(name=PURCHASES, by=1)]
    if event.channel:
        by.append(Counted(name=purchases_in(event.channel), by=1))
    ledger.count(by)
    awarding.stay_active(ledger, event, running.wallets, running.zone_of(event))
    start_clocks(running, ledger, event)
    return _result(running, ledger, granted, awards, clawbacks)


def action(running: Running, ledger: Ledger, event: Event) -> Result:
    """Earn on anything else that the brand gave a name to."""
    facts = running.facts(event, ledger.state())
    granted = grants(running, facts)
    days.count_action(ledger, facts, granted)
    awarding.award(ledger, event, granted, running.wallets, running.zone_of(event))
    awarding.stay_active(ledger, event, running.wallets, running.zone_of(event))
    start_clocks(running, ledger, event)
    return _result(running, ledger, granted, (), ())


def give_back(running: Running, ledger: Ledger, event: Event, body: Return) -> Result | Refused:
    """Take back what the returned lines were given; a return that precedes its order waits for it."""
    record = ledger.before.orders.get(body.order_id) or OrderRecord(order_id=body.order_id)
    after = reversing.returned(record, body)
    if isinstance(after, Refused):
        return after
    if after.event_id is None:
        ledger.add(OrderKept(after))
        return Result(note="waits-for-its-order")
    return Result(clawbacks=_claw_back(running, ledger, event, after))


def _claw_back(running: Running, ledger: Ledger, event: Event, record: OrderRecord) -> tuple[reversing.Clawback, ...]:
    """Take back points, and what was counted on the day of the order."""
    record = days.count_back(ledger, record)
    clawbacks = reversing.claw_back(ledger, event, record, running.policies, running.wallets)
    days.count_clawbacks(ledger, record, clawbacks)
    return clawbacks


def grants(running: Running, facts: Facts) -> list[Granted]:
    """Return what the live rules give for an event, in the order in which they were decided."""
    if running.is_late(facts.event):
        return []
    granted: list[Granted] = []
    for rule in running.matching(facts):
        grant = rule.grant(facts, granted)
        if isinstance(grant, Grant):
            granted.append(limited(rule, grant, facts))
    return granted


def _result(
    running: Running,
    ledger: Ledger,
    granted: Sequence[Granted],
    awards: tuple[OrderAward, ...],
    clawbacks: tuple[reversing.Clawback, ...],
) -> Result:
    return Result(
        outcomes=tuple(outcome_of(grant) for grant in granted if grant.points or grant.desired),
        awards=awards,
        lots=tuple(_dates(running, ledger)),
        clawbacks=clawbacks,
    )


def outcome_of(grant: Granted) -> Outcome:
    """Return a grant as the explanation tells it."""
    return Outcome(
        rule=grant.rule.id,
        applied=grant.points > 0,
        wallet=grant.rule.wallet,
        value=grant.points,
        desired_value=grant.desired,
        reasons=grant.reasons,
    )


def _dates(running: Running, ledger: Ledger) -> list[LotDates]:
    return [
        LotDates(
            lot_id=lot.id,
            wallet=lot.wallet,
            points=lot.amount,
            available_at=lot.available_at,
            expires_at=ledger.expiry_of(lot),
        )
        for lot in ledger.opened()
    ]
