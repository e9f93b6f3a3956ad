"""The parcel goes for nothing."""

from typing import Annotated

from msgspec import Meta

from regulars.engine.discounts import Discount, ShippingOff
from regulars.engine.programme import Count, Scope
from regulars.engine.rewards import Reward
from regulars.engine.vouchers import Voucher


class FreeShipping(Reward, frozen=True, kw_only=True, tag="free_shipping"):
    """Take the shipping off, at most `cap_minor` of it, where the lines in `scope` come to `minimum_minor`."""

    scope: Scope = Scope()
    minimum_minor: Annotated[int, Meta(ge=0)] = 0
    cap_minor: Count | None = None

    def discount(self, voucher: Voucher) -> Discount | None:
        return ShippingOff(
            source=str(voucher.id), scope=self.scope, minimum_minor=self.minimum_minor, cap_minor=self.cap_minor
        )
