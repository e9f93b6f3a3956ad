"""Every live rule, with the reason why it gave what it gave, or nothing: worked out when somebody asks."""

from collections.abc import Mapping
from datetime import datetime

from regulars.engine.conditions.arithmetic import Failed
from regulars.engine.conditions.explain import Operand, explain_condition
from regulars.engine.conditions.nodes import CheckedCondition
from regulars.engine.decide import begin
from regulars.engine.earn import outcome_of
from regulars.engine.earning import Granted, Rule, limited
from regulars.engine.events import Event
from regulars.engine.facts import Facts
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
    facts = running.facts(event, begin(state, event, shared).state())
    granted: list[Granted] = []
    return tuple(_outcome(running, rule, facts, granted) for rule in running.rules)


def _outcome(running: Running, rule: Rule, facts: Facts, granted: list[Granted]) -> Outcome:
    stopped = _stopped(running, rule, facts)
    if stopped:
        return Outcome(rule=rule.id, applied=False, wallet=rule.wallet, reasons=stopped)
    grant = rule.grant(facts, granted)
    if isinstance(grant, Reason):
        return Outcome(rule=rule.id, applied=False, wallet=rule.wallet, reasons=(grant,))
    after = limited(rule, grant, facts)
    granted.append(after)
    return outcome_of(after)


def _stopped(running: Running, rule: Rule, facts: Facts) -> tuple[Reason, ...]:
    """Everything that keeps the rule from looking at the event at all."""
    event = facts.event
    if event.type not in rule.event_types():
        wanted = tuple(sorted(rule.event_types()))
        return (Reason(code="another-event", required=wanted, actual=event.type),)
    if running.is_late(event):
        window = running.policies.late_events.window_days
        return (Reason(code="too-late", required=window, actual=(event.recorded_at - event.occurred_at).days),)
    reasons = [*_place(rule, event), *_time(rule, event), *_lines(rule, facts)]
    condition = running.conditions.get(rule.id)
    if condition is not None:
        reasons += _condition(condition, facts)
    return tuple(reasons)


def _place(rule: Rule, event: Event) -> list[Reason]:
    reasons = []
    if rule.channels and event.channel not in rule.channels:
        reasons.append(Reason(code="another-channel", required=rule.channels, actual=event.channel))
    if rule.shops and event.shop not in rule.shops:
        reasons.append(Reason(code="another-shop", required=rule.shops, actual=event.shop))
    return reasons


def _time(rule: Rule, event: Event) -> list[Reason]:
    at = event.occurred_at
    if rule.starts_at is not None and at < rule.starts_at:
        return [Reason(code="not-started", required=rule.starts_at.isoformat(), actual=at.isoformat())]
    if rule.ends_at is not None and at >= rule.ends_at:
        return [Reason(code="over", required=rule.ends_at.isoformat(), actual=at.isoformat())]
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
