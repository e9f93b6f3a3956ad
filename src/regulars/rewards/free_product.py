"""Something for nothing: a coffee, a gift, the third of three."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from msgspec import Meta

from regulars.engine.discounts import BuyGet, Discount, ItemsOff
from regulars.engine.programme import Count, Name, Scope
from regulars.engine.rewards import Reward
from regulars.engine.vouchers import Voucher

Options = Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=100)], ...], Meta(min_length=1)]


class FreeProduct(Reward, frozen=True, kw_only=True, tag="free_product"):
    """Give `items` of what `scope` names for nothing: the cheapest of them in the cart.

    With `buy` they are free only beside so many others in scope: buy 2, and the third is free. Worth at most
    `cap_minor`. `options` is what the member chooses: a size, a colour, by name.
    """

    scope: Scope
    items: Count = 1
    buy: Count | None = None
    cap_minor: Count | None = None
    options: Mapping[Name, Options] = {}

    def choices(self) -> Mapping[str, Sequence[str]]:
        return self.options

    def discount(self, voucher: Voucher) -> Discount | None:
        source, scope, cap = str(voucher.id), self.scope, self.cap_minor
        if self.buy is None:
            return ItemsOff(source=source, scope=scope, cap_minor=cap, items=self.items)
        return BuyGet(source=source, scope=scope, cap_minor=cap, buy=self.buy, get=self.items, times=1)
