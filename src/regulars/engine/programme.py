"""What a brand runs: its wallets, its policies and its rules, as one immutable value."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Annotated, ClassVar, Literal

from msgspec import Meta, Struct

from regulars.engine.numbers import Rounding

Name = Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,62}$")]
Count = Annotated[int, Meta(ge=1, le=1_000_000_000)]
Days = Annotated[int, Meta(ge=0, le=36_600)]
Months = Annotated[int, Meta(ge=1, le=1_200)]
RoundTo = Literal["none", "day", "month", "year"]
LanguageTag = Annotated[str, Meta(pattern="^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
"""A language by its tag (BCP 47): `en`, `fr-CA`."""
Text = str | Mapping[LanguageTag, str]
"""What people read: in one language, or in several by their tags."""


def in_language(text: Text, wanted: str, *others: str) -> str:
    """Return a text in the language wanted, or else in the first of the others that it has.

    A region that it does not know is left out of account: `fr-CA` reads `fr`.
    """
    if isinstance(text, str):
        return text
    known = (text[tag] for tag in (wanted, wanted.partition("-")[0], *others, *text) if tag in text)
    return next(known, "")


class Never(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="never"):
    """Points do not expire."""


class Lasting(Never, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="lasting"):
    """Points do not expire because a level says so: not by inactivity either, which the wallet may know.

    No document says it by this name; it is what `never` means among the benefits of a level.
    """


class Fixed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="fixed"):
    """Points expire at the end of a day of the year, in the year they are earned in or `years` later."""

    month: Annotated[int, Meta(ge=1, le=12)]
    day: Annotated[int, Meta(ge=1, le=31)]
    years: Annotated[int, Meta(ge=0, le=100)] = 0


class Rolling(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="rolling"):
    """Points expire a span after they are earned, at the end of the day, month or year it falls in.

    `round_to: none` keeps the wall-clock time of the earning.
    """

    months: Months | None = None
    days: Days | None = None
    round_to: RoundTo = "day"


class Inactivity(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="inactivity"):
    """All points of the wallet expire a span after the member's last activity."""

    months: Months | None = None
    days: Days | None = None
    round_to: RoundTo = "day"
    activities: tuple[str, ...] = ("purchase",)


Expiry = Never | Fixed | Rolling | Inactivity


class Worth(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What points are worth: `points` (smallest unit) stand for `amount_minor` of the programme's currency."""

    points: Count
    amount_minor: Count


class Pending(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Earned points wait so many days; `until: midnight` rounds on to the start of the next local day."""

    days: Days = 0
    until: Literal["instant", "midnight"] = "instant"


class Debt(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What happens when a return asks back more than is left: a debt up to `limit`, or nothing (`clamp`).

    What expired unspent of the order's own points is let go first (`forgive`), or asked back like any (`owe`).
    """

    policy: Literal["clamp", "debt"] = "debt"
    limit: Annotated[int, Meta(ge=0)] | None = None
    lapsed: Literal["forgive", "owe"] = "forgive"


class Conversion(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How points of a wallet become points of another: `take` of this one, `give` of that one, in smallest units.

    Only whole multiples of `take` are converted, `least` points at once and no more than `per_day` on a local day
    (null: any number). A conversion can be undone for `undo_minutes`, inclusive, while nothing of it is used.
    """

    take: Count
    give: Count
    least: Count = 1
    per_day: Count | None = None
    undo_minutes: Annotated[int, Meta(ge=0, le=1440)] = 0


class Wallet(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A currency of the programme; amounts are integers in its smallest unit, `decimals` places after the point.

    `unit` is what one of it is called. Where several are called otherwise it has two forms, `star|stars`, and a
    third where millions need one: `livre|livres|de livres`. `converts` says into which wallets its points can be
    converted, by their names, and how.
    """

    name: Text = ""
    unit: Text = "point"
    decimals: Annotated[int, Meta(ge=0, le=6)] = 0
    worth: Worth | None = None
    spendable: bool = True
    pending: Pending = Pending()
    expiry: Expiry = Never()
    debt: Debt = Debt()
    converts: Mapping[Name, Conversion] = {}


Key = tuple[str, str]
"""What a scope names: `product`, `category` or `tag`, and its name."""


class Scope(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """Which lines of an order are meant: any of the named, none of the excepted; nothing named means all."""

    products: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    except_products: tuple[str, ...] = ()
    except_categories: tuple[str, ...] = ()
    except_tags: tuple[str, ...] = ()

    @cached_property
    def named(self) -> tuple[Key, ...]:
        """The keys of which a line must have one to be meant; none means that any line is."""
        return _keys(self.products, self.categories, self.tags)

    @cached_property
    def excepted(self) -> tuple[Key, ...]:
        """The keys of which a line must have none to be meant."""
        return _keys(self.except_products, self.except_categories, self.except_tags)


def _keys(products: Sequence[str], categories: Sequence[str], tags: Sequence[str]) -> tuple[Key, ...]:
    return (
        *(("product", name) for name in products),
        *(("category", name) for name in categories),
        *(("tag", name) for name in tags),
    )


class Basis(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which money earns.

    `discounts`: the price `before` or `after` discounts. `order_discount`: an order-wide discount is shared
    over the lines (`pro_rata`) or left out of account (`ignored`). `tax` and `shipping`: `included` or
    `excluded`. `tenders_excluded`: means of payment whose part of the order earns nothing.
    """

    discounts: Literal["before", "after"] = "after"
    order_discount: Literal["pro_rata", "ignored"] = "pro_rata"
    tax: Literal["included", "excluded"] = "included"
    shipping: Literal["included", "excluded"] = "excluded"
    tenders_excluded: tuple[str, ...] = ("gift_card",)


class LateEvents(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an event does that arrives long after it happened; no window means that any age is welcome.

    Within the window it counts by the time it happened. Beyond it, it is refused, or recorded without points.
    """

    window_days: Days | None = 30
    beyond: Literal["refuse", "without_points"] = "refuse"


class Receipts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For how long after a purchase its receipt can be sent in, inclusive; null: as long as events may be late."""

    within_hours: Annotated[int, Meta(ge=1, le=87_840)] | None = 48


class Policies(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every choice on which loyalty systems differ, with its default."""

    basis: Basis = Basis()
    rounding: Rounding = "floor"
    rounding_level: Literal["order", "line"] = "order"
    thresholds: Literal["inclusive", "exclusive"] = "inclusive"
    day_of: Literal["programme", "shop"] = "programme"
    whole_order_awards: Literal["when_all_returned", "proportional", "keep"] = "when_all_returned"
    late_events: LateEvents = LateEvents()
    receipts: Receipts = Receipts()
    future_tolerance_minutes: Annotated[int, Meta(ge=0, le=1440)] = 5
    unknown_member: Literal["enrol", "refuse"] = "enrol"
    excluded: Scope = Scope()


class Shop(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A place where the brand meets its members; its name is a proper name, which is the same in every language.

    `region` is one of the brand's own making, and `partner` who runs the shop, where that is somebody else.
    """

    name: Text = ""
    timezone: str | None = None
    region: str = ""
    partner: str = ""

    proper_names: ClassVar[bool] = True


class Partner(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody with whom the brand's members earn too: in the shops that name the partner, and by its `sources`.

    A source is the name of a system that tells of events.
    """

    name: Text = ""
    sources: tuple[str, ...] = ()

    proper_names: ClassVar[bool] = True


class Channel(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A way by which events come in."""

    name: Text = ""
