"""A campaign is a time, a place and an audience with rules that give something there, up to a budget."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from regulars.engine.audiences import Admission, Audience
from regulars.engine.budgets import Budget
from regulars.engine.conditions.nodes import CheckedCondition
from regulars.engine.earning import Limit, Rule
from regulars.engine.events import Event
from regulars.engine.facts import Facts
from regulars.engine.matching import Test, compiled
from regulars.engine.programme import Name, Partner, Shop, Text
from regulars.engine.reasons import Reason
from regulars.engine.schedules import Schedule, Timetable, zones_of
from regulars.engine.zones import zone

Priority = Annotated[int, Meta(ge=-1000, le=1000)]


class Campaign(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rules that count together: when, where and for whom the campaign says, and no more than it has to give.

    In force in `[starts_at, ends_at)`, at the times of the `schedule`, in all channels and shops unless some are
    named (`reason` tells those who run the programme why only there), in shops of the `regions`, with the
    `partners`, for the `audience`, where the condition `when` holds. The `effects` are rules like any others, which
    may be narrower still. `limits` are a member's for the whole campaign, the `budget` that of all members. How it
    stands beside other campaigns is said by its `group` and its `priority`: the higher is decided first.
    """

    id: Name
    name: Text = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    schedule: Schedule | None = None
    channels: tuple[str, ...] = ()
    shops: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    partners: tuple[str, ...] = ()
    reason: str = ""
    audience: Audience = Audience()
    when: Annotated[str, Meta(max_length=4000)] | None = None
    limits: tuple[Limit, ...] = ()
    budget: Budget = Budget()
    group: Name | None = None
    priority: Priority = 0
    effects: tuple[Rule, ...]

    @property
    def limited(self) -> bool:
        """Whether there is anything that the campaign may run out of."""
        return bool(self.limits) or self.budget != _UNLIMITED


_UNLIMITED = Budget()


class Surroundings(Struct, frozen=True, kw_only=True):
    """What of a programme the gates of its campaigns ask: its zone, shops, partners, and the levels of its tiers."""

    timezone: str
    shops: Mapping[str, Shop] = {}
    partners: Mapping[str, Partner] = {}
    levels: Mapping[str, Sequence[str]] = {}

    def partner_of(self, event: Event) -> str:
        """Return with which partner an event happened, by its shop or else by who tells of it; empty without one."""
        shop = self.shops.get(event.shop)
        if shop is not None and shop.partner:
            return shop.partner
        return next((name for name, partner in self.partners.items() if event.source in partner.sources), "")

    def region_of(self, event: Event) -> str:
        """Return the region of the shop of an event; empty without one."""
        shop = self.shops.get(event.shop)
        return shop.region if shop is not None else ""


class Gate:
    """What an event must meet beside the campaign's window and channels; `test` is none where that is nothing."""

    def __init__(self, campaign: Campaign, condition: CheckedCondition | None, around: Surroundings) -> None:
        self._campaign = campaign
        self._around = around
        self._timetable = _timetable(campaign, around)
        self._admission = Admission(campaign.audience, campaign=campaign.id, levels=around.levels)
        asked: list[Callable[[Facts], bool]] = []
        if campaign.partners:
            asked.append(_with_partners(campaign.partners, around))
        if self._timetable is not None:
            asked.append(self._timetable)
        self.test: Test | None = compiled(condition, shops=self._shops(), asked=asked, doubted=self._admission.asked)

    def reasons(self, facts: Facts) -> list[Reason]:
        """Return why an event does not get through, its condition aside."""
        campaign, event = self._campaign, facts.event
        reasons = []
        if campaign.shops and event.shop not in campaign.shops:
            reasons.append(Reason(code="another-shop", required=campaign.shops, actual=event.shop))
        if campaign.regions and (region := self._around.region_of(event)) not in campaign.regions:
            reasons.append(Reason(code="another-region", required=campaign.regions, actual=region))
        if campaign.partners and (partner := self._around.partner_of(event)) not in campaign.partners:
            reasons.append(Reason(code="another-partner", required=campaign.partners, actual=partner))
        if self._timetable is not None:
            reasons += self._timetable.reasons(facts)
        return reasons + self._admission.reasons(facts)

    def _shops(self) -> frozenset[str] | None:
        """The shops in which the campaign counts by its shops and regions; none for everywhere."""
        campaign = self._campaign
        if not campaign.shops and not campaign.regions:
            return None
        inside = [name for name, shop in self._around.shops.items() if shop.region in campaign.regions]
        named = frozenset(campaign.shops or inside)
        return named.intersection(inside) if campaign.regions else named


def _with_partners(partners: Sequence[str], around: Surroundings) -> Callable[[Facts], bool]:
    named = frozenset(partners)
    return lambda facts: around.partner_of(facts.event) in named


def _timetable(campaign: Campaign, around: Surroundings) -> Timetable | None:
    if campaign.schedule is None:
        return None
    shops = {name: shop.timezone for name, shop in around.shops.items() if shop.timezone is not None}
    zones = zones_of(campaign.schedule, programme=around.timezone, shops=shops)
    starts_at = campaign.starts_at
    if starts_at is not None:
        starts_at = starts_at.astimezone(zone(around.timezone))
    return Timetable(campaign.schedule, starts_at=starts_at, zones=zones)
