"""The programme as it runs: a version's rules, prepared so that one event asks only those that concern it."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cached_property

from regulars.engine.conditions.nodes import CheckedCondition
from regulars.engine.earning import Rule
from regulars.engine.events import Event
from regulars.engine.facts import Facts, watched
from regulars.engine.matching import Matcher, Test, test_of
from regulars.engine.members import MemberState
from regulars.engine.programme import Policies, Shop, Wallet


class Running:
    """One version of a programme, ready to decide.

    Rules keep the document's order within their stage. `conditions` holds the checked condition of each rule
    that has one, by rule id, and `languages` those in which members read, the default first.
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
        conditions: Mapping[str, CheckedCondition],
        languages: Sequence[str] = (),
    ) -> None:
        self.id = id
        self.version = version
        self.timezone = timezone
        self.currency = currency
        self.wallets = dict(wallets)
        self.policies = policies
        self.shops = dict(shops)
        self.rules = tuple(sorted(rules, key=lambda rule: rule.stage))
        self.conditions = dict(conditions)
        self.languages = tuple(languages)
        scopes = [scope for rule in self.rules if (scope := rule.lines()) is not None]
        self.watched = watched((*scopes, policies.excluded))
        # For how many days back from an event its parts ask what was counted by the day; none where they do not.
        self.days_back = 0
        self._late_after = _days(policies.late_events.window_days)
        self._types = frozenset(type for rule in self.rules for type in rule.event_types())
        self._channels = frozenset(channel for rule in self.rules for channel in rule.channels)
        self._matchers: dict[tuple[str, str], Matcher] = {}

    def facts(self, event: Event, state: MemberState) -> Facts:
        """Return what the rules may ask about an event of a member in this state."""
        return Facts(event, state, self.policies, self.zone_of(event), self.watched)

    def matching(self, facts: Facts) -> Sequence[Rule]:
        """Return the live rules whose channel, shop, window, lines and condition the event meets, in stage order."""
        event = facts.event
        if event.type not in self._types:
            return ()
        # Channels that no rule names are all alike, so that there are only as many matchers as the rules call for.
        key = (event.type, event.channel if event.channel in self._channels else "")
        matcher = self._matchers.get(key)
        if matcher is None:
            matcher = self._matchers[key] = Matcher(self.concerning(*key), self._tests)
        return matcher(facts)

    @cached_property
    def _tests(self) -> Mapping[str, Test | None]:
        return {rule.id: test_of(rule, self.conditions.get(rule.id)) for rule in self.rules}

    def concerning(self, type: str, channel: str) -> list[Rule]:
        """Return the rules that look at events of a type in a channel, in stage order."""
        return [rule for rule in self.looking_at(type) if not rule.channels or channel in rule.channels]

    def looking_at(self, type: str) -> list[Rule]:
        """Return the rules that look at events of a type, in stage order."""
        return [rule for rule in self.rules if type in rule.event_types()]

    def zone_of(self, event: Event) -> str:
        """Return the zone whose day counts for an event: the shop's where the policy says so, else the programme's."""
        if self.policies.day_of == "shop" and event.shop in self.shops:
            return self.shops[event.shop].timezone or self.timezone
        return self.timezone

    def is_late(self, event: Event) -> bool:
        """Return whether an event arrives after the window for late events, which is inclusive."""
        return self._late_after is not None and event.recorded_at - event.occurred_at > self._late_after


def _days(days: int | None) -> timedelta | None:
    return None if days is None else timedelta(days=days)
