"""Forms that several calls share: ids, names, amounts, and where something happened."""

from datetime import datetime
from typing import Annotated, Final

from msgspec import Meta, Struct

_DIGITS: Final = "0198c3f0a5b07c1e9d2f4b6a8c0e1f23"

MemberId = Annotated[str, Meta(pattern="^mem_[0-9a-f]{32}$", examples=[f"mem_{_DIGITS}"])]
EventId = Annotated[str, Meta(pattern="^evt_[0-9a-f]{32}$", examples=[f"evt_{_DIGITS}"])]
DecisionId = Annotated[str, Meta(pattern="^dec_[0-9a-f]{32}$", examples=[f"dec_{_DIGITS}"])]
LotId = Annotated[str, Meta(pattern="^lot_[0-9a-f]{32}$", examples=[f"lot_{_DIGITS}"])]
KeyId = Annotated[str, Meta(pattern="^key_[0-9a-f]{32}$", examples=[f"key_{_DIGITS}"])]

WalletName = Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,62}$", examples=["points"])]
ListName = Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,62}$", examples=["gala"])]
Amount = Annotated[int, Meta(ge=1, le=10**15, description="Points in the wallet's smallest unit.")]
Instant = Annotated[datetime, Meta(tz=True)]
Word = Annotated[str, Meta(max_length=100)]
Text = Annotated[str, Meta(min_length=1, max_length=200)]
Limit = Annotated[int, Meta(ge=1, le=200, description="How many at most.")]
Cursor = Annotated[str, Meta(min_length=1, max_length=200, description="`next` of the page before.")]

EXAMPLE_MEMBER: Final = f"mem_{_DIGITS}"
EXAMPLE_EVENT: Final = f"evt_{_DIGITS}"
EXAMPLE_DECISION: Final = f"dec_{_DIGITS}"
EXAMPLE_LOT: Final = f"lot_{_DIGITS}"
EXAMPLE_HOLD: Final = f"hld_{_DIGITS}"
EXAMPLE_KEY: Final = f"key_{_DIGITS}"


class Circumstances(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where something happened: a channel and a shop of the programme, and who served."""

    channel: Word = ""
    shop: Word = ""
    associate: Word = ""


Fact = Annotated[str, Meta(max_length=500)] | Annotated[int, Meta(ge=-(2**53), le=2**53)] | bool | None
Attributes = Annotated[
    dict[Annotated[str, Meta(min_length=1, max_length=100)], Fact],
    Meta(max_length=100, description="What the brand knows, by name. Never names, addresses or the like."),
]


class ReasonShown(Struct, frozen=True, kw_only=True):
    """Why something was not given, or less of it: what was `required`, what was found (`actual`), and both in words."""

    code: str
    text: str
    required: str | int | bool | tuple[str, ...] | None = None
    actual: str | int | bool | tuple[str, ...] | None = None
    subject: str | None = None
