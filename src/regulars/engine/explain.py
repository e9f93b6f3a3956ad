"""Every live rule, with the reason why it gave what it gave, or nothing: worked out when somebody asks."""

from collections.abc import Mapping
from datetime import datetime

from regulars.engine.campaigns import Campaign
from regulars.engine.conditions.arithmetic import Failed
from regulars.engine.conditions.explain import Operand, explain_condition
from regulars.engine.conditions.nodes import CheckedCondition
from regulars.engine.decide import begin
from regulars.engine.earn import outcome_of
from regulars.engine.earning import Rule
from regulars.engine.events import Event
from regulars.engine.facts import Facts
from regulars.engine.granting import give
from regulars.engine.matching import facts_of
from regulars.engine.members import MemberState
from regulars.engine.reasons import Fact, Outcome, Reason
from regulars.engine.running import Running
from regulars.engine.scarcity import NOTHING_USED


def explain(
    running: Running, state: MemberState, event: Event, shared: Mapping[str, int] = NOTHING_USED
) -> tuple[Outcome, ...]:
    """Return what became of every rule of the version at this event, in the order in which they are decided.

    `state` is the member's before the event, `shared` what the decision saw of what members share. The rules that
    gave something have the very numbers that the decision recorded, since both ask the same rules.
    """
    ledger = begin(state, event, shared)
    facts = running.facts(event, ledger.state())
    stopped = {rule.id: _stopped(running, rule, facts) for rule in running.rules}
    given = give(running, [rule for rule in running.rules if not stopped[rule.id]], facts, ledger.shared)
    outcomes = {granted.rule.id: outcome_of(granted) for granted in given.granted}
    for rule in running.rules:
        if rule.id not in outcomes:
            reasons = stopped[rule.id] or (given.nothing[rule.id],)
            outcomes[rule.id] = Outcome(rule=rule.id, applied=False, wallet=rule.wallet, reasons=reasons)
    return tuple(outcomes[rule.id] for rule in running.rules)


def _stopped(running: Running, rule: Rule, facts: Facts) -> tuple[Reason, ...]:
    """Everything that keeps the rule from looking at the event at all."""
    event = facts.event
    if event.type not in rule.event_types():
        wanted = tuple(sorted(rule.event_types()))
        return (Reason(code="another-event", required=wanted, actual=event.type),)
    if running.is_late(event):
        window = running.policies.late_events.window_days
        return (Reason(code="too-late", required=window, actual=(event.recorded_at - event.occurred_at).days),)
    campaign = running.campaign_of.get(rule.id)
    reasons = [] if campaign is None else _gate(running, campaign, facts)
    reasons += [*_channel(rule, event), *_shop(rule, event), *_time(rule, event), *_lines(rule, facts)]
    condition = running.conditions.rules.get(rule.id)
    if condition is not None:
        reasons += _condition(condition, facts)
    return tuple(dict.fromkeys(reasons))


def _gate(running: Running, campaign: Campaign, facts: Facts) -> list[Reason]:
    """Everything that keeps the whole campaign from the event."""
    event = facts.event
    reasons = [*_channel(campaign, event), *_time(campaign, event), *running.gate(campaign.id).reasons(facts)]
    condition = running.conditions.campaigns.get(campaign.id)
    return reasons if condition is None else [*reasons, *_condition(condition, facts)]


def _channel(part: Rule | Campaign, event: Event) -> list[Reason]:
    if part.channels and event.channel not in part.channels:
        return [Reason(code="another-channel", required=part.channels, actual=event.channel)]
    return []


def _shop(rule: Rule, event: Event) -> list[Reason]:
    if rule.shops and event.shop not in rule.shops:
        return [Reason(code="another-shop", required=rule.shops, actual=event.shop)]
    return []


def _time(part: Rule | Campaign, event: Event) -> list[Reason]:
    at = event.occurred_at
    if part.starts_at is not None and at < part.starts_at:
        return [Reason(code="not-started", required=part.starts_at.isoformat(), actual=at.isoformat())]
    if part.ends_at is not None and at >= part.ends_at:
        return [Reason(code="over", required=part.ends_at.isoformat(), actual=at.isoformat())]
    return []


def _lines(rule: Rule, facts: Facts) -> list[Reason]:
    scope = rule.lines()
    if scope is None or facts.order is None or facts.has_any(scope.named):
        return []
    return [Reason(code="no-matching-lines", required=(*scope.products, *scope.categories, *scope.tags))]


def _condition(condition: CheckedCondition, facts: Facts) -> list[Reason]:
    operands = explain_condition(condition, facts_of(condition, facts))
    return [_operand(operand) for operand in operands if operand.held is not True]


def _operand(operand: Operand) -> Reason:
    if isinstance(operand.held, Failed):
        return Reason(code="condition-undecided", subject=operand.text, actual=operand.held.reason)
    return Reason(
        code="condition", subject=operand.text, required=_told(operand.required), actual=_told(operand.actual)
    )


def _told(value: object) -> Fact:
    """The value in a form that a reason can carry: instants, spans and lists as text."""
    if value is None or isinstance(value, str | int | bool):
        return value
    if isinstance(value, tuple | list):
        return tuple(str(element) for element in value)
    return value.isoformat() if isinstance(value, datetime) else str(value)
