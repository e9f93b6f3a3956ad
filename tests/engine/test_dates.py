"""Points that are earned …"""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.engine.dates import active_until, available_at, end_of, expires_at
from regulars.engine.programme import Expiry, Fixed, Inactivity, Lasting, Never, Pending, Rolling, Wallet
from regulars.engine.zones import EPOCH

PARIS = "Europe/Paris"


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("earned", "pending", "available"),
    [
        ("2026-05-04T12:30+02:00", Pending(), "2026-05-04T12:30+02:00"),
        ("2026-05-04T12:30+02:00", Pending(days=14), "2026-05-18T12:30+02:00"),
        ("2026-05-04T12:30+02:00", Pending(days=14, until="midnight"), "2026-05-19T00:00+02:00"),
        ("2026-05-04T12:30+02:00", Pending(until="midnight"), "2026-05-05T00:00+02:00"),
        # The same time by the clock, though the days in between have 23 or 25 hours.
        ("2026-03-28T12:30+01:00", Pending(days=1), "2026-03-29T12:30+02:00"),
        ("2026-10-24T12:30+02:00", Pending(days=1), "2026-10-25T12:30+01:00"),
        # 02:30 does not come on that day, and comes twice on the other.
        ("2026-03-28T02:30+01:00", Pending(days=1), "2026-03-29T03:30+02:00"),
        ("2026-10-24T02:30+02:00", Pending(days=1), "2026-10-25T02:30+02:00"),
        # Earned in the second 02:30, available on a day that has one, or none.
        ("2026-10-25T02:30+01:00", Pending(days=1), "2026-10-26T02:30+01:00"),
        ("2026-10-25T02:30+01:00", Pending(days=155), "2027-03-29T02:30+02:00"),
        ("2026-10-25T02:30+01:00", Pending(days=154), "2027-03-28T03:30+02:00"),
    ],
)
def test_can_be_spent_once_they_have_waited(earned: str, pending: Pending, available: str) -> None:
    assert available_at(pending, _at(earned), PARIS) == _at(available)


@pytest.mark.parametrize(
    ("earned", "expiry", "expires"),
    [
        # Royal Perks: the first of the month after the sixth month.
        ("2024-08-27T18:00+02:00", Rolling(months=6, round_to="month"), "2025-03-01T00:00+01:00"),
        ("2024-02-29T10:00+01:00", Rolling(months=12), "2025-03-01T00:00+01:00"),
        ("2024-02-28T10:00+01:00", Rolling(days=1), "2024-03-01T00:00+01:00"),
        ("2024-02-29T10:00+01:00", Rolling(months=12, round_to="none"), "2025-02-28T10:00+01:00"),
        ("2026-01-31T23:59+01:00", Rolling(months=1), "2026-03-01T00:00+01:00"),
        ("2026-05-04T12:00+02:00", Rolling(months=12, days=10), "2027-05-15T00:00+02:00"),
        ("2026-05-04T12:00+02:00", Rolling(months=3, round_to="year"), "2027-01-01T00:00+01:00"),
        ("2026-05-04T12:00+02:00", Rolling(days=0), "2026-05-05T00:00+02:00"),
        # The day is the day in the zone: half past eleven in London is tomorrow in Paris.
        ("2026-05-04T23:30+01:00", Rolling(days=1), "2026-05-07T00:00+02:00"),
        # Over the clock change: still midnight.
        ("2026-03-28T12:00+01:00", Rolling(days=1), "2026-03-30T00:00+02:00"),
        ("2026-10-24T12:00+02:00", Rolling(days=1), "2026-10-26T00:00+01:00"),
        ("2026-05-04T12:00+02:00", Fixed(month=12, day=31), "2027-01-01T00:00+01:00"),
        ("2026-12-31T23:59+01:00", Fixed(month=12, day=31), "2027-01-01T00:00+01:00"),
        ("2026-05-04T12:00+02:00", Fixed(month=3, day=31), "2027-04-01T00:00+02:00"),
        ("2026-05-04T12:00+02:00", Fixed(month=12, day=31, years=1), "2028-01-01T00:00+01:00"),
        ("2026-05-04T12:00+02:00", Fixed(month=2, day=29), "2027-03-01T00:00+01:00"),
        ("2027-05-04T12:00+02:00", Fixed(month=2, day=29), "2028-03-01T00:00+01:00"),
        ("2028-02-29T23:59+01:00", Fixed(month=2, day=29), "2028-03-01T00:00+01:00"),
    ],
)
def test_expire_at_midnight_where_the_day_counts(earned: str, expiry: Expiry, expires: str) -> None:
    assert expires_at(Wallet(expiry=expiry), _at(earned), PARIS) == _at(expires)


