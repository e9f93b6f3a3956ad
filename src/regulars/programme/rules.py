"""A rule must be able to count: what it names must be there, its window open, its lines not all excluded."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from msgspec import Struct, structs

from regulars.engine.conditions.hints import did_you_mean
from regulars.engine.earning import Limit, Rule
from regulars.engine.programme import Scope
from regulars.programme.basics import check_event_type
from regulars.programme.document import Document
from regulars.programme.problems import Finding, Path


class Names(Struct, frozen=True, kw_only=True):
    """What rules may name. What is written but does not fit is among them, so that it is complained of once."""

    wallets: Sequence[str]
    channels: Sequence[str]
    shops: Sequence[str]


def check_rules(document: Document, names: Names) -> Iterator[Finding]:
    """Yield what keeps the rules from counting, beside their conditions."""
    taken: dict[str, Path] = {}
    for path, rule in document.every_rule():
        if taken.setdefault(rule.id, path) != path:
            message = f"the id {rule.id!r} is taken by an earlier rule"
            yield Finding(path=(*path, "id"), message=message, hint="Every rule has an id of its own.")
        yield from _check_names(rule, path, names)
        yield from _check_events(rule, path, document)
        yield from check_window("rule", rule.starts_at, rule.ends_at, path)
        yield from check_limits(rule.limits, (*path, "limits"))
        yield from _check_scope(rule, path, document.policies.excluded)


def _check_names(rule: Rule, path: Path, names: Names) -> Iterator[Finding]:
    if rule.gives_points:
        yield from known(rule.wallet, (*path, "wallet"), "wallet", names.wallets)
    for index, channel in enumerate(rule.channels):
        yield from known(channel, (*path, "channels", index), "channel", names.channels)
    for index, shop in enumerate(rule.shops):
        yield from known(shop, (*path, "shops", index), "shop", names.shops)


def known(name: str, path: Path, what: str, there: Sequence[str]) -> Iterator[Finding]:
    """Yield that a name is not among those that are there."""
    if name in there:
        return
    listed = f"There are {', '.join(there[:10])}." if there else f"Declare it under {what}s."
    yield Finding(path=path, message=f"there is no {what} {name!r}", hint=did_you_mean(name, there) or listed)


def _check_events(rule: Rule, path: Path, document: Document) -> Iterator[Finding]:
    types = rule.event_types()
    if not types:
        yield Finding(path=path, message="the rule looks at no event", hint="Name one, such as purchase.")
    for type in sorted(types):
        yield from check_event_type(type, (*path, *_where(rule, type)), document)


def _where(rule: Rule, word: str) -> Path:
    """Return in which of the rule's own fields a word stands."""
    for field in structs.fields(rule):
        value = getattr(rule, field.name)
        if field.encode_name in Rule.__struct_encode_fields__:
            continue
        if value == word:
            return (field.encode_name,)
        if isinstance(value, tuple) and word in value:
            return (field.encode_name, value.index(word))
    return ()


def check_window(what: str, starts_at: datetime | None, ends_at: datetime | None, path: Path) -> Iterator[Finding]:
    """Yield that something is over before it begins."""
    if starts_at is not None and ends_at is not None and ends_at <= starts_at:
        message = f"the {what} ends before it starts; ends_at is the first instant at which it no longer counts"
        yield Finding(path=(*path, "ends_at"), message=message, hint="Let it end later.")


def check_limits(limits: Sequence[Limit], path: Path) -> Iterator[Finding]:
    """Yield the limits that limit nothing, or the same thing twice."""
    taken = set()
    for index, limit in enumerate(limits):
        if (limit.times is None) == (limit.points is None):
            message = "a limit has times or points, one of the two"
            yield Finding(path=(*path, index), message=message, hint="For both, write two limits.")
            continue
        kind = "times" if limit.times is not None else "points"
        if (kind, limit.per) in taken:
            message = f"there is a limit of {kind} for {'ever' if limit.per == 'ever' else 'the ' + limit.per} already"
            yield Finding(path=(*path, index), message=message, hint="Keep the smaller one.")
        taken.add((kind, limit.per))


def _check_scope(rule: Rule, path: Path, excluded: Scope) -> Iterator[Finding]:
    scope = rule.lines()
    if scope is None or not scope.named:
        return
    path = (*path, *_where_scope(rule, scope))
    named, excepted = set(scope.named), set(scope.excepted)
    if named <= excepted:
        message = "everything named here is excepted again, so that no line is left"
        yield Finding(path=path, message=message, hint="Name it once.")
    elif not excluded.excepted and named <= {*excluded.named, *excepted}:
        message = "policies.excluded excludes everything named here, so that no line is left"
        yield Finding(path=path, message=message, hint="Take it out of one of the two.")


def _where_scope(rule: Rule, scope: Scope) -> Path:
    names = [field.encode_name for field in structs.fields(rule) if getattr(rule, field.name) is scope]
    return tuple(names[:1])
