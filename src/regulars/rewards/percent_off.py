"""A share off: of the order, of some lines, or of the cheapest item."""

from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta

from regulars.engine.discounts import Discount, ItemsOff
from regulars.engine.discounts import PercentOff as Off
from regulars.engine.programme import Count, Scope
from regulars.engine.rewards import Reward
from regulars.engine.vouchers import Voucher


class PercentOff(Reward, frozen=True, kw_only=True, tag="percent_off"):
    """Take `percent` off the lines in `scope`, at most `cap_minor`.

    The lines must come to `minimum_minor` before any discount. With `of` `cheapest` or `dearest` it counts on one
    item only, or on so many `items`; halves of a minor unit are rounded up.
    """

    percent: Decimal
    of: Literal["all", "cheapest", "dearest"] = "all"
    items: Count = 1
    scope: Scope = Scope()
    minimum_minor: Annotated[int, Meta(ge=0)] = 0
    cap_minor: Count | None = None

    def __post_init__(self) -> None:
        if not (self.percent.is_finite() and 0 < self.percent <= 100):
            raise ValueError("percent must be over 0 and at most 100")
        if self.of == "all" and self.items != 1:
            raise ValueError("items counts only with of: cheapest or of: dearest")
        super().__post_init__()

    def discount(self, voucher: Voucher) -> Discount | None:
        source, scope, minimum, cap = str(voucher.id), self.scope, self.minimum_minor, self.cap_minor
        if self.of == "all":
            return Off(source=source, scope=scope, minimum_minor=minimum, cap_minor=cap, percent=self.percent)
        return ItemsOff(
            source=source, scope=scope, minimum_minor=minimum, cap_minor=cap,
            items=self.items, which=self.of, percent=self.percent,
        )  # fmt: skip
