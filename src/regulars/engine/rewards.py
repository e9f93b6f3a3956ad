"""A reward is what points buy, or what a campaign gives: its price, how many there are, and who can have it when."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, ClassVar, Literal

from msgspec import Meta, Struct

from regulars.engine.audiences import Audience
from regulars.engine.dates import expires_at
from regulars.engine.discounts import Discount
from regulars.engine.doubting import Beside, Doubt, Path
from regulars.engine.earning import Limit, Rule
from regulars.engine.programme import Count, Fixed, Name, Never, Rolling, Text, Wallet
from regulars.engine.reasons import Reason
from regulars.engine.schedules import Schedule
from regulars.engine.vouchers import Voucher

Price = Annotated[int, Meta(ge=0, le=1_000_000_000)]


class PartPayment(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The member chooses how many points to pay: every `points` (smallest unit) are worth `amount_minor`.

    Only whole multiples of `points`, so that nothing is ever rounded; from `least` to `most` points, inclusive.
    """

    points: Count
    amount_minor: Count
    least: Count | None = None
    most: Count | None = None

    def __post_init__(self) -> None:
        if self.least is not None and self.most is not None and self.most < self.least:
            raise ValueError("most must be at least as much as least")

    @property
    def bounds(self) -> tuple[int, int | None]:
        """The fewest and the most points that can be paid; none for as many as there are."""
        return self.least or self.points, self.most

    def value(self, points: int) -> int | Reason:
        """Return what so many points are worth in minor units, or why they cannot be paid."""
        least, most = self.bounds
        if points < least:
            return Reason(code="amount-too-small", required=least, actual=points)
        if most is not None and points > most:
            return Reason(code="amount-too-high", required=most, actual=points)
        if points % self.points:
            return Reason(code="amount-not-a-multiple", required=self.points, actual=points)
        return points // self.points * self.amount_minor


class Pool(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Codes that somebody else made, loaded from a file, to be handed out one by one: `regulars pool load`."""

    name: Text = ""


class Reward(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type"):
    """What all rewards have in common.

    `price` is in points of the `wallet` (smallest unit), 0 for free; with `part_payment` the member chooses it
    instead. `stock` is how many there are in all, `limits` how many a member can have, by times or by points.
    `drops` are the weekdays, hours and dates at which it can be had, and `audience` by whom; `channels` and `shops`
    are where it can be had and used (everywhere where they are empty; `reason` says why only there). It can be
    had in `[starts_at, ends_at)`. With `given_only` it is not for sale: campaigns and tiers give it.

    A voucher is usable from its issue for as long as `valid` says, and at most until `valid_until` (exclusive).
    `refund` says whether a member can have the points back: `always`, `until_used`, or `never`; whoever used it
    by mistake can undo that for `undo_minutes`. When the order it was used in comes back as a whole, the member
    has the `voucher` back, the `points`, or it is used up (`keep`): `on_return`. Vouchers of `high_value` have
    codes of 16 characters instead of 12, and one that checks the others.
    """

    id: Name
    name: Text = ""
    description: Text = ""
    picture: Annotated[str, Meta(max_length=500)] = ""
    wallet: Name = "points"
    price: Price = 0
    part_payment: PartPayment | None = None
    given_only: bool = False
    stock: Count | None = None
    limits: tuple[Limit, ...] = ()
    drops: Schedule | None = None
    audience: Audience = Audience()
    channels: tuple[str, ...] = ()
    shops: tuple[str, ...] = ()
    reason: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    valid: Never | Fixed | Rolling = Never()
    valid_until: datetime | None = None
    refund: Literal["always", "until_used", "never"] = "until_used"
    undo_minutes: Annotated[int, Meta(ge=0, le=10_080)] = 15
    on_return: Literal["voucher", "points", "keep"] = "voucher"
    high_value: bool = False

    takes_amount: ClassVar[bool] = False
    """Whether the member may choose what it is worth, by `part_payment`."""
    at_once: ClassVar[bool] = False
    """Whether it is used up by being issued, such as a donation."""

    def __post_init__(self) -> None:
        if self.part_payment is not None and not self.takes_amount:
            raise ValueError("part_payment is for rewards that stand for an amount of money")
        if self.part_payment is not None and self.price:
            raise ValueError("give price or part_payment, one of the two")

    def worth(self, points: int) -> int | Reason | None:
        """Return what a voucher that so many points were paid for stands for in minor units, or why it cannot be."""
        return None if self.part_payment is None else self.part_payment.value(points)

    def claims(self) -> Mapping[str, int]:
        """Return the shared things that one voucher takes one of, by name, with how many there are."""
        return {} if self.stock is None else {f"reward/{self.id}/stock": self.stock}

    def end(self, issued_at: datetime, zone_name: str) -> datetime | None:
        """Return until when (exclusive) a voucher issued at an instant is usable; none for ever."""
        ends = [expires_at(Wallet(expiry=self.valid), issued_at, zone_name), self.valid_until]
        return min((end for end in ends if end is not None), default=None)

    def use_at(self, at: datetime) -> Reason | None:
        """Return why a voucher cannot be used at an instant although it is valid, if it cannot."""
        return None

    def back_at(self, at: datetime) -> Reason | None:
        """Return why a voucher cannot go back at an instant although it is unused, if it cannot."""
        return None

    def discount(self, voucher: Voucher) -> Discount | None:
        """Return what a voucher takes off a cart, where it takes off anything."""
        return None

    def fills(self, voucher: Voucher) -> tuple[str, int] | None:
        """Return the wallet that a voucher fills by being issued, and by how much in its smallest unit."""
        return None

    def drawn_from(self) -> str | None:
        """Return the pool whose next code a voucher brings, where it brings one."""
        return None

    def choices(self) -> Mapping[str, Sequence[str]]:
        """Return what the member chooses beside the reward, by name, and among what."""
        return {}

    def doubts(self, beside: Beside) -> Sequence[Doubt]:
        """Return what its author should look at again: a reward that nobody can reach."""
        found = self._for_nobody(beside)
        if found is None:
            return ()
        message, hint, path = found
        return (Doubt(code="reward-out-of-reach", message=f"nobody can reach it: {message}", hint=hint, path=path),)

    def _for_nobody(self, beside: Beside) -> tuple[str, str, Path] | None:
        """Return why nobody can ever have it, what to do, and where, if that is certain."""
        if self.audience.rollout_percent == 0:
            return "its audience is nobody", "Let some take part.", ("audience", "rollout_percent")
        least = self.price if self.part_payment is None else self.part_payment.bounds[0]
        if self.given_only or not least:
            return None
        if any(limit.points is not None and limit.points < least for limit in self.limits):
            return "a limit of points is below its price", "Raise the limit.", ("limits",)
        if any(getattr(other, "into", None) == self.wallet for other in beside.of(Reward)):
            return None
        rules = [rule for rule in beside.of(Rule) if rule.wallet == self.wallet and rule.gives_points]
        if not rules:
            return f"no rule gives to the wallet {self.wallet}", "Add one, or name another wallet.", ("wallet",)
        most = [min((limit.points for limit in rule.limits if limit.per == "ever" and limit.points is not None),
                    default=None) for rule in rules]  # fmt: skip
        if all(points is not None for points in most) and sum(points or 0 for points in most) < least:
            message = f"it costs more than the rules ever give in {self.wallet}"
            return message, "Lower the price, or raise their limits.", ("price",)
        return None
