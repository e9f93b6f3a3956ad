"""The rules that an event meets are asked one after the other, and whatever limits them is applied at once."""

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct

from regulars.engine.budgets import Claim, Used
from regulars.engine.earning import Grant, Granted, Rule, limited
from regulars.engine.effects import Counted
from regulars.engine.facts import Facts
from regulars.engine.reasons import Reason
from regulars.engine.running import Running
from regulars.engine.stacking import Bars, joined, rivals_barred
from regulars.engine.turns import Turn, there


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
    bars = _Contests(running, rules, facts, used).bars() if running.contests else {}
    while True:
        turn = Turn(running, facts, used, bars)
        turn.take_all(rules)
        short = turn.short()
        if not short:
            return Given(turn.granted, turn.nothing, turn.counted(), turn.claims())
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
            granted.append(limited(rule, there(running, grant, used) if grant.rewards else grant, facts))
    return Given(granted, nothing)


class _Contests:
    """The rivalry between the campaigns of an event, group by group; exclusive groups are decided first."""

    def __init__(self, running: Running, rules: Sequence[Rule], facts: Facts, used: Used) -> None:
        self._running = running
        self._facts = facts
        self._used = used
        self._bars: Bars = {}
        self._rules: dict[str, list[Rule]] = {}
        self._settled: list[Rule] = []
        self._base: list[Granted] | None = None
        for rule in rules:
            campaign = running.campaign_of.get(rule.id)
            if campaign is not None:
                self._rules.setdefault(campaign.id, []).append(rule)
            if campaign is None or campaign.group not in running.contests:
                self._settled.append(rule)

    def bars(self) -> Bars:
        """Return what campaigns may not give because of their rivals."""
        running = self._running
        for name in running.contests:
            group = running.groups[name]
            rivals = sorted((id for id in self._rules if self._is_rival(id, name)), key=running.places.__getitem__)
            others = [id for id in self._rules if id not in rivals] if group.mode == "exclusive" else []
            if rivals and len(rivals) + len(others) > 1:
                more = rivals_barred(group, rivals, others, self._trial, running.wallets)
                if others and more:
                    self._base = None
                self._bars = joined(self._bars, more)
        return self._bars

    def _is_rival(self, campaign: str, group: str) -> bool:
        bar = self._bars.get(campaign)
        return self._running.campaigns[campaign].group == group and (bar is None or not bar.whole)

    def _trial(self, campaign: str) -> Sequence[Granted]:
        """Return what a campaign would give by itself, beside all that has no rival."""
        turn = Turn(self._running, self._facts, self._used, self._bars)
        rules = self._rules[campaign]
        # Rules of the first stage build on nothing.
        beside = self._beside() if any(rule.stage for rule in rules) else ()
        turn.granted += beside
        turn.take_all(rules)
        return () if campaign in turn.short() else [one for one in turn.granted[len(beside) :] if one.gives]

    def _beside(self) -> Sequence[Granted]:
        if self._base is None:
            turn = Turn(self._running, self._facts, self._used, self._bars)
            turn.take_all(self._settled)
            self._base = turn.granted
        return self._base
