"""When points become available and when they expire: calendar rules, computed in the programme's zone."""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final, Literal

from regulars.engine.programme import Fixed, Inactivity, Lasting, Never, Pending, Rolling, RoundTo, Wallet
from regulars.engine.zones import add_months, midnight, period_end, zone

NEVER: Final = datetime(9999, 1, 1, tzinfo=UTC)
"""The date of points that never expire, whatever inactivity does to the others of their wallet."""


def available_at(pending: Pending, earned_at: datetime, zone_name: str) -> datetime:
    """Return the instant from which points earned at `earned_at` can be spent."""
    if pending.days == 0 and pending.until == "instant":
        return earned_at
    local = earned_at.astimezone(zone(zone_name))
    if pending.until == "midnight":
        return midnight(local.date() + timedelta(days=pending.days + 1), zone_name)
    return _same_time(local, local.date() + timedelta(days=pending.days))


def expires_at(
    wallet: Wallet, earned_at: datetime, zone_name: str, *, available: datetime | None = None
) -> datetime | None:
    """Return the instant at which points earned at `earned_at` die; none for never and for inactivity.

    What is earned at a level whose points never expire has a date of its own, `NEVER`.
    `available` is the instant from which they can be spent, by default what the wallet makes them wait. Points
    that would die before they could be spent live as if they had been earned when they become available:
    with 14 days of pending, those of 27 December do not die with the year.
    """
    first = _expiry(wallet, earned_at, zone_name)
    if first is None:
        return None
    if available is None:
        available = available_at(wallet.pending, earned_at, zone_name)
    return first if first > available else _expiry(wallet, available, zone_name)


def _expiry(wallet: Wallet, earned_at: datetime, zone_name: str) -> datetime | None:
    match wallet.expiry:
        case Lasting():
            return NEVER
        case Never() | Inactivity():
            return None
        case Fixed(month=month, day=day, years=years):
            local = earned_at.astimezone(zone(zone_name)).date()
            return _end_of_year_day(local, month, day, years, zone_name)
        case Rolling(months=months, days=days, round_to=round_to):
            return _after(earned_at, months, days, round_to, zone_name)


def end_of(own: datetime | None, active_until: datetime | None) -> datetime | None:
    """Return when points die: at their own date, or else when their wallet lapses by inactivity; none for never."""
    end = own if own is not None else active_until
    return None if end == NEVER else end


def active_until(expiry: Inactivity, active_at: datetime, zone_name: str) -> datetime:
    """Return the instant at which points lapse when nothing happens after `active_at`."""
    return _after(active_at, expiry.months, expiry.days, expiry.round_to, zone_name)


def _end_of_year_day(local: date, month: int, day: int, years: int, zone_name: str) -> datetime:
    year = local.year + years
    last = date(year, month, min(day, monthrange(year, month)[1]))
    if last < local:
        year += 1
        last = date(year, month, min(day, monthrange(year, month)[1]))
    return midnight(last + timedelta(days=1), zone_name)


def _after(start: datetime, months: int | None, days: int | None, round_to: RoundTo, zone_name: str) -> datetime:
    local = start.astimezone(zone(zone_name))
    if round_to == "none":
        return _same_time(local, _day_after(local.date(), months, days))
    return _end_after(local.date(), months, days, round_to, zone_name)


@lru_cache(maxsize=4096)
def _end_after(
    day: date, months: int | None, days: int | None, round_to: Literal["day", "month", "year"], zone_name: str
) -> datetime:
    return midnight(period_end(_day_after(day, months, days), round_to), zone_name)


def _day_after(day: date, months: int | None, days: int | None) -> date:
    return add_months(day, months or 0) + timedelta(days=days or 0)


def _same_time(local: datetime, day: date) -> datetime:
    """The same time by the clock on another day.

    A time that the clock skips there is read as if it had not changed yet (02:30 comes out as 03:30); of a
    time that comes twice it is the first.
    """
    return datetime.combine(day, local.timetz().replace(fold=0)).astimezone(UTC)