@pytest.mark.parametrize("expiry", [Never(), Inactivity(months=12)])
def test_have_no_date_of_their_own_where_they_never_expire_or_activity_decides(expiry: Expiry) -> None:
    assert expires_at(Wallet(expiry=expiry), _at("2026-05-04T12:00+02:00"), PARIS) is None


def test_outlive_the_inactivity_of_their_wallet_where_a_level_lets_them_last() -> None:
    earned = _at("2026-05-04T12:00+02:00")
    lapse = active_until(Inactivity(months=6), earned, PARIS)

    assert end_of(expires_at(Wallet(expiry=Lasting()), earned, PARIS), lapse) is None
    assert end_of(expires_at(Wallet(expiry=Inactivity(months=6)), earned, PARIS), lapse) == lapse
    assert end_of(expires_at(Wallet(expiry=Rolling(days=1)), earned, PARIS), lapse) == _at("2026-05-06T00:00+02:00")


def test_never_die_before_they_could_be_spent() -> None:
    by_year = Wallet(expiry=Fixed(month=12, day=31), pending=Pending(days=14))
    christmas = _at("2026-12-27T12:00+01:00")

    assert expires_at(by_year, christmas, PARIS) == _at("2028-01-01T00:00+01:00")
    assert expires_at(by_year, _at("2026-12-10T12:00+01:00"), PARIS) == _at("2027-01-01T00:00+01:00")
    assert expires_at(by_year, christmas, PARIS, available=christmas) == _at("2027-01-01T00:00+01:00")
    briefly = Wallet(expiry=Rolling(days=10, round_to="none"), pending=Pending(days=30))
    assert expires_at(briefly, christmas, PARIS) == christmas + timedelta(days=40)


def test_lapse_by_inactivity_a_span_after_the_last_activity() -> None:
    leap_day = _at("2024-02-29T10:00+01:00")

    assert active_until(Inactivity(months=12), leap_day, PARIS) == _at("2025-03-01T00:00+01:00")
    assert active_until(Inactivity(months=6, round_to="month"), leap_day, PARIS) == _at("2024-09-01T00:00+02:00")
    assert active_until(Inactivity(days=30, round_to="none"), leap_day, PARIS) == _at("2024-03-30T10:00+01:00")


@given(
    st.integers(0, 4_000_000_000_000_000).map(lambda micros: EPOCH + timedelta(days=1, microseconds=micros)),
    st.builds(Pending, days=st.integers(0, 90), until=st.sampled_from(["instant", "midnight"])),
    st.builds(Fixed, month=st.integers(1, 12), day=st.integers(1, 31), years=st.integers(0, 2))
    | st.builds(
        Rolling,
        months=st.integers(1, 30),
        days=st.integers(0, 40),
        round_to=st.sampled_from(["none", "day", "month", "year"]),
    ),
    st.sampled_from([PARIS, "America/Sao_Paulo", "Pacific/Apia", "Asia/Kathmandu", "Australia/Lord_Howe"]),
)
def test_are_earned_then_available_then_over(earned: datetime, pending: Pending, expiry: Expiry, zone: str) -> None:
    available = available_at(pending, earned, zone)
    expires = expires_at(Wallet(pending=pending, expiry=expiry), earned, zone)

    assert expires is not None
    assert earned <= available < expires
    assert available.tzinfo is UTC
    assert expires.tzinfo is UTC
