"""What campaigns say that had better be looked at again: beside each other, and within themselves."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import combinations

from regulars.engine.campaigns import Campaign
from regulars.engine.earning import Rule
from regulars.engine.matching import Windowed
from regulars.programme.document import Document
from regulars.programme.problems import Finding, Path


def campaign_doubts(document: Document) -> Iterator[Finding]:
    """Yield what is doubtful about the campaigns of a programme, its groups, segments and lists."""
    yield from _overlapping(document)
    for index, campaign in enumerate(document.campaigns):
        for number, rule in enumerate(campaign.effects):
            yield from _out_of_reach(campaign, rule, ("campaigns", index, "effects", number))
    yield from _unused(document)


def _overlapping(document: Document) -> Iterator[Finding]:
    """Yield for each campaign the first other one that may give for the same events, if nothing says how they stack."""
    said = set()
    for (_, one), (second, other) in combinations(enumerate(document.campaigns), 2):
        if second in said or (one.group is not None and one.group == other.group) or not _meet(one, other):
            continue
        said.add(second)
        message = f"it may give beside {one.id!r} for the same event, and nothing says how they stand beside each other"
        hint = "Put both into a group: one of the mode all, where both are to count."
        yield Finding(path=("campaigns", second, "id"), message=message, hint=hint, code="campaigns-overlap")


def _meet(one: Campaign, other: Campaign) -> bool:
    """Tell whether some event may earn in the same wallet from both, as far as their plain fields say."""
    if not _share_time(one, other) or not _share(one.channels, other.channels):
        return False
    if not _share(one.shops, other.shops) or not _share(one.regions, other.regions):
        return False
    return any(_rules_meet(left, right) for left in one.effects for right in other.effects)


def _rules_meet(one: Rule, other: Rule) -> bool:
    if not (one.gives_points and other.gives_points) or one.wallet != other.wallet:
        return False
    if one.event_types().isdisjoint(other.event_types()) or not _share(one.channels, other.channels):
        return False
    scopes = [scope.named if (scope := rule.lines()) is not None else () for rule in (one, other)]
    return _share_time(one, other) and _share(*scopes)


def _share(one: Sequence[object], other: Sequence[object]) -> bool:
    """Tell whether two restrictions have something in common; empty ones restrict nothing."""
    return not one or not other or not set(one).isdisjoint(other)


def _share_time(one: Windowed, other: Windowed) -> bool:
    return _before(one.starts_at, other.ends_at) and _before(other.starts_at, one.ends_at)


def _before(starts_at: datetime | None, ends_at: datetime | None) -> bool:
    return starts_at is None or ends_at is None or starts_at < ends_at


def _out_of_reach(campaign: Campaign, rule: Rule, path: Path) -> Iterator[Finding]:
    """Yield why a rule never counts within its campaign, which is narrower."""
    if not _share_time(campaign, rule):
        message = "the rule counts at no time at which its campaign does"
        yield Finding(path=path, message=message, hint="Let the two meet.", code="effect-out-of-time")
    for field in ("channels", "shops"):
        if not _share(getattr(campaign, field), getattr(rule, field)):
            message = f"the rule counts in none of the {field} of its campaign"
            yield Finding(path=(*path, field), message=message, hint="Let the two meet.", code="effect-out-of-place")


def _unused(document: Document) -> Iterator[Finding]:
    """Yield groups that settle nothing, and segments and lists that nothing names."""
    for name, group in document.groups.items():
        members = [campaign.id for campaign in document.campaigns if campaign.group == name]
        if len(members) < 2 and group.mode != "exclusive":
            message = "a group settles something between two campaigns or more"
            path: Path = ("groups", name)
            yield Finding(path=path, message=message, hint="Leave it out.", at_name=True, code="group-of-one")
    texts = " ".join(filter(None, _conditions(document)))
    audiences = [campaign.audience for campaign in document.campaigns]
    audiences += [reward.audience for reward in document.rewards]
    named = {name for audience in audiences for name in (*audience.segments, *audience.except_segments)}
    for name, segment in document.segments.items():
        if name not in named and not segment.announce and name not in texts:
            message, hint = "nothing asks for the segment", "Leave it out, or let it be announced."
            path = ("segments", name)
            yield Finding(path=path, message=message, hint=hint, at_name=True, code="segment-unused")
    listed = {name for audience in audiences for name in (*audience.lists, *audience.except_lists)}
    for name in document.lists:
        if name not in listed and name not in texts:
            path = ("lists", name)
            message = "nothing asks for the list"
            yield Finding(path=path, message=message, hint="Leave it out.", at_name=True, code="list-unused")


def _conditions(document: Document) -> Iterator[str | None]:
    """Yield the texts of all conditions: what they speak of is not unused."""
    for _, rule in document.every_rule():
        yield rule.when
    for campaign in document.campaigns:
        yield campaign.when
    for segment in document.segments.values():
        yield segment.when
