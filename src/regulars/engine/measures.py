"""What counts towards a level, and how much of it a level asks for."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from msgspec import Meta, Struct

from regulars.engine.counting import PURCHASES, purchases_in
from regulars.engine.days import SPEND, earned, events
from regulars.engine.programme import Count, Name


class Earned(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="of", tag="earned"):
    """The points that rules gave in a wallet, in its smallest unit, spent or not; returns take theirs back."""

    wallet: Name

    def names(self) -> Sequence[str]:
        """Return the names under which it is counted by the day."""
        return (earned(self.wallet),)


class Spent(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="of", tag="spend"):
    """The money that earns, in minor units, by the programme's basis; returns take theirs back."""

    def names(self) -> Sequence[str]:
        """Return the names under which it is counted by the day."""
        return (SPEND,)


class Purchases(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="of", tag="purchases"):
    """How many orders there were, in all channels or in those named."""

    channels: tuple[Name, ...] = ()

    def names(self) -> Sequence[str]:
        """Return the names under which it is counted by the day."""
        return tuple(map(purchases_in, self.channels)) or (PURCHASES,)


class Happened(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="of", tag="events"):
    """How many events of the named types there were, such as reviews."""

    types: Annotated[tuple[str, ...], Meta(min_length=1)]

    def names(self) -> Sequence[str]:
        """Return the names under which it is counted by the day."""
        return tuple(map(events, self.types))


class Held(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="of", tag="balance"):
    """All that is in a wallet at once, what still waits too; it counts on the days on which something happens."""

    wallet: Name

    def names(self) -> Sequence[str]:
        """Return nothing: a balance is not counted by the day."""
        return ()


Measure = Earned | Spent | Purchases | Happened | Held


class Needs(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a level asks for, by measure: `all` of the ones, and at least one of `any`; nothing asks for nothing."""

    all: Mapping[Name, Count] = {}
    any: Mapping[Name, Count] = {}

    @property
    def nothing(self) -> bool:
        """Whether everybody has what it takes."""
        return not self.all and not self.any
