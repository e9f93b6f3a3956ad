"""So much off: a voucher for money, off the whole order or some of its lines."""

from typing import Annotated, ClassVar

from msgspec import Meta

from regulars.engine.discounts import AmountOff as Off
from regulars.engine.discounts import Discount, Stepped, TaxOf
from regulars.engine.discounts import Step as DiscountStep
from regulars.engine.programme import Count, Scope
from regulars.engine.rewards import Reward
from regulars.engine.vouchers import Voucher


class AmountOff(Reward, frozen=True, kw_only=True, tag="amount_off"):
    """Take `amount_minor` off the lines in `scope`, which must come to `minimum_minor` before any discount.

    With `part_payment` the member chooses the amount by the points paid; with `steps` it grows with what is
    bought. Exactly one of the three. `tax` says whether an amount is meant with tax; unless it says so, it is in
    the prices' own terms. It never takes off more than there is to pay; what is left of it lapses.
    """

    amount_minor: Count | None = None
    steps: tuple[DiscountStep, ...] = ()
    scope: Scope = Scope()
    minimum_minor: Annotated[int, Meta(ge=0)] = 0
    tax: TaxOf = "as_priced"

    takes_amount: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if [self.amount_minor is not None, bool(self.steps), self.part_payment is not None].count(True) != 1:
            raise ValueError("give amount_minor, steps or part_payment, one of the three")
        super().__post_init__()

    def discount(self, voucher: Voucher) -> Discount | None:
        source = str(voucher.id)
        if self.steps:
            return Stepped(source=source, scope=self.scope, minimum_minor=self.minimum_minor, steps=self.steps)
        amount = voucher.value_minor if self.amount_minor is None else self.amount_minor
        assert amount is not None, "a voucher that was paid for in part knows its value"
        return Off(source=source, scope=self.scope, minimum_minor=self.minimum_minor, amount_minor=amount, tax=self.tax)
