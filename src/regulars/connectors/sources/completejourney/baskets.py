"""A basket of the data set becomes a purchase: products to lines, coupons to a means of payment."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import attrgetter

from msgspec import Struct

from regulars.connectors.incoming import Incoming, MemberReference
from regulars.connectors.sources.completejourney.channels import channel_of
from regulars.connectors.sources.completejourney.data import (
    Item,
    ProductRow,
    choose,
    items,
    last_purchase,
    locate,
    products,
)
from regulars.connectors.tables import connect
from regulars.engine.events import Line, Order, Tender

SOURCE = "completejourney"
_WEEK = timedelta(weeks=1)
_COUPON = "manufacturer_coupon"
# Fuel is counted in thousandths of a gallon (the price of a gallon then comes to 1.79 to 3.26 dollars),
# but for quantities of one, which are amounts paid ahead.
_FUEL_MEASURED_FROM = 10


class Product(Struct, frozen=True):
    """What a line says of its product."""

    id: str
    categories: tuple[str, ...]
    tags: tuple[str, ...]
    fuel: bool


def baskets(households: int | None, now: datetime) -> Iterator[Incoming]:
    """Yield every basket of so many households as a purchase, all 155,848 for None.

    One household after another, each by time. Fewer households are the beginning of more, so a load that
    was interrupted goes on where it stopped. The year is moved by whole weeks so that the last basket of all
    falls within the seven days before `now`.

    Raises: DataMissing, DuckdbMissing.
    """
    files = locate()
    with connect() as connection:
        chosen = choose(connection, files, households)
        catalogue = {row.product: _product(row) for row in products(connection, files, chosen)}
        moved = (now - last_purchase(connection, files)) // _WEEK * _WEEK
        for _, basket in groupby(items(connection, files, chosen), key=attrgetter("basket")):
            yield _purchase(list(basket), catalogue, moved)


def _product(row: ProductRow) -> Product:
    levels = [row.department, row.category, row.type]
    fuel = row.type is not None and row.type.startswith("GASOLINE")
    tags = [row.brand.lower()] if row.brand else []
    tags += ["fuel"] if fuel else []
    tags += ["coupon"] if row.department == "COUPON" else []
    return Product(str(row.product), tuple(dict.fromkeys(filter(None, levels))), tuple(tags), fuel)


def _purchase(basket: list[Item], catalogue: dict[int, Product], moved: timedelta) -> Incoming:
    first = basket[0]
    goods = [item for item in basket if item.quantity > 0 or item.net_minor > 0] or basket
    sold = [(item, catalogue.get(item.product) or _unknown(item)) for item in goods]
    fuel = any(product.fuel for _, product in sold)
    return Incoming(
        type="purchase",
        source=SOURCE,
        source_id=str(first.basket),
        member=MemberReference(external_id=f"household-{first.household}"),
        occurred_at=first.bought_at.replace(tzinfo=UTC) + moved,
        channel="shop" if fuel else channel_of(first.household, first.basket),
        shop=f"shop-{first.store}",
        order=Order(
            id=str(first.basket),
            currency="USD",
            lines=tuple(_line(n, item, product) for n, (item, product) in enumerate(sold, start=1)),
            prices_include_tax=False,
            tenders=_tenders(basket),
        ),
    )


def _unknown(item: Item) -> Product:
    return Product(str(item.product), ("unknown",), (), fuel=False)


def _line(number: int, item: Item, product: Product) -> Line:
    measured = product.fuel and item.quantity >= _FUEL_MEASURED_FROM
    return Line(
        id=str(number),
        product=product.id,
        amount_minor=item.net_minor + item.discount_minor,
        quantity_milli=item.quantity if measured else max(item.quantity, 1) * 1000,
        discount_minor=item.discount_minor,
        categories=product.categories,
        tags=product.tags,
    )


def _tenders(basket: Iterable[Item]) -> tuple[Tender, ...]:
    """Return what manufacturers' coupons paid, at most what the basket cost.

    The shop receives their value from the manufacturer, so it is within the sales value, not taken off it.
    """
    paid = min(sum(item.coupon_minor for item in basket), sum(item.net_minor for item in basket))
    return (Tender(type=_COUPON, amount_minor=paid),) if paid else ()
