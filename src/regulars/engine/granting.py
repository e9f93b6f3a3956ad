"""The rules that an event meets are asked one after the other, and whatever limits them is applied at once."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from regulars.engine.budgets import Claim, Purse, nothing_of
from regulars.engine.campaigns import Campaign
from regulars.engine.earning import Grant, Granted, Rule, limited
from regulars.engine.effects import Counted
from regulars.engine.facts import Facts
from regulars.engine.reasons import Reason
from regulars.engine.running import Running
from regulars.engine.stacking import WHOLE_ORDER, Bar, Bars, joined, rivals_barred

Used = Callable[[str], int]


class Given(Struct, frozen=True):
    """What rules gave for an event, in the order in which they were decided, and why the others gave nothing.

    `counted` are the member's counters of whole campaigns, `claims` what is taken of their budgets.
    """

    granted: Sequence[Granted]
    nothing: Mapping[str, Reason]
    counted: Sequence[Counted] = ()
    claims: Sequence[Claim] = ()


NOTHING: Final = Given((), {})


def give(running: Running, rules: Sequence[Rule], facts: Facts, used: Used) -> Given:
    """Return what rules give that an event meets, in their order; `used` says what is used of the budgets.

    Campaigns in groups are tried on their own first, each beside the rules and campaigns that have no rival; then
    all is decided in one go, without those that lost. A campaign that would rather give nothing than a part is
    left out where its budget does not last.
    """
    if not running.campaigns:
        return _plainly(running, rules, facts, used)
    campaign_of = running.campaign_of
    bars: Bars = {}
    if running.groups:
        bars = _bars(running, rules, facts, used)
    while True:
        turn = _Turn(running, facts, used, bars)
        for rule in rules:
            turn.take(rule, campaign_of.get(rule.id))
        short = turn.short()
        if not short:
            return turn.given()
        bars = joined(bars, short)


def _plainly(running: Running, rules: Sequence[Rule], facts: Facts, used: Used) -> Given:
    """Ask rules that are in no campaign, which nothing limits but themselves."""
    granted: list[Granted] = []
    nothing: dict[str, Reason] = {}
    for rule in rules:
        grant = rule.grant(facts, granted)
        if type(grant) is Reason:
            nothing[rule.id] = grant
        else:
            assert isinstance(grant, Grant), "a rule gives something, or says why not"
            granted.append(limited(rule, _there(running, grant, used) if grant.rewards else grant, facts))
    return Given(granted, nothing)


class _Turn:
    """Every rule asked once, from the first to the last."""

    def __init__(self, running: Running, facts: Facts, used: Used, bars: Bars) -> None:
        self._running = running
        self._facts = facts
        self._used = used
        self._bars = bars
        self._purses: dict[str, Purse] = {}
        self.granted: list[Granted] = []
        self.nothing: dict[str, Reason] = {}

    def take(self, rule: Rule, campaign: Campaign | None) -> None:
        """Ask a rule, and take note of what it gives or why it does not."""
        grant = rule.grant(self._facts, self.granted)
        if isinstance(grant, Reason):
            self.nothing[rule.id] = grant
        elif campaign is None:
            self.granted.append(limited(rule, _there(self._running, grant, self._used), self._facts))
        else:
            self.granted.append(self._of_campaign(rule, _there(self._running, grant, self._used), campaign))

    def short(self) -> Bars:
        """Return the campaigns that give nothing for the event, since their budget would pay a part only."""
        return {
            id: Bar(None, purse.short)
            for id, purse in self._purses.items()
            if purse.short is not None and self._running.campaigns[id].budget.edge == "none" and id not in self._whole()
        }

    def given(self) -> Given:
        """Return all of it."""
        purses = [purse for id, purse in self._purses.items() if id not in self._whole()]
        return Given(
            self.granted,
            self.nothing,
            [counted for purse in purses for counted in purse.counted()],
            [claim for purse in purses for claim in purse.claims()],
        )

    def _whole(self) -> set[str]:
        return {id for id, bar in self._bars.items() if bar.lines is None}

    def _of_campaign(self, rule: Rule, grant: Grant, campaign: Campaign) -> Granted:
        bar = self._bars.get(campaign.id)
        desired = grant.points
        reasons: tuple[Reason, ...] = ()
        if bar is not None and bar.lines is not None:
            grant, reasons = _without(grant, bar.lines)
        granted = limited(rule, grant, self._facts)
        if reasons:
            granted = replace(granted, desired=desired, reasons=(*reasons, *granted.reasons))
        if campaign.limited:
            granted = self._purse(campaign).pay(granted)
        if bar is not None and bar.lines is None and (granted.gives or granted.counted):
            granted = nothing_of(granted, bar.reason)
        return granted

    def _purse(self, campaign: Campaign) -> Purse:
        purse = self._purses.get(campaign.id)
        if purse is None:
            wallets = self._running.wallets
            purse = Purse(
                campaign.id, campaign.limits, campaign.budget, facts=self._facts, used=self._used, wallets=wallets
            )
            self._purses[campaign.id] = purse
        return purse


def _there(running: Running, grant: Grant, used: Used) -> Grant:
    """Return a grant without the rewards of which there is none left, and why."""
    if not grant.rewards:
        return grant
    shelf = running.shelf
    sold_out = {name: shelf.sold_out(shelf.rewards[name], used) for name in grant.rewards}
    reason = next((reasons[0] for reasons in sold_out.values() if reasons), grant.reason)
    return replace(grant, rewards=tuple(name for name in grant.rewards if not sold_out[name]), reason=reason)


def _without(grant: Grant, lines: Mapping[int, Reason]) -> tuple[Grant, tuple[Reason, ...]]:
    """Return a grant without what it would give on some lines, and the reasons of those that it loses."""
    if grant.by_line:
        lost = [line for line, points in grant.by_line.items() if points and line in lines]
        left = {line: points for line, points in grant.by_line.items() if line not in lines}
        cut = replace(grant, points=sum(left.values()), by_line=left)
    else:
        lost = [WHOLE_ORDER] if WHOLE_ORDER in lines else []
        cut = replace(grant, points=0) if lost else grant
    if WHOLE_ORDER in lines and (cut.rewards or cut.attributes):
        lost, cut = [*lost, WHOLE_ORDER], replace(cut, rewards=(), attributes={})
    return cut, tuple(dict.fromkeys(lines[line] for line in lost))


def _bars(running: Running, rules: Sequence[Rule], facts: Facts, used: Used) -> Bars:
    """Return what campaigns may not give because of rivals in their groups; exclusive groups are decided first."""
    by_campaign: dict[str, list[Rule]] = {}
    for rule in rules:
        campaign = running.campaign_of.get(rule.id)
        if campaign is not None:
            by_campaign.setdefault(campaign.id, []).append(rule)
    bars: Bars = {}
    for name in running.contests:
        group = running.groups[name]
        rivals = [id for id in by_campaign if running.campaigns[id].group == name and not _barred(bars, id)]
        rivals.sort(key=running.places.__getitem__)
        others = [id for id in by_campaign if id not in rivals] if group.mode == "exclusive" else []
        if len(rivals) + len(others) > 1 and rivals:
            contested = {id for id in by_campaign if running.campaigns[id].group in running.contests}
            settled = [rule for rule in rules if not _one_of(running, rule, contested)]
            trial = _trial(running, settled, by_campaign, facts, used, bars)
            bars = joined(bars, rivals_barred(group, rivals, others, trial, running.wallets))
    return bars


def _trial(
    running: Running,
    settled: Sequence[Rule],
    by_campaign: Mapping[str, Sequence[Rule]],
    facts: Facts,
    used: Used,
    bars: Bars,
) -> Callable[[str], Sequence[Granted]]:
    """Return how to find what a campaign would give by itself, beside all that has no rival."""
    base = _Turn(running, facts, used, bars)
    for rule in settled:
        base.take(rule, running.campaign_of.get(rule.id))

    def trial(campaign: str) -> Sequence[Granted]:
        turn = _Turn(running, facts, used, bars)
        turn.granted = list(base.granted)
        for rule in by_campaign[campaign]:
            turn.take(rule, running.campaigns[campaign])
        return () if campaign in turn.short() else [one for one in turn.granted[len(base.granted) :] if one.gives]

    return trial


def _barred(bars: Bars, campaign: str) -> bool:
    return campaign in bars and bars[campaign].lines is None


def _one_of(running: Running, rule: Rule, campaigns: set[str]) -> bool:
    campaign = running.campaign_of.get(rule.id)
    return campaign is not None and campaign.id in campaigns
