"""A brand's programme as it is written: one document, from which everything else follows."""

from collections.abc import Mapping
from typing import Annotated, Literal

from msgspec import Meta, Struct

from regulars.engine.earning import Rule
from regulars.engine.programme import Channel, LanguageTag, Name, Policies, Shop, Text, Wallet

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
    where it is empty, any are welcome. A rule counts in every channel and shop unless it says otherwise.
    """

    id: Name
    name: str = ""
    timezone: str
    currency: str
    languages: tuple[LanguageTag, ...] = ()
    channels: Mapping[Name, Channel] = {}
    shops: Mapping[ShopId, Shop] = {}
    wallets: Mapping[Name, Wallet]
    policies: Policies = Policies()
    events: Mapping[Name, EventType] = {}
    rules: tuple[Rule, ...] = ()
