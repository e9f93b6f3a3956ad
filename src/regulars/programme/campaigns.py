"""A campaign must be able to count, its budget to be paid from, and rivals in a group to be compared."""

from collections.abc import Iterator, Sequence

from regulars.engine.campaigns import Campaign
from regulars.engine.earning import Rule
from regulars.programme.audiences import check_audience, check_schedule
from regulars.programme.document import Document
from regulars.programme.problems import Finding, Path
from regulars.programme.rules import Names, check_limits, check_window, known


def check_campaigns(document: Document, names: Names) -> Iterator[Finding]:
    """Yield what keeps the campaigns from counting, beside their conditions and the rules within them."""
    for id, shop in document.shops.items():
        if shop.partner:
            yield from known(shop.partner, ("shops", id, "partner"), "partner", [*document.partners])
    taken: dict[str, int] = {}
    for index, campaign in enumerate(document.campaigns):
        path: Path = ("campaigns", index)
        if taken.setdefault(campaign.id, index) != index:
            message = f"the id {campaign.id!r} is taken by an earlier campaign"
            yield Finding(path=(*path, "id"), message=message, hint="Every campaign has an id of its own.")
        if not campaign.effects:
            hint = "Give it a rule, such as one of the type spend."
            yield Finding(path=(*path, "effects"), message="a campaign without effects gives nothing", hint=hint)
        yield from check_window("campaign", campaign.starts_at, campaign.ends_at, path)
        yield from check_limits(campaign.limits, (*path, "limits"))
        yield from _check_places(campaign, path, document, names)
        yield from check_audience(campaign.audience, (*path, "audience"), document)
        yield from check_schedule(campaign.schedule, (*path, "schedule"), document, campaign.starts_at)
        yield from _check_money(campaign, path, document)
    yield from _check_groups(document)
    yield from _check_rewards(document)


def _check_places(campaign: Campaign, path: Path, document: Document, names: Names) -> Iterator[Finding]:
    regions = sorted({shop.region for shop in document.shops.values() if shop.region})
    for field, what, there in (
        ("channels", "channel", names.channels),
        ("shops", "shop", names.shops),
        ("regions", "region", regions),
        ("partners", "partner", [*document.partners]),
    ):
        for index, name in enumerate(getattr(campaign, field)):
            yield from _known_place(name, (*path, field, index), what, there)
    if campaign.group is not None:
        yield from known(campaign.group, (*path, "group"), "group", [*document.groups])


def _known_place(name: str, path: Path, what: str, there: Sequence[str]) -> Iterator[Finding]:
    if what == "region" and not there:
        message, hint = f"there is no region {name!r}", "Say of each shop in which region it is."
        yield Finding(path=path, message=message, hint=hint)
    else:
        yield from known(name, path, what, there)


def _check_money(campaign: Campaign, path: Path, document: Document) -> Iterator[Finding]:
    """Yield why a budget or a limit of points cannot be counted: in several wallets at once, or without their worth."""
    wallets = sorted({rule.wallet for rule in campaign.effects if rule.gives_points})
    counting = [("budget", "points")] if campaign.budget.points is not None else []
    counting += [("limits", str(index)) for index, limit in enumerate(campaign.limits) if limit.points is not None]
    if len(wallets) != 1:
        for section, field in counting:
            place: Path = (*path, section, int(field) if field.isdigit() else field)
            message = f"points are counted in one wallet, and the campaign gives in {len(wallets)}"
            hint = "Count money instead (budget: {amount_minor: …}), or make it two campaigns."
            yield Finding(path=place, message=message, hint=hint)
    if campaign.budget.amount_minor is None:
        return
    place = (*path, "budget", "amount_minor")
    if not wallets:
        yield Finding(path=place, message="nothing that the campaign gives is paid in points", hint="Count times.")
    for name in wallets:
        if name in document.wallets and document.wallets[name].worth is None:
            message = f"what the points of {name!r} are worth is not said"
            hint = f"Say it: wallets: {{{name}: {{worth: {{points: 100, amount_minor: 100}}}}}}."
            yield Finding(path=place, message=message, hint=hint)


def _check_groups(document: Document) -> Iterator[Finding]:
    """Yield the groups of which nobody could say which campaign is the best."""
    for name, group in document.groups.items():
        if group.mode != "best":
            continue
        effects = [rule for campaign in document.campaigns if campaign.group == name for rule in campaign.effects]
        path: Path = ("groups", name, "mode")
        hint = "Let the first count: mode: first."
        wallets = sorted({rule.wallet for rule in effects if rule.gives_points})
        worthless = [one for one in wallets if one in document.wallets and document.wallets[one].worth is None]
        if others := _without_points(effects):
            message = f"{others[0].id!r} gives no points, and cannot be compared"
            yield Finding(path=path, message=message, hint=hint)
        elif len(wallets) > 1 and worthless:
            message = f"what the points of {worthless[0]!r} are worth is not said, so that they cannot be compared"
            yield Finding(path=path, message=message, hint=f"Say what they are worth. {hint}")


def _without_points(effects: Sequence[Rule]) -> list[Rule]:
    return [rule for rule in effects if not rule.gives_points]


def _check_rewards(document: Document) -> Iterator[Finding]:
    """Yield the rewards that rules would give and that are not there."""
    there = [reward.id for reward in document.rewards]
    for path, rule in document.every_rule():
        reward = getattr(rule, "reward", None)
        if isinstance(reward, str):
            yield from known(reward, (*path, "reward"), "reward", there)
