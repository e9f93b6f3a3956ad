"""Members of a level earn a multiple: a rule of its own, so that it is explained and taken back like any other."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import cached_property
from typing import ClassVar

from msgspec.structs import replace

from regulars.engine.earning import Grant, Granted, Rule
from regulars.engine.facts import Facts
from regulars.engine.numbers import divide, split
from regulars.engine.programme import Lasting, Never, Wallet
from regulars.engine.reasons import Reason
from regulars.engine.tiers import TierSet


class TierFactor(Rule, frozen=True, kw_only=True, tag="tier_factor", dict=True):
    """Add what is missing to `factor` times the points that the spend rules gave on the lines of a purchase.

    Only for members who stand at the level when it happens.
    """

    tier_set: TierSet
    level: str
    factor: Decimal

    stage: ClassVar[int] = 1

    def event_types(self) -> frozenset[str]:
        return frozenset({"purchase"})

    def grant(self, facts: Facts, so_far: Sequence[Granted]) -> Grant | Reason:
        level = facts.level(self.tier_set.id)
        if level != self.level:
            return Reason(code="another-tier", subject=self.tier_set.id, required=self.level, actual=level)
        earned = self._earned(so_far)
        more, whole = self._more
        points = divide(sum(earned.values()) * more, whole, facts.policies.rounding)
        if points == 0:
            return Reason(code="nothing-to-earn-on")
        return Grant(points, dict(zip(earned, split(points, list(earned.values())), strict=True)))

    @cached_property
    def _more(self) -> tuple[int, int]:
        """What the factor adds to the points of a line, as a fraction."""
        return (self.factor - 1).as_integer_ratio()

    def _earned(self, so_far: Iterable[Granted]) -> dict[int, int]:
        """What the rules of earlier stages gave on each line."""
        earned: dict[int, int] = {}
        for granted in so_far:
            if granted.rule.wallet == self.wallet and granted.rule.stage < self.stage:
                for index, points in granted.by_line.items():
                    earned[index] = earned.get(index, 0) + points
        return earned


def factors(tier_sets: Iterable[TierSet]) -> list[Rule]:
    """Return the rules that give the levels of the sets their multiples."""
    return [
        TierFactor(
            id=f"tier.{tier_set.id}.{level.id}.{wallet}",
            name=level.name,
            wallet=wallet,
            tier_set=tier_set,
            level=level.id,
            factor=factor,
        )
        for tier_set in tier_sets
        for level in tier_set.levels
        for wallet, factor in level.benefits.earn.items()
    ]


def wallets_of(wallets: dict[str, Wallet], tier_sets: Iterable[TierSet], facts: Facts) -> dict[str, Wallet]:
    """Return the wallets with the expiry that the member's levels give to what is earned now.

    Where levels of several sets speak of a wallet, the set that comes first does. What never expires at a level does
    not lapse by inactivity either.
    """
    changed: dict[str, Wallet] = {}
    for tier_set in tier_sets:
        place = tier_set.place(facts.level(tier_set.id))
        if place >= 0:
            for name, expiry in tier_set.levels[place].benefits.expiry.items():
                lasts = Lasting() if isinstance(expiry, Never) else expiry
                changed.setdefault(name, replace(wallets[name], expiry=lasts))
    return wallets | changed if changed else wallets
