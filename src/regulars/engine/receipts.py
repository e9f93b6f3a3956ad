"""A receipt is an order on paper: what is printed on it says which order it is, whoever tells of it."""

from datetime import date
from typing import Final

from msgspec import Struct

from regulars.engine.ids import key_hash

_DIGITS: Final = 40


class Receipt(Struct, frozen=True, kw_only=True):
    """What a shop prints on every receipt: together it stands for one order of the brand, and no other.

    `day` is the printed date, which is the shop's local day; `total_minor` is what was to be paid.
    """

    shop: str
    till: str
    number: str
    day: date
    total_minor: int

    def order_id(self) -> str:
        """Return the id of the order: the same for all who read the receipt, whatever case and blanks they write."""
        printed = (" ".join(text.split()).casefold() for text in (self.shop, self.till, self.number))
        return f"receipt-{key_hash('receipt', *printed, self.day.isoformat(), str(self.total_minor)).hex()[:_DIGITS]}"
