"""Money to spend in the brand's shops: points become store credit."""

from collections.abc import Sequence
from typing import ClassVar

from regulars.engine.doubting import Beside, Doubt
from regulars.engine.programme import Count, Name
from regulars.engine.programme import Wallet as WalletOf
from regulars.engine.rewards import Reward
from regulars.engine.vouchers import Voucher


class GiftCard(Reward, frozen=True, kw_only=True, tag="gift_card"):
    """Fill the wallet `into`, which counts minor units of money, with `amount_minor`.

    With `part_payment` the member chooses the amount by the points paid. The credit is there at once, lives as
    long as the wallet's points do, and is spent like any: a card can go back only while all of it is left.
    """

    into: Name
    amount_minor: Count | None = None

    takes_amount: ClassVar[bool] = True
    at_once: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if (self.amount_minor is None) == (self.part_payment is None):
            raise ValueError("give amount_minor or part_payment, one of the two")
        if self.into == self.wallet and (self.price or self.part_payment is not None):
            raise ValueError("into must be another wallet than the one that pays")
        super().__post_init__()

    def fills(self, voucher: Voucher) -> tuple[str, int] | None:
        amount = voucher.value_minor if self.amount_minor is None else self.amount_minor
        assert amount is not None, "a card that was paid for in part knows its value"
        return self.into, amount

    def doubts(self, beside: Beside) -> Sequence[Doubt]:
        wallet = beside.named(WalletOf).get(self.into)
        doubts = [*super().doubts(beside)]
        if wallet is not None and not wallet.spendable:
            message = f"nobody can pay with it: the wallet {self.into} cannot be spent"
            doubts.append(Doubt(code="credit-not-spendable", message=message, path=("into",)))
        return doubts
