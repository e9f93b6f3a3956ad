"""A local day …"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.engine.zones import (
    Period,
    UnknownZone,
    add_months,
    local_date,
    midnight,
    period_end,
    period_start,
    zone,
)

DAYS = st.dates(date(1970, 1, 2), date(2099, 12, 31))
ZONES = sorted(available_timezones())


@pytest.mark.parametrize(
    ("day", "zone_name", "instant", "hours"),
    [
        (date(2026, 3, 29), "Europe/Paris", "2026-03-28T23:00+00:00", 23),
        (date(2026, 10, 25), "Europe/Paris", "2026-10-24T22:00+00:00", 25),
        (date(2026, 6, 1), "Europe/Paris", "2026-05-31T22:00+00:00", 24),
        (date(2026, 4, 5), "Australia/Lord_Howe", "2026-04-04T13:00+00:00", 24.5),
        (date(2024, 2, 29), "Asia/Kathmandu", "2024-02-28T18:15+00:00", 24),
        # Midnight itself is skipped: the day starts at one o'clock.
        (date(2018, 11, 4), "America/Sao_Paulo", "2018-11-04T03:00+00:00", 23),
        (date(2026, 3, 29), "Asia/Beirut", "2026-03-28T22:00+00:00", 23),
        # Midnight comes twice: the day starts at the first.
        (date(2025, 11, 2), "America/Havana", "2025-11-02T04:00+00:00", 25),
        # A day that an island left out.
        (date(2011, 12, 30), "Pacific/Apia", "2011-12-30T10:00+00:00", 0),
    ],
)
def test_starts_at_midnight_on_its_own_clock(day: date, zone_name: str, instant: str, hours: float) -> None:
    start = midnight(day, zone_name)

    assert start == datetime.fromisoformat(instant)
    assert midnight(day + timedelta(days=1), zone_name) - start == timedelta(hours=hours)


@given(DAYS, st.sampled_from(ZONES))
def test_has_not_begun_a_moment_before_it_starts(day: date, zone_name: str) -> None:
    start = midnight(day, zone_name)

    assert start.tzinfo is UTC
    assert local_date(start, zone_name) >= day
    assert local_date(start - timedelta(microseconds=1), zone_name) < day


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../etc/passwd", "Europe", "Europe/Paris\0"])
def test_needs_a_zone_that_there_is(name: str) -> None:
    with pytest.raises(UnknownZone, match="is not a time zone"):
        zone(name)


@pytest.mark.parametrize(
    ("period", "first", "next_first"),
    [
        ("day", date(2026, 5, 14), date(2026, 5, 15)),
        ("week", date(2026, 5, 11), date(2026, 5, 18)),
        ("month", date(2026, 5, 1), date(2026, 6, 1)),
        ("year", date(2026, 1, 1), date(2027, 1, 1)),
        ("ever", date.min, date.max),
    ],
)
def test_lies_in_periods_that_start_on_their_first_day(period: Period, first: date, next_first: date) -> None:
    ascension = date(2026, 5, 14)

    assert period_start(ascension, period) == first
    assert period_end(ascension, period) == next_first


@given(DAYS, st.sampled_from(["day", "week", "month", "year"]))
def test_belongs_to_one_period_of_each_kind(day: date, period: Period) -> None:
    first, next_first = period_start(day, period), period_end(day, period)

    assert first <= day < next_first
    assert period_start(next_first, period) == next_first
    assert period_start(next_first - timedelta(days=1), period) == first


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2026, 8, 27), 6, date(2027, 2, 27)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2026, 5, 4), 0, date(2026, 5, 4)),
    ],
)
def test_some_months_later_is_the_same_day_or_the_last_of_the_month(day: date, months: int, later: date) -> None:
    assert add_months(day, months) == later
