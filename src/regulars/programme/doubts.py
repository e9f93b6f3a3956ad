"""What may be meant, but is more often a slip: said as a warning, and only where it is certain."""

from collections.abc import Iterator, Mapping

from regulars.engine.conditions import CheckedCondition
from regulars.engine.conditions.nodes import Literal
from regulars.engine.earning import Rule
from regulars.engine.programme import Rolling
from regulars.programme.document import Document
from regulars.programme.problems import Finding, Path
from regulars.programme.wallets import waits_too_long


def doubts(document: Document, conditions: Mapping[str, CheckedCondition]) -> Iterator[Finding]:
    """Yield what a programme that can run had better not say."""
    yield from _of_wallets(document)
    yield from _of_policies(document)
    for index, rule in enumerate(document.rules):
        path: Path = ("rules", index)
        yield from _of_reach(rule, path, document)
        yield from _of_condition(conditions.get(rule.id), path)
        for message in rule.doubts(document.policies, document.rules):
            yield Finding(path=path, message=message)


def _of_wallets(document: Document) -> Iterator[Finding]:
    given = {rule.wallet for rule in document.rules}
    for name, wallet in document.wallets.items():
        if name not in given:
            hint = "Only adjustments, transfers and merges would fill it."
            yield Finding(path=("wallets", name), message="no rule gives to this wallet", hint=hint, at_name=True)
        if isinstance(wallet.expiry, Rolling) and waits_too_long(wallet):
            message = "points wait longer than they live, so that their life is counted from the end of the wait"
            yield Finding(path=("wallets", name, "pending"), message=message)
        if wallet.debt.policy == "clamp" and wallet.debt.limit is not None:
            message = "the limit has no effect: with clamp there is no debt"
            yield Finding(path=("wallets", name, "debt", "limit"), message=message)


def _of_policies(document: Document) -> Iterator[Finding]:
    policies = document.policies
    if policies.day_of == "shop" and not any(shop.timezone for shop in document.shops.values()):
        message = "no shop has a timezone, so that the programme's day counts everywhere"
        yield Finding(path=("policies", "day_of"), message=message)
    if policies.excluded.excepted and not policies.excluded.named:
        message = "nothing is excluded: name what is, and except from that"
        yield Finding(path=("policies", "excluded"), message=message)
    if policies.late_events.window_days is None and policies.late_events.beyond == "without_points":
        message = "without a window no event is late"
        yield Finding(path=("policies", "late_events", "beyond"), message=message)


def _of_reach(rule: Rule, path: Path, document: Document) -> Iterator[Finding]:
    path = (*path, "channels")
    if rule.channels and set(rule.channels) >= set(document.channels):
        yield Finding(path=path, message="these are all the channels there are", hint="Leave them out.")
    elif rule.channels and not rule.name:
        message = f"the rule counts in {' and '.join(rule.channels)} only, and nothing says why"
        hint = "Members expect a rule to count everywhere. Give it a name that says so, or leave channels out."
        yield Finding(path=path, message=message, hint=hint)


def _of_condition(condition: CheckedCondition | None, path: Path) -> Iterator[Finding]:
    if condition is None or not isinstance(condition.root, Literal):
        return
    always = condition.root.value is True
    message = "the condition is always true" if always else "the condition is never true, so that the rule never counts"
    yield Finding(path=(*path, "when"), message=message, hint="Leave it out." if always else "Take the rule out.")
