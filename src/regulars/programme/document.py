"""A brand's programme as it is written: one document, from which everything else follows."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from msgspec import Meta, Struct, inspect, structs

from regulars.engine.audiences import Segment, StaticList
from regulars.engine.campaigns import Campaign
from regulars.engine.earning import Rule
from regulars.engine.programme import Channel, LanguageTag, Name, Partner, Policies, Shop, Text, Wallet
from regulars.engine.rewards import Pool, Reward
from regulars.engine.stacking import Group
from regulars.engine.tiers import TierSet
from regulars.programme.problems import Path

ShopId = Annotated[str, Meta(min_length=1, max_length=100)]
DataKind = Literal["text", "integer", "boolean"]


class EventType(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An event that the brand gave a name to, and what it says: `data`, by name.

    What is declared here can be asked in conditions as `event.data.NAME`, and a slip in its name is found.
    """

    name: Text = ""
    data: Mapping[Name, DataKind] = {}


class Document(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a brand runs.

    `timezone` (an IANA name) says where days start and end, `currency` (ISO 4217) what money is counted in,
    always in minor units. `languages` are those in which members read, the default first: what they read is
    then a text for each, `name: {en: Stars, fr: Étoiles}`. `channels` are the ways by which events come in,
    `shops` the places by the ids that the events give them. `events` declares the brand's own event types;
    where it is empty, any are welcome. A rule counts in every channel and shop unless it says otherwise; rules that
    count together at some time, in some place and for some members are a campaign. `segments` and `lists` are who
    campaigns can be for, `partners` with whom members earn too, `groups` how campaigns stand beside each other.
    `tiers` are the ladders of levels that members climb. `rewards` are what points buy and what campaigns and
    tiers give, `pools` the codes of others that some of them hand out.
    """

    id: Name
    name: str = ""
    timezone: str
    currency: str
    languages: tuple[LanguageTag, ...] = ()
    channels: Mapping[Name, Channel] = {}
    shops: Mapping[ShopId, Shop] = {}
    partners: Mapping[Name, Partner] = {}
    wallets: Mapping[Name, Wallet]
    policies: Policies = Policies()
    events: Mapping[Name, EventType] = {}
    segments: Mapping[Name, Segment] = {}
    lists: Mapping[Name, StaticList] = {}
    rules: tuple[Rule, ...] = ()
    groups: Mapping[Name, Group] = {}
    campaigns: tuple[Campaign, ...] = ()
    tiers: tuple[TierSet, ...] = ()
    rewards: tuple[Reward, ...] = ()
    pools: Mapping[Name, Pool] = {}

    def every_rule(self) -> Iterator[tuple[Path, Rule]]:
        """Yield every rule with its path: those of the programme, then those of the campaigns."""
        for index, rule in enumerate(self.rules):
            yield ("rules", index), rule
        for number, campaign in enumerate(self.campaigns):
            for index, rule in enumerate(campaign.effects):
                yield ("campaigns", number, "effects", index), rule


def sections_of(cls: type[Struct]) -> list[structs.FieldInfo]:
    """Return the fields of a document that hold parts, in its order; the others say something once."""
    return [field for field in structs.fields(cls) if _holds_parts(inspect.type_info(field.type))]


def default_of(field: structs.FieldInfo) -> object:
    """Return what a field is where nothing is said."""
    return field.default_factory() if callable(field.default_factory) else field.default


def _holds_parts(type: inspect.Type) -> bool:
    match type:
        case inspect.StructType():
            return True
        case inspect.DictType(value_type=inner) | inspect.VarTupleType(item_type=inner):
            return _holds_parts(inner)
        case inspect.UnionType(types=types):
            return any(map(_holds_parts, types))
        case _:
            return False
