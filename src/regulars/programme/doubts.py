"""What may be meant, but is more often a slip: said as a warning, and only where it is certain.

The parts of a programme, and the kinds of plug-ins among them, say most of it themselves: whatever has a method
`doubts(beside)` is asked. What is said here is about parts that know nothing of each other.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from msgspec import Struct

from regulars.engine.conditions import CheckedCondition
from regulars.engine.conditions.nodes import Literal
from regulars.engine.doubting import Beside, Doubt
from regulars.engine.earning import Limit
from regulars.engine.programme import Rolling
from regulars.engine.running import Conditions
from regulars.engine.zones import Period
from regulars.programme.conditions import unknown_places
from regulars.programme.document import Document
from regulars.programme.overlaps import campaign_doubts
from regulars.programme.parts import parts_of
from regulars.programme.problems import Finding, Path
from regulars.programme.texts import missing_texts
from regulars.programme.wallets import waits_too_long

# The longer periods that hold a period whole; a week may lie in two months and in two years.
_LONGER: Final[Mapping[Period, tuple[Period, ...]]] = {
    "day": ("week", "month", "year", "ever"),
    "week": ("ever",),
    "month": ("year", "ever"),
    "year": ("ever",),
    "ever": (),
}


def doubts(document: Document, conditions: Conditions) -> Iterator[Finding]:
    """Yield what a programme that can run had better not say."""
    yield from missing_texts(document)
    yield from _of_wallets(document)
    yield from _of_policies(document)
    yield from campaign_doubts(document)
    parts = parts_of(document)
    beside = Beside(parts)
    for path, part in parts.items():
        yield from _of_reach(part, path, document)
        for doubt in _own(part, beside):
            yield Finding(
                path=(*path, *doubt.path),
                message=doubt.message,
                hint=doubt.hint,
                at_name=doubt.at_name,
                code=doubt.code,
            )
    for path, rule in document.every_rule():
        yield from _of_limits(rule.limits, (*path, "limits"))
        yield from _of_condition(conditions.rules.get(rule.id), (*path, "when"), document, what="rule")
    for index, campaign in enumerate(document.campaigns):
        yield from _of_limits(campaign.limits, ("campaigns", index, "limits"))
        yield from _of_condition(
            conditions.campaigns.get(campaign.id), ("campaigns", index, "when"), document, what="campaign"
        )
    for name in document.segments:
        yield from _of_condition(conditions.segments.get(name), ("segments", name, "when"), document, what="segment")


def _own(part: Struct, beside: Beside) -> Sequence[Doubt]:
    """Return what a part doubts itself, where it can."""
    ask = getattr(part, "doubts", None)
    return ask(beside) if callable(ask) else ()


def _of_wallets(document: Document) -> Iterator[Finding]:
    given = {rule.wallet for _, rule in document.every_rule() if rule.gives_points}
    for name, wallet in document.wallets.items():
        if name not in given:
            hint = "Only adjustments, transfers and merges would fill it."
            message = "no rule gives to this wallet"
            path: Path = ("wallets", name)
            yield Finding(path=path, message=message, hint=hint, at_name=True, code="wallet-never-filled")
        if isinstance(wallet.expiry, Rolling) and waits_too_long(wallet):
            message = "points wait longer than they live, so that their life is counted from the end of the wait"
            yield Finding(path=("wallets", name, "pending"), message=message, code="wait-longer-than-life")
        if wallet.debt.policy == "clamp" and wallet.debt.limit is not None:
            message = "the limit has no effect: with clamp there is no debt"
            yield Finding(path=("wallets", name, "debt", "limit"), message=message, code="debt-limit-without-effect")


def _of_policies(document: Document) -> Iterator[Finding]:
    policies = document.policies
    if policies.day_of == "shop" and not any(shop.timezone for shop in document.shops.values()):
        message = "no shop has a timezone, so that the programme's day counts everywhere"
        yield Finding(path=("policies", "day_of"), message=message, code="day-of-shop-without-zones")
    if policies.excluded.excepted and not policies.excluded.named:
        message = "nothing is excluded: name what is, and except from that"
        yield Finding(path=("policies", "excluded"), message=message, code="exception-without-exclusion")
    if policies.late_events.window_days is None and policies.late_events.beyond == "without_points":
        message = "without a window no event is late"
        yield Finding(path=("policies", "late_events", "beyond"), message=message, code="late-without-window")


def _of_reach(part: Struct, path: Path, document: Document) -> Iterator[Finding]:
    """Yield what is doubtful about where a part counts, if it is one that can count in some channels only."""
    channels, reason = getattr(part, "channels", None), getattr(part, "reason", None)
    if not isinstance(channels, tuple) or not channels or reason is None:
        return
    path = (*path, "channels")
    if set(channels) >= set(document.channels):
        message = "these are all the channels there are"
        yield Finding(path=path, message=message, hint="Leave them out.", code="all-channels-named")
    elif not reason:
        message = f"it counts in {' and '.join(channels)} only, and nothing says why"
        hint = "Members expect the same everywhere. Say why not in reason, or leave channels out."
        yield Finding(path=path, message=message, hint=hint, code="channels-without-reason")


def _of_limits(limits: Sequence[Limit], path: Path) -> Iterator[Finding]:
    """Yield the limits of short periods that those of longer ones leave nothing to do."""
    for index, limit in enumerate(limits):
        for longer in limits:
            if longer.per in _LONGER[limit.per] and _reached_by(longer, limit):
                message = f"the limit has no effect: that {_spelled(longer.per)} is reached before it"
                yield Finding(path=(*path, index), message=message, hint="Leave it out.", code="limit-without-effect")
                break


def _reached_by(longer: Limit, limit: Limit) -> bool:
    """Tell whether a limit of a longer period is reached no later; both are of times, or both of points."""
    if limit.times is not None:
        return longer.times is not None and longer.times <= limit.times
    return limit.points is not None and longer.points is not None and longer.points <= limit.points


def _spelled(period: Period) -> str:
    return "for ever" if period == "ever" else f"of the {period}"


def _of_condition(
    condition: CheckedCondition | None, path: Path, document: Document, *, what: str
) -> Iterator[Finding]:
    if condition is None:
        return
    yield from unknown_places(condition, path, document)
    if not isinstance(condition.root, Literal):
        return
    if condition.root.value is True:
        message = "the condition is always true"
        yield Finding(path=path, message=message, hint="Leave it out.", code="condition-always-true")
    else:
        message = f"the condition is never true, so that the {what} never counts"
        yield Finding(path=path, message=message, hint=f"Take the {what} out.", code="condition-never-true")
