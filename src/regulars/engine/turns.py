"""One turn: every rule that an event meets is asked once, beside what stands in the way of its campaign."""

from collections.abc import Sequence

from msgspec.structs import replace

from regulars.engine.budgets import Claim, Purse, Used, nothing_of
from regulars.engine.campaigns import Campaign
from regulars.engine.earning import Grant, Granted, Rule, limited
from regulars.engine.effects import Counted
from regulars.engine.facts import Facts
from regulars.engine.reasons import Reason
from regulars.engine.running import Running
from regulars.engine.stacking import WHOLE_ORDER, Bar, Bars


class Turn:
    """Every rule asked once, from the first to the last."""

    def __init__(self, running: Running, facts: Facts, used: Used, bars: Bars) -> None:
        self._running = running
        self._facts = facts
        self._used = used
        self._bars = bars
        self._whole = frozenset(id for id, bar in bars.items() if bar.whole)
        self._purses: dict[str, Purse] = {}
        self.granted: list[Granted] = []
        self.nothing: dict[str, Reason] = {}

    def take_all(self, rules: Sequence[Rule]) -> None:
        """Ask rules, in their order."""
        campaign_of = self._running.campaign_of
        for rule in rules:
            self.take(rule, campaign_of.get(rule.id))

    def take(self, rule: Rule, campaign: Campaign | None) -> None:
        """Ask a rule, and take note of what it gives or why it does not."""
        grant = rule.grant(self._facts, self.granted)
        if isinstance(grant, Reason):
            self.nothing[rule.id] = grant
        elif campaign is None:
            self.granted.append(limited(rule, there(self._running, grant, self._used), self._facts))
        else:
            self.granted.append(self._of_campaign(rule, there(self._running, grant, self._used), campaign))

    def short(self) -> Bars:
        """Return the campaigns that give nothing for the event, since their budget would pay a part only."""
        return {
            id: Bar(purse.short)
            for id, purse in self._purses.items()
            if purse.short is not None and self._running.campaigns[id].budget.edge == "none" and id not in self._whole
        }

    def counted(self) -> list[Counted]:
        """Return how the member's counters of whole campaigns move."""
        return [counted for purse in self._paying() for counted in purse.counted()]

    def claims(self) -> list[Claim]:
        """Return what is taken of the campaigns' budgets."""
        return [claim for purse in self._paying() for claim in purse.claims()]

    def _paying(self) -> list[Purse]:
        return [purse for id, purse in self._purses.items() if id not in self._whole]

    def _of_campaign(self, rule: Rule, grant: Grant, campaign: Campaign) -> Granted:
        bar = self._bars.get(campaign.id)
        desired = grant.points
        reasons: tuple[Reason, ...] = ()
        if bar is not None and not bar.whole:
            grant, reasons = _without(grant, bar)
        granted = limited(rule, grant, self._facts)
        if reasons:
            granted = replace(granted, desired=desired, reasons=(*reasons, *granted.reasons))
        if campaign.limited:
            granted = self._purse(campaign).pay(granted)
        if bar is not None and bar.whole and granted.gives:
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


def there(running: Running, grant: Grant, used: Used) -> Grant:
    """Return a grant without the rewards of which there is none left, and why."""
    if not grant.rewards:
        return grant
    shelf = running.shelf
    sold_out = {name: shelf.sold_out(shelf.rewards[name], used) for name in grant.rewards}
    reason = next((reasons[0] for reasons in sold_out.values() if reasons), grant.reason)
    return replace(grant, rewards=tuple(name for name in grant.rewards if not sold_out[name]), reason=reason)


def _without(grant: Grant, bar: Bar) -> tuple[Grant, tuple[Reason, ...]]:
    """Return a grant without what it would give where its campaign is barred, and the reasons of what it loses."""
    lines = grant.by_line or ({WHOLE_ORDER: grant.points} if grant.points else {})
    lost = [reason for line, points in lines.items() if points and (reason := bar.why(line)) is not None]
    left = {line: points for line, points in lines.items() if bar.why(line) is None}
    kept = replace(grant, points=sum(left.values()), by_line=left if grant.by_line else grant.by_line)
    if (kept.rewards or kept.attributes) and (reason := bar.why(WHOLE_ORDER)) is not None:
        lost, kept = [*lost, reason], replace(kept, rewards=(), attributes={})
    return kept, tuple(dict.fromkeys(lost))
