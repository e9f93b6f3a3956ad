"""Points for a good cause."""

from typing import ClassVar

from regulars.engine.programme import Count, Text
from regulars.engine.rewards import Reward


class Donation(Reward, frozen=True, kw_only=True, tag="donation"):
    """Have the brand give `amount_minor` to a `cause` in the member's name, or what `part_payment` makes of the points.

    It is used up at once; within `undo_minutes` it can be undone.
    """

    cause: Text
    amount_minor: Count | None = None

    takes_amount: ClassVar[bool] = True
    at_once: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if (self.amount_minor is None) == (self.part_payment is None):
            raise ValueError("give amount_minor or part_payment, one of the two")
        super().__post_init__()
