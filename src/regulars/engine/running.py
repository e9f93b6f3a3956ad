"""The programme as it runs: a version's rules, prepared so that one event asks only those that concern it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from functools import cached_property
from typing import Any, Final

from msgspec import Struct

from regulars.engine import history
from regulars.engine.audiences import Segment
from regulars.engine.campaigns import Campaign, Gate, Surroundings
from regulars.engine.conditions.nodes import CheckedCondition
from regulars.engine.earning import Rule
from regulars.engine.events import Event
from regulars.engine.factors import factors
from regulars.engine.facts import Facts, watched
from regulars.engine.matching import Calendar, Matcher, Test, compiled, segmenting
from regulars.engine.members import MemberState
from regulars.engine.programme import Partner, Policies, Shop, Wallet
from regulars.engine.rewards import Reward
from regulars.engine.shelf import Shelf
from regulars.engine.stacking import Group
from regulars.engine.tiers import TierSet, days_back

_MATCHERS_MAX: Final = 2048


class Conditions(Struct, frozen=True, kw_only=True):
    """The checked conditions of a programme: those of rules, campaigns and segments that have one, by their ids."""

    rules: Mapping[str, CheckedCondition] = {}
    campaigns: Mapping[str, CheckedCondition] = {}
    segments: Mapping[str, CheckedCondition] = {}

    def every(self) -> list[CheckedCondition]:
        """Return all of them."""
        return [*self.rules.values(), *self.campaigns.values(), *self.segments.values()]


_NO_CONDITIONS: Final = Conditions()
_NOTHING: Final[Mapping[str, Any]] = {}


class Running:
    """One version of a programme, ready to decide.

    Rules are in the order in which they are decided: by stage, then by the priority of their campaign, then as in
    the document, those of campaigns last. `languages` are those in which members read, the default first.
    """

    def __init__(
        self,
        *,
        id: str,
        version: int,
        timezone: str,
        currency: str,
        wallets: Mapping[str, Wallet],
        policies: Policies,
        shops: Mapping[str, Shop],
        rules: Sequence[Rule],
        conditions: Conditions = _NO_CONDITIONS,
        languages: Sequence[str] = (),
        campaigns: Sequence[Campaign] = (),
        groups: Mapping[str, Group] = _NOTHING,
        segments: Mapping[str, Segment] = _NOTHING,
        lists: Collection[str] = (),
        partners: Mapping[str, Partner] = _NOTHING,
        tiers: Sequence[TierSet] = (),
        rewards: Sequence[Reward] = (),
    ) -> None:
        self.id = id
        self.version = version
        self.timezone = timezone
        self.currency = currency
        self.wallets = dict(wallets)
        self.policies = policies
        self.shops = dict(shops)
        self.conditions = conditions
        self.languages = tuple(languages)
        self.campaigns = {campaign.id: campaign for campaign in campaigns}
        self.campaign_of = {rule.id: campaign for campaign in campaigns for rule in campaign.effects}
        self.groups = dict(groups)
        # Those in which not all campaigns count, exclusive ones first, since they leave nothing to the others.
        contests = [name for name, group in groups.items() if group.mode != "all"]
        self.contests = tuple(sorted(contests, key=lambda name: groups[name].mode != "exclusive"))
        by_priority = sorted(campaigns, key=lambda campaign: -campaign.priority)
        self.places = {campaign.id: place for place, campaign in enumerate(by_priority)}
        self.segments = dict(segments)
        self.announced = tuple(name for name, segment in segments.items() if segment.announce)
        self.lists = frozenset(lists)
        self.partners = dict(partners)
        self.tiers = tuple(tiers)
        self.rewards = tuple(rewards)
        self.rules = tuple(sorted((*self._every_rule(rules), *factors(tiers)), key=self._order))
        scopes = [scope for rule in self.rules if (scope := rule.lines()) is not None]
        self.watched = watched((*scopes, policies.excluded))
        # For how many days back from an event its parts ask what was counted by the day; none where they do not.
        looking_back = (history.days_back(conditions.every()), days_back(tiers))
        self.days_back = max(*looking_back, *map(_lapse, campaigns), *map(_lapse, rewards))
        self._base_levels = {tier_set.id: tier_set.base for tier_set in tiers if tier_set.base}
        self._segmenting = segmenting(conditions.segments)
        self._late_after = _days(policies.late_events.window_days)
        self._types = frozenset(type for rule in self.rules for type in rule.event_types())
        parts: list[Rule | Campaign] = [*self.rules, *campaigns]
        self._channels = frozenset(channel for part in parts for channel in part.channels)
        self._calendar = Calendar(parts)
        self._matchers: dict[tuple[str, str, int], Matcher] = {}

    def facts(self, event: Event, state: MemberState) -> Facts:
        """Return what the rules may ask about an event of a member in this state."""
        zone_name = self.zone_of(event)
        return Facts(event, state, self.policies, zone_name, self.watched, self._segmenting, self._base_levels)

    def matching(self, facts: Facts) -> Sequence[Rule]:
        """Return the live rules whose campaign, channel, shop, window, lines and condition the event meets."""
        event = facts.event
        if event.type not in self._types:
            return ()
        # Channels that no rule names are all alike, so that there are only as many matchers as the rules call for.
        channel = event.channel if event.channel in self._channels else ""
        key = (event.type, channel, self._calendar.piece(event.occurred_at))
        matcher = self._matchers.get(key)
        if matcher is None:
            if len(self._matchers) >= _MATCHERS_MAX:
                self._matchers.clear()
            matcher = self._matchers[key] = Matcher(self.concerning(*key), self._tests, self._gate_tests)
        return matcher(facts)

    def gate(self, campaign: str) -> Gate:
        """Return what an event must meet for a campaign to count, beside its window and channels."""
        return self._gates[campaign]

    def concerning(self, type: str, channel: str, piece: int) -> list[Rule]:
        """Return the rules that look at events of a type in a channel in a piece of the calendar, in order."""
        return [rule for rule in self.looking_at(type) if self._in_force(rule, channel, piece)]

    def looking_at(self, type: str) -> list[Rule]:
        """Return the rules that look at events of a type, in order."""
        return [rule for rule in self.rules if type in rule.event_types()]

    def _in_force(self, rule: Rule, channel: str, piece: int) -> bool:
        campaign = self.campaign_of.get(rule.id)
        return all(
            (not part.channels or channel in part.channels) and self._calendar.in_force(part, piece)
            for part in ((rule,) if campaign is None else (campaign, rule))
        )

    def _every_rule(self, rules: Sequence[Rule]) -> list[Rule]:
        return [*rules, *(rule for campaign in self.campaigns.values() for rule in campaign.effects)]

    def _order(self, rule: Rule) -> tuple[int, int]:
        campaign = self.campaign_of.get(rule.id)
        return rule.stage, 0 if campaign is None else -campaign.priority

    @cached_property
    def _tests(self) -> Mapping[str, Test | None]:
        return {
            rule.id: compiled(self.conditions.rules.get(rule.id), shops=frozenset(rule.shops) if rule.shops else None)
            for rule in self.rules
        }

    @cached_property
    def _around(self) -> Surroundings:
        levels = {tier_set.id: [level.id for level in tier_set.levels] for tier_set in self.tiers}
        return Surroundings(timezone=self.timezone, shops=self.shops, partners=self.partners, levels=levels)

    @cached_property
    def shelf(self) -> Shelf:
        """Return the rewards, ready to be asked for."""
        return Shelf(self.rewards, self._around)

    @cached_property
    def _gates(self) -> Mapping[str, Gate]:
        around = self._around
        conditions = self.conditions.campaigns
        return {id: Gate(campaign, conditions.get(id), around) for id, campaign in self.campaigns.items()}

    @cached_property
    def _gate_tests(self) -> Mapping[str, tuple[str, Test]]:
        return {
            rule.id: (id, test)
            for id, campaign in self.campaigns.items()
            if (test := self._gates[id].test) is not None
            for rule in campaign.effects
        }

    def zone_of(self, event: Event) -> str:
        """Return the zone whose day counts for an event: the shop's where the policy says so, else the programme's."""
        if self.policies.day_of == "shop" and event.shop in self.shops:
            return self.shops[event.shop].timezone or self.timezone
        return self.timezone

    def is_late(self, event: Event) -> bool:
        """Return whether an event arrives after the window for late events, which is inclusive."""
        return self._late_after is not None and event.recorded_at - event.occurred_at > self._late_after

    def is_late_receipt(self, event: Event) -> bool:
        """Return whether a receipt is sent in after the time for that, which is inclusive."""
        hours = self.policies.receipts.within_hours
        return hours is not None and event.recorded_at - event.occurred_at > timedelta(hours=hours)


def _days(days: int | None) -> timedelta | None:
    return None if days is None else timedelta(days=days)


def _lapse(part: Campaign | Reward) -> int:
    return part.audience.lapsed_for_days or 0
